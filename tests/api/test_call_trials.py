"""测试调用 over HTTP: who may, what is shown, what goes out, and what never does."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from api.app import create_app
from api.limits import Buckets
from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.channels import rules
from domain.channels.models import PersonChannel
from domain.connectors import hosts, mail
from domain.connectors.models import HostState, HttpCall
from domain.identity.models import User
from domain.secrets import service as secrets
from tests.api.browser import Browser, assert_problem
from tests.domain.connectors.conftest import Counter, authority, counter
from tests.support import models
from tests.support.world import World

__all__ = ["authority", "counter"]
LogIn = Callable[[str], Browser]
Start = Callable[..., Counter]
HUSH = "a-value-that-nobody-sees-0815"


def allow(world: World, served: Counter, *names: str, **more: Any) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        given = {"is_internal": True, "is_plain": True, "names": names, **more}
        hosts.put(ctx, "127.0.0.1", "测试", site_id=None, port=served.port, **given)
        for name in names:
            secrets.put(ctx, name, HUSH, site_id=None)


def sample(url: str, **more: Any) -> dict[str, Any]:
    inputs = {"url": url, "method": "POST", "body": '={"person": person.idNo}', **more.pop("inputs", {})}
    return {
        "type": "http",
        "elementId": "ask",
        "inputs": [{"target": target, "source": source} for target, source in inputs.items()],
        "outputs": [{"target": "level", "source": "=answer.level"}],
        "headers": {"resultExpression": "={answer: response.body}", "errorCodes": "404=PersonNotFound"},
        "variables": {"person": {"idNo": "A-1"}},
        **more,
    }


def tables(world: World) -> tuple[int, ...]:
    return tuple(world.count(name) for name in ("cases", "legs", "service_jobs", "work"))


def kept(world: World) -> list[HttpCall]:
    with world.platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.scalars(select(HttpCall).order_by(HttpCall.id)))


@pytest.mark.network
def test_a_designer_sees_the_request_and_what_its_answer_would_mean(
    world: World, log_in: LogIn, counter: Start
) -> None:
    served = counter()
    served.answers(200, (f'{{"level": 3, "echo": "{HUSH}"}}').encode(), Set_Cookie="a=b", X_Echo=f"x {HUSH}")
    allow(world, served, "PERSON_TOKEN")
    person, before = log_in("designer"), tables(world)
    given = sample(
        served.url("/persons/{id}"),
        inputs={
            "pathParameters": '={"id": person.idNo}',
            "headers": '={"X-Key": "secret:PERSON_TOKEN", "X-Site": caseInfo.caseNo}',
            "authentication.type": "bearer",
            "authentication.token": "secret:PERSON_TOKEN",
        },
    )
    shown: Any = person.post("/design/call-previews", given).json
    assert (shown["sendable"], shown["findings"], shown["letter"]) == (True, [], None)
    assert shown["request"]["url"] == f"http://127.0.0.1:{served.port}/persons/A-1"
    assert {row["name"]: row["value"] for row in shown["request"]["headers"]} == {
        "X-Key": "●●●",
        "X-Site": "SAMPLE-0001",
        "Content-Type": "application/json",
        "Authorization": "Bearer ●●●",
    }
    assert (shown["request"]["body"], served.seen, world.count("http_calls")) == ('{"person":"A-1"}', [], 0)

    tried = person.post("/design/calls", given)
    told: Any = tried.json
    assert (told["kind"], told["status"], told["variables"]) == ("done", 200, {"level": 3})
    assert HUSH not in tried.text
    assert "●●●" in told["body"]
    assert {row["name"]: row["value"] for row in told["headers"]}["set-cookie"] == "●●●"
    [seen] = served.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/persons/A-1", b'{"person":"A-1"}')
    assert (seen.headers["authorization"], seen.headers["x-key"]) == (f"Bearer {HUSH}", HUSH)
    assert seen.headers["idempotency-key"].startswith("try-")
    [call] = kept(world)
    assert (call.state, call.status, call.path, call.case_id) == ("answered", 200, "/persons/{id}", None)
    with world.platform.transaction(SYSTEM) as ctx:
        [event] = ctx.session.scalars(select(AuditEvent).where(AuditEvent.kind == "call.tried"))
        assert event.data == {
            "host": f"127.0.0.1:{served.port}",
            "method": "POST",
            "path": "/persons/{id}",
            "call": call.id,
        }
    assert tables(world) == before


@pytest.mark.network
def test_a_try_asks_for_a_token_of_its_own_and_shows_neither_it_nor_the_secret(
    world: World, log_in: LogIn, counter: Start
) -> None:
    served, issuer = counter(), counter()
    token = "token-that-nobody-sees-4711"
    issuer.answers(200, f'{{"access_token": "{token}", "token_type": "bearer", "expires_in": 60}}'.encode())
    served.answers(200, f'{{"level": 1, "echo": "{token}"}}'.encode())
    allow(world, served)
    allow(world, issuer, "CLIENT_SECRET")
    person = log_in("designer")
    fields = {
        "type": "oauth-client-credentials-flow",
        "oauthTokenEndpoint": issuer.url("/token"),
        "clientId": "me",
        "clientSecret": "secret:CLIENT_SECRET",
    }
    given = sample(served.url("/"), inputs={f"authentication.{name}": value for name, value in fields.items()})
    shown: Any = person.post("/design/call-previews", given).json
    assert (shown["sendable"], shown["findings"]) == (True, [])
    assert {"name": "Authorization", "value": "Bearer ●●●"} in shown["request"]["headers"]
    for _ in range(2):
        tried = person.post("/design/calls", given)
        told: Any = tried.json
        assert (told["kind"], told["status"]) == ("done", 200)
        assert not any(hush in tried.text for hush in (token, HUSH))
    assert (len(served.seen), len(issuer.seen)) == (2, 2)
    assert served.seen[0].headers["authorization"] == f"Bearer {token}"
    assert [row.path for row in kept(world)] == ["/", "/token"] * 2
    issuer.answers(401, b'{"error": "invalid_client"}')
    refused: Any = person.post("/design/calls", given).json
    assert (refused["kind"], refused["code"], refused["status"]) == ("failed", "token-refused", None)
    assert "invalid_client（HTTP 401）" in refused["message"]


@pytest.mark.network
def test_refusals_of_the_other_side_are_told_and_leave_the_host_alone(
    world: World, log_in: LogIn, counter: Start
) -> None:
    served = counter()
    allow(world, served, failures_to_open=1)
    person = log_in("designer")
    served.answers(404, b"{}")
    told: Any = person.post("/design/calls", sample(served.url())).json
    assert (told["kind"], told["code"], told["status"]) == ("rejected", "PersonNotFound", 404)
    served.answers(503, b"<html>", Content_Type="text/html")
    told = person.post("/design/calls", sample(served.url())).json
    assert (told["kind"], told["code"], told["retry"], told["body"]) == ("failed", "call-status", True, "<html>")
    served.answers(200, b"x" * 1_100_000)
    told = person.post("/design/calls", sample(served.url(), inputs={"maxResponseBytes": "9000000"})).json
    assert (told["kind"], told["code"], told["status"]) == ("failed", "answer-too-long", None)
    served.answers(200, b'{"text": "%s"}' % (b"x" * 60_000))
    told = person.post("/design/calls", sample(served.url())).json
    assert (told["isCut"], len(told["body"]), told["variables"]) == (True, 50_000, {"level": None})
    assert world.count("host_states") == 0  # a try neither opens the circuit for real calls nor closes it
    with world.platform.transaction(SYSTEM) as ctx:
        now = ctx.clock.now()
        name = f"127.0.0.1:{served.port}"
        ctx.session.add(HostState(host=name, failures=5, open_until=now, changed_at=now))
    assert_problem(person.post("/design/calls", sample(served.url())), 409, "host-busy")
    assert len(served.seen) == 4


@pytest.mark.network
def test_nothing_leaves_for_places_that_are_closed(world: World, log_in: LogIn, counter: Start) -> None:
    served = counter()
    person = log_in("designer")
    assert_problem(person.post("/design/calls", sample(served.url())), 409, "host-not-allowed")
    shown: Any = person.post("/design/call-previews", sample(served.url())).json
    assert shown["sendable"] is False
    assert shown["request"]["url"] == served.url()
    assert [row["rule"] for row in shown["findings"]] == ["hostNotAllowed", "host-not-allowed"]
    allow(world, served, is_internal=False, is_plain=False)
    assert_problem(person.post("/design/calls", sample(served.url())), 409, "host-not-allowed")
    closed = sample(f"https://127.0.0.1:{served.port}/")
    told: Any = person.post("/design/calls", closed).json
    assert (told["kind"], told["code"], told["status"]) == ("failed", "host-not-allowed", None)
    with world.platform.transaction(SYSTEM) as ctx:
        hosts.put(ctx, "169.254.169.254", "测试", site_id=None, is_internal=True, is_plain=True, port=80)
    told = person.post("/design/calls", sample("http://169.254.169.254/latest/meta-data")).json
    assert (told["kind"], told["code"]) == ("failed", "host-not-allowed")
    allow(world, served)
    hushed = sample(served.url(), inputs={"headers": '={"X-Key": "secret:OTHER_TOKEN"}'})
    assert_problem(person.post("/design/calls", hushed), 409, "host-not-allowed")
    assert served.seen == []


def test_samples_that_do_not_fit_are_refused_with_a_reason(log_in: LogIn) -> None:
    person, url = log_in("designer"), "https://api.example.cn/"
    assert_problem(person.post("/design/calls", sample("no address")), 422, "call-invalid")
    assert_problem(person.post("/design/calls", sample(url, inputs={"body": "=1 +"})), 422, "sample-refused")
    assert_problem(person.post("/design/calls", sample(url, type="smtp")), 422, "invalid-fields")
    shown: Any = person.post("/design/call-previews", sample(url, inputs={"verb": "x", "body": "=1 +"})).json
    assert (shown["request"], shown["sendable"]) == (None, False)
    assert {row["rule"] for row in shown["findings"]} >= {"connectorValue", "sample-refused"}
    assert_problem(person.post("/design/calls", sample(url, siteId=999_999)), 404, "site-not-found")


@pytest.mark.network
def test_only_designers_try_and_not_without_end(world: World, log_in: LogIn, counter: Start) -> None:
    served = counter()
    allow(world, served)
    for login in ("clerk", "siteadmin", "auditor", "applicant", "handler"):
        person = log_in(login)
        assert_problem(person.get("/design/connections"), 403, "forbidden")
        assert_problem(person.post("/design/call-previews", sample(served.url())), 403, "forbidden")
        assert_problem(person.post("/design/calls", sample(served.url())), 403, "forbidden")
    assert served.seen == []
    still = Browser(create_app(world.platform, buckets=Buckets(now=lambda: 0.0))).log_in("designer")
    for _ in range(6):
        assert still.post("/design/calls", sample(served.url())).status_code == 200
    assert_problem(still.post("/design/calls", sample(served.url())), 429, "too-many-requests")
    assert len(served.seen) == 6


def test_designers_choose_from_names(world: World, log_in: LogIn) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        secrets.put(ctx, "PERSON_TOKEN", HUSH, site_id=None, note="人口库")
        hosts.put(ctx, "api.example.cn", "测试", site_id=None, names=["PERSON_TOKEN"])
    answer = log_in("designer").get("/design/connections")
    found: Any = answer.json
    assert [(row["host"], row["port"], row["secrets"]) for row in found["hosts"]] == [
        ("api.example.cn", 443, ["PERSON_TOKEN"])
    ]
    assert [(row["name"], row["note"], row["siteName"]) for row in found["secrets"]] == [
        ("PERSON_TOKEN", "人口库", "全平台")
    ]
    assert found["sites"]
    assert found["ownAddress"] == ""
    assert HUSH not in answer.text


def test_a_letter_is_shown_and_sent_to_oneself_alone(
    world: World, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[mail.Mail] = []
    monkeypatch.setattr(mail, "post", lambda _road, letter: posted.append(letter))
    monkeypatch.setattr(mail, "find_road", lambda _ctx: mail.Road("smtp", "h", 25, "a@example.cn"))
    inputs = {"to": '=["applicant", "HANDLER"]', "subject": '="关于" + caseInfo.caseNo', "body": "请查收。"}
    given = {
        "type": "email",
        "elementId": "write",
        "inputs": [{"target": target, "source": source} for target, source in inputs.items()],
        "siteId": site_id(world),
    }
    person, before = log_in("designer"), tables(world)
    shown: Any = person.post("/design/call-previews", given).json
    assert shown["letter"] == {
        "recipients": [
            {"to": "applicant", "kind": "applicant", "people": None, "reachable": None},
            {"to": "HANDLER", "kind": "role", "people": shown["letter"]["recipients"][1]["people"], "reachable": 0},
        ],
        "subject": "关于SAMPLE-0001",
        "body": "请查收。",
        "own": "",
    }
    assert shown["sendable"] is True
    assert_problem(person.post("/design/calls", given), 422, "no-own-address")
    with world.platform.transaction(SYSTEM) as ctx:
        now = ctx.clock.now()
        designer = ctx.session.scalars(select(User).where(User.login == "designer")).one()
        row = {"categories": [], "consent_at": now, "confirmed_at": now, "code_sent_at": now, "leave_token": "t"}
        ctx.session.add(PersonChannel(user_id=designer.id, channel="email", address="designer@example.cn", **row))
    told: Any = person.post("/design/calls", given).json
    assert (told["kind"], told["sentTo"]) == ("sent", "de***@example.cn")
    [letter] = posted
    assert (letter.to, letter.subject, letter.text) == ("designer@example.cn", "【试发】关于SAMPLE-0001", "请查收。")
    assert tables(world) == before

    stranger = {**given, "inputs": [{"target": "to", "source": "somebody@elsewhere.example"}, *given["inputs"][1:]]}
    assert_problem(person.post("/design/calls", stranger), 409, "host-not-allowed")
    refused: Any = person.post("/design/call-previews", stranger).json
    assert (refused["letter"], refused["sendable"]) == (None, False)
    assert len(posted) == 1
    assert "elsewhere.example" not in rules.shipped()["mail.domains"].value


def site_id(world: World) -> int:
    from domain.sites import service as sites

    with world.platform.transaction(SYSTEM) as ctx:
        return sites.get_site(ctx, models.MAIN_SITE).id
