"""``lianban audit``: exit codes, both languages, nothing but the file needed."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap.container import Platform
from domain.evidence import verifier
from tests.conftest import TEST_KEY
from tests.support import models
from tests.support.world import World

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"LIANBAN_DATA_KEY": TEST_KEY.decode()}


def test_export_and_verify(platform: Platform, lianban: Run, lianban_process: Run, tmp_path: Path) -> None:
    world = World(platform).settle()
    world.deploy(models.simple())
    world.submit()
    file = tmp_path / "case.zip"
    made = lianban("audit", "export", world.case().case_no, "--out", str(file))
    assert made.returncode == 0, made.stderr
    package = file.read_bytes()
    assert "only for the main site" not in package.decode(errors="replace")
    whole = lianban_process(
        "audit", "verify", str(file), "--json", LIANBAN_DATABASE_URL="postgresql://127.0.0.1:1/away"
    )
    assert (whole.returncode, json.loads(whole.stdout)["whole"]) == (0, True), whole.stderr
    at = package.index(b"case.opened")
    file.write_bytes(package[:at] + b"X" + package[at + 1 :])
    broken = lianban("audit", "verify", str(file))
    assert (broken.returncode, "校验未通过" in broken.stdout) == (1, True)
    assert "record/events.jsonl, event 1, field kind" in broken.stdout
    checked = lianban("audit", "verify", "--database")
    assert (checked.returncode, "WHOLE" in checked.stdout) == (0, True), checked.stdout + checked.stderr
    assert "Ed25519" in lianban("audit", "keys").stdout
    assert "def verify(" in lianban("audit", "verifier").stdout
    published = tmp_path / "anchors.jsonl"
    assert lianban("audit", "anchors", "--out", str(published)).returncode == 0
    assert lianban("audit", "verify", "--database", "--anchors", str(published)).returncode == 0


def test_a_file_that_is_no_package(lianban: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(b"hello")
    told = lianban("audit", "verify", str(file))
    assert told.returncode == 1
    assert lianban("audit", "verify").returncode == 2
    with pytest.raises(verifier.Broken):
        verifier.verify(b"")
