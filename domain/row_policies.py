"""The second wall: which rows of which table a transaction may see and write (PostgreSQL row-level security).

The first wall is the condition in every query (:mod:`domain.cases.scope`). This one stands below it, in the database: a query that
forgot its condition finds nothing foreign. Here is every table with its class; who acts is told by :mod:`domain.reach`.
``docs/visibility.md`` explains it; ``bootstrap.row_security`` brings it into the database after each migration.

Settings are read in sub-selects without reference to the row, which PostgreSQL evaluates once per statement and only when needed.
What needs a look at another table is a function (owned by the tables' owner), so that policies never refer to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class TableClass(StrEnum):
    """What a table holds.

    CASE: content of cases, bound to case, leg and site. PERSON: one person's own. REGISTER: registers that steps of any site ask
    (certificates, registrations, data stores). ACCOUNT: people's accounts and log-ins, read before anybody is known.
    CONFIGURATION: no personal data. TECHNICAL: the platform's own book-keeping.
    """

    CASE = "case"
    PERSON = "person"
    REGISTER = "register"
    ACCOUNT = "account"
    CONFIGURATION = "configuration"
    TECHNICAL = "technical"


@dataclass(frozen=True, slots=True)
class Rule:
    """A table's class and, where rows are guarded, the conditions to see a row, to change or delete it, and to add one.

    ``adds`` empty: as ``changes``. ``is_kept``: nobody deletes a row, not even the platform.
    """

    kind: TableClass
    sees: str = ""
    changes: str = ""
    adds: str = ""
    is_kept: bool = False

    @property
    def is_guarded(self) -> bool:
        """Whether policies stand on the table."""
        return bool(self.sees)


SITES: Final = "(select nullif(current_setting('lianban.sites', true), '')::bigint[])::bigint[]"
HELD: Final = "(select nullif(current_setting('lianban.cases', true), '')::bigint[])::bigint[]"
SELF: Final = "(select nullif(current_setting('lianban.user', true), '')::bigint)"
OWN: Final = "(select lianban_own_cases())::bigint[]"
STEP: Final = "(select current_setting('lianban.cases', true) <> '')"
SYSTEM: Final = "(select current_setting('lianban.scope', true) = 'system')"
OPERATES: Final = "(select current_setting('lianban.scope', true) in ('system', 'operator'))"
WATCHES: Final = "(select current_setting('lianban.scope', true) in ('system', 'operator', 'auditor'))"


def _any(*conditions: str) -> str:
    # The database tries them in this order for every row: first what is known once for a query, last what asks tables.
    parts = dict.fromkeys(part for condition in conditions for part in condition.split(" or "))
    return " or ".join(sorted(parts, key=lambda part: ("lianban_" in part, not part.startswith("(select"))))


def _case(sees: str, changes: str = "", adds: str = "") -> Rule:
    return Rule(TableClass.CASE, sees, changes or sees, adds)


_IN_STEP: Final = _any(f"case_id = any ({HELD})", SYSTEM)
_AT_SITE: Final = _any(f"site_id = any ({SITES})", f"case_id = any ({HELD})")
_LEADS: Final = "lianban_leads(case_id)"
_OF_LEG: Final = _any(f"case_id = any ({HELD})", "lianban_has_leg(leg_id)", _LEADS)
_PART: Final = "lianban_takes_part(case_id)"
_MINE: Final = f"case_id = any ({OWN})"
_CASE_ROW: Final = _any(
    *(
        WATCHES,
        f"main_site_id = any ({SITES})",
        f"window_site_id = any ({SITES})",
        f"id = any ({HELD})",
        f"applicant_user_id = {SELF}",
    ),
    "lianban_takes_part(id)",
)
TOLD_TO_PARTNERS: Final = (
    "case.closed",
    "case.opened",
    "case.withdrawn",
    "message.parked",
    "message.received",
    "message.sent",
)
"""Facts about other legs that a partner's timeline shows: the case's frame, and messages as arrows."""
_UNSEALED: Final = f"hash is null and {SYSTEM}"
"""Events and reads get their number and hash soon after; from then on nobody changes them."""
_TRIED: Final = "case_id is null"
"""A call that a designer tries knows no case."""
_CODE_SENT: Final = "site_id is null and case_id is null"
"""A code that confirms somebody's address: the delivery holds neither the code nor the address."""
_OPEN: Final = Rule(TableClass.TECHNICAL)
_SETTING: Final = Rule(TableClass.CONFIGURATION)
_ACCOUNT: Final = Rule(TableClass.ACCOUNT)

TABLES: Final[dict[str, Rule]] = {
    # --- content of cases ---
    "cases": _case(_CASE_ROW),  # who sees a case may lock it: the head of its record lies there
    "legs": _case(
        _any(_AT_SITE, WATCHES, f"role = 'main' and {_MINE}", _LEADS),
        _any(_AT_SITE, OPERATES, f"role = 'main' and {_MINE}", _LEADS),
    ),
    "tasks": _case(
        _any(_AT_SITE, WATCHES, f"role = 'APPLICANT' and {_MINE}", _LEADS),
        _any(_AT_SITE, OPERATES, f"role = 'APPLICANT' and {_MINE}", _LEADS),
    ),
    "task_candidates": _case(_any(_AT_SITE, WATCHES), _any(_AT_SITE, SYSTEM)),
    "subscriptions": _case(_any("lianban_has_leg(leg_id)", WATCHES), _any("lianban_has_leg(leg_id)", SYSTEM)),
    "incidents": _case(_any(_AT_SITE, WATCHES, _LEADS), _any(_AT_SITE, OPERATES, _LEADS)),
    "service_jobs": _case(_any(_AT_SITE, WATCHES, _LEADS), _any(_AT_SITE, OPERATES, _LEADS)),
    "case_subjects": _case(_any(f"case_id = any ({HELD})", SYSTEM, _MINE, _LEADS, _PART), _IN_STEP),
    "materials": _case(_any(f"case_id = any ({HELD})", SYSTEM, _MINE, "lianban_has_leg(leg_id)", _LEADS), _IN_STEP),
    "files": Rule(
        TableClass.CASE,
        _any(f"uploaded_by = {SELF}", SYSTEM, STEP, "lianban_may_open(id)"),
        _any(f"uploaded_by = {SELF}", SYSTEM, STEP),
    ),
    "supplement_notices": _case(_any(f"case_id = any ({HELD})", SYSTEM, _MINE, _LEADS), _IN_STEP),
    "documents": _case(
        _any(_AT_SITE, SYSTEM, f"to_applicant and {_MINE}", "to_partner and lianban_takes_part(case_id)", _LEADS),
        _IN_STEP,
    ),
    "messages": _case(_any(_OF_LEG, WATCHES), _any(_OF_LEG, OPERATES)),
    "work": _case(
        _any("case_id is null", _OF_LEG, WATCHES),
        _any(f"case_id = any ({HELD})", OPERATES),
        _any("case_id is null", f"case_id = any ({HELD})", OPERATES),
    ),
    "clocks": _case(
        _any(_OF_LEG, WATCHES, _MINE, "leg_id is null and task_id is null and lianban_takes_part(case_id)"), _IN_STEP
    ),
    "clock_events": _case(_any(_OF_LEG, WATCHES, _MINE), _any(_IN_STEP, _LEADS)),
    "ladder_steps": _case(
        _any(_AT_SITE, WATCHES, _MINE, _LEADS, _PART),
        _any(_AT_SITE, SYSTEM, _MINE, _PART),
    ),
    "contact_messages": _case(_any(f"array[from_site_id, to_site_id] && {SITES}", _IN_STEP, _LEADS), _IN_STEP),
    "procedures": _case(_any(_OF_LEG, WATCHES, _MINE), _any(_IN_STEP, "lianban_has_leg(leg_id)", _LEADS)),
    "ratings": _case(_any(_AT_SITE, SYSTEM, _MINE, _LEADS), _any(_IN_STEP, _MINE)),
    "audit_events": Rule(
        TableClass.CASE,
        _any(
            _AT_SITE,
            f"actor_id = {SELF}",
            WATCHES,
            _MINE,
            f"kind in {TOLD_TO_PARTNERS!r} and {_PART}",
            _LEADS,
        ),
        _UNSEALED,
        _any("case_id is null", f"case_id = any ({HELD})", WATCHES, _MINE, _LEADS, _PART),
        is_kept=True,
    ),
    "audit_reads": Rule(
        TableClass.CASE,
        _any(f"actor_id = {SELF}", f"subject_id = {SELF}", _AT_SITE, WATCHES, _MINE),
        _UNSEALED,
        "true",
        is_kept=True,
    ),
    "window_visits": _case(_any(_AT_SITE, _MINE, _LEADS), _IN_STEP),
    "consents": _case(_any(_IN_STEP, _MINE, _LEADS), _IN_STEP),
    "disclosures": _case(
        _any(f"user_id = {SELF}", _AT_SITE, WATCHES, _MINE, _LEADS),
        _any(f"user_id = {SELF}", _AT_SITE, WATCHES),
    ),
    "legal_holds": _case(_any(_AT_SITE, WATCHES, _LEADS), _any(_AT_SITE, WATCHES)),
    "erasures": _case(_any(f"site_id = any ({SITES})", WATCHES)),
    "deliveries": _case(
        _any(_AT_SITE, WATCHES, _CODE_SENT), _any(_AT_SITE, OPERATES), _any(_AT_SITE, OPERATES, _CODE_SENT)
    ),
    "http_calls": _case(_any(_AT_SITE, WATCHES, _TRIED), _any(_AT_SITE, OPERATES, _TRIED)),
    # --- registers that steps ask across sites ---
    "certificates": Rule(
        TableClass.REGISTER,
        _any(f"issuer_site_id = any ({SITES})", STEP, SYSTEM, _MINE, _LEADS, _PART),
        _any(STEP, SYSTEM),
    ),
    "certificate_operations": Rule(
        TableClass.REGISTER,
        _any(f"site_id = any ({SITES})", STEP, SYSTEM, _LEADS),
        _any(STEP, SYSTEM),
    ),
    "registrations": Rule(
        TableClass.REGISTER,
        _any(f"site_id = any ({SITES})", STEP, SYSTEM, _LEADS, _PART),
        _any(STEP, SYSTEM),
    ),
    "data_store_values": Rule(TableClass.REGISTER, _any(STEP, OPERATES), _any(STEP, SYSTEM)),
    # --- a person's own ---
    "application_drafts": Rule(TableClass.PERSON, _any(f"user_id = {SELF}", SYSTEM), _any(f"user_id = {SELF}", SYSTEM)),
    "notifications": Rule(
        TableClass.PERSON,
        _any(f"user_id = {SELF}", f"case_id = any ({HELD})", SYSTEM),
        changes=_any(f"user_id = {SELF}", SYSTEM),
        adds=_any(f"user_id = {SELF}", f"case_id = any ({HELD})", SYSTEM),
    ),
    "person_channels": Rule(
        TableClass.PERSON, _any(f"user_id = {SELF}", STEP, SYSTEM), _any(f"user_id = {SELF}", SYSTEM)
    ),
    # --- accounts ---
    "users": _ACCOUNT,
    "grants": _ACCOUNT,
    "federated_sessions": _ACCOUNT,
    "identity_links": _ACCOUNT,
    "provider_states": _ACCOUNT,
    "spent_tokens": _ACCOUNT,
    "delegations": _ACCOUNT,
    **dict.fromkeys(("factor_removals", "known_devices"), _ACCOUNT),
    "login_failures": _ACCOUNT,
    "password_history": _ACCOUNT,
    **dict.fromkeys(("recovery_codes", "reset_codes", "role_exceptions"), _ACCOUNT),
    "second_factors": _ACCOUNT,
    "login_sessions": _ACCOUNT,
    "idempotency_keys": _ACCOUNT,  # written by the very statement that finds out who calls
    # --- configuration ---
    "allowed_hosts": _SETTING,
    "api_clients": _SETTING,
    "calendar_alerts": _SETTING,
    "calendar_days": _SETTING,
    "calendar_versions": _SETTING,
    "channel_rules": _SETTING,
    "contacts": _SETTING,
    "contract_drafts": _SETTING,
    "data_contracts": _SETTING,
    "decision_versions": _SETTING,
    "decisions": _SETTING,
    "definition_drafts": _SETTING,
    "definitions": _SETTING,
    "former_site_keys": _SETTING,
    "forms": _SETTING,
    "item_editions": _SETTING,
    "items": _SETTING,
    "organisations": _SETTING,
    "partnerships": _SETTING,
    "policies": _SETTING,
    "policy_versions": _SETTING,
    "recomputations": _SETTING,
    "regions": _SETTING,
    "responsibility_lists": _SETTING,
    "secrets": _SETTING,
    "site_channels": _SETTING,
    "site_keys": _SETTING,
    "sites": _SETTING,
    # --- the platform's book-keeping, and trials, which know no case ---
    "audit_anchor_leaves": _OPEN,
    "audit_anchors": _OPEN,
    "audit_chains": _OPEN,
    "audit_keys": _OPEN,
    "counters": _OPEN,
    "countersignatures": _OPEN,
    "foreign_anchors": _OPEN,
    "key_notices": _OPEN,
    "host_states": _OPEN,
    "nodes": _OPEN,
    "rate_buckets": _OPEN,
    "resealing_parts": _OPEN,
    "resealings": _OPEN,
    "rules_edition": _OPEN,
    "topic_fetches": _OPEN,
    "training_clock": _OPEN,
    "trial_definitions": _OPEN,
    "trial_events": _OPEN,
    "trial_instances": _OPEN,
    "trial_messages": _OPEN,
    "trial_starts": _OPEN,
    "trials": _OPEN,
}
"""Every table of the product; a test fails for one that is missing."""
