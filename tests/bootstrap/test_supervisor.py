import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bootstrap.settings import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SUPERVISED = """
import sys
from pathlib import Path
from bootstrap import supervisor
from bootstrap.settings import Settings
from bootstrap.supervisor import Child, Supervisor
from bootstrap.logging import configure_logging
configure_logging()
supervisor.FIRST_PAUSE_SECONDS = 0.02
home = Path(sys.argv[1])
children = [Child(str(n), [sys.executable, sys.argv[2], str(home), str(n)]) for n in range(2)]
sys.exit(Supervisor(Settings(home=home), children).run())
"""

STEADY = """
import subprocess, sys
print(flush=True, *["up", sys.argv[2]])
below = subprocess.Popen(["/bin/sh", "-c", "echo $$; exec sleep 600"])
below.wait()
"""

FALLING = """
import sys
print("up", flush=True)
sys.exit(3)
"""


def supervise(folder: Path, child: str) -> "subprocess.Popen[str]":
    script = folder / "child.py"
    script.write_text(child, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, str(folder), str(script)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def family(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Read until both children and what they started are up; all descendants."""
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    below = psutil.Process(process.pid).children(recursive=True)
    assert len(below) == 4
    return below


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_children_and_what_they_started(tmp_path: Path, sign: signal.Signals) -> None:
    with supervise(tmp_path, STEADY) as process:
        below = family(process)
        process.send_signal(sign)
        assert process.wait(120) == 0
        assert psutil.wait_procs(below, timeout=120)[1] == []


def test_kill_9_of_the_supervisor_ends_its_children(tmp_path: Path) -> None:
    with supervise(tmp_path, STEADY) as process:
        below = family(process)
        children = [one for one in below if one.ppid() == process.pid]
        process.kill()
        assert psutil.wait_procs(children, timeout=120)[1] == []
        for one in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    with supervise(tmp_path, STEADY) as process:
        below = family(process)
        first = next(one for one in below if one.ppid() == process.pid)
        os.kill(first.pid, signal.SIGKILL)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("up"), "it came up again"
        process.terminate()
        assert process.wait(120) == 0


def test_a_child_that_falls_again_and_again_ends_the_service_with_an_error(tmp_path: Path) -> None:
    with supervise(tmp_path, FALLING) as process:
        out, errors = process.communicate(timeout=240)
        assert process.returncode == 1
        assert out.count("up") >= 6
        assert "child.given_up" in errors
