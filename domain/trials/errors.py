"""What trials refuse."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from domain.errors import Busy, Conflict, DomainError
from engine.errors import AdHocNotOpen, EngineError, IncidentNotOpen, InstanceEnded, JobNotOpen, TaskNotOpen
from forms.errors import KernelLimitReached

if TYPE_CHECKING:
    from collections.abc import Iterator


class TrialLimitReached(Conflict):
    """A bound of the deployment; the fact says which."""

    code = "trial-limit"
    title_zh = "试运行超过上限"
    title_en = "A limit of trials is reached"
    next_zh = "请删除不再需要的试运行或实例后重试；上限由运维人员设置（LIANBAN_TRIAL_*）。"
    next_en = "Delete trials or instances you no longer need and try again; operators set the limits (LIANBAN_TRIAL_*)."


class TrialStepsExceeded(Conflict):
    """Messages or timers go round without end; nothing was changed."""

    code = "trial-steps-exceeded"
    title_zh = "本次操作引发的步骤过多"
    title_en = "The act causes too many steps"
    next_zh = "请检查消息是否在流程之间循环往复、定时器是否没有间隔；刚才的操作没有生效。"
    next_en = "Check for messages that go round between processes and timers without interval; nothing was changed."


class ProcessNotInTrial(DomainError):
    """No resource of the trial has this process, or it cannot be started this way."""

    code = "process-unknown"
    title_zh = "没有可以这样启动的流程"
    title_en = "No process can be started this way"
    next_zh = "请从试运行的 processes 中选择流程及其启动方式。"
    next_en = "Choose a process and a start from the trial's processes."


class InstanceNotRunning(Conflict):
    """The instance has ended or was cancelled."""

    code = "instance-ended"
    title_zh = "流程实例已结束"
    title_en = "The instance has ended"
    next_zh = "请启动新的实例。"
    next_en = "Start another instance."


class NothingDue(Conflict):
    """No timer waits."""

    code = "nothing-waits"
    title_zh = "没有等待到期的定时器"
    title_en = "No timer waits"
    next_zh = "请先让流程走到有定时器的环节。"
    next_en = "First bring an instance to a timer."


class ClockNotBack(Conflict):
    """A trial's clock goes forward only."""

    code = "clock-only-forward"
    title_zh = "时钟不能倒退"
    title_en = "The clock cannot go back"
    next_zh = "请选择更晚的时间，或新建试运行并指定 now。"
    next_en = "Choose a later time, or create a trial with another now."


class StepRefused(DomainError):
    """What the engine says about the input; nothing happened."""

    code = "engine-refused"
    title_zh = "流程引擎未执行该操作"
    title_en = "The engine refused the act"
    next_zh = "请按提示修改后重试。"
    next_en = "Correct it as told and try again."


class StepOutdated(Conflict):
    """The task, job or incident is not open (any more)."""

    code = "not-open"


class EvaluationStopped(Busy):
    """An expression took too long or too much memory; nothing happened."""

    code = "evaluation-stopped"
    title_zh = "计算超过时间或内存上限"
    title_en = "An expression reached its time or memory limit"
    next_zh = "请简化表达式后重试。"
    next_en = "Make the expression simpler and try again."


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what the engine and the kernel refuse into errors of this room."""
    try:
        yield
    except (TaskNotOpen, JobNotOpen, IncidentNotOpen, AdHocNotOpen) as error:
        raise StepOutdated(error.text_zh, error.text_en) from error
    except InstanceEnded as error:
        raise InstanceNotRunning(error.text_zh, error.text_en) from error
    except KernelLimitReached as error:
        raise EvaluationStopped("表达式计算被中止。", "An expression was stopped.") from error
    except EngineError as error:
        raise StepRefused(f"{error.text_zh}{error.detail}", str(error)) from error
