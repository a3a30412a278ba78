"""Answers, tokens, keys and log-out notices that were tampered with, from a provider whose key the test holds."""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from domain.federation import attempts, tokens
from domain.federation.errors import (
    AttemptUnknown,
    FederationError,
    LogoutRefused,
    ProviderAway,
    ProviderUnusable,
    TokenRefused,
    WrongIssuer,
)
from domain.federation.tokens import EVENT
from tests.domain.federation.own_provider import NOW, Made, b64


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
