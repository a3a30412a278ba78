"""``lianban audit``: exit codes, both languages, nothing but the file needed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap.container import Platform
from bootstrap.settings import ROOT
from domain.evidence import verifier
from tests.support import models
from tests.support.world import World

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lianban(tmp_path: Path, pg_url: str) -> Run:
    from tests.conftest import TEST_KEY

    def run(*arguments: str, url: str = pg_url) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": os.environ["PATH"],
            "LIANBAN_HOME": str(tmp_path / "home"),
            "LIANBAN_DATABASE_URL": url,
            "LIANBAN_DATA_KEY": TEST_KEY.decode(),
            "PYTHONUTF8": "1",
        }
        return subprocess.run(
            [sys.executable, "-m", "bootstrap.cli", "audit", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_export_and_verify(platform: Platform, lianban: Run, tmp_path: Path) -> None:
    world = World(platform).settle()
    world.deploy(models.simple())
    world.submit()
    file = tmp_path / "case.zip"
    made = lianban("export", world.case().case_no, "--out", str(file))
    assert made.returncode == 0, made.stderr
    package = file.read_bytes()
    assert "only for the main site" not in package.decode(errors="replace")
    whole = lianban("verify", str(file), "--json", url="postgresql://127.0.0.1:1/away")
    assert (whole.returncode, json.loads(whole.stdout)["whole"]) == (0, True), whole.stderr
    at = package.index(b"case.opened")
    file.write_bytes(package[:at] + b"X" + package[at + 1 :])
    broken = lianban("verify", str(file))
    assert (broken.returncode, "校验未通过" in broken.stdout) == (1, True)
    assert "record/events.jsonl, event 1, field kind" in broken.stdout
    checked = lianban("verify", "--database")
    assert (checked.returncode, "WHOLE" in checked.stdout) == (0, True), checked.stdout + checked.stderr
    assert "Ed25519" in lianban("keys").stdout
    assert "def verify(" in lianban("verifier").stdout
    published = tmp_path / "anchors.jsonl"
    assert lianban("anchors", "--out", str(published)).returncode == 0
    assert lianban("verify", "--database", "--anchors", str(published)).returncode == 0


def test_a_file_that_is_no_package(lianban: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(b"hello")
    told = lianban("verify", str(file))
    assert told.returncode == 1
    assert lianban("verify").returncode == 2
    with pytest.raises(verifier.Broken):
        verifier.verify(b"")
