"""Masks over the data of forms: what each field is, comes from the form; whatever looks like an ID or telephone number is masked anywhere.

The server masks, so that a page never gets what it does not show (:func:`masked`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from domain.identity.masking import mask_address, mask_id_no, mask_list_name, mask_mobile, mask_name, mask_number
from forms.definitions import list_fields

HIDDEN: Final = "hidden"
"""敏感: shown only to who asked for the sensitive group too."""
HIDDEN_TEXT: Final = "******"
_BY_TYPE: Final = {
    "idcard": "idcard",
    "mobile": "mobile",
    "personName": "name",
    "bankAccount": "account",
    "address": "address",
}
_BY_NAME: Final = {
    "name": "name",
    "applicantName": "name",
    "holderName": "name",
    "targetName": "name",
    "receiver": "name",
    "formerName": "name",
    "houseNo": "text",
    "bookletNo": "text",
    "address": "address",
    "addr": "address",
}
"""Fields of process variables and messages that no form describes."""
_BY_END: Final = {"Addr": "address", "Address": "address", "HouseNo": "text"}
"""The same, by how their names end."""
_ID: Final = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")
_MOBILE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


class Masks:
    """What the fields of a form hold, by path without indices (``movers.idNo``)."""

    def __init__(self, schema: Mapping[str, Any] | None = None) -> None:
        self._kinds: dict[str, str] = {}
        for field in list_fields(schema) if schema else ():
            kind = field.own("sensitive") or _BY_TYPE.get(field.own("type") or "")
            if kind is not None:
                self._kinds[field.path.replace("[]", "")] = kind
        leaves = {path.rpartition(".")[2]: kind for path, kind in self._kinds.items()}
        self._leaves = {**_BY_NAME, **leaves}

    def kind_of(self, path: str) -> str | None:
        """How the field is masked; fields elsewhere (variables, messages) go by their own name."""
        leaf = path.rpartition(".")[2]
        by_end = (kind for end, kind in _BY_END.items() if leaf.endswith(end))
        return self._kinds.get(path) or self._leaves.get(leaf) or next(by_end, None)

    def hidden(self, data: Any) -> bool:
        """Whether the data has anything of the sensitive group."""
        return any(kind == HIDDEN and not _is_empty(value) for kind, value in self._walk(data, ""))

    def _walk(self, data: Any, path: str) -> Iterator[tuple[str | None, Any]]:
        yield self.kind_of(path), data
        if isinstance(data, Mapping):
            for name, value in data.items():
                yield from self._walk(value, f"{path}.{name}" if path else str(name))
        elif isinstance(data, list):
            for value in data:
                yield from self._walk(value, path)

    def masked(
        self, data: Any, *, plain: bool = False, sensitive: bool = False, lists: bool = False, path: str = ""
    ) -> Any:
        """The data as it may be shown. ``plain``: without masks except over the sensitive group, unless ``sensitive``.

        ``lists``: of names only the first character (work lists, other units).
        """
        kind = self.kind_of(path) if path else None
        if kind == HIDDEN:
            return data if sensitive or _is_empty(data) else _hide(data)
        if isinstance(data, Mapping):
            if kind == "address" and not plain:
                return {**data, "detail": "****"} if data.get("detail") else dict(data)
            return {
                name: self.masked(
                    value, plain=plain, sensitive=sensitive, lists=lists, path=f"{path}.{name}" if path else str(name)
                )
                for name, value in data.items()
            }
        if isinstance(data, list):
            return [self.masked(value, plain=plain, sensitive=sensitive, lists=lists, path=path) for value in data]
        if plain or not isinstance(data, str):
            return data
        return mask_value(kind, data, lists=lists) if kind else strike(data)


def mask_value(kind: str, value: str, *, lists: bool = False) -> str:
    """One text by its kind."""
    match kind:
        case "name":
            return mask_list_name(value) if lists else mask_name(value)
        case "idcard":
            return mask_id_no(value)
        case "mobile":
            return mask_mobile(value)
        case "address":
            return mask_address(value)
        case "account" | "text":
            return mask_number(value)
        case _:
            return HIDDEN_TEXT if value else ""


def strike(text: str) -> str:
    """A free text with the ID and mobile numbers in it masked."""
    text = _ID.sub(lambda found: mask_id_no(found[0]), text)
    return _MOBILE.sub(lambda found: mask_mobile(found[0]), text)


def _hide(data: Any) -> Any:
    if isinstance(data, bool | int | float | Mapping):
        return None
    return [] if isinstance(data, Sequence) and not isinstance(data, str) else HIDDEN_TEXT


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
