"""The ring of keys: where material comes from, what is told when it is lost or altered, keys changed by command."""

import base64
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from bootstrap.errors import KeyNotReadable
from bootstrap.key_ring import RingFile, open_ring
from bootstrap.settings import Settings
from domain.sealing import AES, SM4, Seal, key_of

SECRET = base64.urlsafe_b64encode(b"0123456789abcdef0123456789abcdef").decode().rstrip("=")


def test_a_new_deployment_begins_with_a_ring(tmp_path: Path) -> None:
    ring = open_ring(Settings(home=tmp_path, seal_algorithm=SM4))
    assert key_of(ring.seal().seal(b"x")) == 1
    listed = ring.listed()
    assert [(key.id, key.algorithm, key.source) for key in listed.keys] == [
        (0, AES, "file:data"),
        (1, SM4, "file:data"),
    ]
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    assert (tmp_path / "keys" / "data").read_text() not in ring.path.read_text()
    again = open_ring(Settings(home=tmp_path)).seal()
    assert again.unseal(ring.seal().seal(b"x", "a.b"), "a.b") == b"x"


def test_a_deployment_with_data_keeps_its_first_key_until_it_is_changed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, data_key=b"a key that is set by the environment")
    seal = open_ring(settings).seal()
    assert seal.seal(b"x")[0] == 1
    assert not (tmp_path / "keys" / "ring.json").exists()
    old = seal.seal(b"x")
    ring = RingFile(settings)
    ring.activate(ring.add("", AES, "2026").id)
    assert Seal(ring.load()).unseal(old) == b"x"
    assert seal.look(), "a process that runs learns of it"
    assert key_of(seal.seal(b"x")) == 1
    assert Seal(ring.load()).blind("a") == Seal(settings.data_key or b"").blind("a")


def test_keys_come_from_a_program_or_a_secret(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secrets={"KMS_KEY": SECRET})
    ring = open_ring(settings)
    by_secret = ring.add("secret:KMS_KEY", AES, "")
    by_program = ring.add(f"command:{sys.executable} -c \"print('{SECRET}')\"", SM4, "")
    assert by_secret.check == by_program.check
    ring.activate(by_program.id)
    assert key_of(Seal(ring.load()).seal(b"x")) == by_program.id


@pytest.mark.parametrize(
    "source",
    [
        "command:/nowhere/kms",
        "command:/bin/false",
        "secret:NONE",
        "file:../secret",
        "setting",
        "other:x",
        f"command:/bin/echo {SECRET}x",
    ],
)
def test_a_source_that_gives_no_key_is_told(tmp_path: Path, source: str) -> None:
    ring = open_ring(Settings(home=tmp_path))
    with pytest.raises(KeyNotReadable) as refused:
        ring.add(source, AES, "")
    assert refused.value.next_en
    assert SECRET not in refused.value.fact_en
    assert len(ring.listed().keys) == 2


def test_a_lost_or_altered_key_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    ring = open_ring(settings)
    entry = ring.add("", AES, "")
    file = tmp_path / "keys" / entry.source.removeprefix("file:")
    kept = file.read_text()
    file.unlink()
    with pytest.raises(KeyNotReadable, match=f"Key {entry.id} .* is not there"):
        RingFile(settings).load()
    file.write_text(SECRET)
    file.chmod(0o600)
    with pytest.raises(KeyNotReadable, match=f"Key {entry.id} .* is not the one"):
        RingFile(settings).load()
    file.write_text(kept)
    assert RingFile(settings).load().active == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"keys": [], "active": 1, "blinds": []}'])
def test_a_damaged_ring_is_told_and_a_running_process_goes_on(tmp_path: Path, content: str) -> None:
    settings = Settings(home=tmp_path)
    ring = open_ring(settings)
    seal = ring.seal()
    ring.path.write_text(content)
    os.utime(ring.path, ns=(1, 1))
    with pytest.raises(KeyNotReadable):
        RingFile(settings).load()
    assert not seal.look()
    assert seal.unseal(seal.seal(b"x")) == b"x"


def test_the_blind_index_gets_keys_of_its_own(tmp_path: Path) -> None:
    ring = open_ring(Settings(home=tmp_path))
    before = Seal(ring.load())
    ring.add_blind("", "")
    after = Seal(ring.load())
    assert after.raise_blind(before.blind("a")) == after.blind("a")
    assert json.loads(ring.path.read_text())["blinds"][1]["source"] == "file:blind-2"


def test_a_former_key_leaves_the_ring_and_never_the_one_in_use(tmp_path: Path) -> None:
    ring = open_ring(Settings(home=tmp_path))
    ring.activate(ring.add("", AES, "").id)
    assert ring.retire(1).source == "file:data"
    assert [entry.id for entry in ring.listed().keys] == [0, 2]
    assert Seal(ring.load()).blind("a") == ring.seal().blind("a")
    for number in (1, 2, 9):
        with pytest.raises(KeyNotReadable):
            ring.retire(number)
