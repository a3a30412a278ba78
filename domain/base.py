"""Tables' common ground: naming, time, sealed (encrypted) columns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
from sqlalchemy import BigInteger, ColumnElement, DateTime, LargeBinary, MetaData, func, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped
from sqlalchemy.types import TypeDecorator

from domain.sealing import Seal, is_envelope

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of the product."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads this as a plain class attribute
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        int: BigInteger,
        bytes: LargeBinary,
    }


class _Key:
    """The process's seal, set once by the container at start (a column type cannot be handed a dependency)."""

    seal: Seal | None = None


def set_seal(seal: Seal) -> None:
    """Install the deployment's seal for sealed columns."""
    _Key.seal = seal


def find_seal() -> Seal | None:
    """The installed seal, if there is one."""
    return _Key.seal


def get_seal() -> Seal:
    """The installed seal. Raises ``RuntimeError`` when the container was not built."""
    if _Key.seal is None:
        msg = "no seal installed: build the platform container first"
        raise RuntimeError(msg)
    return _Key.seal


class _Sealed(TypeDecorator[Any]):
    """Encrypted at rest for one ``place`` (``table.column``): what lies in another column does not open."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place


class SealedJSON(_Sealed):
    """JSON that is encrypted at rest: personal data."""

    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect | None) -> bytes | None:
        """Seal on the way in."""
        del dialect
        return None if value is None else get_seal().seal(orjson.dumps(value), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect | None) -> Any | None:
        """Unseal on the way out."""
        del dialect
        return None if value is None else orjson.loads(get_seal().unseal(value, self.place))


class SealedText(_Sealed):
    """A short text that is encrypted at rest: names."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect | None) -> bytes | None:
        """Seal on the way in."""
        del dialect
        return None if value is None else get_seal().seal(value.encode(), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect | None) -> str | None:
        """Unseal on the way out."""
        del dialect
        return None if value is None else get_seal().unseal(value, self.place).decode()


class NameText(SealedText):
    """A name as :class:`SealedName` reads it: sealed, or still as an older program wrote it."""

    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect | None) -> str | None:
        """Unseal what is sealed (a name never begins with a control character, an envelope always does)."""
        if value is None or is_envelope(value):
            return super().process_result_value(value, dialect)
        return value.decode()


class SealedName:
    """A table whose ``name`` is sealed at rest (``sealed_name``). ``plain_name`` is the column of programs from before.

    What such a program writes during an upgrade is newer than what is sealed, so it is read first; it is sealed in the background
    (:mod:`domain.resealing.names`). Names cannot be sorted or compared in the database; see ``docs/privacy.md``.
    """

    name_place: ClassVar[str]
    if TYPE_CHECKING:
        plain_name: Mapped[str]
        sealed_name: Mapped[str | None]

    @hybrid_property
    def name(self) -> str:
        """The name."""
        return self.plain_name or self.sealed_name or ""

    @name.inplace.setter
    def _set_name(self, value: str) -> None:
        self.sealed_name, self.plain_name = value, ""

    @name.inplace.expression
    @classmethod
    def _name_expression(cls) -> ColumnElement[str]:
        plain = func.convert_to(func.nullif(cls.plain_name, ""), "UTF8", type_=LargeBinary)
        stored = func.coalesce(plain, type_coerce(cls.sealed_name, LargeBinary))
        return type_coerce(stored, NameText(cls.name_place)).label("name")


class SealedBytes(_Sealed):
    """Bytes that are encrypted at rest: engine state, files."""

    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect | None) -> bytes | None:
        """Seal on the way in."""
        del dialect
        return None if value is None else get_seal().seal(value, self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect | None) -> bytes | None:
        """Unseal on the way out."""
        del dialect
        return None if value is None else get_seal().unseal(value, self.place)
