"""Whatever is done to a package is found offline, and its first place is named."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from domain.evidence import single, verifier
from domain.evidence.primitives import sm3
from tests.support import tampering
from tests.support.tampering import seeded

FLIPS = 150
ACTS = 60


def fault(package: bytes) -> verifier.Broken:
    with pytest.raises(verifier.Broken) as found:
        verifier.verify(package)
    return found.value


def replaced(package: bytes, **files: bytes) -> bytes:
    entries = verifier.read_container(package)
    names = {name.replace("/", "_").replace(".", "_"): name for name, _ in entries}
    given = {names[key]: content for key, content in files.items()}
    return verifier.write_container([(name, given.get(name, content)) for name, content in entries])


def test_a_package_as_it_was_issued_is_whole(package: bytes) -> None:
    told = verifier.verify(package)
    assert told["events"]["record/events.jsonl"] >= 7
    assert told["events"]["record/reads.jsonl"] == 4
    assert told["manifest"]["withContent"] is True
    messages = json.loads(dict(verifier.read_container(package))["messages/index.json"])
    assert messages[0]["signature"]
    assert messages[0]["file"]
    verifier.verify(package, told["keys"])


def test_every_flipped_byte_is_found(package: bytes) -> None:
    random = seeded(20261122)
    for _ in range(FLIPS):
        fault(tampering.flip(package, random))


@pytest.mark.parametrize("clever", [False, True])
@pytest.mark.parametrize("how", list(tampering.WAYS))
def test_every_tampering_with_events_is_found(package: bytes, how: str, *, clever: bool) -> None:
    random = seeded(f"{how}{clever}")
    for _ in range(ACTS // len(tampering.WAYS)):
        forged = tampering.tampered(package, random, how, clever=clever)
        if forged != package:
            found = fault(forged)
            assert found.zh
            assert found.file.startswith("record/")


def test_the_first_change_is_named(package: bytes) -> None:
    files = dict(verifier.read_container(package))
    lines = files["record/events.jsonl"].splitlines(keepends=True)
    kind = json.loads(lines[2][65:])["kind"].encode()
    changed = fault(
        replaced(package, record_events_jsonl=b"".join([*lines[:2], lines[2].replace(kind, b"x.y", 1), *lines[3:]]))
    )
    assert (changed.file, changed.event, changed.field) == ("record/events.jsonl", 3, "kind")
    dropped = fault(replaced(package, record_events_jsonl=b"".join([*lines[:4], *lines[5:]])))
    assert (dropped.event, "removed" in dropped.en) == (5, True)
    swapped = fault(replaced(package, record_events_jsonl=b"".join([*lines[:5], lines[6], lines[5], *lines[7:]])))
    assert (swapped.event, "moved" in swapped.en) == (6, True)
    cut = fault(replaced(package, record_events_jsonl=b"".join(lines[:-2])))
    assert (cut.event, "cut off" in cut.en) == (len(lines) - 1, True)
    added = fault(replaced(package, record_events_jsonl=b"".join([*lines, lines[-1].replace(kind, kind)])))
    assert (added.event, "was added" in added.en) == (len(lines) + 1, True)
    anew, before = [], b""
    for number, line in enumerate(lines):
        content = line[65:].rstrip(b"\n").replace(kind, b"x.y", 1) if number == 2 else line[65:].rstrip(b"\n")
        before = sm3(before + content)
        anew.append(before.hex().encode() + b" " + content + b"\n")
    made_anew = fault(replaced(package, record_events_jsonl=b"".join(anew)))
    assert (made_anew.event, made_anew.field) == (3, "kind")


def test_files_are_guarded_too(package: bytes) -> None:
    entries = verifier.read_container(package)
    assert fault(verifier.write_container([*entries, ("extra.txt", b"x")])).file == "extra.txt"
    without = [entry for entry in entries if entry[0] != "README.txt"]
    assert fault(verifier.write_container(without)).file == "README.txt"
    at = next(place for place, entry in enumerate(entries) if entry[0] == "README.txt")
    entries[at], entries[at + 1] = entries[at + 1], entries[at]
    assert "moved" in fault(verifier.write_container(entries)).en
    assert fault(package + b"\0").file == "(zip)"


def test_another_key_is_not_trusted(package: bytes) -> None:
    with pytest.raises(verifier.Broken) as found:
        verifier.verify(package, ["0" * 32])
    assert found.value.file == "manifest.sig"


def test_the_single_file_needs_nothing_of_ours(package: bytes, tmp_path: Path) -> None:
    program, file = tmp_path / "verify.py", tmp_path / "case.zip"
    program.write_text(single.source(), encoding="utf-8")
    file.write_bytes(package)

    def run() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-I", "-S", str(program), str(file)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    whole = run()
    assert (whole.returncode, "WHOLE" in whole.stdout) == (0, True), whole.stdout + whole.stderr
    assert "NOT CHECKED" in whole.stdout
    file.write_bytes(tampering.tampered(package, seeded(1), "change", clever=False))
    broken = run()
    assert (broken.returncode, "event" in broken.stdout, "校验未通过" in broken.stdout) == (1, True, True)


def test_sm3_and_ed25519_of_our_own_agree_with_openssl() -> None:
    import hashlib

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from domain.evidence.primitives import OwnSm3, signed

    random = seeded(7)
    for size in (0, 1, 55, 56, 63, 64, 65, 300):
        content, own = random.randbytes(size), OwnSm3()
        own.update(content)
        assert own.digest() == hashlib.new("sm3", content).digest()
    key = Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"content")
    assert signed(public, b"content", signature)
    assert not signed(public, b"contenu", signature)
    assert not signed(public, b"content", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not signed(public[:-1], b"content", signature)
