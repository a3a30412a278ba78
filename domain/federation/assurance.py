"""What level of assurance an act asks for, by policy (per site and item, each value with its source), and whether a session has it."""

from __future__ import annotations

from domain.context import Context
from domain.deadlines import policies
from domain.federation.errors import LevelTooLow
from domain.federation.levels import LEVEL_NAMES, reaches
from domain.federation.providers import Providers
from domain.identity.sessions import Level
from domain.sites.models import Site

APPLY, DECIDE, DECIDE_MINUTES = "assurance.apply", "assurance.decide", "assurance.decideMinutes"
"""Policies: the level that submitting an application asks for, that a decisive act of staff asks for, and how recent its proof is."""


def require(
    ctx: Context, providers: Providers, act: str, level: str, *, item: str | None = None, site: Site | None = None
) -> None:
    """Refuse an act for which the session's level is too low. Raises :class:`LevelTooLow`.

    Nothing is asked where no provider of this audience is configured: nobody could reach a level then.
    """
    able = [each for each in providers.of(applicants=ctx.actor.is_applicant) if each.levels]
    if not able:
        return
    rule = policies.effective(ctx, act, site, item)
    wanted = Level("" if rule.value == "none" else rule.value)
    if reaches(level, wanted):
        return
    name, name_en = LEVEL_NAMES[wanted]
    provider = next((each for each in able if each.can_reach(wanted)), able[0])
    raise LevelTooLow(
        f"这一操作要求“{name}”核验。依据：{rule.source}",
        f"This act asks for the level '{name_en}'.",
        {
            "level": str(wanted),
            "provider": provider.key,
            "providerName": provider.name,
            "providerNameEn": provider.name_en,
        },
    )


def minutes_to_decide(ctx: Context, item: str | None, site: Site | None) -> int:
    """Within how many minutes before a decision its person must have proved who they are; 0: not asked."""
    return int(policies.effective(ctx, DECIDE_MINUTES, site, item).value)
