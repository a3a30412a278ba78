"""Ground of all schemas: camelCase outside, snake_case inside; error codes instead of English sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate


def camel(name: str) -> str:
    """``due_at`` → ``dueAt``."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


_CODES = {
    "required": "required",
    "null": "null",
    "type": "not-object",
    "validator_failed": "invalid",
    "invalid_utf8": "invalid",
    "too_large": "invalid",
    "special": "invalid",
    "format": "invalid",
}


def _storable(number: int) -> None:
    """A whole number that no row can hold is not looked for: an address is not bounded by JSON."""
    if not -(2**63) <= number < 2**63:
        raise ValidationError("invalid")


class CamelSchema(Schema):
    """A schema whose keys are camelCase on the wire; unknown keys are refused on the way in."""

    class Meta:
        """Strict."""

        unknown = RAISE

    error_messages = {"unknown": "unknown", "type": "not-object"}  # noqa: RUF012 -- marshmallow's own contract

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the field outside and let it speak in codes."""
        field_obj.data_key = field_obj.data_key or camel(field_name)
        invalid = "not-list" if isinstance(field_obj, fields.List) else "invalid"
        field_obj.error_messages = {key: _CODES.get(key, invalid) for key in field_obj.error_messages}
        if isinstance(field_obj, fields.Integer) and _storable not in field_obj.validators:
            field_obj.validators.append(_storable)


class Answer(CamelSchema):
    """Ground of what goes out."""

    class Meta:
        """Answers are documented as having every member."""

        unknown = RAISE


class Moment(fields.DateTime):
    """A moment as ISO 8601 in UTC with ``Z``, to the second."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Free(fields.Dict):
    """An object whose members the route does not fix (form data, context)."""


def text(low: int = 0, high: int = 200, *, required: bool = True, **more: Any) -> fields.String:
    """A text field of so many code points."""
    limits = validate.Length(min=low, max=high, error=f"length|{low}|{high}")
    return fields.String(required=required, validate=limits, **more)


def choice(values: Mapping[str, Any] | tuple[str, ...], *, required: bool = False, **more: Any) -> fields.String:
    """One of a few words."""
    words = tuple(values)
    return fields.String(required=required, validate=validate.OneOf(words, error=f"choice|{', '.join(words)}"), **more)


def limit(default: int = 50, highest: int = 100) -> fields.Integer:
    """The page size of a list."""
    return fields.Integer(load_default=default, validate=validate.Range(1, highest, error=f"range|1|{highest}"))


def cursor() -> fields.String:
    """The ``next`` of the page before."""
    return text(1, 600, required=False, load_default=None)


def maybe(field: type[fields.Field[Any]] | fields.Field[Any], **more: Any) -> Any:
    """A member that may be null."""
    if isinstance(field, type):
        return field(allow_none=True, **more)
    field.allow_none = True
    return field


def many(schema: type[Schema]) -> fields.List[Any]:
    """A list of a nested answer."""
    return fields.List(fields.Nested(schema), required=True)


class ActionAnswer(Answer):
    """A button."""

    value = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    primary = fields.Boolean(required=True)
    danger = fields.Boolean(required=True)


class Code(Answer):
    """A code with its names."""

    code = fields.String()
    name = fields.String()
    name_en = fields.String()
