"""What the engine refuses. Each error has a slug ``code`` and a sentence in Chinese and English saying what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract import Finding, Severity


class EngineError(Exception):
    """Root of the engine's errors. ``text_zh`` and ``text_en`` may be shown to people; they hold no process data."""

    code = "engine.error"
    text_zh = "流程引擎无法执行此操作。"
    text_en = "The process engine cannot do this."

    def __init__(self, detail: str = "", *, text_zh: str = "", text_en: str = "") -> None:
        self.text_zh = text_zh or self.text_zh
        self.text_en = text_en or self.text_en
        self.detail = detail
        super().__init__(f"{self.text_en} {detail}".strip())


class DefinitionRefused(EngineError):
    """The model has errors; ``findings`` says which, where and what to do (warnings included)."""

    code = "engine.definition-refused"
    text_zh = "流程模型存在错误，不能部署；请按所列问题逐项修改。"
    text_en = "The model has errors and cannot be deployed; correct the listed findings."

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [f for f in self.findings if f.severity is Severity.ERROR]
        super().__init__("; ".join(f"{f.element_id or '-'}: {f.rule}" for f in errors[:10]))


class ProcessUnknown(EngineError):
    """The definition has no such process, or the process cannot be started this way."""

    code = "engine.process-unknown"
    text_zh = "流程定义中没有可以这样启动的流程；请检查流程编号和启动消息。"
    text_en = "The definition has no process that can be started this way; check the process id and the start message."


class TaskNotOpen(EngineError):
    """The user task is not open (any more)."""

    code = "engine.task-not-open"
    text_zh = "该任务已办结或已取消；请刷新任务列表。"
    text_en = "The task is no longer open; refresh the task list."


class JobNotOpen(EngineError):
    """The job is not open (any more)."""

    code = "engine.job-not-open"
    text_zh = "该作业已完成或已取消。"
    text_en = "The job is no longer open."


class IncidentNotOpen(EngineError):
    """The incident was resolved already."""

    code = "engine.incident-not-open"
    text_zh = "该异常已处理；请刷新页面。"
    text_en = "The incident has been resolved; refresh the page."


class ElementNotActive(EngineError):
    """No token is at the element."""

    code = "engine.element-not-active"
    text_zh = "流程当前不在该环节；请刷新页面后重新选择。"
    text_en = "The instance is not at this element; refresh the page and choose again."


class AdHocNotOpen(EngineError):
    """The ad-hoc sub-process is not open (any more)."""

    code = "engine.ad-hoc-not-open"
    text_zh = "该即席子流程已结束；请刷新页面。"
    text_en = "The ad-hoc sub-process is no longer open; refresh the page."


class ElementNotEnabled(EngineError):
    """The element cannot be activated in this ad-hoc sub-process now."""

    code = "engine.element-not-enabled"
    text_zh = "不能启动所选的环节；请从可启动的环节中选择。"
    text_en = "The chosen element cannot be activated; choose one of those that are offered."


class InstanceEnded(EngineError):
    """The instance has ended; nothing can be done with it."""

    code = "engine.instance-ended"
    text_zh = "该流程实例已结束，不能再操作。"
    text_en = "The instance has ended and takes no more commands."


class ExpressionFailed(EngineError):
    """A FEEL expression could not be evaluated. ``source`` is its text, ``reason`` what the kernel said."""

    code = "engine.expression-failed"
    text_zh = "表达式求值失败；请检查流程变量和表达式。"
    text_en = "An expression failed; check the process variables and the expression."

    def __init__(self, source: str, reason: str, *, index: int = 0, element_id: str | None = None) -> None:
        self.source = source
        self.reason = reason
        self.index = index
        self.element_id = element_id
        super().__init__(f"{reason} [{source}]")


class StepFailed(EngineError):
    """Something at one node failed; becomes an incident there. ``code`` is the incident's code."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class VariablesNotJson(EngineError):
    """A value that shall become a process variable cannot be written as JSON."""

    code = "engine.variables-not-json"
    text_zh = "提交的数据含有无法保存的值（只能是文本、数字、是否、列表和对象）。"
    text_en = "The data holds a value that cannot be stored; only text, numbers, booleans, lists and objects can."


class ValuesTooLarge(EngineError):
    """One command brings more data than the configured limit."""

    code = "engine.values-too-large"
    text_zh = "一次提交的数据量超过上限；请减少数据，文件请作为材料上传。"
    text_en = "One command brings more data than allowed; send less, and upload files as materials."


class StateTooLarge(EngineError):
    """The instance would hold more than the configured limit."""

    code = "engine.state-too-large"
    text_zh = "流程实例的数据量超过上限；请减少数据后重试。"
    text_en = "The instance would hold more data than allowed; submit less and try again."


class MoveRefused(EngineError):
    """The instance cannot move to the other version; ``findings`` says what stands in the way of which element."""

    code = "engine.move-refused"
    text_zh = "该实例不能迁移到所选版本；请按所列问题调整对应关系。"
    text_en = "The instance cannot move to this version; adjust the mapping as the findings say."

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{f.element_id or '-'}: {f.rule}" for f in self.findings[:10]))


class StateUnreadable(EngineError):
    """The saved state is of an unknown version or does not fit its definition."""

    code = "engine.state-unreadable"
    text_zh = "流程实例的保存状态无法读取；请联系运维人员。"
    text_en = "The saved state cannot be read; ask the operator."
