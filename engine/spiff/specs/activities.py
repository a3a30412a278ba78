"""Activities: what all of them share (inputs, boundary events, multi-instance) and the tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import scopes
from engine.contract import Job, OpenTask, ServiceError
from engine.errors import StepFailed, VariablesNotJson
from engine.spiff.specs import catching, compensation, multi
from engine.spiff.specs.base import NodeSpec
from engine.spiff.specs.data import bring, take
from engine.spiff.specs.events import send
from engine.spiff.specs.waiting import Wait, disarm, fire_conditions, watch
from engine.values import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.source.nodes import Flow
    from engine.spiff.workflow import Token


class ActivitySpec(NodeSpec):
    """A task, sub-process or call activity."""

    def _update_hook(self, my_task: Token) -> bool:
        """An activity with a start quantity waits until so many tokens are here; they become one."""
        data = my_task.internal_data
        if self.node.start_quantity == 1 or "i" in data or "res" in data:
            return True
        instance = my_task.workflow
        data["q"] = 1
        my_task.mark(TaskState.WAITING)
        instance.joins[my_task.id] = my_task
        here = [t for t in instance.joins.values() if t.task_spec is self and t.scope_key == my_task.scope_key]
        if len(here) < self.node.start_quantity:
            return False
        for token in here:
            instance.joins.pop(token.id)
            if token is not my_task:
                instance.remove(token)
        del data["q"]
        return True

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Open boundary events once, then run the body or the instances of the body."""
        data = token.internal_data
        if data.get("done"):
            return self.closing(token)
        single = not self.node.repeats or "i" in data
        inputs = self.mapped_inputs(token) if single else {}
        if inputs:
            token.vars = {**(token.vars or {}), **inputs}
        if "i" not in data and "b" not in data:
            watch(token, self.boundaries, "b")
            data["b"] = 1
            if token.workflow.fulfilled:
                fire_conditions(token.workflow)
                if token.gone:
                    return None
        if not single:
            return multi.begin(token)
        return self.perform(token, inputs)

    def report_done(self, token: Token) -> None:
        """The work itself is done, even when the token cannot go on."""

    def mapped_inputs(self, token: Token) -> dict[str, Any]:
        """The variables that the input mappings make. A retry does not see those of the attempt before."""
        rows = (*self.node.data_inputs, *self.node.inputs)
        if not rows:
            return {}
        targets = {row.target.split(".", 1)[0] for row in rows}
        held = token.vars or {}
        data = token.internal_data
        if "pre" in data:
            token.vars = {k: v for k, v in held.items() if k not in targets} | data["pre"]
        else:
            data["pre"] = {k: v for k, v in held.items() if k in targets}
        brought = bring(token)
        return brought | token.workflow.evaluator.mappings(self.node.inputs, scopes.visible(token, brought))

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Do the activity itself; None means that it waits."""
        return {}

    def closing(self, token: Token) -> Mapping[str, Any]:  # noqa: ARG002
        """The result of an activity whose inside has ended."""
        return {}

    def apply(self, token: Token, result: Mapping[str, Any]) -> None:
        """Outputs go outwards; an instance of a multi-instance activity also gives its output element."""
        if "mi" in token.internal_data:
            multi.finish(token)
            return
        if "i" in token.internal_data:
            values = {**self.mapped_outputs(token, result), **take(token, result)}
            multi.collect(token, {**result, **values})
            scopes.write(token.parent, multi.shared(token, values))
            return
        super().apply(token, result)

    def leave(self, token: Token) -> None:
        """An instance of a multi-instance activity reports to its body instead of taking flows."""
        if "i" in token.internal_data:
            self.completed(token)
            multi.instance_ended(token)
        else:
            super().leave(token)

    def completed(self, token: Token) -> None:
        """From now on it can be compensated."""
        compensation.remember(token)

    def choose(self, token: Token) -> tuple[Flow, ...]:
        """Event sub-processes have no flows."""
        return () if self.node.event_subprocess else super().choose(token)


class PassSpec(ActivitySpec):
    """Manual and abstract tasks: done outside, nothing to wait for."""


class UserTaskSpec(ActivitySpec):
    """Waits for a person."""

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Open the task."""
        instance = token.workflow
        node = self.node
        asked = [node.assignee or "", node.candidate_groups or "", node.deadline or node.due_date or ""]
        if any(a.startswith("=") for a in asked):
            assignee, groups, due = instance.evaluator.all(asked, scopes.visible(token))
        else:
            assignee, groups, due = asked
        task_id = instance.outer_id()
        token.internal_data["task"] = [task_id, _text(assignee), _names(groups), _text(due)]
        instance.changes.tasks[task_id] = open_task(token)
        return None

    def report_done(self, token: Token) -> None:
        """The task is completed."""
        self.close(token, cancelled=False)

    def _on_complete(self, my_task: Token) -> None:
        self.report_done(my_task)
        super()._on_complete(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        self.close(my_task, cancelled=True)
        super()._on_cancel(my_task)

    def close(self, token: Token, *, cancelled: bool = True) -> None:
        """The task is no longer open."""
        row = token.internal_data.pop("task", None)
        if row is not None:
            token.workflow.changes.close_task(row[0], self.node.id, cancelled=cancelled)


def open_task(token: Token) -> OpenTask:
    """The open task at a token."""
    task_id, assignee, groups, due = token.internal_data["task"]
    node = token.task_spec.node
    names = {m.target.split(".", 1)[0] for m in (*node.data_inputs, *node.inputs)}
    held = token.vars or {}
    return OpenTask(
        id=task_id,
        element_id=node.id,
        name=node.name,
        context={name: held[name] for name in held if name in names},
        assignee=assignee,
        candidate_groups=tuple(groups),
        due=due,
        loop_index=token.internal_data.get("i"),
    )


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _names(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(part) for part in value] if isinstance(value, (list, tuple)) else [str(value)]


class JobSpec(ActivitySpec):
    """Service tasks and all else with a task definition: run inside the step, or open a job for a worker outside."""

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Run the service; a BPMN error it throws goes to whoever catches it."""
        instance = token.workflow
        asked = (self.node.job_type or "", self.node.job_retries or "")
        kind, retries = instance.evaluator.all(asked, scopes.visible(token))
        if not isinstance(kind, str) or not kind:
            raise StepFailed("serviceTypeMissing", f"the service type of {self.node.id} has no value")
        job = Job(instance.outer_id(), self.node.id, kind, dict(inputs), self.node.headers, _count(retries))
        service = instance.env.services.get(kind)
        if service is None:
            token.internal_data["job"] = [job.id, kind]
            instance.changes.jobs[job.id] = job
            return None
        try:
            return plain(service(job))
        except VariablesNotJson as error:
            raise StepFailed(
                "resultNotJson", f"the service {kind} gave what cannot be stored: {error.detail}"
            ) from error
        except ServiceError as error:
            if error.bpmn_error is None or not catching.throw_error(token, error.bpmn_error, {}):
                raise
            return None

    def report_done(self, token: Token) -> None:
        """The job is completed."""
        self.close(token)

    def _on_complete(self, my_task: Token) -> None:
        self.report_done(my_task)
        super()._on_complete(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        self.close(my_task)
        super()._on_cancel(my_task)

    def close(self, token: Token) -> None:
        """The job is no longer open."""
        row = token.internal_data.pop("job", None)
        if row is not None:
            token.workflow.changes.close_job(row[0])


def _count(value: Any) -> int | None:
    """A number of retries; what is none counts as not said."""
    try:
        return None if value is None or isinstance(value, bool) or value == "" else max(int(value), 0)
    except (TypeError, ValueError):
        return None


def open_job(token: Token) -> Job:
    """The open job at a token."""
    job_id, kind = token.internal_data["job"]
    node = token.task_spec.node
    names = {m.target.split(".", 1)[0] for m in (*node.data_inputs, *node.inputs)}
    held = token.vars or {}
    return Job(job_id, node.id, kind, {name: held[name] for name in held if name in names}, node.headers)


class RuleSpec(JobSpec):
    """A business rule task: a decision made inside the step, or a job like a service task."""

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Decide; the answer goes to the result variable. A decision that fails stops the token."""
        called = self.node.decision
        if called is None:
            return super().perform(token, inputs)
        instance = token.workflow
        seen = scopes.visible(token)
        decision_id = instance.evaluator.one(called.decision_id, seen)
        if instance.env.decide is None or not isinstance(decision_id, str) or not decision_id:
            raise StepFailed("decisionUnknown", f"{self.node.id} names no decision that is deployed")
        value = instance.env.decide(replace(called, decision_id=decision_id), seen)
        return plain({called.result_variable: value})


class ScriptSpec(ActivitySpec):
    """A FEEL script; its value goes to the result variable."""

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Evaluate; without a result variable the value is dropped."""
        value = token.workflow.evaluator.one(self.node.script or "", scopes.visible(token))
        return {self.node.result_variable: value} if self.node.result_variable else {}


class ReceiveSpec(ActivitySpec):
    """A receive task waits for its message."""

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Wait."""
        Wait(token, self).open(token)
        return None

    def _on_complete(self, my_task: Token) -> None:
        disarm(my_task)
        super()._on_complete(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        disarm(my_task)
        super()._on_cancel(my_task)


class SendSpec(ActivitySpec):
    """A send task hands its message out; its inputs are the payload."""

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Send."""
        send(token.workflow, token, self.node.trigger, inputs)
        return {}
