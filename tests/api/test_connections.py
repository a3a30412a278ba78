from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.channels import people
from domain.channels.models import Delivery, PersonChannel
from domain.metadata import metadata
from domain.sites.models import Site
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
HUSH = "hush-hush-hush-4711"


def site_id(world: World, code: str = models.MAIN_SITE) -> int:
    with world.platform.transaction(SYSTEM) as ctx:
        return ctx.session.execute(select(Site.id).where(Site.code == code)).scalar_one()


def code_for(world: World) -> str:
    with world.platform.transaction(SYSTEM) as ctx:
        return people.code_of(ctx.session.execute(select(PersonChannel)).scalar_one())


def put(person: Browser, address: str = "reader@example.cn", *, consent: bool = True, channel: str = "email") -> Any:
    return person.put(
        f"/my/channels/{channel}", {"address": address, "categories": ["result", "no.such"], "consent": consent}
    )


def test_an_address_is_kept_with_consent_and_used_when_confirmed(world: World, log_in: LogIn) -> None:
    person = log_in("applicant")
    found: Any = person.get("/my/channels").json
    assert [(row["channel"], row["address"], row["isOffered"]) for row in found["items"]] == [
        ("email", "", False),
        ("sms", "", False),
    ]
    assert_problem(put(person, consent=False), 422, "channel-consent")
    assert_problem(put(person, "no address"), 422, "channel-address")
    assert_problem(put(person, "1380000000x", channel="sms"), 422, "channel-address")
    assert_problem(put(person, channel="fax"), 404, "not-found")
    kept: Any = put(person).json
    assert (kept["address"], kept["isConfirmed"], kept["categories"]) == ("re***@example.cn", False, ["result"])
    assert_problem(put(person), 422, "channel-code-early")
    with world.platform.transaction(SYSTEM) as ctx:
        sent = ctx.session.scalars(select(Delivery.id)).all()
    assert [row.ref for row in world.work("notice.send")] == [str(each) for each in sent]
    assert len(sent) == 1
    assert_problem(person.post("/my/channels/email/confirmation", {"code": "000000x"}), 422, "channel-code")
    good = person.post("/my/channels/email/confirmation", {"code": code_for(world)})
    assert good.json["items"][0]["isConfirmed"] is True  # type: ignore[index]
    changed: Any = person.put("/my/channels/email", {"categories": ["action"]}).json
    assert (changed["categories"], changed["isConfirmed"]) == (["action"], True)
    assert log_in("clerk").get("/my/channels").json["items"][0]["address"] == ""  # type: ignore[index]
    assert person.send("DELETE", "/my/channels/email").status_code == 204
    assert world.count("person_channels") == 0


def test_codes_cannot_be_guessed(world: World, log_in: LogIn) -> None:
    person = log_in("applicant")
    put(person)
    right = code_for(world)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert_problem(person.post("/my/channels/email/confirmation", {"code": wrong}), 422, "channel-code")
    assert_problem(person.post("/my/channels/email/confirmation", {"code": right}), 422, "channel-code")


def test_one_click_ends_a_channel(world: World, log_in: LogIn, visitor: Browser) -> None:
    put(log_in("applicant"))
    with world.platform.transaction(SYSTEM) as ctx:
        token = ctx.session.execute(select(PersonChannel.leave_token)).scalar_one()
    assert visitor.client.post("/api/v1/channels/leave/unknown").status_code == 204
    assert world.count("person_channels") == 1
    assert (
        visitor.client.post(f"/api/v1/channels/leave/{token}", data={"List-Unsubscribe": "One-Click"}).status_code
        == 204
    )
    assert world.count("person_channels") == 0


def test_a_site_administrator_keeps_the_own_sites_robots(world: World, log_in: LogIn) -> None:
    own, other = site_id(world), site_id(world, models.PARTNER_SITE)
    admin = log_in("siteadmin")
    body = {"siteId": own, "kind": "robot", "name": "值班群", "address": f"feishu://{HUSH}", "categories": ["urging"]}
    made = admin.post("/admin/channels", body)
    assert made.status_code == 201
    row: Any = made.json
    assert (row["provider"], row["siteName"], row["categories"]) == ("feishu", "砚山县公安局", ["urging"])
    assert HUSH not in made.text + admin.get("/admin/channels").text + admin.get("/admin/secrets").text
    for wrong in ({"address": "mailto://a@b.cn"}, {"address": ""}):
        assert admin.post("/admin/channels", {**body, **wrong}).status_code == 422 or wrong["address"]
    assert_problem(admin.post("/admin/channels", {**body, "siteId": other}), 403, "forbidden")
    assert_problem(admin.post("/admin/channels", {**body, "siteId": None}), 403, "forbidden")
    changed: Any = admin.put(
        f"/admin/channels/{row['id']}", {**body, "address": "", "name": "新名", "isEnabled": False}
    ).json
    assert (changed["name"], changed["isEnabled"], changed["secretName"]) == ("新名", False, row["secretName"])
    sent = admin.post(f"/admin/channels/{row['id']}/test")
    assert sent.status_code == 202
    deliveries: Any = admin.get("/admin/deliveries").json
    assert [(each["target"], each["state"], each["templateName"]) for each in deliveries["items"]] == [
        ("新名", "queued", "测试消息")
    ]
    assert log_in("auditor").get("/admin/deliveries?state=failed").json["items"] == []  # type: ignore[index]
    assert_problem(log_in("clerk").get("/admin/channels"), 403, "forbidden")
    assert admin.send("DELETE", f"/admin/channels/{row['id']}").status_code == 204
    assert_problem(admin.post(f"/admin/channels/{row['id']}/test"), 404, "not-found")


def test_a_failed_delivery_is_sent_again(world: World, log_in: LogIn) -> None:
    own = site_id(world)
    with world.platform.transaction(SYSTEM) as ctx:
        now = ctx.clock.now()
        for owner in (own, site_id(world, models.PARTNER_SITE)):
            ctx.session.add(
                Delivery(
                    target="person:1",
                    channel="email",
                    site_id=owner,
                    template="closed",
                    state="failed",
                    created_at=now,
                    due_at=now,
                )
            )
    admin = log_in("siteadmin")
    rows: Any = admin.get("/admin/deliveries?state=failed").json
    assert [row["target"] for row in rows["items"]] == ["person"]
    own_id = rows["items"][0]["id"]
    again: Any = admin.post(f"/admin/deliveries/{own_id}/retry").json
    assert again["state"] == "queued"
    assert_problem(admin.post(f"/admin/deliveries/{own_id + 1}/retry"), 404, "not-found")
    assert len(world.work("notice.send")) == 1
    first: Any = log_in("admin").get("/admin/deliveries?limit=1").json
    second: Any = log_in("admin").get(f"/admin/deliveries?limit=1&after={first['next']}").json
    assert (first["items"][0]["id"], second["items"][0]["id"], second["next"]) == (own_id + 1, own_id, None)


def test_rules_of_channels(world: World, log_in: LogIn) -> None:
    own = site_id(world)
    admin = log_in("siteadmin")
    body = {"siteId": own, "key": "quiet", "value": "22:00-07:00", "reason": "夜间值守"}
    found: Any = admin.put("/admin/channel-rules", body).json
    rule = next(row for row in found["items"] if row["key"] == "quiet")
    assert (rule["value"], rule["layer"], rule["source"]) == ("22:00-07:00", "site", "夜间值守")
    assert_problem(admin.put("/admin/channel-rules", {**body, "value": "always"}), 422, "channel-rule")
    assert_problem(admin.put("/admin/channel-rules", {**body, "siteId": None}), 403, "forbidden")


def test_what_another_site_keeps_is_as_if_it_were_not_there(world: World, log_in: LogIn) -> None:
    admin, platform = log_in("siteadmin"), log_in("admin")
    theirs = {"siteId": site_id(world, models.PARTNER_SITE)}
    host: Any = platform.put("/admin/hosts", {**theirs, "host": "a.example.cn", "reason": "试"}).json
    robot = {"kind": "robot", "name": "群", "address": "jsons://a.example.cn/x", "categories": [], "isEnabled": True}
    channel: Any = platform.post("/admin/channels", {**theirs, **robot}).json
    for method, path, body in (
        ("DELETE", f"/admin/hosts/{host['id']}", None),
        ("DELETE", f"/admin/channels/{channel['id']}", None),
        ("PUT", f"/admin/channels/{channel['id']}", robot),
        ("POST", f"/admin/channels/{channel['id']}/test", None),
    ):
        assert_problem(admin.send(method, path, body), 404, "not-found")
    own = {"siteId": site_id(world), "host": "b.example.cn", "reason": "试"}
    assert admin.put("/admin/hosts", own).status_code == 200
    assert admin.put("/admin/hosts", {**own, "secrets": ["KEY"]}).status_code == 200
    with world.platform.transaction(SYSTEM) as ctx:
        data = ctx.session.scalars(
            select(AuditEvent.data).where(AuditEvent.kind == "host.allowed").order_by(AuditEvent.id)
        ).all()[-1]
    assert data["changes"] == {"secrets": {"from": [], "to": ["KEY"]}}


def test_secrets_are_write_only(world: World, log_in: LogIn) -> None:
    own = site_id(world)
    admin = log_in("siteadmin")
    made = admin.put("/admin/secrets", {"siteId": own, "name": "GATEWAY", "value": HUSH, "note": "数据共享平台"})
    listed = admin.get("/admin/secrets")
    assert [row["name"] for row in listed.json["items"]] == ["GATEWAY"]  # type: ignore[index]
    assert HUSH not in made.text + listed.text
    for wrong in ({"name": "lower"}, {"value": " "}):
        assert_problem(
            admin.put("/admin/secrets", {"siteId": own, "name": "X", "value": "x", **wrong}), 422, "bad-secret"
        )
    assert_problem(admin.put("/admin/secrets", {"name": "X1", "value": "x"}), 403, "forbidden")
    with world.platform.transaction(SYSTEM) as ctx:
        for table in metadata.tables:
            rows = ctx.session.execute(text(f"select row_to_json(t)::text from {table} t")).scalars()  # noqa: S608
            assert not any(HUSH in row or HUSH.encode().hex() in row for row in rows), table
    secret_id = made.json["id"]  # type: ignore[index]
    assert_problem(log_in("clerk").send("DELETE", f"/admin/secrets/{secret_id}"), 403, "forbidden")
    assert admin.send("DELETE", f"/admin/secrets/{secret_id}").status_code == 204


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({}, 200, ""),
        ({"isInternal": True}, 403, "forbidden"),
        ({"isPlain": True}, 403, "forbidden"),
        ({"host": "https://example.cn/"}, 422, "call-invalid"),
        ({"secrets": ["lower"]}, 422, "call-invalid"),
        ({"port": 0}, 422, "input-invalid"),
        ({"siteId": None}, 403, "forbidden"),
    ],
)
def test_hosts_are_allowed_by_their_keepers(
    world: World, log_in: LogIn, changes: dict[str, Any], status: int, code: str
) -> None:
    body = {
        "siteId": site_id(world),
        "host": "API.example.cn",
        "reason": "数据共享平台接口",
        "secrets": ["GATEWAY"],
        **changes,
    }
    admin = log_in("siteadmin")
    answer = admin.put("/admin/hosts", body)
    assert answer.status_code == status, answer.text
    if code:
        assert answer.json["code"] == code or code == "input-invalid"  # type: ignore[index]
        return
    row: Any = answer.json
    assert (row["host"], row["port"], row["changedBy"], row["failures"], row["openUntil"]) == (
        "api.example.cn",
        443,
        "siteadmin",
        0,
        None,
    )
    assert [each["host"] for each in admin.get("/admin/hosts").json["items"]] == ["api.example.cn"]  # type: ignore[index]
    admin.put("/admin/secrets", {"siteId": body["siteId"], "name": "GATEWAY", "value": "x"})
    assert admin.get("/admin/secrets").json["items"][0]["usedBy"] == ["api.example.cn"]  # type: ignore[index]
    assert admin.get("/admin/http-calls").json == {"items": [], "next": None}
    assert admin.send("DELETE", f"/admin/hosts/{row['id']}").status_code == 204


def test_an_internal_host_is_allowed_by_the_platform(world: World, log_in: LogIn) -> None:
    body = {
        "siteId": site_id(world),
        "host": "10.0.0.8",
        "port": 8080,
        "isInternal": True,
        "isPlain": True,
        "reason": "政务外网",
    }
    row: Any = log_in("admin").put("/admin/hosts", body).json
    assert (row["isInternal"], row["isPlain"], row["siteName"]) == (True, True, "砚山县公安局")
