"""Acts that ask for a level of assurance (实名, 实人): the caller's session has it, or the page is told where to get it."""

from __future__ import annotations

import flask

from api.entry import platform
from domain.context import Context
from domain.federation import assurance
from domain.identity.queries import Login
from domain.tasks import policy


def require_to_apply(ctx: Context, item_code: str) -> None:
    """Before an applicant submits. At a window the clerk checks the person. Raises ``LevelTooLow``."""
    if ctx.actor.is_applicant:
        assurance.require(ctx, platform().settings.providers, assurance.APPLY, _level(), item=item_code)


def require_to_complete(ctx: Context, task_id: str) -> None:
    """Before staff decide. Raises ``LevelTooLow``."""
    providers = platform().settings.providers
    if ctx.actor.is_applicant or not providers.of(applicants=False):
        return
    decision = policy.find_decision(ctx, task_id)
    if decision is not None:
        item, site = decision
        assurance.require(ctx, providers, assurance.DECIDE, _level(), item=item, site=site)


def _level() -> str:
    login: Login | None = flask.g.login
    return "" if login is None else login.level
