"""Real servers on the loopback: SMTP (with a certificate of our own) and a small HTTP server that is told what to answer."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bootstrap.processes import free_port


@dataclass(frozen=True)
class Authority:
    ca: Path
    server: Path


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A private authority, and a server's certificate for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])

    def built(subject: x509.Name, public: Any, *, is_ca: bool) -> x509.Certificate:
        names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        )
        if not is_ca:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(ca_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    ca = folder / "ca.pem"
    ca.write_bytes(built(issuer, ca_key.public_key(), is_ca=True).public_bytes(pem))
    server = folder / "server.pem"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server.write_bytes(private + built(subject, key.public_key(), is_ca=False).public_bytes(pem))
    return Authority(ca, server)


def server_context(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server)
    return context


@dataclass
class PostOffice:
    """What an SMTP server took; ``answer`` overrules its reply to the message."""

    taken: list[bytes] = field(default_factory=list)
    answer: str = "250 OK"
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- the library's name
        del server, session
        if self.answer.startswith("2"):
            self.taken.append(envelope.content)
        return self.answer

    def letters(self) -> list[EmailMessage]:
        return [cast("EmailMessage", message_from_bytes(raw, policy=policy.default)) for raw in self.taken]


def _login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    del server, session, envelope, mechanism
    good = isinstance(data, LoginPassword) and data.login == b"lianban" and data.password == b"p@ss/word"
    return AuthResult(success=good, handled=False)


@pytest.fixture
def post_office(authority: Authority) -> Iterator[Callable[..., PostOffice]]:
    """Starts SMTP servers: mode smtp, smtp+starttls or smtps; ``login`` asks for lianban / p@ss/word."""
    running: list[Controller] = []

    def start(mode: str = "smtp", *, login: bool = False) -> PostOffice:
        office = PostOffice()
        given: dict[str, Any] = {}
        if mode == "smtp+starttls":
            given |= {"tls_context": server_context(authority), "require_starttls": True}
        if login:
            given |= {"authenticator": _login, "auth_required": True, "auth_require_tls": mode == "smtp+starttls"}
        context = server_context(authority) if mode == "smtps" else None
        office.port = free_port()
        controller = Controller(
            office, hostname="127.0.0.1", port=office.port, ssl_context=context, ready_timeout=60, **given
        )
        controller.start()
        running.append(controller)
        return office

    yield start
    for controller in running:
        controller.stop()


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Counter:
    """An HTTP server's counter: what it saw, and what it does next (called with the handler; default 200 {})."""

    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    act: Callable[[BaseHTTPRequestHandler], None] | None = None
    scheme: str = "http"

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def answers(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        def act(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.act = act


@pytest.fixture
def counter(authority: Authority) -> Iterator[Callable[..., Counter]]:
    """Starts HTTP servers on the loopback."""
    running: list[ThreadingHTTPServer] = []

    def start(*, tls: bool | ssl.SSLContext = False) -> Counter:
        made = Counter(scheme="https" if tls else "http")
        made.answers(200)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                pass

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                made.seen.append(Seen(self.command, self.path, headers, self.rfile.read(length)))
                self.close_connection = True
                if made.act is not None:
                    with suppress(BrokenPipeError, ConnectionResetError):
                        made.act(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _any  # noqa: N815 -- the library's names

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        server = Quiet(("127.0.0.1", 0), Handler)
        if tls:
            context = tls if isinstance(tls, ssl.SSLContext) else server_context(authority)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(server)
        return made

    yield start
    for server in running:
        server.shutdown()
        server.server_close()
