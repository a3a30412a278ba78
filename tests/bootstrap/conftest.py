"""The command line: within the test's process, or (``lianban_process``) as a process of its own, which takes a second to begin."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bootstrap.cli import main
from bootstrap.settings import PREFIX, ROOT

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path, pg_url: str) -> dict[str, str]:
    """This worker's database unless told otherwise."""
    return {
        "PATH": os.environ["PATH"],
        "LIANBAN_HOME": str(tmp_path / "home"),
        "LIANBAN_DATABASE_URL": pg_url,
        "PYTHONUTF8": "1",
        **{name: value for name, value in os.environ.items() if name == "PYTHONPYCACHEPREFIX"},
    }


@pytest.fixture
def lianban(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(PREFIX)]:
                patch.delenv(name)
            for name, value in (environment | variables).items():
                if value:
                    patch.setenv(name, value)
            patch.setattr(sys, "argv", ["lianban", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        out, errors = capfd.readouterr()
        assert ended.value.code is None or isinstance(ended.value.code, int)
        return subprocess.CompletedProcess(arguments, ended.value.code or 0, out, errors)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def lianban_process(environment: dict[str, str]) -> Run:
    def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "bootstrap.cli", *arguments],
            cwd=ROOT,
            env={name: value for name, value in (environment | variables).items() if value},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
