"""What row policies and a few queries ask about rows that they do not see: yes or no, ids, coarse states; never content.

Functions of the tables' owner, so that the policies of one table never refer to those of another (:mod:`domain.row_policies`), and so
that a search can use an index that no condition may pass by under a policy. They know who asks from the same settings.
"""

from __future__ import annotations

from typing import Final

_SITES_NOW: Final = "nullif(current_setting('lianban.sites', true), '')::bigint[]"
_HELD_NOW: Final = "nullif(current_setting('lianban.cases', true), '')::bigint[]"
_SELF_NOW: Final = "nullif(current_setting('lianban.user', true), '')::bigint"
_LEG_COLUMNS: Final = (
    ("id", "bigint"),
    ("case_id", "bigint"),
    ("site_id", "bigint"),
    ("participant_id", "varchar"),
    ("participant_name", "varchar"),
    ("role", "varchar"),
    ("case_no", "varchar"),
    ("status", "varchar"),
    ("definition_id", "bigint"),
    ("is_suspended", "boolean"),
    ("started_at", "timestamptz"),
    ("ended_at", "timestamptz"),
    ("updated_at", "timestamptz"),
)
COARSE: Final = tuple(name for name, _ in _LEG_COLUMNS)
"""What ``lianban_coarse_legs`` tells of another site's leg of a case that one takes part in: state and dates, nothing of its content."""

FUNCTIONS: Final[dict[str, tuple[str, str]]] = {
    "lianban_own_cases()": (
        "bigint[]",
        f"return (select coalesce(array_agg(id), '{{}}') from cases where applicant_user_id = {_SELF_NOW});",  # noqa: S608 -- constants
    ),
    "lianban_leads(of_case bigint)": (
        "boolean",
        f"return exists (select from cases where id = of_case and main_site_id = any ({_SITES_NOW}));",
    ),
    "lianban_takes_part(of_case bigint)": (
        "boolean",
        f"return exists (select from legs where case_id = of_case and site_id = any ({_SITES_NOW}));",
    ),
    "lianban_has_leg(of_leg bigint)": (
        "boolean",
        f"""return exists (select from legs join cases on cases.id = legs.case_id where legs.id = of_leg and (
            legs.site_id = any ({_SITES_NOW}) or legs.case_id = any ({_HELD_NOW})
            or cases.main_site_id = any ({_SITES_NOW}) or cases.applicant_user_id = {_SELF_NOW} and legs.role = 'main'));""",
    ),
    "lianban_may_open(of_file varchar)": (
        "boolean",
        f"""return exists (select from materials join cases on cases.id = materials.case_id
            left join legs on legs.id = materials.leg_id where materials.file_id = of_file and (
            legs.site_id = any ({_SITES_NOW}) or cases.main_site_id = any ({_SITES_NOW})
            or cases.applicant_user_id = {_SELF_NOW}));""",
    ),
    "lianban_coarse_legs(of_cases bigint[])": (
        f"table ({', '.join(f'{name} {kind}' for name, kind in _LEG_COLUMNS)})",
        f"""return query select {", ".join(f"legs.{name}" for name, _ in _LEG_COLUMNS)} from legs
            join cases on cases.id = legs.case_id where legs.case_id = any (of_cases) and (
            cases.applicant_user_id = {_SELF_NOW} or exists (select from legs mine
                where mine.case_id = legs.case_id and mine.site_id = any ({_SITES_NOW})));""",  # noqa: S608 -- constants
    ),
    "lianban_cases_with(of_text varchar, with_subject boolean)": (
        "setof bigint",
        """return query select cases.id from cases where case_no ilike of_text or collab_no ilike of_text
            union select legs.case_id from legs where legs.case_no ilike of_text;
            if with_subject then
                return query select cases.id from cases where subject_masked ilike of_text;
            end if;""",
    ),
}
"""What policies and queries ask of other tables: signature → (returns, body). They tell yes or no, ids or coarse states, no content."""

REACHES: Final = """create or replace function lianban_reaches(of_user bigint) returns boolean language plpgsql stable as $$ begin
    if current_setting('lianban.scope', true) = 'system' or current_setting('lianban.cases', true) <> ''
        or of_user = nullif(current_setting('lianban.user', true), '')::bigint then
        return true;
    end if;
    raise exception 'a change without keys needs the platform, a held case or the own rows' using errcode = 'LB001';
end $$"""
"""Asked once by a change that says by conditions which rows it means (:mod:`domain.changes`): whether policies could hide some of them."""
