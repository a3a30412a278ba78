"""The protocol against a real provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from bootstrap.processes import free_port
from domain.federation import attempts
from domain.federation.directory import Directory
from domain.federation.errors import (
    AccessDenied,
    LevelNotReached,
    ProviderAway,
    ProviderRefused,
    ProviderUnusable,
    TokenRefused,
)
from domain.identity.sessions import Level
from tests.domain.federation.own_provider import CALLBACK, HOME, begin, host_now, log_in
from tests.support import oidc
from tests.support.oidc import SECRET, Server, Visitor


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with oidc.running(tmp_path_factory.mktemp("oidc"), HOME) as found:
        yield found


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
    away = server.provider(issuer=f"http://127.0.0.1:{free_port()}")
    directory = Directory()
    with pytest.raises(ProviderAway):
        directory.metadata(away)
    assert directory.standing(away).failed == "sso-away"
    with pytest.raises(ProviderAway, match="a moment ago"):
        directory.metadata(away)
