"""Envelopes, the ring, the blind index: what may be read, what is refused, what stays the same."""

import os

import pytest

from domain.sealing import AES, SM4, KeyMissing, KeyRing, Seal, SealBroken, SealKey, blind_version, key_of

FIRST = b"the first key of this deployment"
SECOND = b"another key, made some years on!"
BLIND = b"a second key of the blind index!"
CONTENT = "身份证 532622201506010001".encode()


def ring(active: int, *, blinds: tuple[bytes, ...] = (FIRST,)) -> KeyRing:
    keys = {0: SealKey(0, AES, FIRST), 1: SealKey(1, AES, SECOND), 2: SealKey(2, SM4, SECOND)}
    return KeyRing(keys, active, blinds)


@pytest.mark.parametrize(("active", "version"), [(0, 1), (1, 2), (2, 3)])
def test_every_envelope_opens_under_the_same_ring(active: int, version: int) -> None:
    sealed = Seal(ring(active)).seal(CONTENT, "cases.application")
    assert (sealed[0], key_of(sealed)) == (version, active)
    assert CONTENT not in sealed
    for reader in (0, 1, 2):
        assert Seal(ring(reader)).unseal(sealed, "cases.application") == CONTENT


def test_what_was_sealed_before_there_was_a_ring_opens() -> None:
    old = Seal(FIRST).seal(CONTENT, "cases.application")
    assert old[0] == 1
    assert Seal(ring(1)).unseal(old, "anything") == CONTENT
    assert Seal(FIRST).blind("53262220150601000x") == Seal(ring(1)).blind("53262220150601000X")


@pytest.mark.parametrize("active", [1, 2])
def test_bytes_moved_to_another_column_do_not_open(active: int) -> None:
    seal = Seal(ring(active))
    with pytest.raises(SealBroken, match=r"users\.person"):
        seal.unseal(seal.seal(CONTENT, "cases.application"), "users.person")


@pytest.mark.parametrize("active", [0, 1, 2])
def test_any_changed_byte_is_noticed(active: int) -> None:
    seal = Seal(ring(active))
    sealed = seal.seal(CONTENT, "a.b")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises((SealBroken, KeyMissing)):
            seal.unseal(bytes(changed), "a.b")
    for cut in (0, 1, 3, 20, len(sealed) - 1):
        with pytest.raises((SealBroken, KeyMissing)):
            seal.unseal(sealed[:cut], "a.b")


def test_an_unknown_key_is_looked_for_once_and_then_named() -> None:
    asked: list[int] = []

    def learn() -> KeyRing:
        asked.append(1)
        return ring(2)

    sealed = Seal(ring(2)).seal(CONTENT)
    late = Seal(KeyRing.single(FIRST), learn)
    assert late.unseal(sealed) == CONTENT
    assert len(asked) == 1
    with pytest.raises(KeyMissing) as missing:
        Seal(FIRST).unseal(sealed)
    assert (missing.value.fact_en, missing.value.kind) == ("There is no key with the id 2.", "busy")
    assert missing.value.next_zh


def test_a_blind_value_is_raised_without_the_value_itself() -> None:
    before, after = Seal(ring(0)), Seal(ring(0, blinds=(FIRST, BLIND)))
    old, new = before.blind("532622201506010001"), after.blind("532622201506010001")
    assert (blind_version(old), blind_version(new), len(new)) == (1, 2, 32)
    assert after.blinds("532622201506010001") == [new, old]
    assert (after.raise_blind(old), after.raise_blind(new)) == (new, new)
    assert before.mark("x") == after.mark("x")
    assert after.blind("532622201506010002") != new


def test_no_secret_is_shown() -> None:
    shown = repr(ring(1)) + repr(SealKey(3, AES, os.urandom(32)))
    assert "first key" not in shown
    assert "secret" not in shown
