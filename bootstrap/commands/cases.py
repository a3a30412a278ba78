"""``lianban case``: look at cases from the terminal; play one."""

from __future__ import annotations

import dataclasses
import time

import click

from bootstrap.commands.definitions import opened_platform
from bootstrap.commands.surface import json_option, local_time, pad, print_json, print_table
from domain.actors import Actor, Role
from domain.cases import open_things, queries, search, timeline
from domain.context import Context

OPERATOR = Actor(user_id=0, name="命令行", grants={0: frozenset({Role.PLATFORM_ADMIN})})
"""Whoever has the machine: sees states, dates and events of all cases, and no content of any."""


@click.group()
def case() -> None:
    """办件: list cases, look at one across all its sites, play a demo case.

    Shows states, dates and events, never what an application says: that is for the staff of the site, on the pages.
    """


@case.command("list")
@click.option("--state", type=click.Choice(["open", "closed", "all"]), default="open", show_default=True)
@click.option("--item", help="Item code, e.g. hukou-join-parents.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@json_option
def list_command(state: str, item: str | None, limit: int, as_json: bool) -> None:
    """Cases, newest first; stuck ones are marked with an exclamation mark."""
    with opened_platform() as platform, platform.transaction(OPERATOR) as ctx:
        lines, following = search.list_cases(ctx, search.Filter(state=state, item=item), before_id=None, limit=limit)
        if as_json:
            print_json([dataclasses.asdict(line) for line in lines])
            return
        print_table(
            ["办件编号 case", "事项 item", "主办 lead", "协办 partners", "状态 status", "承诺期限 promised", ""],
            [
                (
                    line.case_no,
                    line.item_name,
                    line.main_site_name,
                    "、".join(line.partner_site_names),
                    line.status_name,
                    local_time(line.promise_due_at),
                    "!" if line.stuck else "",
                )
                for line in lines
            ],
        )
        if following:
            click.echo(f"只显示最新的 {limit} 件 · only the newest {limit} are shown (--limit)")


@case.command("show")
@click.argument("number")
@json_option
def show_command(number: str, as_json: bool) -> None:
    """One case by any of its numbers: legs, tasks and the joint timeline of all sites."""
    with opened_platform() as platform, platform.transaction(OPERATOR) as ctx:
        frame = queries.get_frame(ctx, number.strip())
        if as_json:
            print_json(_facts(ctx, frame))
        else:
            print_case(ctx, frame)


@case.command("demo")
@click.option("--pause", type=click.FloatRange(0, 60), default=0.0, help="Seconds between steps, to read along.")
@click.option("--show", "show_timeline", is_flag=True, help="Print the joint timeline at the end.")
def demo_command(pause: float, show_timeline: bool) -> None:
    """演示办件: a child's household registration moves from Guangdong to Yunnan, played by the demo's people.

    Apply, supplement, accept, investigate, approve, send to the other province; there nobody signs in until the
    training clock reaches the deadline and 催办 goes out; then check, move out, settle, deliver and rate. Needs the
    demo's data (lianban demo); works beside a running demo, whose pages show the same case.
    """
    from bootstrap.story import Story

    with opened_platform() as platform:
        story = Story(platform)
        for told in story.play():
            line = f"{local_time(told.at)}  {pad(told.place, 26)}{pad(told.person, 8)}{told.text}"
            click.secho(line, bold=told.notable)
            if pause:
                time.sleep(pause)
        click.echo()
        click.echo(f"办结 closed: {story.case_no}    lianban case show {story.case_no}")
        if show_timeline:
            with platform.transaction(OPERATOR) as ctx:
                print_case(ctx, queries.get_frame(ctx, story.case_no))


def print_case(ctx: Context, frame: queries.Frame) -> None:
    """A case for people: who has it, what waits, what happened."""
    click.secho(f"办件 {frame.case.case_no}（业务协同编号 {frame.case.collab_no}）", bold=True)
    facts = _facts(ctx, frame)
    click.echo()
    print_table(
        ["机构 site", "编号 number", "角色 role", "状态 status", "开始 began", "结束 ended"],
        [tuple(leg.values()) for leg in facts["legs"]],
    )
    click.echo()
    print_table(
        ["任务 task", "机构 site", "角色 role", "期限 due", "状态 state"],
        [tuple(task.values()) for task in facts["tasks"]],
    )
    click.echo()
    print_table(
        ["时间 time", "机构 site", "事件 event", "人员 person"], [tuple(event.values()) for event in facts["events"]]
    )


def _facts(ctx: Context, frame: queries.Frame) -> dict[str, list[dict[str, str]]]:
    told = timeline.get_timeline(ctx, frame)
    lanes = {lane.leg_id: lane.site_name for lane in told.lanes}
    return {
        "legs": [
            {
                "site": frame.sites[leg.site_id].name,
                "caseNo": leg.case_no,
                "role": leg.role,
                "status": leg.status,
                "startedAt": local_time(leg.started_at),
                "endedAt": local_time(leg.ended_at),
            }
            for leg in frame.legs
        ],
        "tasks": [
            {
                "name": task.name,
                "site": frame.sites[task.site_id].name,
                "role": task.role,
                "dueAt": local_time(task.due_at),
                "state": task.state,
            }
            for task in open_things.tasks_of(ctx.session, frame.case.id)
        ],
        "events": [
            {
                "at": local_time(event.at),
                "site": lanes.get(event.leg_id, "") if event.leg_id else "",
                "title": event.title,
                "person": event.actor_name,
            }
            for event in told.events
        ],
    }
