"""The table knows everything there is: a new route, role, column or field of a form without an expectation fails here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrap.settings import ROOT
from domain.actors import Role
from forms.definitions import list_fields
from tests.leaks.cases import SHARED_PAPERS
from tests.leaks.oracle import LEVELS, Oracle
from tests.leaks.walk import ABOUT_CASES, OTHER_PARAMETERS, operations
from tests.leaks.world import APPLICANTS, PLATFORM, STAFF

TABLE: dict[str, Any] = Oracle().table
COLUMNS = json.loads((ROOT / "domain" / "privacy" / "data" / "columns.json").read_text(encoding="utf-8"))["columns"]
CONTRACTS = json.loads((ROOT / "domain" / "items" / "data" / "contracts.json").read_text(encoding="utf-8"))
WITHOUT_DATA = {"text", "separator", "spacer", "group", "dynamiclist"}


def shipped_forms() -> Iterator[tuple[str, Path, dict[str, Any]]]:
    for path in sorted((ROOT / "workflows").glob("*/forms/*.form")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        yield schema["id"], path, schema


def test_every_operation_has_an_expectation() -> None:
    listed = Counter(name for names in TABLE["operations"].values() for name in names)
    assert [name for name, count in listed.items() if count > 1] == []
    assert set(listed) == {operation.name for operation in operations()}
    assert set(TABLE["operations"]) == set(TABLE["bundles"])


def test_every_parameter_of_an_address_can_be_filled() -> None:
    known = ABOUT_CASES | set(OTHER_PARAMETERS)
    assert {name for operation in operations() for name in operation.parameters} - known == set()


def test_every_role_walks() -> None:
    walking = {role for _, role in STAFF.values()} | set(PLATFORM.values()) | {"APPLICANT"}
    assert {role.value for role in Role} - walking == {"SYSTEM"}, "the platform itself logs in nowhere"
    assert len(APPLICANTS) > 1
    desks = ("RECV_CLERK", "HANDLER", "APPROVER", "LIAISON", "SITE_ADMIN", "SUPERVISOR")
    sites = {role: {site for site, held in STAFF.values() if held == role} for role in desks}
    assert all(len(found) > 1 for found in sites.values()), "each at two sites at least"


def test_only_known_kinds_and_levels_are_used() -> None:
    kinds = set(TABLE["kinds"])
    parts = [
        *TABLE["relations"].values(),
        *(TABLE[name] for name in ("holder", "unmasked", "export", "letters", "public", "keeper")),
    ]
    assert {kind for part in parts for kind in part["shows"]} <= kinds
    assert {level for part in parts for level in part["shows"].values()} <= set(LEVELS)
    assert {kind for bundle in TABLE["bundles"].values() for kind in bundle} <= kinds


def test_every_column_that_may_hold_words_or_people_has_an_expectation() -> None:
    """``columns.json`` names every column there is; what lies in those that are not sealed is said here."""
    for part in ("account", "masked", "staff", "words"):
        assert set(TABLE["columns"][part]) == set(COLUMNS[part]), part
    assert set(TABLE["columns"]["sealed"]) == set(COLUMNS["sealed"])


def test_every_field_of_every_form_has_an_expectation() -> None:
    expected = {form: {path for paths in kinds.values() for path in paths} for form, kinds in TABLE["forms"].items()}
    there = {
        form: {field.path for field in list_fields(schema) if field.component["type"] not in WITHOUT_DATA}
        for form, _, schema in shipped_forms()
    }
    assert expected == there
    assert {kind for kinds in TABLE["forms"].values() for kind in kinds} <= set(TABLE["kinds"])


@pytest.mark.parametrize("item", sorted(CONTRACTS))
def test_what_the_partner_may_read_is_what_its_contract_lists(item: str) -> None:
    """The expectation and the contract in force agree on each field of the application and each material."""
    messages = [message for message in CONTRACTS[item]["messages"] if message["from"] == "main"]
    crossing = {field["path"] for message in messages for field in message["fields"]}
    apply = TABLE["forms"][f"{item}.apply"]
    assert {*apply["core"], *apply["subject"]} <= crossing
    assert set(apply["rest"]) & crossing == set()
    assert set(apply.get("sensitive", ())) & crossing == set()
    assert {code for message in messages for code in message.get("materials", ())} == SHARED_PAPERS[item]


def test_what_forms_call_sensitive_is_kept_from_partners() -> None:
    for form, _, schema in shipped_forms():
        hidden = {field.path for field in list_fields(schema) if field.own("sensitive") == "hidden"}
        if form.endswith(".apply"):
            assert hidden == set(TABLE["forms"][form].get("sensitive", ()))


def test_nobody_without_a_part_in_a_case_is_shown_anything() -> None:
    nothing = ("other applicant", "agent", "neighbour", "designer", "client", "anonymous", "other person", "other site")
    assert {name: TABLE["relations"][name]["shows"] for name in nothing} == {name: {} for name in nothing}
    watched = TABLE["relations"]["platform"]["shows"]
    assert set(watched) <= {"frame", "steps", "partner-steps", "own-steps", "messages"}, "no content of cases"
