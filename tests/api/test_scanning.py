"""Uploads past a real ClamAV daemon that knows one thing: the EICAR test file (www.eicar.org)."""

import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.app import create_app
from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.materials.errors import ScannerNotReachable
from domain.materials.models import File
from domain.materials.scanning import Scanner
from tests.api.browser import Browser, assert_problem
from tests.support.patience import until
from tests.support.world import World

SECONDS = 60
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"
"""In two pieces, for scanners that look at this file."""
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
SIGNATURE = f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n"


@pytest.fixture(scope="module")
def daemon() -> Iterator[str]:
    program = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "clamd is missing: run .ci/browser"
    folder = Path(tempfile.mkdtemp(prefix="lianban-clamd-"))  # a socket's path has to be short
    (folder / "signatures").mkdir()
    (folder / "signatures" / "eicar.ndb").write_text(SIGNATURE, encoding="ascii")
    (folder / "clamd.conf").write_text(
        f"LocalSocket {folder}/socket\nDatabaseDirectory {folder}/signatures\nForeground yes\n"
        f"LogFile {folder}/log\nTemporaryDirectory {folder}\nStreamMaxLength 1M\n",
        encoding="ascii",
    )
    process = subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL)
    try:
        _until_it_listens(folder, process)
        yield f"unix:{folder}/socket"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
        shutil.rmtree(folder)


def _until_it_listens(folder: Path, process: subprocess.Popen[bytes]) -> None:
    log = folder / "log"

    def told() -> str:
        return log.read_text() if log.exists() else "no log"

    def listens() -> bool:
        assert process.poll() is None, told()
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(f"{folder}/socket") == 0

    until(listens, told)


@pytest.fixture
def applicant(world: World) -> Callable[[str], Browser]:
    def log_in(scanner: str) -> Browser:
        settings = replace(world.platform.settings, scanner=scanner)
        return Browser(create_app(Platform(settings, world.platform.sql))).log_in("applicant")

    return log_in


def upload(browser: Browser, content: bytes, name: str = "proof.pdf") -> TestResponse:
    return browser.post("/files", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


@pytest.mark.network
def test_malware_is_named_refused_and_on_record(world: World, daemon: str, applicant: Callable[[str], Browser]) -> None:
    browser = applicant(daemon)
    infected = PDF + EICAR
    answer = upload(browser, infected)
    assert_problem(answer, 422, "file-infected")
    with world.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(File)).all() == []
        event = ctx.session.scalars(select(AuditEvent).where(AuditEvent.kind == "file.infected")).one()
        assert event.data["malware"].startswith("Eicar-Test-Signature")
        assert event.data["sha256"] == hashlib.sha256(infected).hexdigest()


@pytest.mark.network
def test_a_clean_file_is_kept_once(world: World, daemon: str, applicant: Callable[[str], Browser]) -> None:
    browser = applicant(daemon)
    answer = upload(browser, PDF, "证明.pdf")
    assert answer.status_code == 201, answer.text
    with world.platform.transaction(SYSTEM) as ctx:
        kept = ctx.session.scalars(select(File)).one()
        assert (kept.content, kept.name) == (PDF, "证明.pdf")


@pytest.mark.network
def test_without_a_verdict_nothing_is_let_through(
    world: World, daemon: str, applicant: Callable[[str], Browser], tmp_path: Path
) -> None:
    browser = applicant(f"unix:{tmp_path}/nobody")
    answer = upload(browser, PDF)
    assert_problem(answer, 503, "scanner-not-reachable")
    with pytest.raises(ScannerNotReachable):
        Scanner(daemon).scan(PDF + bytes(2_000_000))  # beyond the daemon's StreamMaxLength
    with world.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(File)).all() == []


@pytest.mark.network
def test_what_is_no_document_never_reaches_the_scanner(applicant: Callable[[str], Browser], tmp_path: Path) -> None:
    browser = applicant(f"unix:{tmp_path}/nobody")
    answer = upload(browser, EICAR)
    assert_problem(answer, 422, "file-type-refused")
