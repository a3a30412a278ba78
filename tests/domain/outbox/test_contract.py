"""What crosses to a partner: the listed fields and nothing else."""

from typing import Any

import pytest

from domain.outbox.contract import ContractFieldMissing, cut
from domain.outbox.envelope import End, Envelope, EnvelopeUnreadable, read
from engine.contract import ContractField

PAYLOAD: dict[str, Any] = {
    "applicant": {"name": "甲", "mobile": "13800000000", "address": "某处"},
    "movers": [{"idNo": "1", "name": "乙", "health": "secret"}, {"idNo": "2", "name": "丙"}],
    "codes": ["A", "B"],
    "empty": "",
}


def _fields(*paths: str) -> tuple[ContractField, ...]:
    return tuple(ContractField(path.rstrip("!"), "", path.endswith("!")) for path in paths)


@pytest.mark.parametrize(
    ("paths", "crossing"),
    [
        ((), {}),
        (("applicant.name",), {"applicant": {"name": "甲"}}),
        (("movers[].idNo!", "movers[].name"), {"movers": [{"idNo": "1", "name": "乙"}, {"idNo": "2", "name": "丙"}]}),
        (("movers[].health",), {"movers": [{"health": "secret"}, {}]}),
        (("codes[]!",), {"codes": ["A", "B"]}),
        (("nothing", "applicant.nothing", "nothing[].at.all", "empty"), {}),
        (("applicant.name.first", "movers.idNo"), {}),
    ],
)
def test_only_listed_fields_cross(paths: tuple[str, ...], crossing: dict[str, Any]) -> None:
    assert cut(_fields(*paths), PAYLOAD) == crossing


@pytest.mark.parametrize("path", ["nothing!", "empty!", "applicant.nothing!", "movers[].health!", "nothing[].x!"])
def test_a_missing_required_field_is_named(path: str) -> None:
    with pytest.raises(ContractFieldMissing) as refused:
        cut(_fields(path), PAYLOAD)
    assert refused.value.path == path.rstrip("!")
    assert path.rstrip("!") in refused.value.fact_en


def _envelope(**changes: Any) -> Envelope:
    values: dict[str, Any] = {
        "message_id": "m1",
        "name": "REQUEST",
        "collab_no": "532622000001",
        "item_code": "test-item",
        "sender": End("a", "P_a"),
        "receiver": End("b", "P_b"),
        "sent_at": "2026-03-02T02:00:00+00:00",
        "body": {"姓名": "甲"},
    }
    return Envelope(**(values | changes))


def test_an_envelope_reads_as_it_was_written() -> None:
    envelope = _envelope(manifest=[{"code": "M1", "sha256": "00"}], correlation_key="k")
    assert read(envelope.to_bytes()) == envelope
    assert envelope.to_bytes() == read(envelope.to_bytes()).to_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        _envelope().to_bytes().replace(b'"version":1', b'"version":2'),
        _envelope().to_bytes().replace(b'"body":{', b'"bodo":{'),
        _envelope(name="x" * 81).to_bytes(),
        _envelope(message_id="").to_bytes(),
        _envelope(sent_at="yesterday").to_bytes(),
        _envelope(collab_no="a\x00b").to_bytes(),
        b'{"header": {"version": 1, "sender": 5}}',
        _envelope(manifest=[{"code": "a\x00b"}]).to_bytes(),
        b" " * (2 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_envelope_is_refused(raw: bytes) -> None:
    with pytest.raises(EnvelopeUnreadable):
        read(raw)
