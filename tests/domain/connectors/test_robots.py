"""Robots through apprise, its plug-ins speaking over our wire to a local server."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from domain.channels import sending
from domain.channels.models import Delivery, SiteChannel
from domain.connectors import hosts, robots
from domain.connectors.errors import AnswerRefused, BadCall, CallFailed, CallTimedOut, HostNotAllowed
from domain.connectors.wire import Limits
from domain.context import Context, Outward
from domain.secrets import service as secrets
from tests.domain.connectors.conftest import Counter

pytestmark = pytest.mark.network
Start = Callable[..., Counter]


def allow(ctx: Context, served: Counter) -> None:
    hosts.put(ctx, "127.0.0.1", "测试", site_id=None, port=served.port, is_internal=True, is_plain=True)


def tell(ctx: Context, address: str) -> None:
    robots.telling(ctx, address, "【督办】", "办件 N1 有任务已逾期。\nhttps://x/staff/cases/N1", site_id=None)()


ADDRESSES = {
    "dingtalk": "dingtalk://abcdefABCDEF1234567890",
    "wecombot": "wecombot://11111111-2222-3333-4444-555555555555",
    "feishu": "feishu://token-of-feishu",
    "lark": "lark://token-of-lark",
}
ENDPOINTS = {"dingtalk": "notify_url", "wecombot": "notify_url", "feishu": "notify_url", "lark": "notify_url"}
PLUGINS = {"dingtalk": "NotifyDingTalk", "wecombot": "NotifyWeComBot", "feishu": "NotifyFeishu", "lark": "NotifyLark"}


@pytest.mark.parametrize("scheme", sorted(ADDRESSES))
def test_the_services_own_payload_arrives(
    ctx: Context, counter: Start, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    served = counter()
    allow(ctx, served)
    served.answers(200, b'{"errcode": 0, "errmsg": "ok", "code": 0}')
    plugin: Any = getattr(importlib.import_module(f"apprise.plugins.{robots.PROVIDERS[scheme][0]}"), PLUGINS[scheme])
    real = plugin.notify_url
    assert real.startswith("https://")
    assert real.split("/")[2] in robots.HOSTS
    monkeypatch.setattr(plugin, "notify_url", served.url("/" + real.split("/", 3)[3]))
    assert robots.provider_of(ADDRESSES[scheme]) == scheme
    tell(ctx, ADDRESSES[scheme])
    seen = served.seen[0]
    assert seen.method == "POST"
    assert ADDRESSES[scheme].split("://")[1] in seen.path
    assert "有任务已逾期" in str(orjson.loads(seen.body))
    served.answers(200, b'{"errcode": 310000, "errmsg": "keywords not in content", "code": 19024}')
    with pytest.raises(AnswerRefused) as refused:
        tell(ctx, ADDRESSES[scheme])
    assert "310000" in str(refused.value)
    served.answers(500)
    with pytest.raises(CallFailed):
        tell(ctx, ADDRESSES[scheme])


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
    served.act = lambda _handler: free.wait(5) and None
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
        "【督办】",
        "办件 N1 有任务已逾期，请限期办理并反馈。\nhttps://lianban.example.cn/staff/cases/N1",
    )
    secrets.put(ctx, "SMS", f"json://127.0.0.1:{served.port}/sms?:to={{to}}", site_id=None)
    gateway = SiteChannel(
        kind="sms", name="短信", provider="json", secret_name="SMS", categories=[], changed_at=now, changed_by="x"
    )
    robots.texting(outer, gateway, "13800000000", "【督办】办件 N1")()
    assert "13800000000" in served.seen[1].body.decode() + served.seen[1].path
