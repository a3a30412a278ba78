"""Fields as people write them: a text where a mapping could stand, one entry where a list could."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from marshmallow import Schema, ValidationError, fields


class Words(str):
    """A complaint: the text itself is Chinese, ``en`` English."""

    __slots__ = ("en",)
    en: str

    def __new__(cls, zh: str, en: str) -> Self:
        """Chinese is what marshmallow carries on."""
        made = super().__new__(cls, zh)
        made.en = en
        return made


class Text(fields.Field[str]):
    """A text; a number or true/false is taken as it is written."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        del attr, data, kwargs
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValidationError(Words("这里要写一段文字。", "A text is expected here."))
        return str(value)


class Texts(fields.Field[list[str]]):
    """A list of texts; a single one may stand alone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        del attr, data, kwargs
        rows = value if isinstance(value, list) else [value]
        if not all(isinstance(row, str | int) and not isinstance(row, bool) for row in rows):
            raise ValidationError(
                Words("这里要写文字的列表，如 [a, b]。", "A list of texts is expected, as in [a, b].")
            )
        return [str(row) for row in rows]


class Either(fields.Field[Any]):
    """A text, or a mapping of the given schema; in a list of them when ``many``."""

    def __init__(self, schema: type[Schema], *, many: bool = False, key: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._schema, self._many, self._key = schema, many, key

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not self._many:
            return self._one(value)
        rows = value if isinstance(value, list) else [value]
        found, errors = [], {}
        for number, row in enumerate(rows):
            try:
                found.append(self._one(row))
            except ValidationError as error:
                errors[number] = error.messages
        if errors:
            raise ValidationError(errors)
        return found

    def _one(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self._schema().load(value)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return {self._key: str(value)}
        raise ValidationError(Words("这里要写文字或一组“键: 值”。", "A text or a mapping is expected here."))
