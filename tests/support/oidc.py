"""A real OpenID provider (npm ``oidc-provider``, certified) on 127.0.0.1, and a person who logs in there over HTTP."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from bootstrap.processes import free_port
from domain.federation.providers import Provider, Providers, read

FOLDER = Path(__file__).parent.parent / "oidc_provider"
SECRET = "a secret of the test client"
LEVELS = {
    "real-name": {"acr": ["urn:test:real-name"], "source": "测试"},
    "real-person": {"acr": ["urn:test:real-person"], "source": "测试"},
}
CLAIMS = {
    "natural": {"idNo": "id_number", "name": "name", "mobile": "phone_number"},
    "legal": {"uscc": "uscc", "organisation": "org_name", "idNo": "id_number", "name": "name"},
    "staff": {"employeeNo": "employee_no", "name": "name"},
}


def entry(key: str, audience: str, issuer: str, **more: Any) -> dict[str, Any]:
    """A provider of the deployment's file."""
    return {
        "key": key,
        "name": "云南省统一身份认证",
        "nameEn": "Yunnan identity",
        "audience": audience,
        "issuer": issuer,
        "clientId": key,
        "clientSecret": "secret:OIDC_TEST",
        "scopes": ["openid", "profile"],
        "internal": True,
        "plain": True,
        "userinfo": True,
        "claims": CLAIMS[audience],
        "levels": LEVELS,
        "seconds": {"skew": 5, "pause": 1},
        **more,
    }


@dataclass
class Server:
    """The provider's process. ``clients``: key → address of our deployment."""

    port: int
    home: str
    process: subprocess.Popen[str] | None = None
    audiences: dict[str, str] = field(
        default_factory=lambda: {"people": "natural", "firms": "legal", "office": "staff"}
    )
    machines: list[dict[str, Any]] = field(default_factory=list)
    """Metadata of more clients: programs that get tokens for themselves."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, folder: Path) -> None:
        node = shutil.which("node")
        assert node, "Node is missing"
        assert (FOLDER / "node_modules").is_dir(), "run `make build/stamps/oidc` (npm --prefix tests/oidc_provider ci)"
        clients = [
            {
                "client_id": key,
                "client_secret": SECRET,
                "redirect_uris": [f"{self.home}/oidc/{key}/callback"],
                "grant_types": ["authorization_code"],
                "response_types": ["code"],
                "backchannel_logout_uri": f"{self.home}/oidc/{key}/backchannel-logout",
                "backchannel_logout_session_required": True,
                "post_logout_redirect_uris": [f"{self.home}/oidc/{key}/signed-out"],
            }
            for key in self.audiences
        ]
        clients += self.machines
        path = folder / "clients.json"
        path.write_text(json.dumps(clients), encoding="utf-8")
        self.process = subprocess.Popen(
            [node, str(FOLDER / "server.mjs"), str(self.port), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert json.loads(self.process.stdout.readline()) == {"ready": True}

    def stop(self) -> None:
        if self.process is not None:
            self.process.communicate()
            self.process = None

    def introspect(self, token: str, client_id: str, secret: str) -> dict[str, Any]:
        """What it says of a token that a resource was shown (RFC 7662)."""
        body = urlencode({"token": token, "client_id": client_id, "client_secret": secret}).encode()
        request = urllib.request.Request(f"{self.issuer}/token/introspection", data=body)  # noqa: S310 -- the test's own
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 -- as above
            found: dict[str, Any] = json.load(answer)
            return found

    def rotate(self) -> None:
        """A new signing key; the old one is published no more."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request("POST", "/test/rotate")
        assert link.getresponse().read() == b"{}"
        link.close()

    def providers(self, *, local: str = "everyone", **more: Any) -> Providers:
        rows = [entry(key, audience, **{"issuer": self.issuer, **more}) for key, audience in self.audiences.items()]
        return read({"providers": rows, "localLogin": local})

    def provider(self, key: str = "people", **more: Any) -> Provider:
        found = self.providers(**more).find(key)
        assert found is not None
        return found


@contextmanager
def running(folder: Path, home: str, machines: list[dict[str, Any]] | None = None) -> Iterator[Server]:
    server = Server(free_port(), home, machines=machines or [])
    server.start(folder)
    try:
        yield server
    finally:
        server.stop()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **more: Any) -> None:
        del args, more


@dataclass
class Visitor:
    """Somebody's browser at the provider: keeps its cookies, stops before it comes back to us."""

    home: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def log_in(self, url: str, sub: str, level: str = "account", *, refuse: bool = False) -> dict[str, str]:
        """Follow the authorization request, log in where asked, and hand back the parameters of the answer."""
        location = url
        for _ in range(12):
            if location.startswith(self.home):
                return dict(parse_qsl(urlsplit(location).query))
            status, following, body = self.open(location)
            if status == 200 and "/log-in/" in body:
                action = re.search(r'action="([^"]+)"', body)
                assert action, body
                form = {"level": level, "refuse": "1"} if refuse else {"level": level, "sub": sub}
                status, following, body = self.open(urljoin(location, action[1]), form)
            assert following, (status, body)
            location = urljoin(location, following)
        raise AssertionError("too many redirections")

    def open(self, url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), _Stay())
        data = None if form is None else urlencode(form).encode()
        try:
            with opener.open(urllib.request.Request(url, data=data), timeout=60) as answer:  # noqa: S310 -- the test's own
                return answer.status, "", answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("Location", ""), error.read().decode()
