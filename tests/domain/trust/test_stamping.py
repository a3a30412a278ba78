"""Time stamps of a local authority made with openssl: taken, checked, and checked again by the verifier that is handed out."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from domain.evidence import verifier
from domain.trust.stamping import Authority, StampRefused, stamp

OPENSSL = shutil.which("openssl") or "openssl"
pytestmark = [pytest.mark.network]
CONFIG = """
[tsa]
default_tsa = one
[one]
dir = .
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
keyUsage = critical,keyCertSign
[leaf]
basicConstraints = critical,CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""
STATEMENT = b'{"number":1}'


def openssl(*words: str, cwd: Path) -> None:
    subprocess.run([OPENSSL, *words], cwd=cwd, check=True, capture_output=True)


@dataclass
class Tsa:
    url: str
    root: Path
    stale: bytes | None = None


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "c.cnf").write_text(CONFIG.format(folder=folder), encoding="ascii")
    (folder / "serial").write_text("01\n", encoding="ascii")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "c.cnf")
    root = ("req", "-x509", *curve, "-extensions", "ca", "-days", "2", "-subj", "/CN=root")
    openssl(*root, "-keyout", "ca.key", "-out", "ca.pem", cwd=folder)
    openssl("req", *curve, "-subj", "/CN=tsa", "-keyout", "tsa.key", "-out", "tsa.csr", cwd=folder)
    signed = ("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2", "-extfile", "c.cnf")
    openssl(*signed, "-extensions", "leaf", "-out", "tsa.pem", cwd=folder)
    made = Tsa("", folder / "ca.pem")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            reply = (
                "ts",
                "-reply",
                "-config",
                "c.cnf",
                "-queryfile",
                "query",
                "-signer",
                "tsa.pem",
                "-inkey",
                "tsa.key",
            )
            openssl(*reply, "-out", "reply", cwd=folder)
            body = made.stale or (folder / "reply").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_port}/tsa"
        yield made
        server.shutdown()


def test_a_stamp_is_checked_here_and_by_the_verifier(tsa: Tsa, tmp_path: Path) -> None:
    token = stamp(Authority(tsa.url, tsa.root), STATEMENT)
    anchors = {1: {"timestamp": token.hex(), "statement": STATEMENT.decode()}}
    stamped, unchecked = verifier.check_stamps(anchors, str(tsa.root))
    assert ([each["number"] for each in stamped], unchecked) == ([1], [])
    assert stamped[0]["at"].endswith("GMT")
    stamped, unchecked = verifier.check_stamps(anchors, "")
    assert (stamped, len(unchecked)) == ([], 1), "without the authority's root it is not said to be good"
    with pytest.raises(verifier.Broken, match="another's"):
        verifier.check_stamps({1: anchors[1] | {"statement": '{"number":2}'}}, str(tsa.root))
    curve = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other")
    openssl(*curve, "-keyout", "other.key", "-out", "other.pem", cwd=tmp_path)
    with pytest.raises(verifier.Broken, match="not good"):
        verifier.check_stamps(anchors, str(tmp_path / "other.pem"))
    with pytest.raises(StampRefused):
        stamp(Authority(tsa.url, tmp_path / "other.pem"), STATEMENT)


def test_an_answer_to_another_request_is_refused(tsa: Tsa) -> None:
    tsa.stale = stamp(Authority(tsa.url), STATEMENT)
    try:
        with pytest.raises(StampRefused):
            stamp(Authority(tsa.url, tsa.root), STATEMENT)
    finally:
        tsa.stale = None
