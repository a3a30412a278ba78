"""Policies and functions of the second wall as the database is told them (:mod:`domain.row_policies`, :mod:`domain.row_functions`)."""

from __future__ import annotations

import hashlib

from domain.row_functions import FUNCTIONS, REACHES
from domain.row_policies import TABLES, Rule


def table_statements(table: str, rule: Rule, role: str, *, forced: bool) -> list[str]:
    """The statements that put the policies on one table. ``forced``: also for its owner (when no other role can be made)."""
    if not rule.is_guarded:
        return []
    drops = [f"drop policy if exists {name} on {table}" for name in ("sees", "adds", "changes", "deletes")]
    adds = rule.adds or rule.changes
    made = [
        f"create policy sees on {table} for select to {role} using ({rule.sees})",
        f"create policy adds on {table} for insert to {role} with check ({adds})",
    ]
    if rule.is_kept:
        made.append(f"create policy changes on {table} for update to {role} using ({rule.changes}) with check ({adds})")
    else:
        # Found by who sees it, checked when it is written: a change that is not allowed is refused instead of touching no row.
        update = f"using ({rule.sees}) with check ({rule.changes})"
        made.append(f"create policy changes on {table} for update to {role} {update}")
        made.append(f"create policy deletes on {table} for delete to {role} using ({rule.changes})")
    force = "force" if forced else "no force"
    return [
        *drops,
        *made,
        f"alter table {table} enable row level security",
        f"alter table {table} {force} row level security",
    ]


def function_statements(schema: str, role: str, *, forced: bool) -> list[str]:
    """The statements that make the functions. ``forced``: their owner is bound by the policies too, so they act for the platform."""
    statements = [REACHES]
    for signature, (returns, body) in FUNCTIONS.items():
        name = signature.partition("(")[0]
        made = f"create or replace function {signature} returns {returns} language plpgsql stable security definer"
        bound = f"set search_path = {schema}, pg_temp"
        inner = _for_platform(returns, body) if forced else f"begin {body} end"
        statements += [
            f"{made} {bound} as $$ #variable_conflict use_column\n{inner} $$",
            f"revoke execute on function {name} from public",
            f"grant execute on function {name} to {role}",
        ]
    return statements


def _for_platform(returns: str, body: str) -> str:
    """A function's body with the platform's reach for its own duration. (A ``set`` clause for it is the superuser's alone.)"""
    before = "declare scope_before text := current_setting('lianban.scope', true);"
    enter = "perform set_config('lianban.scope', 'system', true);"
    leave = "perform set_config('lianban.scope', coalesce(scope_before, ''), true);"
    if body.startswith("return query"):
        return f"{before} begin {enter} {body} {leave} end"
    return f"{before} answer {returns}; begin {enter} {body.replace('return ', 'answer := ', 1)} {leave} return answer; end"


def digest(role: str, *, forced: bool) -> str:
    """A fingerprint of everything here, kept in the database so that nothing is done twice."""
    lines = function_statements("", role, forced=forced)
    for table, rule in sorted(TABLES.items()):
        lines += table_statements(table, rule, role, forced=forced)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
