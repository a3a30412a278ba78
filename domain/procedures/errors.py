"""Why a special procedure cannot be asked for, decided or ended."""

from __future__ import annotations

from domain.errors import Conflict, Forbidden


class ProcedureRefused(Conflict):
    """The case is not in a state in which its time may change so."""

    code = "procedure-refused"
    title_zh = "现在不能办理特别程序"
    title_en = "The procedure is not possible now"
    next_zh = "特别程序只能在办件受理后、计时进行中办理；同一种程序同时只有一项。"
    next_en = "A special procedure is possible after acceptance while the clock runs; one of a kind at a time."


class NotTheDecider(Forbidden):
    """Handlers ask, leaders decide, and nobody decides what he asked for."""

    code = "procedure-not-yours"
    title_zh = "不能由您办理"
    title_en = "Somebody else has to do this"
    next_zh = "经办人提出，审批人批准；提出人不能批准自己的申请。"
    next_en = "A handler asks and a leader approves; nobody approves what he asked for himself."
