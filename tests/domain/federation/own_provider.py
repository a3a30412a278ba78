"""Ways to log in at a provider; and a provider whose key the test holds, so that it can say anything."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from domain.connectors.errors import CallUnreachable
from domain.connectors.wire import Answer, Request
from domain.federation import attempts, tokens
from domain.federation.attempts import Attempt, Found
from domain.federation.directory import Directory
from domain.federation.providers import Provider
from domain.federation.tokens import Expected
from tests.support.oidc import SECRET, Server, Visitor

HOME = "http://127.0.0.1:9"
CALLBACK = f"{HOME}/oidc/people/callback"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def b64(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def host_now() -> datetime:
    return datetime.now(UTC)


def begin(directory: Directory, provider: Provider, **more: Any) -> tuple[Attempt, str]:
    attempt = attempts.begin(provider, "/my", host_now(), **more)
    return attempt, attempts.address(attempt, provider, directory.metadata(provider), CALLBACK)


def log_in(
    server: Server, directory: Directory | None = None, *, sub: str = "yn-7f3a01", level: str = "account", **more: Any
) -> Found:
    directory, provider = directory or Directory(), server.provider()
    attempt, url = begin(directory, provider, **more)
    answer = Visitor(HOME).log_in(url, sub, level)
    return attempts.finish(directory, provider, attempt, answer, CALLBACK, SECRET, host_now())


class Made:
    """A provider of the test's own: it publishes what the test puts there, and the test signs."""

    def __init__(self) -> None:
        self.key = KEY
        self.provider = Server(443, HOME).provider(issuer="https://id.example", plain=False, internal=False)
        self.published: dict[str, Any] = {
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/auth",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/jwks",
            "authorization_response_iss_parameter_supported": True,
        }
        self.jwks: Any = KeySet([self.key]).as_dict(private=False)
        self.calls: list[str] = []
        self.now = 1000.0
        self.down = False
        self.directory = Directory(now=lambda: self.now, send=self.answer)

    def answer(self, request: Request) -> Answer:
        self.calls.append(request.place.target)
        if self.down:
            raise CallUnreachable
        content = self.jwks if request.place.target == "/jwks" else self.published
        return Answer(200, {}, json.dumps(content).encode(), 1)

    def claims(self, **more: Any) -> dict[str, Any]:
        at = int(NOW.timestamp())
        found = {
            "iss": "https://id.example",
            "aud": "people",
            "sub": "s",
            "iat": at,
            "exp": at + 300,
            "nonce": "n",
        } | more
        return {name: value for name, value in found.items() if value is not None}

    def sign(self, claims: dict[str, Any], *, key: Any = None, alg: str = "RS256", **header: Any) -> str:
        return jwt.encode({"alg": alg, "kid": "one", **header}, claims, key or self.key, algorithms=[alg])

    def read(self, token: str, **more: Any) -> dict[str, Any]:
        return tokens.read_id_token(self.directory, self.provider, token, Expected("n", **more), NOW)
