"""Everybody calls everything, and each answer is looked through for marks."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sqlalchemy import text
from werkzeug.test import TestResponse

from bootstrap.settings import ROOT
from domain.actors import SYSTEM
from tests.api.browser import Browser
from tests.leaks.oracle import Leak, Oracle
from tests.leaks.world import APPLICANTS, PLATFORM, STAFF, World

API = "/api/v1"
PARAMETER = re.compile(r"\{(\w+)\}")
EVERYBODY = (*STAFF, *PLATFORM, *APPLICANTS, "anonymous", "client")
MANY = ("neighbour", "other applicant")
"""What a case is to most people; each of those looks for some of them, together they look for every one."""
ABOUT_CASES = {
    "case_no", "task_id", "file_id", "document_id", "leg_id", "message_id", "incident_id", "procedure_id", "step_id",
    "notification_id", "work_id", "delivery_id", "job_id",
}  # fmt: skip
"""Parameters of addresses that name a case or a part of one."""
OTHER_PARAMETERS = {
    "user_id": "select id from users where login = 'marked-a'",
    "site_id": "select id from sites where code = '532622-police'",
    "uscc": "select uscc from organisations limit 1",
    "partnership_id": "select 1",
    "contact_id": "select id from contacts limit 1",
    "kind": "select 'users'",
    "number": "select number from certificates where case_id is null order by id desc limit 1",
    "delegation_id": "select id from delegations limit 1",
    "link_id": "select 1",
    "code": "select 'hukou-join-parents'",
    "item_code": "select 'hukou-join-parents'",
    "form_id": "select form_id from forms limit 1",
    "disclosure_id": "select id from disclosures limit 1",
    "hold_id": "select 1",
    "erasure_id": "select id from erasures limit 1",
    "key": "select key from definitions limit 1",
    "version_id": "select id from definitions limit 1",
    "trial_id": "select 1",
    "definition_id": "select id from definitions limit 1",
    "instance_id": "select 1",
    "ad_hoc_id": "select 1",
    "activity_id": "select 1",
    "decision_id": "select 1",
    "client_id": "select id from api_clients limit 1",
    "region": "select '532622'",
    "day": "select '2026-05-01'",
    "year": "select 2026",
    "version": "select 1",
    "recomputation_id": "select 1",
    "channel": "select 'email'",
    "token": "select 'not-a-token-of-anybody-at-all'",
    "channel_id": "select 1",
    "secret_id": "select id from secrets limit 1",
    "host_id": "select 1",
    "session_id": "select 1",
    "organisation_id": "select 1",
}
"""All other parameters, and one thing each of them can name."""
OWNED = {"user_id", "delegation_id", "contact_id", "client_id", "secret_id", "disclosure_id", "erasure_id"}
"""Parameters that name a thing of one person or one site."""
KEPT = (
    "cases", "legs", "tasks", "materials", "files", "documents", "messages", "incidents", "procedures", "ladder_steps", "ratings",
    "supplement_notices", "contact_messages", "deliveries", "work", "users", "grants", "contacts", "delegations", "secrets",
    "api_clients", "disclosures", "erasures",
)  # fmt: skip
"""Tables in which nothing changes while everything is refused."""
SHEETS = ("users", "sites", "organisations", "regions", "contacts", "partnerships")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API: ``name`` is method and path as in ``expected.json``."""

    name: str
    method: str
    path: str
    body: Mapping[str, Any] | None
    queries: tuple[str, ...]

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)


def operations() -> list[Operation]:
    """Everything that the description of the API lists."""
    description = json.loads((ROOT / "web" / "src" / "api" / "openapi.json").read_bytes())
    schemas = description.get("components", {}).get("schemas", {})
    found = []
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            content = operation.get("requestBody", {}).get("content", {})
            schema = next((each.get("schema") for each in content.values()), None)
            queries = [each["name"] for each in operation.get("parameters", ()) if each.get("in") == "query"]
            short = path.removeprefix(API)
            found.append(
                Operation(
                    f"{method.upper()} {short}", method.upper(), short, _resolved(schema, schemas), tuple(queries)
                )
            )
    return found


def _resolved(schema: Any, schemas: Mapping[str, Any], depth: int = 0) -> Any:
    if not isinstance(schema, dict) or depth > 6:
        return schema
    if "$ref" in schema:
        return _resolved(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth + 1)
    return {
        name: {key: _resolved(each, schemas, depth + 1) for key, each in value.items()}
        if name == "properties"
        else _resolved(value, schemas, depth + 1)
        if name in ("items", "additionalProperties")
        else value
        for name, value in schema.items()
    }


def smallest(schema: Mapping[str, Any] | None) -> Any:  # noqa: PLR0911 -- one for each kind
    """A body that the schema takes: what is required, each at its least."""
    if not schema:
        return {}
    if "enum" in schema:
        return next(value for value in schema["enum"] if value is not None)
    kinds = schema.get("type", "object")
    kind = next((each for each in kinds if each != "null"), "null") if isinstance(kinds, list) else kinds
    match kind:
        case "object":
            properties = schema.get("properties", {})
            return {name: smallest(properties.get(name)) for name in schema.get("required", ())}
        case "array":
            return [smallest(schema.get("items"))] * int(schema.get("minItems", 0))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            if schema.get("format") == "date":
                return "2026-05-06"
            if schema.get("format") == "date-time":
                return "2026-05-06T00:00:00+08:00"
            return "试" * max(1, int(schema.get("minLength", 1)))
        case _:
            return {}


def words_of(answer: TestResponse) -> str:
    """All of an answer: status, headers, body; archives and spreadsheets unpacked."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie")
    return f"{answer.status_code}\n{headers}\n{unpacked(answer.get_data(), 0)}"


def unpacked(body: bytes, depth: int) -> str:
    if body[:4] != b"PK\x03\x04" or depth > 2:
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(f"{name}\n{unpacked(archive.read(name), depth + 1)}" for name in archive.namelist())


@dataclass
class Walk:
    """The calls made, what was looked for, and what was found."""

    world: World
    oracle: Oracle
    leaks: list[Leak] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    cells: set[tuple[str, str, str, str]] = field(default_factory=set)
    """(relation, site or account, function, kind of field) that were looked at."""
    errors: list[str] = field(default_factory=list)
    seen: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """(who, function) → kind of field → the most that was shown of it: what the screens of a role get."""
    compared: dict[str, int] = field(default_factory=dict)
    """Who → addresses at which something foreign was compared with something absent."""
    browsers: dict[str, Browser] = field(default_factory=dict)
    _values: dict[str, str] = field(default_factory=dict)
    _looked: set[tuple[str, str, str]] = field(default_factory=set)

    def browser(self, who: str) -> Browser:
        if who not in self.browsers:
            self.browsers[who] = self.world.browser(None if who in ("anonymous", "client") else who)
        return self.browsers[who]

    def send(
        self, who: str, operation: Operation, path: str, json: Any = None, about: str = "", **more: Any
    ) -> TestResponse:
        """One call, looked through. ``about``: the case it is about, for the count of cells."""
        browser = self.browser(who)
        headers = {"Authorization": f"Bearer {self.world.client_token}"} if who == "client" else {}
        body = json if operation.method != "GET" else None
        answer = browser.send(operation.method, path, body, headers=headers, **more)
        self.calls[operation.name] += 1
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            self.errors.append(f"{who} {operation.method} {path}: {answer.status_code}")
        self.look(who, operation.name, words_of(answer), f"{path} {json!r}", about)
        return answer

    def look(self, who: str, function: str, words: str, asked: str = "", about: str = "") -> None:
        ledger = self.world.ledger
        shown = ledger.shown(words)
        self.leaks += self.oracle.beyond(ledger, who, function, shown, asked)
        most = self.seen.setdefault((who, function), {})
        for mark, level in shown.items():
            name = f"{mark.thing}.{mark.kind}"
            most[name] = max(level, most.get(name, 0))
        site = STAFF[who][0] if who in STAFF else who
        for thing in [about] if about else [*self.world.cases]:
            cell = (self.oracle.relation(who, thing), site, function)
            if cell not in self._looked:
                self._looked.add(cell)
                self.cells |= {(*cell, kind) for kind in self.oracle.table["kinds"]}

    def cases(self, who: str) -> list[str]:
        """The cases that this person looks for: all, but of those of neighbours or other applicants two. Which two goes round."""
        turn = EVERYBODY.index(who)
        found = {relation: [] for relation in MANY} | {"": list[str]()}
        for key in self.world.cases:
            relation = self.oracle.relation(who, key)
            found[relation if relation in MANY else ""].append(key)
        round_ = [keys[(turn + more) % len(keys)] for relation in MANY if (keys := found[relation]) for more in (0, 1)]
        return found[""] + list(dict.fromkeys(round_))

    def fingerprint(self) -> dict[str, str]:
        """Table → what lies in it, for those that a refused write must leave alone."""
        content = "md5(coalesce(string_agg(t::text, '' order by t.id), ''))"
        parts = [f"select '{name}', {content} from {name} t" for name in KEPT]  # noqa: S608 -- our tables
        with self.world.scene.platform.transaction(SYSTEM) as ctx:
            return dict(ctx.session.execute(text(" union all ".join(parts))).all())

    def value(self, parameter: str) -> str:
        """Something that a parameter can name."""
        if parameter not in self._values:
            with self.world.scene.platform.transaction(SYSTEM) as ctx:
                found = ctx.session.scalar(text(OTHER_PARAMETERS[parameter]))
            self._values[parameter] = "1" if found is None else str(found)
        return self._values[parameter]

    def addresses(self, operation: Operation, thing: str, most: int = 2) -> Iterator[str]:
        """The addresses of an operation about a case: each of its parts that the last parameter can name, up to ``most``."""
        places = self.world.cases[thing].places
        own = [name for name in operation.parameters if name in ABOUT_CASES]
        lists = [places[name][:most] for name in own]
        if not all(lists):
            return
        together: Iterable[tuple[str, ...]] = ((one,) for one in lists[0])
        if len(lists) > 1:
            together = zip(*(each * most for each in lists), strict=False)
        for values in together:
            yield self._filled(operation, dict(zip(own, values, strict=True)))

    def address(self, operation: Operation, known: Mapping[str, str] | None = None) -> str:
        """The address of an operation about ``known`` things, and about some thing for each other parameter."""
        return self._filled(operation, known or {})

    def nowhere(self, operation: Operation, thing: str) -> str:
        """An address like those of a case, of a thing that there never was."""
        places = self.world.cases[thing].places
        own = {name: _absent(places[name][0]) for name in operation.parameters if name in ABOUT_CASES}
        return self._filled(operation, own)

    def _filled(self, operation: Operation, known: Mapping[str, str]) -> str:
        return PARAMETER.sub(lambda found: quote(known.get(found[1]) or self.value(found[1]), safe=""), operation.path)


def _absent(value: str) -> str:
    """Of the same form, and nobody's."""
    if value.isdigit() and len(value) < 10:
        return "999999999"
    return re.sub(r"\d", "9", value[:-6]) + re.sub(
        r"[0-9a-zA-Z]", lambda each: "9" if each[0].isdigit() else "e", value[-6:]
    )


def reads(found: Iterable[Operation]) -> list[Operation]:
    return [operation for operation in found if operation.method == "GET"]


ALL = {operation.name: operation for operation in operations()}
DOOR = {401, 403}
"""Who is refused at the door is refused at every address behind it."""


def names_case(operation: Operation) -> bool:
    return bool(ABOUT_CASES & set(operation.parameters))
