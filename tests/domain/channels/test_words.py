"""People read words, never keys: every notice and every reason has them in both languages."""

import pytest

from domain.channels import words
from domain.connectors.errors import CallFailed
from domain.errors import find_title
from domain.notifications.service import outsides


def test_every_notice_has_a_name() -> None:
    assert set(outsides()) <= set(words.NOTICES)
    assert all(zh and en and zh != en for zh, en in words.NOTICES.values())
    assert words.of_notice("no.such.template") == words.UNKNOWN_NOTICE


@pytest.mark.parametrize("error", CallFailed.__subclasses__(), ids=lambda error: error.code)
def test_every_failure_of_a_call_has_words(error: type[CallFailed]) -> None:
    assert words.of_reason(error.code) == (error.title_zh, error.title_en)


def test_reasons_that_are_no_failure_of_a_call() -> None:
    assert words.of_reason(None) == ("", "")
    assert words.of_reason("repeated")[0].startswith("短时间内")
    assert words.of_reason("target-gone")[1].startswith("The address was withdrawn")
    assert words.of_reason("never-heard-of") == words.UNKNOWN_REASON
    assert find_title("not-found") == ("没有找到", "Not found")
