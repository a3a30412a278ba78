"""Acts that ask for a level of assurance (实名, 实人): the caller's session has it, or the page is told where to get it."""

from __future__ import annotations

from datetime import timedelta

import flask

from api.auth import StepUpRequired
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
    """Before staff decide: surely enough who it is, and proved not long ago. Raises ``LevelTooLow``, ``StepUpRequired``."""
    settings, age = platform().settings, _age()
    proved_just_now = age <= settings.step_up_age
    if ctx.actor.is_applicant or (proved_just_now and not settings.providers.of(applicants=False)):
        return
    decision = policy.find_decision(ctx, task_id)
    if decision is None:
        return
    item, site = decision
    assurance.require(ctx, settings.providers, assurance.DECIDE, _level(), item=item, site=site)
    if not proved_just_now:
        minutes = assurance.minutes_to_decide(ctx, item, site)
        if minutes and age > timedelta(minutes=minutes):
            raise StepUpRequired


def _age() -> timedelta:
    """How long ago the person proved who they are."""
    login: Login | None = flask.g.login
    return timedelta(0) if login is None else login.authenticated_for


def _level() -> str:
    login: Login | None = flask.g.login
    return "" if login is None else login.level
