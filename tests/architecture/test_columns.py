"""Every column that can hold words or bytes has a class: what may be somebody's personal data is sealed, and a new column is thought about."""

import json

from sqlalchemy import JSON, LargeBinary, String

from bootstrap.settings import ROOT
from domain.base import SealedBytes, SealedJSON, SealedText
from domain.metadata import metadata
from domain.resealing.service import BLIND

LIST = ROOT / "domain" / "privacy" / "data" / "columns.json"
ADVICE = "give the column a class in domain/privacy/data/columns.json; personal data is SealedJSON or SealedBytes"


def columns() -> dict[str, object]:
    return {f"{table.name}.{column.name}": column.type for table in metadata.sorted_tables for column in table.columns}


def test_every_column_of_words_or_bytes_has_one_class() -> None:
    classes = json.loads(LIST.read_text(encoding="utf-8"))
    listed = [name for names in classes["columns"].values() for name in names]
    kinds = SealedJSON | SealedBytes | SealedText | String | LargeBinary | JSON
    free = {name for name, kind in columns().items() if isinstance(kind, kinds)}
    assert len(listed) == len(set(listed)), "one class for each"
    assert free - set(listed) == set(), ADVICE
    assert set(listed) - free == set(), "columns that are no more"
    assert set(classes["columns"]) == set(classes["classes"])


def test_what_is_said_to_be_sealed_is_sealed_for_its_own_place() -> None:
    classes = json.loads(LIST.read_text(encoding="utf-8"))["columns"]
    sealed = {name: kind for name, kind in columns().items() if isinstance(kind, SealedJSON | SealedBytes | SealedText)}
    assert set(sealed) == set(classes["sealed"])
    assert {name: kind.place for name, kind in sealed.items()} == {name: name for name in sealed}
    assert set(classes["blind"]) == BLIND
