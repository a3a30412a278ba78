"""People, places, partners and spreadsheets over the API."""

import base64
import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.definitions.models import Definition
from domain.items.models import Item
from domain.sheets.files import SheetUnreadable, read_sheet, write_csv, write_xlsx
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


def site_id(browser: Browser, code: str = models.MAIN_SITE) -> int:
    rows: Any = browser.get("/admin/sites").json
    return int(next(row["id"] for row in rows["items"] if row["code"] == code))


def as_xlsx(rows: list[list[str]]) -> str:
    return base64.b64encode(write_xlsx(rows, "x")).decode()


def rows_of(browser: Browser, kind: str, what: str = "/template") -> list[list[str]]:
    answer = browser.get(f"/admin/sheets/{kind}{what}?form=xlsx")
    assert answer.status_code == 200, answer.text
    return read_sheet(answer.data)


def test_a_site_administrator_keeps_the_own_people(log_in: LogIn) -> None:
    admin = log_in("siteadmin")
    own, other = site_id(admin), site_id(admin, models.PARTNER_SITE)
    body = {"login": "new.person", "name": "测试", "role": "HANDLER", "siteId": own}
    made: Any = admin.post("/admin/users", body).json
    arrived = Browser(admin.client.application).log_in("new.person", made["password"])
    assert (arrived.session()["user"]["login"], arrived.session()["pending"]) == ("new.person", "change-password")
    assert_problem(arrived.get("/tasks"), 403, "change-password-required")
    renewed: Any = admin.post("/admin/users/initial-passwords", {"userIds": [made["id"]]}).json
    [first] = renewed["passwords"]
    assert (first["login"], first["name"], first["password"] == made["password"]) == ("new.person", "测试", False)
    assert arrived.session()["user"] is None, "the log-in with the lost one ends"
    assert arrived.post("/session", {"login": "new.person", "password": made["password"]}).status_code in {401, 403}
    Browser(admin.client.application).log_in("new.person", first["password"])
    waiting = {row["login"] for row in admin.get("/admin/users").json["items"] if row["waits"]}  # type: ignore[index]
    assert waiting == {"new.person"}
    clerk = next(row["id"] for row in admin.get("/admin/users").json["items"] if row["login"] == "clerk")  # type: ignore[index]
    for ids, status, code in (([made["id"], clerk], 409, "password-of-their-own"), ([], 422, "invalid-fields")):
        assert_problem(admin.post("/admin/users/initial-passwords", {"userIds": ids}), status, code)
    assert_problem(admin.post("/admin/users", body), 409, "login-taken")
    assert_problem(admin.post("/admin/users", {**body, "login": "X"}), 422, "invalid-fields")
    assert_problem(admin.post("/admin/users", {**body, "role": "SYSTEM"}), 422, "invalid-fields")
    for role, place in (("HANDLER", other), ("PLATFORM_ADMIN", None), ("AUDITOR", None), ("SUPERVISOR", own)):
        refused = admin.post("/admin/users", {"login": "b.person", "name": "x", "role": role, "siteId": place})
        assert_problem(refused, 403, "not-your-people")
    path = f"/admin/users/{made['id']}"
    assert admin.post(f"{path}/roles", {"role": "RECV_CLERK", "siteId": own}).status_code == 204
    assert admin.post(f"{path}/roles/revoke", {"role": "RECV_CLERK", "siteId": own}).status_code == 204
    change = {"name": "测试二", "officePhone": "0876-1", "isActive": False}
    assert admin.put(path, change).status_code == 204
    row = next(row for row in admin.get("/admin/users").json["items"] if row["login"] == "new.person")  # type: ignore[index]
    assert (row["name"], row["isActive"], [held["role"] for held in row["roles"]]) == ("测试二", False, ["HANDLER"])


def test_nobody_changes_the_own_roles_or_people_of_others(log_in: LogIn, world: World) -> None:
    admin, platform = log_in("siteadmin"), log_in("admin")
    mine: Any = admin.session()["user"]
    assert_problem(
        admin.post(f"/admin/users/{mine['id']}/roles", {"role": "APPROVER", "siteId": site_id(admin)}),
        403,
        "not-your-people",
    )
    far = world.people["partner"].user_id
    assert_problem(admin.put(f"/admin/users/{far}", {"name": "x", "isActive": False}), 404, "not-found")
    assert_problem(admin.get(f"/admin/users/{far}/functions"), 404, "not-found")
    own: Any = platform.session()["user"]
    assert_problem(platform.put(f"/admin/users/{own['id']}", {"name": "x", "isActive": False}), 403, "not-your-people")
    handler = world.people["partner"].user_id
    assert_problem(
        platform.post(f"/admin/users/{handler}/roles", {"role": "AUDITOR", "siteId": None}), 403, "roles-apart"
    )


def test_the_matrix_is_readable_and_says_why(log_in: LogIn, world: World) -> None:
    found: Any = log_in("clerk").get("/role-matrix").json
    assert len(found["roles"]) == 11
    assert {"review-decision", "design-publication", "auditor-any"} <= {rule["key"] for rule in found["separation"]}
    urge = next(row for row in found["functions"] if row["key"] == "urge")
    assert next(cell for cell in urge["cells"] if cell["role"] == "AUDITOR")["parts"] == []
    told: Any = log_in("siteadmin").get(f"/admin/users/{world.people['clerk'].user_id}/functions").json
    why = {row["function"]: row for row in told["items"]}
    assert why["task:do"]["allowed"] is True
    assert "窗口人员" in why["task:do"]["why"]
    assert why["decision:decide"]["allowed"] is False
    assert "审批人" in why["decision:decide"]["why"]


def test_a_spreadsheet_is_tried_and_comes_in_as_a_whole(log_in: LogIn) -> None:
    admin = log_in("siteadmin")
    heading = rows_of(admin, "users")[0]
    good = ["sheet.one", "测试一", "0876-2", models.MAIN_SITE, "经办人", "是"]
    bad = [
        ["sheet.two", "", "phone!", models.MAIN_SITE, "国王", "也许"],
        ["sheet.three", "测试", "", models.PARTNER_SITE, "HANDLER", "是"],
        good,
    ]
    report: Any = admin.post("/admin/sheets/users", {"content": as_xlsx([heading, good, *bad]), "trial": False}).json
    assert report["applied"] is False
    assert [(row["row"], row["column"].split(" ")[0]) for row in report["errors"]] == [
        (3, "姓名"),
        (3, "办公电话"),
        (3, "角色"),
        (3, "启用"),
        (4, "角色"),
        (5, ""),
    ]
    logins = {row["login"] for row in admin.get("/admin/users").json["items"]}  # type: ignore[index]
    assert not logins & {"sheet.one", "sheet.two"}
    trial: Any = admin.post("/admin/sheets/users", {"content": as_xlsx([heading, good]), "trial": True}).json
    assert (trial["applied"], trial["added"], trial["passwords"]) == (False, 1, [])
    done: Any = admin.post("/admin/sheets/users", {"content": as_xlsx([heading, good]), "trial": False}).json
    assert (done["applied"], done["added"], [(row["login"], row["name"]) for row in done["passwords"]]) == (
        True,
        1,
        [("sheet.one", "测试一")],
    )
    again = rows_of(admin, "users", "")
    assert ["sheet.one", "测试一", "0876-2", models.MAIN_SITE, "HANDLER", "是"] in again
    assert_problem(
        admin.post("/admin/sheets/sites", {"content": as_xlsx([heading]), "trial": True}), 403, "function-not-allowed"
    )
    assert_problem(admin.post("/admin/sheets/cooks", {"content": "eA==", "trial": True}), 404, "not-found")
    assert_problem(admin.post("/admin/sheets/users", {"content": "%%%", "trial": True}), 422, "sheet-unreadable")


def test_a_sheet_gives_nothing_to_people_of_others(log_in: LogIn, world: World) -> None:
    admin = log_in("siteadmin")
    heading = rows_of(admin, "users")[0]
    for login in ("partner", "applicant", "designer"):
        row = [login, login, "", models.MAIN_SITE, "RECV_CLERK", "是"]
        report: Any = admin.post("/admin/sheets/users", {"content": as_xlsx([heading, row]), "trial": False}).json
        assert (report["applied"], [each["column"].split(" ")[0] for each in report["errors"]]) == (False, ["登录名"])
    applicant = world.people["applicant"].user_id
    given = {"role": "SUPERVISOR", "siteId": site_id(admin)}
    assert_problem(log_in("admin").post(f"/admin/users/{applicant}/roles", given), 403, "not-your-people")


def test_what_was_changed_is_on_record_with_what_it_was(log_in: LogIn, world: World) -> None:
    admin, platform = log_in("siteadmin"), log_in("admin")
    own = site_id(admin)
    assert admin.put(f"/admin/sites/{own}", {"phone": "0876-3120009"}).status_code == 200
    person = {"name": "测试乙", "officePhone": "0876-1", "isActive": True}
    assert admin.put(f"/admin/users/{world.people['clerk'].user_id}", person).status_code == 204
    heading = rows_of(platform, "organisations")[0]
    for name in ("示例单位", "示例单位二"):
        row = ["91350100M000100Y43", name, "", "", "", "是"]
        body = {"content": as_xlsx([heading, row]), "trial": False}
        assert platform.post("/admin/sheets/organisations", body).json["applied"] is True  # type: ignore[index]
    with world.platform.transaction(SYSTEM) as ctx:
        kinds = ("site.changed", "user.changed", "organisation.changed")
        rows = ctx.session.execute(
            select(AuditEvent.kind, AuditEvent.data).where(AuditEvent.kind.in_(kinds)).order_by(AuditEvent.id)
        )
        found = [(kind, data["changes"]) for kind, data in rows]
    assert found[0] == ("site.changed", {"phone": {"from": "", "to": "0876-3120009"}})
    assert found[1][1]["name"] == {"from": "clerk", "to": "测试乙"}
    assert found[2][1]["name"] == {"from": None, "to": "示例单位"}
    assert found[3] == ("organisation.changed", {"name": {"from": "示例单位", "to": "示例单位二"}})


def test_sites_organisations_regions_and_partners_from_sheets(log_in: LogIn) -> None:
    admin = log_in("admin")
    added: Any = admin.post("/admin/regions/standard").json
    assert added["added"] > 3000
    for kind in ("organisations", "sites", "regions", "partners"):
        heading, example = rows_of(admin, kind)[:2]
        if kind == "partners":
            example[3] = "test-item"
        if kind == "sites":
            example[0] = "test-new-site"
        report: Any = admin.post(f"/admin/sheets/{kind}", {"content": as_xlsx([heading, example]), "trial": False}).json
        assert (report["errors"], report["applied"]) == ([], True), kind
        assert next(cell for cell in example if cell) in {row[0] for row in rows_of(admin, kind, "")}
    told: Any = admin.get("/items/test-item/opening").json
    assert (told["restricted"], told["regions"]) == (True, ["440606", "532622"])
    wrong = admin.put("/admin/organisations/91350100M000100Y44", {"name": "x", "isActive": True})
    assert_problem(wrong, 422, "place-refused")


def test_an_item_is_open_to_its_partners_only(log_in: LogIn) -> None:
    admin = log_in("admin")
    body = {
        "name": "协作",
        "agreement": "协议1号",
        "regions": ["310000"],
        "items": ["test-item"],
        "validFrom": "2020-01-01",
    }
    made: Any = admin.post("/admin/partnerships", body).json
    data = {"movers": [{"idNo": "532622201506010001", "name": "测试"}], "moveInOrg": models.MAIN_SITE}
    apply = {"itemCode": "test-item", "data": {"reason": "投靠", **data}, "materials": []}
    refused = log_in("applicant").post("/applications", apply)
    assert refused.status_code in {403, 422}
    if refused.status_code == 403:
        assert_problem(refused, 403, "item-not-opened")
    assert admin.send("DELETE", f"/admin/partnerships/{made['id']}").status_code == 204
    assert_problem(admin.post("/admin/partnerships", {**body, "regions": ["999999"]}), 422, "partner-entry-refused")
    assert_problem(log_in("siteadmin").post("/admin/partnerships", body), 403, "forbidden")


def test_an_entry_made_without_accounts_is_linked_to_those_of_the_same_name(log_in: LogIn, world: World) -> None:
    admin = log_in("siteadmin")
    body = {"siteId": site_id(admin), "officePhone": "0876-3", "dutyTime": "工作日", "isPublic": True}
    people: Any = admin.get(f"/admin/contacts/people?siteId={body['siteId']}").json
    staff = {row["login"]: row["id"] for row in people["items"]}
    stranger = world.people["partner"].user_id
    named: Any = admin.put("/admin/contacts", {**body, "name": "handler", "deputyName": "clerk"}).json
    assert (named["account"], named["suggested"]["login"], named["suggestedDeputy"]["login"]) == (
        "none",
        "handler",
        "clerk",
    )
    unknown: Any = log_in("far").get("/admin/contacts").json["items"][0]  # type: ignore[index]
    assert unknown["suggested"] is None, "whoever does not keep the entry is told of no account"
    path = f"/admin/contacts/{named['id']}/link"
    assert_problem(log_in("far").post(path, {"userId": staff["handler"]}), 403, "forbidden")
    for wrong in ({}, {"userId": stranger}, {"userId": staff["clerk"], "deputyUserId": staff["clerk"]}):
        assert_problem(admin.post(path, wrong), 422, "partner-entry-refused")
    joined: Any = admin.post(path, {"userId": staff["handler"], "deputyUserId": staff["clerk"]}).json
    assert (joined["account"], joined["deputyAccount"], joined["suggested"]) == ("linked", "linked", None)


def test_the_contact_book_is_confirmed_and_always_has_somebody(log_in: LogIn, world: World) -> None:
    admin, visitor = log_in("siteadmin"), Browser(log_in("clerk").client.application)
    body = {
        "siteId": site_id(admin),
        "name": "测试",
        "officePhone": "0876-3",
        "dutyTime": "工作日",
        "deputyName": "替补",
        "mobile": "13800000009",
        "isPublic": True,
    }
    assert_problem(admin.put("/admin/contacts", {**body, "deputyName": ""}), 422, "partner-entry-refused")
    people: Any = admin.get(f"/admin/contacts/people?siteId={body['siteId']}").json
    staff = {row["login"]: row["id"] for row in people["items"]}
    assert {"clerk", "handler"} <= staff.keys()
    assert "partner" not in staff
    assert_problem(log_in("far").get(f"/admin/contacts/people?siteId={body['siteId']}"), 403, "forbidden")
    stranger = world.people["partner"].user_id
    for wrong, pointer in (
        ({"userId": stranger}, "/userId"),
        ({"userId": staff["clerk"], "deputyUserId": staff["clerk"]}, "/deputyUserId"),
    ):
        problem: Any = assert_problem(admin.put("/admin/contacts", {**body, **wrong}), 422, "partner-entry-refused")
        assert problem["pointer"] == pointer
    linked: Any = admin.put("/admin/contacts", {**body, "userId": staff["handler"]}).json
    assert (linked["name"], linked["account"], linked["deputyAccount"]) == ("handler", "linked", "none")
    row: Any = admin.put("/admin/contacts", body).json
    assert (row["stale"], row["mobile"], row["mayChange"]) == (False, "13800000009", True)
    seen: Any = log_in("far").get("/admin/contacts").json["items"][0]  # type: ignore[index]
    assert (seen["mobile"], seen["mayChange"], seen["name"]) == ("", False, "测试")
    public: Any = visitor.get("/contacts").json["items"]  # type: ignore[index]
    assert set(public[0]) == {"regionName", "siteName", "itemCode", "officePhone", "dutyTime", "confirmedAt"}
    assert admin.post(f"/admin/contacts/{row['id']}/confirm").status_code == 200
    assert_problem(log_in("far").put("/admin/contacts", body), 403, "forbidden")
    world.deploy(models.joint())
    world.submit()
    case_no = world.legs()["P_main"].case_no
    told: Any = log_in("clerk").get(f"/cases/{case_no}/responsible").json
    assert [(each["siteName"], each["call"]["kind"], each["call"]["name"]) for each in told["items"]] == [
        ("砚山县公安局", "contact", "测试")
    ]
    entries = [
        {"stage": "受理", "leg": "main", "role": "RECV_CLERK", "duty": "收件并核验原件", "basis": "行政许可法第32条"}
    ]
    listed: Any = log_in("designer").put("/items/test-item/responsibilities", {"after": 0, "entries": entries}).json
    assert (listed["version"], listed["publisher"]) == (1, "designer")
    stale = log_in("designer").put("/items/test-item/responsibilities", {"after": 0, "entries": entries})
    assert_problem(stale, 409, "responsibility-list-changed")
    told = log_in("clerk").get(f"/cases/{case_no}/responsible").json
    assert (told["listVersion"], told["items"][0]["duty"]) == (1, "收件并核验原件")


def test_formulas_neither_come_in_nor_go_out() -> None:
    assert b"'=cmd" in write_csv([["=cmd|' /C calc'!A0"]])
    assert write_csv([["\n=1+1"], ["＝1+1"]]).decode("utf-8-sig").split("\r\n") == ['"\'\n=1+1"', "'＝1+1", ""]
    assert read_sheet(write_csv([["+86 1", "-", "'x"]])) == [["+86 1", "-", "'x"]]
    cell = load_workbook(io.BytesIO(write_xlsx([["=1+1"]], "x"))).worksheets[0]["A1"]
    assert cell.data_type == "s"
    for hostile in (b"=1+1,x", "a\u202eb".encode()):
        with pytest.raises(SheetUnreadable):
            read_sheet(hostile)
    book = Workbook()
    book.worksheets[0]["A1"] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(SheetUnreadable):
        read_sheet(out.getvalue())


def test_bombs_and_broken_files_are_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"<" + b" " * 30_000_000)
    entity = io.BytesIO()
    with zipfile.ZipFile(entity, "w") as packed:
        packed.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    whole = write_xlsx([["a"]] * 3, "x")
    for hidden in (
        b'<?xml version="1.0"?>' + b" " * 5000 + b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16-le"),
    ):
        disguised = io.BytesIO(whole)
        with zipfile.ZipFile(disguised, "a") as packed:
            packed.writestr("xl/more.xml", hidden)
        with pytest.raises(SheetUnreadable, match="not allowed"):
            read_sheet(disguised.getvalue())
    for crowded in (b"<a" + b" " * 400_000 + b"/>", b"<row>" + b"<c/>" * 20_001 + b"</row>"):
        slow = io.BytesIO(whole)
        with zipfile.ZipFile(slow, "a", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/slow.xml", crowded)
        with pytest.raises(SheetUnreadable, match="unusual length"):
            read_sheet(slow.getvalue())
    for content in (
        bomb.getvalue(),
        entity.getvalue(),
        whole[: len(whole) // 2],
        b"PK\x03\x04",
        b"\xff\xfe\x00",
        b"\0",
        b"x" * 800_000,
    ):
        with pytest.raises(SheetUnreadable):
            read_sheet(content)
    with pytest.raises(SheetUnreadable):
        read_sheet(b"a\n" * 5100)
    with pytest.raises(SheetUnreadable):
        read_sheet(b"a," * 50)


def test_a_second_role_is_explained_before_it_is_given(log_in: LogIn, world: World) -> None:
    admin = log_in("siteadmin")
    own = site_id(admin)
    path = f"/admin/users/{world.people['clerk'].user_id}/roles"
    told: Any = admin.get(f"{path}/foreseen?role=APPROVER&siteId={own}").json
    assert ([rule["key"] for rule in told["apart"]], told["needsException"]) == (["verification-waiver"], True)
    assert_problem(admin.get(f"{path}/foreseen?role=AUDITOR"), 403, "not-your-people")
    body = {"role": "APPROVER", "siteId": own}
    assert_problem(admin.post(path, body), 422, "role-exception-needed")
    latest = date.fromisoformat(told["latestEnd"])
    late = {**body, "reason": "只有一人在岗", "endsOn": (latest + timedelta(days=1)).isoformat()}
    refused = assert_problem(admin.post(path, late), 422, "role-exception-too-long")
    assert (refused["pointer"], latest.isoformat() in refused["detail"]) == ("/endsOn", True)
    assert admin.post(path, {**late, "endsOn": latest.isoformat()}).status_code == 204
    (row,) = admin.get("/admin/role-exceptions").json["items"]  # type: ignore[index]
    assert (row["name"], row["reason"], row["endsOn"]) == ("clerk", "只有一人在岗", latest.isoformat())
    assert_problem(log_in("clerk").get("/admin/role-exceptions"), 403, "forbidden")


def test_accounts_are_closed_together_and_their_tasks_go_back(log_in: LogIn, world: World) -> None:
    world.deploy(models.joint())
    world.submit()
    task = world.task("prepare").id
    assert log_in("clerk").post(f"/tasks/{task}/claim").status_code in (200, 204)
    admin = log_in("siteadmin")
    clerk, other = world.people["clerk"].user_id, world.people["clerk2"].user_id
    body = {"userIds": [clerk, other], "reason": "调离", "trial": True}
    seen: Any = admin.post("/admin/users/disable", body).json
    assert (seen["applied"], [(row["possible"], row["tasks"]) for row in seen["items"]]) == (
        False,
        [(True, 1), (True, 0)],
    )
    far = world.people["partner"].user_id
    for sent in ({**body, "userIds": [far]}, {**body, "trial": False, "userIds": [clerk, far]}):
        assert_problem(admin.post("/admin/users/disable", sent), 404, "not-found")
    assert world.task("prepare").assignee_id == clerk
    assert admin.post("/admin/users/disable", {**body, "trial": False}).json["applied"]  # type: ignore[index]
    assert world.task("prepare").assignee_id is None
    state = {row["login"]: row["isActive"] for row in admin.get("/admin/users").json["items"]}  # type: ignore[index]
    assert (state["clerk"], state["clerk2"], state["handler"]) == (False, False, True)


def test_where_an_item_is_open_is_told_beforehand(log_in: LogIn, visitor: Browser, world: World) -> None:
    world.deploy(models.joint())
    before: Any = visitor.get("/items/test-item/opening").json
    assert before["restricted"] is False
    platform = log_in("admin")
    body = {"name": "示例", "agreement": "示例〔2026〕1号", "regions": ["530000"], "items": ["test-item"]}
    assert platform.post("/admin/partnerships", {**body, "validFrom": "2020-01-01"}).status_code == 201
    after: Any = visitor.get("/items/test-item/opening").json
    assert (after["restricted"], after["namedRegions"]) == (True, [{"code": "530000", "name": "云南省"}])
    row = next(each for each in visitor.get("/items").json["items"] if each["code"] == "test-item")  # type: ignore[index]
    assert row["restricted"] is True


def test_the_list_of_responsibilities_is_drawn_and_exported(log_in: LogIn, world: World) -> None:
    definition = world.deploy(models.joint())
    with world.platform.transaction(SYSTEM) as ctx:
        key = ctx.session.get_one(Definition, definition).key
        ctx.session.get_one(Item, "test-item").definition_key = key
    designer = log_in("designer")
    path = "/items/test-item/responsibilities"
    drawn: Any = designer.get(f"{path}/draft").json
    lines = {(line["stage"], line["leg"], line["role"]) for line in drawn["entries"]}
    assert {("prepare", "main", "RECV_CLERK"), ("work", "partner", "HANDLER")} <= lines
    assert ("工作联络", "partner", "HANDLER") in lines
    assert designer.put(path, {"after": drawn["after"], "entries": drawn["entries"]}).status_code == 200
    exported = designer.get(f"{path}/export")
    rows = read_sheet(exported.data)
    assert (rows[0], len(rows)) == (["序号", "环节", "责任方", "角色", "职责", "依据"], len(drawn["entries"]) + 1)
    assert_problem(log_in("applicant").get(f"{path}/draft"), 403, "forbidden")


def test_who_is_closed_by_a_spreadsheet_gives_tasks_back(log_in: LogIn, world: World) -> None:
    world.deploy(models.joint())
    world.submit()
    task = world.task("prepare").id
    assert log_in("clerk").post(f"/tasks/{task}/claim").status_code in (200, 204)
    admin = log_in("siteadmin")
    heading, *rows = rows_of(admin, "users", "")
    (row,) = [each for each in rows if each[0] == "clerk"]
    sent = {"content": as_xlsx([heading, [*row[:-1], "否"]])}
    assert admin.post("/admin/sheets/users", {**sent, "trial": True}).json["applied"] is False  # type: ignore[index]
    assert world.task("prepare").assignee_id is not None
    assert admin.post("/admin/sheets/users", {**sent, "trial": False}).json["applied"] is True  # type: ignore[index]
    assert world.task("prepare").assignee_id is None
