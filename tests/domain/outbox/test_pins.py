"""A call to a partner goes only to who holds the agreed key; nothing is sent to anybody else."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from domain.outbox import delivery
from domain.outbox.posting import Line, ReceiverNotTrusted, ReceiverUnreachable, pin_of

pytestmark = pytest.mark.network


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[tuple[str, str, str, list[bytes]]]:
    """Address, certificate file, pin, and what was received."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = tmp_path / "partner.pem", tmp_path / "partner.key"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            body = b'{"state":"delivered"}'
            self.send_response(202)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        pin = pin_of(certificate.public_bytes(Encoding.DER))
        yield f"https://127.0.0.1:{server.server_port}/messages", str(pem), pin, received
        server.shutdown()


def test_only_the_agreed_key_is_talked_to(partner: tuple[str, str, str, list[bytes]]) -> None:
    address, ca_file, pin, received = partner
    other = "A" * 43 + "="
    with pytest.raises(ReceiverNotTrusted):
        delivery.post(Line(address, (other,), ca_file), b"{}", "signature", "A")
    with pytest.raises(ReceiverUnreachable, match="SSLCertVerificationError"):
        delivery.post(Line(address, (pin,)), b"{}", "signature", "A")
    assert received == []
    assert delivery.post(Line(address, (other, pin), ca_file), b"{}", "signature", "A").state == "delivered"
    assert received == [b"{}"]
