"""Robots through apprise, its plug-ins speaking over our wire to a local server."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from domain.channels import sending, words
from domain.channels.models import Delivery, SiteChannel
from domain.connectors import hosts, robots
from domain.connectors.errors import (
    AnswerRefused,
    BadCall,
    CallFailed,
    CallTimedOut,
    HostNotAllowed,
    RobotAddress,
    RobotGone,
    RobotKeyword,
    RobotRefused,
    RobotThrottled,
    RobotUnsigned,
)
from domain.connectors.wire import Limits
from domain.context import Context, Outward
from domain.secrets import service as secrets
from tests.domain.connectors import robot_services as services
from tests.domain.connectors.conftest import Counter
from tests.domain.connectors.robot_services import Robot

pytestmark = pytest.mark.network
Start = Callable[..., Counter]


def allow(ctx: Context, served: Counter) -> None:
    hosts.put(ctx, "127.0.0.1", "测试", site_id=None, port=served.port, is_internal=True, is_plain=True)


def tell(ctx: Context, address: str) -> None:
    robots.telling(ctx, address, "【督办】", "办件 N1 有任务已逾期。\nhttps://x/staff/cases/N1", site_id=None)()


TOKENS = {
    "dingtalk": "abcdefABCDEF1234567890",
    "wecombot": "11111111-2222-3333-4444-555555555555",
    "feishu": "5a8f7d1e-token_of-feishu",
    "lark": "5a8f7d1e-token-of-lark",
}
PLUGINS = {"dingtalk": "NotifyDingTalk", "wecombot": "NotifyWeComBot", "feishu": "NotifyFeishu", "lark": "NotifyLark"}
JUDGES = {"dingtalk": services.dingtalk, "wecombot": services.wecom, "feishu": services.feishu, "lark": services.feishu}
SIGNED = "SECdemo9f2A"


@pytest.fixture
def serve(ctx: Context, counter: Start, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Robot]:
    """A robot of a service on this machine: the library's address of the service, its host exchanged."""

    def start(scheme: str, **settings: Any) -> Robot:
        served = counter()
        allow(ctx, served)
        plugin: Any = getattr(
            importlib.import_module(f"apprise.plugins.{robots.PROVIDERS[scheme][0]}"), PLUGINS[scheme]
        )
        real = plugin.notify_url
        assert real.startswith("https://")
        assert real.split("/")[2] in robots.HOSTS
        monkeypatch.setattr(plugin, "notify_url", served.url("/" + real.split("/", 3)[3]))
        robot = Robot(TOKENS[scheme], **settings)
        services.serve(served, robot, JUDGES[scheme])
        return robot

    return start


def address(scheme: str, secret: str = "") -> str:
    return f"{scheme}://{secret}@{TOKENS[scheme]}" if secret else f"{scheme}://{TOKENS[scheme]}"


@pytest.mark.parametrize(
    ("scheme", "secret"),
    [(scheme, secret) for scheme in sorted(TOKENS) for secret in ("", SIGNED) if not (secret and scheme == "wecombot")],
)
def test_the_service_takes_the_message_and_its_signature(
    ctx: Context, serve: Callable[..., Robot], scheme: str, secret: str
) -> None:
    robot = serve(scheme, secret=secret, keyword="督办")
    assert robots.provider_of(address(scheme, secret)) == scheme
    for _ in range(3):  # a signature's own signs (+ / =) differ from time to time
        tell(ctx, address(scheme, secret))
    assert [text.replace("\r\n", "\n") for text in robot.taken] == [
        "【督办】\n办件 N1 有任务已逾期。\nhttps://x/staff/cases/N1"
    ] * 3


@pytest.mark.parametrize(
    ("scheme", "guarding", "given", "kind", "number"),
    [
        ("dingtalk", {"secret": "SECother"}, address("dingtalk", SIGNED), RobotUnsigned, 310000),
        ("dingtalk", {"secret": "SECother"}, address("dingtalk"), RobotUnsigned, 310000),
        ("dingtalk", {"keyword": "告警"}, address("dingtalk"), RobotKeyword, 310000),
        ("dingtalk", {"addresses": ("1.2.3.4",)}, address("dingtalk"), RobotAddress, 310000),
        ("dingtalk", {}, "dingtalk://another", RobotGone, 300001),
        ("dingtalk", {"quota": 0}, address("dingtalk"), RobotThrottled, 130101),
        ("wecombot", {}, "wecombot://another", RobotGone, 93000),
        ("wecombot", {"quota": 0}, address("wecombot"), RobotThrottled, 45009),
        ("feishu", {"secret": "other"}, address("feishu", SIGNED), RobotUnsigned, 19021),
        ("feishu", {"addresses": ("1.2.3.4",)}, address("feishu"), RobotAddress, 19022),
        ("feishu", {"keyword": "告警"}, address("feishu"), RobotKeyword, 19024),
        ("feishu", {}, "feishu://another", RobotGone, 19001),
        ("lark", {"quota": 0}, address("lark"), RobotThrottled, 11232),
    ],
)
def test_a_refusal_inside_an_http_200_is_a_failure_with_its_own_next_step(
    ctx: Context,
    serve: Callable[..., Robot],
    scheme: str,
    guarding: dict[str, Any],
    given: str,
    kind: type[RobotRefused],
    number: int,
) -> None:
    robot = serve(scheme, **guarding)
    with pytest.raises(RobotRefused) as refused:
        tell(ctx, given)
    error = refused.value
    assert (type(error), error.number, error.is_passing) == (kind, number, kind is RobotThrottled)
    assert (robot.taken, robot.asked) == ([], 1)
    if kind is RobotThrottled:
        assert error.after == timedelta(minutes=10 if scheme == "dingtalk" else 1)
    assert SIGNED not in error.fact_zh + error.fact_en
    assert words.of_next(error.code) == (kind.next_zh, kind.next_en)
    assert str(number) in words.of_reason(f"{error.code}:{number}")[0]


@pytest.mark.parametrize(
    ("body", "passing"), [(b'{"errcode": -1, "errmsg": "busy"}', True), (b"<html>", True), (b'{"code": "4001"}', True)]
)
def test_a_number_that_is_not_known_and_a_broken_service_are_tried_again(
    ctx: Context, counter: Start, body: bytes, *, passing: bool
) -> None:
    served = counter()
    allow(ctx, served)
    served.answers(200 if body.startswith(b"{") else 502, body)
    with pytest.raises(CallFailed) as refused:
        tell(ctx, f"json://127.0.0.1:{served.port}/hook")
    assert refused.value.is_passing is passing


def test_a_robot_is_told_twenty_times_in_a_minute_at_most_by_all_together(ctx: Context) -> None:
    waits = [robots.pace(ctx, "dingtalk://abc") for _ in range(12)]
    assert waits[:10] == [0.0] * 10
    assert 5 < waits[10] <= 6
    assert robots.pace(ctx, "dingtalk://another") == 0.0
    assert [robots.pace(ctx, "jsons://sms.example.cn/send") for _ in range(50)] == [0.0] * 50


def test_generic_json(ctx: Context, counter: Start) -> None:
    served = counter()
    allow(ctx, served)
    tell(ctx, f"json://127.0.0.1:{served.port}/hook")
    seen = served.seen[0]
    assert (seen.method, seen.path) == ("POST", "/hook")
    assert orjson.loads(seen.body)["title"] == "【督办】"
    assert seen.headers["user-agent"] == "Lianban"


def test_a_robot_outside_the_allow_list_is_not_called(ctx: Context, counter: Start) -> None:
    served = counter()
    with pytest.raises(HostNotAllowed):
        tell(ctx, f"json://127.0.0.1:{served.port}/hook")
    hosts.put(ctx, "127.0.0.1", "测试", site_id=None, port=served.port)
    with pytest.raises(HostNotAllowed):
        tell(ctx, f"json://127.0.0.1:{served.port}/hook")
    assert served.seen == []


def test_neither_the_environments_proxy_nor_a_redirect_is_followed(
    ctx: Context, counter: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, other = counter(), counter()
    allow(ctx, served)
    allow(ctx, other)
    monkeypatch.setenv("http_proxy", other.url())
    served.answers(302, b"", Location=other.url("/moved"))
    with pytest.raises(AnswerRefused):
        tell(ctx, f"json://127.0.0.1:{served.port}/hook?redirect=yes")
    assert (len(served.seen), other.seen) == (1, [])


def test_a_silent_robot_ends(ctx: Context, counter: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    served, free = counter(), threading.Event()
    allow(ctx, served)
    served.act = lambda _handler: free.wait(60) and None
    monkeypatch.setattr(robots, "LIMITS", Limits(read_seconds=0.2, total_seconds=0.4))
    with pytest.raises(CallTimedOut):
        tell(ctx, f"json://127.0.0.1:{served.port}/hook")
    free.set()


@pytest.mark.parametrize(
    "address", ["", "dingtalk://", "mailto://me:pass@example.cn", "file:///etc/passwd", "wecombot://%%%", "exec://ls"]
)
def test_addresses_that_are_no_robots(address: str) -> None:
    with pytest.raises(BadCall) as refused:
        robots.provider_of(address)
    assert "pass" not in refused.value.fact_zh


def test_a_delivery_to_a_sites_robot_and_a_text_message(ctx: Context, counter: Start) -> None:
    served = counter()
    allow(ctx, served)
    outer = replace(ctx, outward=Outward(public_url="https://lianban.example.cn"))
    secrets.put(ctx, "ROBOT", f"json://127.0.0.1:{served.port}/hook", site_id=None)
    now = ctx.clock.now()
    channel = SiteChannel(
        kind="robot",
        name="值班群",
        provider="json",
        secret_name="ROBOT",
        categories=["urging"],
        is_enabled=True,
        changed_at=now,
        changed_by="x",
    )
    ctx.session.add(channel)
    ctx.session.flush()
    delivery = Delivery(
        target=f"site:{channel.id}",
        channel="robot",
        case_no="N1",
        template="ladder.SUPERVISE",
        state="queued",
        attempts=0,
        created_at=now,
        due_at=now,
    )
    ctx.session.add(delivery)
    ctx.session.flush()

    class Item:
        id, ref = 1, str(delivery.id)

    made = sending.send(outer, Item())
    assert made is not None
    made.then(outer, Item(), made.call())  # type: ignore[arg-type]
    assert ctx.session.scalars(select(Delivery)).one().state == "sent"
    told = orjson.loads(served.seen[0].body)
    assert (told["title"], told["message"]) == (
        "【联办·督办】",
        "办件 N1 有任务已逾期，请限期办理并反馈。\nhttps://lianban.example.cn/staff/cases/N1",
    )
    secrets.put(ctx, "SMS", f"json://127.0.0.1:{served.port}/sms?:to={{to}}", site_id=None)
    gateway = SiteChannel(
        kind="sms", name="短信", provider="json", secret_name="SMS", categories=[], changed_at=now, changed_by="x"
    )
    robots.texting(outer, gateway, "13800000000", "【督办】办件 N1")()
    assert "13800000000" in served.seen[1].body.decode() + served.seen[1].path
