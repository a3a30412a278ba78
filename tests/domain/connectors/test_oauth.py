"""OAuth 2.0 client credentials of http tasks: against a real authorisation server, and one that is told how to misbehave."""

import base64
import json
import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select, text

from domain.actors import SYSTEM
from domain.connectors import hosts, oauth
from domain.connectors.addresses import read_url
from domain.connectors.errors import CallFailed, TokenRefused, TokenUnavailable
from domain.connectors.models import HostState
from domain.connectors.oauth import Fetch, Grant
from domain.connectors.tokens import SILENT_SECONDS, SPARE_SECONDS, Tokens
from domain.connectors.wire import Trust
from domain.jobs import operations
from domain.metadata import metadata
from domain.secrets import service as secrets
from scheduler import jobs as scheduler
from tests.domain.connectors.calling import Start, allow, answer_of, calls, go, model
from tests.domain.connectors.conftest import Authority, Counter
from tests.support import oidc
from tests.support.external import jobs
from tests.support.oidc import Server
from tests.support.world import World

pytestmark = pytest.mark.network
CLIENT, SECRET = "lianban client/1", "s+cret/of the client:%1"
RSA, EC = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
TOKEN = "token-that-is-found-nowhere-51ce"
OAuthModel = Callable[..., bytes]


def machine(client_id: str, method: str, **more: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "client_id": client_id,
        "grant_types": ["client_credentials"],
        "response_types": [],
        "redirect_uris": [],
        "scope": "population.read",
        "token_endpoint_auth_method": method,
    }
    if method.startswith("client_secret"):
        kept["client_secret"] = SECRET
    return {**kept, **more}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    keys = [{**key.as_dict(private=False), "use": "sig", "kid": key.thumbprint()} for key in (RSA, EC)]
    machines = [
        machine(CLIENT, "client_secret_basic"),
        machine("post", "client_secret_post"),
        machine("rsa", "private_key_jwt", jwks={"keys": [keys[0]]}, token_endpoint_auth_signing_alg="PS256"),
        machine("ec", "private_key_jwt", jwks={"keys": [keys[1]]}, token_endpoint_auth_signing_alg="ES256"),
    ]
    with oidc.running(tmp_path_factory.mktemp("oauth"), "http://127.0.0.1:1", machines) as found:
        yield found


@pytest.fixture
def world(platform: Any) -> World:
    return World(platform).settle()


def asking(url: str, endpoint: str, *, headers: dict[str, str] | None = None, **fields: Any) -> bytes:
    given = {
        "type": oauth.TYPE,
        "oauthTokenEndpoint": endpoint,
        "clientId": CLIENT,
        "clientSecret": "secret:CLIENT_SECRET",
    }
    given |= fields
    inputs = {f"authentication.{name}": value for name, value in given.items() if value}
    return model({"url": url, **inputs}, headers or {"resultExpression": "={answer: response.body.who}"})


def listed(world: World, port: int, *names: str, **more: Any) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        given = {"is_internal": True, "is_plain": True, "names": names, **more}
        hosts.put(ctx, "127.0.0.1", "授权服务器", site_id=None, port=port, **given)


def keep(world: World, name: str, value: str) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        secrets.put(ctx, name, value, site_id=None)


def guarded(server: Server, resource: Counter) -> None:
    """The resource lets in only whom the authorisation server vouches for."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        scheme, _, token = handler.headers.get("Authorization", "").partition(" ")
        found = server.introspect(token, "post", SECRET) if scheme == "Bearer" else {"active": False}
        body = json.dumps({"who": f"{found.get('client_id')} {found.get('scope')}"}).encode()
        handler.send_response(200 if found["active"] else 401)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    resource.act = act


@pytest.mark.parametrize(
    ("client", "way", "secret", "more"),
    [
        (CLIENT, "", SECRET, {"scopes": "population.read"}),
        ("post", "credentialsBody", SECRET, {}),
        ("rsa", "privateKeyJwt", RSA.as_pem(private=True).decode(), {"algorithm": "PS256"}),
        ("ec", "privateKeyJwt", json.dumps(EC.as_dict(private=True)), {"algorithm": "ES256", "keyId": EC.thumbprint()}),
        (
            "rsa",
            "privateKeyJwt",
            RSA.as_pem(private=True).decode(),
            {"algorithm": "PS256", "assertionAudience": "issuer"},
        ),
    ],
)
def test_a_real_authorisation_server_gives_the_token_of_a_call(
    world: World, counter: Start, server: Server, client: str, way: str, secret: str, more: dict[str, str]
) -> None:
    resource = counter()
    guarded(server, resource)
    allow(world, resource)
    listed(world, server.port, "CLIENT_SECRET")
    keep(world, "CLIENT_SECRET", secret)
    fields: dict[str, Any] = {"clientId": client, "clientAuthentication": way, **more}
    if "assertionAudience" in more:
        fields["assertionAudience"] = server.issuer
    if way == "privateKeyJwt":
        fields |= {"clientSecret": "", "privateKey": "secret:CLIENT_SECRET"}
    go(world, asking(resource.url("/people"), f"{server.issuer}/token", **fields))
    assert world.open_tasks() == ["finish"], [row.message for row in world.incidents()]
    assert answer_of(world).split(" ")[-1] == more.get("scopes", "None")
    assert answer_of(world).startswith(client)
    api, token = calls(world)
    assert (api.path, api.state, api.status) == ("/people", "answered", 200)
    assert (token.method, token.host, token.path, token.status) == ("POST", f"127.0.0.1:{server.port}", "/token", 200)
    assert (token.case_id, token.element_id, token.error_code) == (api.case_id, "ask", None)


@pytest.mark.parametrize(
    ("fields", "secret", "error"),
    [
        ({}, "wrong", "invalid_client（HTTP 401）"),
        ({"scopes": "population.write"}, SECRET, "invalid_scope（HTTP 400）"),
    ],
)
def test_a_refused_token_is_an_incident_that_says_what_the_server_said_and_a_new_secret_heals_it(
    world: World, counter: Start, server: Server, fields: dict[str, Any], secret: str, error: str
) -> None:
    resource = counter()
    guarded(server, resource)
    allow(world, resource)
    listed(world, server.port, "CLIENT_SECRET")
    keep(world, "CLIENT_SECRET", secret)
    go(world, asking(resource.url(), f"{server.issuer}/token", **fields))
    [incident] = world.incidents()
    assert (incident.code, error in incident.message) == ("token-refused", True), incident.message
    assert secret not in incident.message
    assert resource.seen == []
    if secret == "wrong":
        keep(world, "CLIENT_SECRET", SECRET)
        with world.platform.transaction(SYSTEM) as ctx:
            operations.retry(ctx, jobs(world)[0].id)
        scheduler.run_due(world.platform)
        assert (world.open_tasks(), world.incidents()) == (["finish"], [])


def endpoint(served: Counter, status: int = 200, **content: Any) -> None:
    served.answers(status, json.dumps({"access_token": TOKEN, "token_type": "Bearer", **content}).encode())


def grant(served: Counter, **more: Any) -> Grant:
    place = read_url(served.url("/token"))
    host = f"127.0.0.1:{served.port}"
    return Grant(
        place, internal=True, host=host, path="/token", way="credentialsBody", client_id=CLIENT, secret=SECRET, **more
    )


def test_one_request_serves_many_jobs_until_shortly_before_the_token_ends(counter: Start) -> None:
    served, clock = counter(), [1000.0]
    endpoint(served, expires_in=3600)
    tokens, fetches = Tokens(now=lambda: clock[0]), list[Fetch]()
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(tokens.take(grant(served), fetches))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(served.seen)) == ([TOKEN] * 8, 1)
    form = parse_qs(served.seen[0].body.decode())
    assert form == {"grant_type": ["client_credentials"], "client_id": [CLIENT], "client_secret": [SECRET]}
    clock[0] += 3600 - SPARE_SECONDS - 1
    tokens.take(grant(served), fetches)
    assert (len(served.seen), tokens.has(grant(served))) == (1, True)
    clock[0] += 2
    assert not tokens.has(grant(served))
    tokens.take(grant(served), fetches)
    tokens.take(grant(served, scopes="a b", audience="https://x"), fetches)
    assert parse_qs(served.seen[2].body.decode())["scope"] == ["a b"]
    assert (len(served.seen), len(fetches)) == (3, 3)
    tokens.take(grant(served), fetches, refused=TOKEN)
    tokens.take(grant(served), fetches, refused="an older one")
    assert len(served.seen) == 4
    assert TOKEN not in repr(tokens) + repr(fetches)
    assert SECRET not in repr(grant(served))


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (503, {}, TokenUnavailable),
        (429, {}, TokenUnavailable),
        (401, {"error": "invalid_client"}, TokenRefused),
        (200, {"access_token": ""}, TokenRefused),
        (200, {"access_token": "a\r\nX-Evil: 1"}, TokenRefused),
        (200, {"token_type": "mac"}, TokenRefused),
        (302, {}, TokenRefused),
    ],
)
def test_what_is_no_token_is_told_once_to_all_who_wait(
    counter: Start, status: int, content: dict[str, Any], kind: type[CallFailed]
) -> None:
    served, clock = counter(), [0.0]
    endpoint(served, status, **content)
    tokens, fetches = Tokens(now=lambda: clock[0]), list[Fetch]()
    for _ in range(3):
        with pytest.raises(kind) as told:
            tokens.take(grant(served), fetches)
        assert SECRET not in told.value.fact_zh
    assert (len(served.seen), [fetch.is_well for fetch in fetches]) == (1, [status < 500])
    clock[0] += SILENT_SECONDS
    endpoint(served)
    assert tokens.take(grant(served), fetches) == TOKEN


def test_a_token_that_the_host_does_not_take_is_fetched_anew_once(world: World, counter: Start) -> None:
    issuer, resource = counter(), counter()
    endpoint(issuer)
    resource.answers(401)
    allow(world, resource)
    allow(world, issuer, "CLIENT_SECRET")
    keep(world, "CLIENT_SECRET", SECRET)
    go(world, asking(resource.url(), issuer.url("/token")))
    assert [row.code for row in world.incidents()] == ["call-status"]
    assert (len(issuer.seen), len(resource.seen)) == (2, 2)
    assert {seen.headers["idempotency-key"] for seen in resource.seen} == {jobs(world)[0].request_key}


def test_a_dead_token_endpoint_is_left_alone_and_costs_no_tries(world: World, counter: Start) -> None:
    issuer, resource = counter(), counter()
    issuer.answers(503, b"")
    allow(world, resource)
    allow(world, issuer, "CLIENT_SECRET", failures_to_open=1, pause_seconds=600)
    keep(world, "CLIENT_SECRET", SECRET)
    go(
        world,
        asking(resource.url(), issuer.url("/token"), headers={"retryBackoff": "PT1S", "resultVariable": "answer"}),
    )
    for _ in range(3):
        world.pass_time("PT2S")
        scheduler.run_due(world.platform)
    job = jobs(world)[0]
    assert (len(issuer.seen), len(resource.seen), job.attempts, job.error_code) == (1, 0, 1, "token-unavailable")
    with world.platform.transaction(SYSTEM) as ctx:
        states = {row.host: row.failures for row in ctx.session.scalars(select(HostState))}
    assert states[f"127.0.0.1:{issuer.port}"] == 1
    assert states[f"127.0.0.1:{resource.port}"] == 0


@pytest.mark.parametrize("listing", [None, ("OTHER",)])
def test_the_allow_list_and_its_secrets_count_for_the_token_endpoint(
    world: World, counter: Start, listing: tuple[str, ...] | None
) -> None:
    issuer, resource = counter(), counter()
    allow(world, resource, "CLIENT_SECRET")
    if listing is not None:
        allow(world, issuer, *listing)
    keep(world, "CLIENT_SECRET", SECRET)
    go(world, asking(resource.url(), issuer.url("/token")))
    assert [row.code for row in world.incidents()] == ["host-not-allowed"]
    assert (issuer.seen, resource.seen) == ([], [])


def test_neither_the_secret_nor_the_token_is_kept_or_told(
    world: World, counter: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    issuer, resource = counter(), counter()
    endpoint(issuer)
    resource.answers(403, TOKEN.encode())
    allow(world, resource)
    allow(world, issuer, "CLIENT_SECRET")
    keep(world, "CLIENT_SECRET", SECRET)
    go(world, asking(resource.url(), issuer.url("/token"), headers={"resultVariable": "answer"}))
    assert resource.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    needles = [TOKEN, SECRET, base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()[:30]]
    said = [caplog.text, repr(world.incidents()), repr([job.trouble for job in jobs(world)])]
    with world.platform.transaction(SYSTEM) as ctx:
        for table in [*metadata.tables, "procrastinate_jobs"]:
            said += ctx.session.execute(text(f"select row_to_json(t)::text from {table} t")).scalars()  # noqa: S608
    assert not any(needle in row for needle in needles for row in said)


def test_a_client_certificate_proves_who_asks_for_the_token_and_who_calls(counter: Start, authority: Authority) -> None:
    seen: list[Any] = []
    served = counter(tls=authority_context(authority))
    endpoint(served)
    answer = served.act

    def look(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.connection.getpeercert())
        assert answer is not None
        answer(handler)

    served.act = look
    pem = authority.server.read_text()
    asked = grant(served, trust=Trust(ca_pem=authority.ca.read_text(), client_pem=pem))
    bare = grant(served, trust=Trust(ca_pem=authority.ca.read_text()))
    with_certificate = oauth.Grant(**{**fields_of(asked), "way": "tlsClientCertificate", "secret": ""})
    assert Tokens().take(with_certificate, []) == TOKEN
    assert parse_qs(served.seen[0].body.decode()) == {"grant_type": ["client_credentials"], "client_id": [CLIENT]}
    assert seen[0]["subject"] == ((("commonName", "localhost"),),)
    with pytest.raises(CallFailed):
        Tokens().take(bare, [])
    assert len(served.seen) == 1


def authority_context(authority: Authority) -> ssl.SSLContext:
    """A server that lets in only who shows a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server)
    context.load_verify_locations(cafile=authority.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def fields_of(given: Grant) -> dict[str, Any]:
    return {name: getattr(given, name) for name in given.__dataclass_fields__}
