"""``lianban clock``: the adjustable clock of a deployment in training mode."""

from __future__ import annotations

from collections.abc import Callable

import click

from bootstrap import training
from bootstrap.commands.definitions import opened_platform
from bootstrap.commands.surface import json_option, local_time, print_json, read_moment
from bootstrap.settings import Settings
from bootstrap.waking import promote
from domain.actors import SYSTEM
from domain.context import Context


@click.group()
def clock() -> None:
    """培训时钟: show and move the deployment's clock, so that deadlines pass before your eyes.

    Only in training mode (the demo is). It moves forward only: what has happened cannot come again.
    """


@clock.command("show")
@json_option
def show_command(as_json: bool) -> None:
    """The deployment's time and how far it is ahead of the host's."""
    _change(None, as_json=as_json)


@clock.command("advance")
@click.argument("amount")
@click.option(
    "--region", default=training.HOME_REGION, show_default=True, help="Whose working days count (GB/T 2260 code)."
)
@json_option
def advance_command(amount: str, region: str, as_json: bool) -> None:
    """Let AMOUNT pass: 5wd (working days), P2D (days), PT3H (hours), PT30M (minutes)."""
    _change(lambda ctx: training.advance(ctx, amount, region), as_json=as_json)


@clock.command("set")
@click.argument("moment")
@json_option
def set_command(moment: str, as_json: bool) -> None:
    """Set the clock to MOMENT, e.g. 2026-03-02T09:00 (Chinese time unless it has an offset)."""
    at = read_moment(moment)
    _change(lambda ctx: training.move_to(ctx, at), as_json=as_json)


@clock.command("to-next")
@json_option
def to_next_command(as_json: bool) -> None:
    """Jump to the moment when the next waiting work (timer, reminder, deadline) is due."""
    _change(training.move_to_next, as_json=as_json)


@clock.command("reset")
@json_option
def reset_command(as_json: bool) -> None:
    """Back to the host's time. Refused while cases hold later times than that."""
    _change(training.reset, as_json=as_json)


def _change(act: Callable[[Context], object] | None, *, as_json: bool) -> None:
    """Move the clock in one transaction, show it in the next, which has the new time."""
    training.require_training(Settings.from_environment())
    with opened_platform() as platform:
        if act is not None:
            with platform.transaction(SYSTEM) as ctx:
                act(ctx)
            promote(platform)
        with platform.transaction(SYSTEM) as ctx:
            now, offset = training.read(ctx)
    if as_json:
        print_json({"training": True, "now": now.isoformat(), "offsetSeconds": offset})
    else:
        days = f"{offset / 86400:.1f}"
        click.echo(
            f"{local_time(now)}（北京时间，比实际快 {days} 天 · China time, {days} days ahead of the real time）"
        )
