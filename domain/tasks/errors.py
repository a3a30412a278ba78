"""What tasks refuse."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, Forbidden
from domain.identity.separation import DutiesApart
from domain.rejections import FieldsRejected


class TaskNotOpen(Conflict):
    """The task was completed or cancelled; the fact says by whom and when."""

    code = "task-not-open"
    title_zh = "任务已不能办理"
    title_en = "The task is no longer open"
    next_zh = "请刷新任务列表。"
    next_en = "Refresh the task list."


class TaskClaimed(Conflict):
    """Somebody else has taken the task."""

    code = "task-claimed"
    title_zh = "任务已由他人领取"
    title_en = "Somebody else has claimed the task"
    next_zh = "请由领取人办理，或由其退回后再领取。"
    next_en = "Let that person do it, or claim it after release."


class TaskChanged(Conflict):
    """The task changed since the client read it."""

    code = "version-conflict"
    title_zh = "任务已被更新"
    title_en = "The task has changed"


class NotYourTask(Forbidden):
    """The actor does not have the role for the task at its site."""

    code = "not-your-task"
    title_zh = "您不能办理该任务"
    title_en = "You may not do this task"


class DelegationEnded(NotYourTask):
    """The actor did the task's role for somebody else; that delegation is over."""

    code = "delegation-ended"
    title_zh = "委托代理已结束"
    title_en = "The delegation has ended"
    next_zh = "您填写的内容没有提交，请转告委托人或其他有此角色的人员办理；仍需代办的，请其重新设置委托。"
    next_en = "Nothing was submitted: tell the delegator or another holder of the role, or ask for a new delegation."


class SeparationOfDuties(DutiesApart):
    """The person did an earlier step that must be done by somebody else."""


class ActionUnknown(DomainError):
    """The task has no such button."""

    code = "action-unknown"
    title_zh = "没有这个操作"
    title_en = "The task has no such action"
    next_zh = "请选择页面上列出的操作。"
    next_en = "Choose one of the listed actions."


class FormRejected(FieldsRejected):
    """The submitted form breaks rules; ``errors`` says which fields and why."""

    title_zh = "填写内容不符合要求"
    title_en = "The form was not filled in correctly"
    next_zh = "请按提示修改后重新提交。"
    next_en = "Correct the marked fields and submit again."


class ActionNotHere(Conflict):
    """The case carries a mark that takes this button away: a case accepted on receipt cannot be refused acceptance."""

    code = "action-not-here"
    title_zh = "本办件不能选择这个操作"
    title_en = "This action is not offered in this case"
    next_zh = "缺少材料的，请一次性告知补正；其他情形请选择页面上列出的操作。"
    next_en = "Ask for what is missing, or choose one of the actions shown."
