"""Clocks, deadline policies, calendars, and the ladder 预警 → 催办 → 督办 → 会商."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class CalendarDay(Base):
    """An override of the official calendar for a region (e.g. 州庆): a rest day or a workday."""

    __tablename__ = "calendar_days"

    region_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))


class CalendarVersion(Base):
    """A published year of a region's calendar (the nation's notice, a region's decree): versions are only added, one is in force.

    ``days`` are [{day, isWorkday, name}], the days that differ from the calendar beneath. A withdrawn version says that the year is
    again what is inherited (for the nation: the notice that ships with the product, if there is one).
    """

    __tablename__ = "calendar_versions"
    __table_args__ = (
        UniqueConstraint("region_code", "year", "version"),
        Index("ix_calendar_versions_force", "region_code", "year", unique=True, postgresql_where=text("in_force")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    region_code: Mapped[str] = mapped_column(String(12))
    year: Mapped[int]
    version: Mapped[int]
    in_force: Mapped[bool]
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    number: Mapped[str] = mapped_column(String(80), default="")
    """文号 of the notice or decree: 国办发明电〔2025〕7号."""
    source: Mapped[str] = mapped_column(String(300), default="")
    days: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(String(300))
    """Why this version was published: shown wherever a date moved by it."""
    reverts: Mapped[int | None]
    """The version whose days this one brings back."""
    published_by: Mapped[int | None]
    publisher: Mapped[str] = mapped_column(String(60), default="")
    published_at: Mapped[datetime]


class Policy(Base):
    """An effective-value layer: platform → province → site → item → partner; the most specific wins.

    ``value`` is a duration literal (``5wd``, ``PT4H``, ``P40D``) or a number; ``source`` names the law, the plan or our default.
    """

    __tablename__ = "policies"
    __table_args__ = (UniqueConstraint("key", "scope", "scope_ref", "item_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    scope: Mapped[str] = mapped_column(String(12))
    scope_ref: Mapped[str] = mapped_column(String(40), default="")
    item_code: Mapped[str] = mapped_column(String(60), default="")
    value: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(300))
    updated_at: Mapped[datetime]


class PolicyVersion(Base):
    """The history of the layers' values: a row for every change, who, when and why. ``value`` None: the layer's value was taken back."""

    __tablename__ = "policy_versions"
    __table_args__ = (Index("ix_policy_versions_key", "key", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    scope: Mapped[str] = mapped_column(String(12))
    scope_ref: Mapped[str] = mapped_column(String(40), default="")
    item_code: Mapped[str] = mapped_column(String(60), default="")
    value: Mapped[str | None] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(300), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    also_open: Mapped[bool] = mapped_column(default=False)
    """Whether it was to count for cases that were open already, or for new ones only."""
    changed_by: Mapped[int | None]
    changer: Mapped[str] = mapped_column(String(60), default="")
    changed_at: Mapped[datetime]


class Recomputation(Base):
    """Dates of open cases set anew after a change of a calendar or a policy: what caused it, how far it is, what moved.

    ``cause``: calendar.published, calendar.withdrawn, calendar.changed, calendar.reverted, calendar.known, policy.changed.
    """

    __tablename__ = "recomputations"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    cause: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(300))
    """Shown to the applicants whose promised date moved."""
    detail: Mapped[dict[str, Any]]
    """What was changed: region, year, version, day; or key, layer, value."""
    total_cases: Mapped[int]
    done_cases: Mapped[int] = mapped_column(default=0)
    moved_clocks: Mapped[int] = mapped_column(default=0)
    moved_tasks: Mapped[int] = mapped_column(default=0)
    moved_timers: Mapped[int] = mapped_column(default=0)
    moved_steps: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[int | None]
    starter: Mapped[str] = mapped_column(String(60), default="")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class CalendarAlert(Base):
    """A year without notice that the platform's administrators were told of, and when last."""

    __tablename__ = "calendar_alerts"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    raised_at: Mapped[datetime]


class ClockRow(Base):
    """A clock of a case, of a leg or of a task: one table, one algorithm (:mod:`domain.deadlines.counting`).

    A case has two (STATUTORY, PROMISE), a leg of a partner site one (INTERNAL). A task's clock is its own row
    (``opened_at``, ``policy``, ``due_at``) and stands here only once something but opening and closing happened to it.
    In working days: used + remaining = total, and first day to due date = total + paused.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "leg_id", "task_id", postgresql_nulls_not_distinct=True),
        Index("ix_clocks_task", "task_id", postgresql_where=text("task_id is not null")),
        Index("ix_clocks_running", "region_code", "due_at", postgresql_where=text("state = 'RUNNING'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    leg_id: Mapped[int | None] = mapped_column(ForeignKey("legs.id"))
    """None: the case's own clock."""
    task_id: Mapped[str | None] = mapped_column(ForeignKey("tasks.id"))
    kind: Mapped[str] = mapped_column(String(12))
    """STATUTORY, PROMISE, INTERNAL."""
    policy: Mapped[str] = mapped_column(String(60), default="")
    """The policy that its total comes from."""
    total_days: Mapped[int]
    used_days: Mapped[int] = mapped_column(default=0)
    """Working days of the runs before the present one."""
    paused_days: Mapped[int] = mapped_column(default=0)
    """Working days of the stops before the present one."""
    extended_days: Mapped[int] = mapped_column(default=0)
    """Part of ``total_days`` that came by extension (art. 42)."""
    state: Mapped[str] = mapped_column(String(10))
    """WAITING, HELD, RUNNING, STOPPED, DONE; overdue is RUNNING past ``due_at``."""
    stop_reason: Mapped[str] = mapped_column(String(400), default="")
    """Codes with commas between them: several may hold at a time."""
    region_code: Mapped[str] = mapped_column(String(12))
    """Whose calendar counts: the region of the site that must act."""
    started_at: Mapped[datetime | None]
    """Effective start: the day after it is day 1. Received out of office hours counts as the next workday."""
    running_since: Mapped[datetime | None]
    """Effective start of the present run."""
    stopped_at: Mapped[datetime | None]
    """Since when the present stop holds."""
    resume_expected_at: Mapped[datetime | None]
    """Until when the notice said that the stop would hold."""
    due_at: Mapped[datetime | None]
    is_provisional: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(300), default="")

    @property
    def subject(self) -> str:
        """What it is the clock of: case, leg or task."""
        if self.task_id is not None:
            return "task"
        return "case" if self.leg_id is None else "leg"


class ClockEvent(Base):
    """Every change of a date with its reason: the answer to “为什么是这一天”."""

    __tablename__ = "clock_events"
    __table_args__ = (Index("ix_clock_events_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    leg_id: Mapped[int | None]
    task_id: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    action: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(400), default="")
    """Code of the reason (with commas between them, where several ended); ``note`` has its words."""
    note: Mapped[str] = mapped_column(String(400), default="")
    legal_ground: Mapped[str] = mapped_column(String(200), default="")
    document_id: Mapped[int | None]
    actor_id: Mapped[int | None]
    """None: the process or the platform itself."""
    actor_name: Mapped[str] = mapped_column(String(80), default="")
    at: Mapped[datetime]
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]
    used_days: Mapped[int]
    paused_days: Mapped[int] = mapped_column(default=0)


class LadderStep(Base):
    """A reminder (REMIND 预警), urge (URGE 催办), supervision order (SUPERVISE 督办) or conference (CONFER 会商) about a task or leg."""

    __tablename__ = "ladder_steps"
    __table_args__ = (
        Index("ix_ladder_steps_case", "case_id", "id"),
        UniqueConstraint("task_id", "source", "kind", "level"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    leg_id: Mapped[int] = mapped_column(ForeignKey("legs.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("tasks.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(String(10))
    level: Mapped[int] = mapped_column(default=1)
    source: Mapped[str] = mapped_column(String(10), default="deadline")
    """deadline (by the platform), staff, applicant."""
    rule: Mapped[str] = mapped_column(String(60), default="")
    """规则编号 of GB/T 39046 (电子监察): the policy whose date was missed."""
    alert_type: Mapped[str] = mapped_column(String(20), default="")
    """预警类型: 预警, 黄牌, 红牌."""
    responsible: Mapped[str] = mapped_column(String(200), default="")
    """责任部门."""
    raised_by: Mapped[int | None]
    """None: raised by the deadline itself."""
    due_at: Mapped[datetime | None]
    raised_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(400), default="")
    """督办内容, or what the person who urges wrote."""
    answer_due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None]
    answer: Mapped[str | None] = mapped_column(String(400))
    told: Mapped[str] = mapped_column(String(10), default="", server_default="")
    """Whom at the responsible site it went to: the contact book's 联络员 (contact), or the administrator because the entry is
    stale (stale) or missing (none); empty: an applicant, or not asked."""
    told_name: Mapped[str] = mapped_column(String(80), default="", server_default="")


class RulesEdition(Base):
    """One row (id 1): a random number that triggers replace with every change of policies or calendars (:mod:`…deadlines.rules`)."""

    __tablename__ = "rules_edition"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))


class TrainingClock(Base):
    """The adjustable clock of a deployment in training mode: one row (id 1)."""

    __tablename__ = "training_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[int] = mapped_column(default=0)
    changed_by: Mapped[str] = mapped_column(String(60), default="")
    changed_at: Mapped[datetime]
