"""marshmallow fields for the value types of the forms, for schemas at the API.

Each normalises (full-width to ASCII, white space out) and answers with the codes of the message catalogue; the text is
Chinese, the English one is found by the code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields

from forms import checks
from forms.messages import text_of


class CodedError(ValidationError):
    """A validation error that keeps the code and parameters of the catalogue."""

    def __init__(self, code: str, params: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.params = dict(params or {})
        super().__init__(text_of(code, self.params, "zh"))


class _Checked(fields.String):
    """Text that is normalised, then checked."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        text = self._normalise(text)
        fault = self._find_fault(text)
        if fault is not None:
            raise CodedError(fault, self._params())
        return text

    def _normalise(self, text: str) -> str:
        return checks.normalise_code(text)

    def _find_fault(self, text: str) -> str | None:
        raise NotImplementedError

    def _params(self) -> dict[str, Any]:
        return {}


class IdCard(_Checked):
    """Identity number (GB 11643). `today` answers the day births are compared with: pass the injected clock's."""

    def __init__(self, *, today: Callable[[], date], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._today = today

    def _find_fault(self, text: str) -> str | None:
        return checks.find_idcard_fault(text, self._today())


class Uscc(_Checked):
    """Unified social credit code (GB 32100)."""

    def _find_fault(self, text: str) -> str | None:
        return checks.find_uscc_fault(text)


class Mobile(_Checked):
    """Mobile number of the mainland, 11 digits."""

    def _find_fault(self, text: str) -> str | None:
        return checks.find_mobile_fault(text)


class Region6(_Checked):
    """Division code of six digits (GB/T 2260); `level` where only one level will do."""

    def __init__(self, *, level: checks.RegionLevel | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._level = level

    def _find_fault(self, text: str) -> str | None:
        return checks.find_region_fault(text, self._level)

    def _params(self) -> dict[str, Any]:
        return {} if self._level is None else {"level": self._level}


class PersonName(_Checked):
    """Name of a person, 2-50 characters."""

    def _normalise(self, text: str) -> str:
        return text.strip()

    def _find_fault(self, text: str) -> str | None:
        return checks.find_name_fault(text)

    def _params(self) -> dict[str, Any]:
        return {"min": 2, "max": 50}


class BankAccount(_Checked):
    """Personal card with Luhn, or with `corporate=True` an account of 8-32 digits."""

    def __init__(self, *, corporate: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._corporate = corporate

    def _find_fault(self, text: str) -> str | None:
        return checks.find_account_fault(text, corporate=self._corporate)

    def _params(self) -> dict[str, Any]:
        return {"min": 8, "max": 32} if self._corporate else {"min": 16, "max": 19}


class CertIdentifier(_Checked):
    """Electronic certificate identifier with its ISO 7064 MOD 37,36 character."""

    def _find_fault(self, text: str) -> str | None:
        return checks.find_certificate_fault(text)
