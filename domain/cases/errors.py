"""What cases refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import Conflict, DomainError, Kind
from engine.contract import Finding, Severity
from engine.errors import (
    AdHocNotOpen,
    ElementNotEnabled,
    EngineError,
    IncidentNotOpen,
    InstanceEnded,
    JobNotOpen,
    TaskNotOpen,
)
from forms.errors import KernelLimitReached


class CaseSuspended(Conflict):
    """The leg was put on hold; nothing moves until it is resumed."""

    code = "case-suspended"
    title_zh = "办件已暂停"
    title_en = "The case is suspended"
    next_zh = "请联系运维人员恢复后再办理。"
    next_en = "Ask the administrator to resume it."


class CaseClosed(Conflict):
    """The leg has ended; nothing can be done in it."""

    code = "case-closed"
    title_zh = "办件已办结"
    title_en = "The case is closed"
    next_zh = "已办结的办件不能再操作。"
    next_en = "A closed case takes no more actions."


class VersionConflict(Conflict):
    """Somebody else changed the thing since the client read it."""

    code = "version-conflict"
    title_zh = "内容已被他人更新"
    title_en = "It was changed by somebody else"


class WithdrawalRefused(Conflict):
    """The application cannot be withdrawn now; the fact says why."""

    code = "withdrawal-refused"
    title_zh = "目前不能撤回申请"
    title_en = "The application cannot be withdrawn now"
    next_zh = "请联系受理机构；已迁出或已转出的，需由两地机关共同处理。"
    next_en = "Contact the accepting site; after the point of no return both authorities must act."


class DuplicateApplication(Conflict):
    """There is an open case about the same person or certificate; the fact names it."""

    code = "duplicate-application"
    title_zh = "已有未办结的同类办件"
    title_en = "There is an open case of this kind already"
    next_zh = "请在原办件中继续办理，或撤回后重新申请。"
    next_en = "Continue in the existing case, or withdraw it first."


class SiteUnresolved(DomainError):
    """The model names a site that does not exist here."""

    code = "site-unresolved"
    title_zh = "找不到办理机构"
    title_en = "No site is responsible"
    next_zh = "请核对所选机构；确无对应机构的，请联系管理员。"
    next_en = "Check the chosen site; if none fits, ask the administrator."


class ItemNotAvailable(DomainError):
    """No definition is deployed for the item."""

    code = "item-not-available"
    title_zh = "该事项暂不能在线办理"
    title_en = "The item cannot be applied for here yet"
    next_zh = "请到办理机构窗口办理，或联系管理员部署流程。"
    next_en = "Apply at the counter, or ask the administrator to deploy its process."


class PlatformDutyUnknown(Conflict):
    """The model asks for a service or effect that this platform does not offer."""

    code = "platform-duty-unknown"
    title_zh = "流程要求了平台不提供的功能"
    title_en = "The model asks for something the platform does not offer"
    next_zh = "请联系流程设计员修改并重新部署。"
    next_en = "Ask the process designer to correct and deploy the model again."


class MoveInvalid(DomainError):
    """The move was asked for in a way that makes no sense."""

    code = "move-invalid"
    title_zh = "不能这样迁移"
    title_en = "Cases cannot be moved this way"


class MoveRefused(Conflict):
    """Something in the case has no place in the other version; ``findings`` say what, nothing was changed."""

    code = "move-refused"
    title_zh = "办件不能迁移到该版本"
    title_en = "The case cannot move to this version"
    next_zh = "请按所列问题调整节点对应关系，或等办件办过相应环节后再迁移。"
    next_en = "Adjust the mapping as the findings say, or move the case after it has passed these steps."

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        errors = [each for each in findings if each.severity is Severity.ERROR]
        super().__init__(
            f"共有 {len(errors)} 处不能对应，第一处：{errors[0].message_zh}",
            f"{len(errors)} places cannot be mapped, the first: {errors[0].message_en}",
        )


class NotOffered(Conflict):
    """The elements cannot be started (any more): the ad-hoc sub-process is over, or it never offered them."""

    code = "not-offered"
    title_zh = "所选环节不能启动"
    title_en = "The chosen element cannot be started"
    next_zh = "请刷新页面，从可启动的环节中选择。"
    next_en = "Reload the page and choose one of the elements that are offered."


class EngineRefused(DomainError):
    """The engine refused the command; nothing was changed."""

    code = "engine-refused"
    title_zh = "流程引擎拒绝了操作"
    title_en = "The process engine refused"
    next_zh = "操作没有生效：请刷新页面查看当前环节；仍失败时请联系流程设计员。"
    next_en = "Nothing was changed: reload to see the present step; if it fails again ask the process designer."


class EngineConflict(Conflict):
    """The engine's state is another than the command needs."""

    code = "engine-conflict"


class EvaluationStopped(DomainError):
    """An expression took too long or too much memory; nothing was changed. Under load the next try may succeed."""

    code = "evaluation-stopped"
    kind = Kind.BUSY
    title_zh = "计算超过时间或内存上限"
    title_en = "An expression reached its time or memory limit"
    next_zh = "请稍候重试；多次出现时请联系流程设计员简化表达式。"
    next_en = "Try again shortly; if it keeps happening, ask the process designer to make the expression simpler."


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what the engine and the kernel refuse into errors of this room."""
    try:
        yield
    except EngineError as error:
        raise translate(error) from error
    except KernelLimitReached as error:
        raise EvaluationStopped("表达式计算被中止。", "An expression was stopped.") from error


def translate(error: EngineError) -> DomainError:
    """The domain's error for an engine's refusal: state conflicts are told apart from bad input."""
    if isinstance(error, AdHocNotOpen | ElementNotEnabled):
        return NotOffered(error.text_zh, error.text_en)
    stale = isinstance(error, TaskNotOpen | JobNotOpen | IncidentNotOpen | InstanceEnded)
    kind = EngineConflict if stale else EngineRefused
    return kind(error.text_zh, error.text_en)


__all__ = [
    "CaseClosed",
    "CaseSuspended",
    "DuplicateApplication",
    "EngineConflict",
    "EngineRefused",
    "EvaluationStopped",
    "ItemNotAvailable",
    "NotOffered",
    "PlatformDutyUnknown",
    "SiteUnresolved",
    "VersionConflict",
    "WithdrawalRefused",
    "refusals",
    "translate",
]
