"""The protocol against a real provider, and against tokens that were tampered with."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from domain.connectors.errors import CallUnreachable
from domain.connectors.wire import Answer, Request
from domain.federation import attempts, tokens
from domain.federation.attempts import Attempt, Found
from domain.federation.directory import Directory
from domain.federation.errors import (
    AccessDenied,
    AttemptUnknown,
    FederationError,
    LevelNotReached,
    LogoutRefused,
    ProviderAway,
    ProviderRefused,
    ProviderUnusable,
    TokenRefused,
    WrongIssuer,
)
from domain.federation.providers import Provider
from domain.federation.tokens import EVENT, Expected
from domain.identity.sessions import Level
from tests.support import oidc
from tests.support.oidc import SECRET, Server, Visitor

HOME = "http://127.0.0.1:9"
CALLBACK = f"{HOME}/oidc/people/callback"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with oidc.running(tmp_path_factory.mktemp("oidc"), HOME) as found:
        yield found


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


# --- with the real provider


@pytest.mark.network
def test_a_person_logs_in_with_pkce_state_nonce_and_issuer(server: Server) -> None:
    directory, provider = Directory(), server.provider()
    attempt, url = begin(directory, provider)
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"] == [attempt.state]
    assert asked["nonce"] == [attempt.nonce]
    assert attempt.verifier not in url
    answer = Visitor(HOME).log_in(url, "yn-7f3a01", "real-name")
    assert answer["iss"] == provider.issuer
    found = attempts.finish(directory, provider, attempt, answer, CALLBACK, SECRET, host_now())
    assert found.subject == "yn-7f3a01"
    assert found.level is Level.REAL_NAME
    assert found.methods == ("pwd",)
    assert found.person == {"idNo": "532622198502030000", "name": "岑美玲", "mobile": "13800000001"}
    assert found.session
    assert found.hint.count(".") == 2


@pytest.mark.network
def test_a_code_is_good_once(server: Server) -> None:
    directory, provider = Directory(), server.provider()
    attempt, url = begin(directory, provider)
    answer = Visitor(HOME).log_in(url, "yn-7f3a01")
    attempts.finish(directory, provider, attempt, answer, CALLBACK, SECRET, host_now())
    with pytest.raises(ProviderRefused, match="invalid_grant"):
        attempts.finish(directory, provider, attempt, answer, CALLBACK, SECRET, host_now())


@pytest.mark.network
def test_a_code_is_good_for_nobody_else(server: Server) -> None:
    """A code put into another browser's log-in fails at PKCE before any token is given."""
    directory, provider = Directory(), server.provider()
    _, url = begin(directory, provider)
    stolen = Visitor(HOME).log_in(url, "yn-7f3a01")
    mine, _ = begin(directory, provider)
    with pytest.raises(ProviderRefused, match="invalid_grant"):
        attempts.finish(directory, provider, mine, stolen, CALLBACK, SECRET, host_now())


@pytest.mark.network
def test_the_nonce_of_another_attempt_is_refused(server: Server) -> None:
    directory, provider = Directory(), server.provider()
    attempt, url = begin(directory, provider)
    answer = Visitor(HOME).log_in(url, "yn-7f3a01")
    other = replace(attempt, nonce="x" * 43)
    with pytest.raises(TokenRefused, match="nonce"):
        attempts.finish(directory, provider, other, answer, CALLBACK, SECRET, host_now())


@pytest.mark.network
def test_who_says_no_is_told_so(server: Server) -> None:
    directory, provider = Directory(), server.provider()
    attempt, url = begin(directory, provider)
    answer = Visitor(HOME).log_in(url, "", refuse=True)
    with pytest.raises(AccessDenied, match="access_denied"):
        attempts.finish(directory, provider, attempt, answer, CALLBACK, SECRET, host_now())


@pytest.mark.network
def test_a_step_up_asks_anew_and_must_reach_the_level(server: Server) -> None:
    directory, provider = Directory(), server.provider()
    visitor = Visitor(HOME)
    _, url = begin(directory, provider)
    visitor.log_in(url, "yn-7f3a01")
    attempt, url = begin(directory, provider, level=Level.REAL_NAME, session="s")
    asked = parse_qs(urlsplit(url).query)
    assert asked["acr_values"] == ["urn:test:real-name urn:test:real-person"]
    assert asked["prompt"] == ["login"]
    answer = visitor.log_in(url, "yn-7f3a01", "real-person")
    found = attempts.finish(directory, provider, attempt, answer, CALLBACK, SECRET, host_now())
    assert found.level is Level.REAL_PERSON
    assert found.methods == ("pwd", "face")
    attempt, url = begin(directory, provider, level=Level.REAL_PERSON, session="s")
    answer = Visitor(HOME).log_in(url, "yn-7f3a02", "real-person")  # this person has real-name only
    with pytest.raises(LevelNotReached):
        attempts.finish(directory, provider, attempt, answer, CALLBACK, SECRET, host_now())


@pytest.mark.network
def test_changed_keys_are_fetched_once_and_not_again_at_once(server: Server) -> None:
    directory = Directory()
    log_in(server, directory)
    before = directory.standing(server.provider()).key_ids
    server.rotate()
    assert log_in(server, directory).subject == "yn-7f3a01"
    assert directory.standing(server.provider()).key_ids != before
    server.rotate()
    stands = Directory(now=lambda: 0.0)
    log_in(server, stands)
    server.rotate()
    log_in(server, stands)
    server.rotate()
    with pytest.raises(TokenRefused, match="kid"):
        log_in(server, stands)


@pytest.mark.network
def test_a_wrong_client_secret_is_an_administrators_matter(server: Server) -> None:
    directory, provider = Directory(), server.provider()
    attempt, url = begin(directory, provider)
    answer = Visitor(HOME).log_in(url, "yn-7f3a01")
    with pytest.raises(ProviderUnusable):
        attempts.finish(directory, provider, attempt, answer, CALLBACK, "another secret", host_now())


@pytest.mark.network
def test_nobody_answers(server: Server) -> None:
    away = server.provider(issuer=f"http://127.0.0.1:{oidc.free_port()}")
    directory = Directory()
    with pytest.raises(ProviderAway):
        directory.metadata(away)
    assert directory.standing(away).failed == "sso-away"
    with pytest.raises(ProviderAway, match="a moment ago"):
        directory.metadata(away)


# --- answers and cookies


def test_the_answer_of_another_issuer_is_refused(made: Made) -> None:
    metadata = made.directory.metadata(made.provider)
    for answer in ({"code": "c", "iss": "https://evil.example"}, {"code": "c"}, {"error": "access_denied"}):
        with pytest.raises(WrongIssuer):
            attempts.read_code(answer, made.provider, metadata)
    assert attempts.read_code({"code": "c", "iss": made.provider.issuer}, made.provider, metadata) == "c"


def test_the_cookie_fits_its_state_and_its_time(made: Made) -> None:
    attempt = attempts.begin(made.provider, "/my", NOW)
    text = attempts.seal(attempt)
    assert attempt.verifier not in text
    assert attempts.unseal(text, attempt.state, NOW + timedelta(minutes=9)) == attempt
    other = attempts.begin(made.provider, "/my", NOW)
    altered = text[:-6] + ("AAAA" if text[-6:-2] != "AAAA" else "BBBB") + text[-2:]
    for given, state, at in (
        (text, other.state, NOW),
        (text, attempt.state, NOW + timedelta(minutes=11)),
        (altered, attempt.state, NOW),
        ("", attempt.state, NOW),
        ("not base64 ü", attempt.state, NOW),
    ):
        with pytest.raises(AttemptUnknown):
            attempts.unseal(given, state, at)


@pytest.mark.parametrize(
    "text",
    ["//evil.example", "/\\evil", "https://evil.example/", "javascript:alert(1)", "/api/v1/session", "/oidc/people/log-in",
     "/a\nSet-Cookie: x=1", "/..//evil.example", "/a//b", "", "my", "/a#b", "/" + "a" * 1001, "/\t/evil", "/ü"],
)  # fmt: skip
def test_only_pages_of_ours_are_returned_to(text: str) -> None:
    assert attempts.safe_return(text, "/") == "/"


def test_pages_of_ours_are_returned_to() -> None:
    for text in ("/", "/staff/", "/items/hukou-join-parents/apply?step=review", "/my/5326-01?tab=a&b=%E4%B8%AD"):
        assert attempts.safe_return(text, "/?no") == text


# --- tokens that were tampered with: a provider whose key the test holds


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


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setattr("domain.federation.directory.pin", lambda *_, **__: "192.0.2.1")
    return Made()


def test_a_proper_token_is_accepted(made: Made) -> None:
    assert made.read(made.sign(made.claims()))["sub"] == "s"
    assert made.read(made.sign(made.claims(aud=["people", "x"], azp="people")))["sub"] == "s"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "office"}, "aud"),
        ({"aud": ["office"]}, "aud"),
        ({"aud": ["people", "office"]}, "azp"),
        ({"azp": "office"}, "azp"),
        ({"nonce": "other"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": int(NOW.timestamp()) - 6}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"iat": int(NOW.timestamp()) + 60}, "iat"),
        ({"nbf": int(NOW.timestamp()) + 60}, "nbf"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "s" * 256}, "sub"),
        ({"at_hash": "wrong"}, "at_hash"),
    ],
)
def test_claims_that_do_not_fit_are_refused(made: Made, change: dict[str, Any], what: str) -> None:
    with pytest.raises(TokenRefused, match=what):
        made.read(made.sign(made.claims(**change)), access_token="token")


def test_a_token_with_another_algorithm_or_key_is_refused(made: Made) -> None:
    claims = made.claims()
    plain = f"{b64({'alg': 'none'})}.{b64(claims)}."
    public = made.key.as_pem(private=False)
    signed = plain.replace(b64({"alg": "none"}), b64({"alg": "HS256", "kid": "one"})).rstrip(".")
    confused = (
        signed + "." + base64.urlsafe_b64encode(hmac.digest(public, signed.encode(), "sha256")).rstrip(b"=").decode()
    )
    stranger = made.sign(claims, key=RSAKey.generate_key(2048, {"kid": "one"}))
    listed = made.sign(claims, alg="PS256")  # a good signature, but not one of the configured algorithms
    head, body, signature = made.sign(claims).split(".")
    other = b64(made.claims(sub="admin"))
    for token in (
        plain,
        confused,
        stranger,
        listed,
        f"{head}.{other}.{signature}",
        f"{head}.{body}.",
        "",
        "a.b",
        "ü",
        "x" * 70_000,
    ):
        with pytest.raises(TokenRefused):
            made.read(token)


def test_a_fresh_log_in_has_to_be_fresh(made: Made) -> None:
    began = NOW - timedelta(minutes=1)
    assert made.read(made.sign(made.claims(auth_time=int(NOW.timestamp()))), not_before=began)
    for at in (None, int(NOW.timestamp()) - 3600, "now", True):
        with pytest.raises(TokenRefused, match="auth_time"):
            made.read(made.sign(made.claims(auth_time=at)), not_before=began)


def test_addresses_and_keys_are_fetched_once_and_outlive_an_outage(made: Made) -> None:
    for _ in range(3):
        made.read(made.sign(made.claims()))
    assert made.calls == ["/.well-known/openid-configuration", "/jwks"]
    made.now += 4000
    made.down = True
    assert made.read(made.sign(made.claims()))["sub"] == "s"
    made.now += 90_000
    with pytest.raises(ProviderAway):
        made.read(made.sign(made.claims()))


def test_unknown_keys_cannot_be_used_to_flood_the_provider(made: Made) -> None:
    stranger = made.sign(made.claims(), kid="two")
    for _ in range(5):
        with pytest.raises(TokenRefused, match="kid"):
            made.read(stranger)
    assert made.calls.count("/jwks") == 2


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "https://evil.example/token"},
        {"token_endpoint": "http://id.example/token"},
        {"authorization_endpoint": "https://evil.example/auth"},
        {"jwks_uri": "https://id.example:8443/jwks"},
        {"userinfo_endpoint": "file:///etc/passwd"},
        {"token_endpoint": None},
        {"jwks_uri": 7},
        {"id_token_signing_alg_values_supported": ["HS256"]},
    ],
)
def test_a_provider_that_publishes_something_unsafe_is_not_used(made: Made, change: dict[str, Any]) -> None:
    made.published |= change
    with pytest.raises(ProviderUnusable):
        made.directory.metadata(made.provider)


@pytest.mark.parametrize("jwks", [{}, [], {"keys": "x"}, {"keys": [{"kty": "RSA"}]}, {"keys": []}, "x"])
def test_keys_that_cannot_be_read_are_refused(made: Made, jwks: Any) -> None:
    made.jwks = jwks
    with pytest.raises(FederationError):
        made.read(made.sign(made.claims()))


# --- log-out notices


def notice(made: Made, **more: Any) -> str:
    claims = made.claims(nonce=None, jti="j1", sid="session", events={EVENT: {}}) | more
    return made.sign({name: value for name, value in claims.items() if value is not None}, typ="logout+jwt")


def test_a_log_out_notice_names_session_or_subject(made: Made) -> None:
    found = tokens.read_logout_token(made.directory, made.provider, notice(made, sub=None), NOW)
    assert (found.session, found.subject, found.jti) == ("session", "", "j1")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"nonce": "n"}, "nonce"),
        ({"events": None}, "events"),
        ({"events": {"other": {}}}, "events"),
        ({"events": {EVENT: "x"}}, "events"),
        ({"sub": None, "sid": None}, "sub"),
        ({"sid": 7}, "sub"),
        ({"jti": None}, "jti"),
        ({"aud": "office"}, "aud"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"iat": int(NOW.timestamp()) - 400}, "iat"),
        ({"exp": int(NOW.timestamp()) - 10}, "exp"),
        ({"exp": None}, "exp"),
    ],
)
def test_a_log_out_notice_that_does_not_fit_is_refused(made: Made, change: dict[str, Any], what: str) -> None:
    with pytest.raises(LogoutRefused, match=what):
        tokens.read_logout_token(made.directory, made.provider, notice(made, **change), NOW)


def test_an_id_token_is_no_log_out_notice_and_the_other_way_round(made: Made) -> None:
    with pytest.raises(LogoutRefused):
        tokens.read_logout_token(made.directory, made.provider, made.sign(made.claims()), NOW)
    with pytest.raises(TokenRefused, match="typ"):
        made.read(made.sign(made.claims(), typ="logout+jwt"))
