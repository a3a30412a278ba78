"""The running instance: Spiff's workflow and task tree, holding live tokens only.

Spiff's tree normally keeps every step ever done and predicts those to come. Here a task of the tree is a *token*: its parent is
the scope it runs in (process, sub-process, multi-instance body), and it is removed when it is done. Nothing lives in Spiff's
``Task.data``; variables are in ``Token.vars`` (see :mod:`engine.scopes`), all else a token must remember in ``internal_data``.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine import places
from engine.contract import Incident, ServiceError
from engine.errors import ExpressionFailed, StateUnreadable, StepFailed
from engine.history import Changes
from engine.spiff.store import ELEMENT, MEMORY, PARENT, STATE, TokenStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.contract import Environment
    from engine.expressions import Evaluator
    from engine.limits import Limits
    from engine.source.nodes import Flow
    from engine.spiff.definition import Definition
    from engine.spiff.specs.base import NodeSpec
    from engine.spiff.store import Row


class Token(Task):  # type: ignore[misc]  # Spiff has no types
    """A token of the instance. ``vars`` are its own variables when it is a scope, else None."""

    workflow: Instance
    task_spec: NodeSpec
    vars: dict[str, Any] | None
    internal_data: dict[str, Any]

    def __init__(
        self,
        workflow: Instance,
        task_spec: NodeSpec,
        parent: Token | None = None,
        state: int = TaskState.FUTURE,
        id: str | None = None,
    ) -> None:
        super().__init__(workflow, task_spec, parent, state, id or workflow.next_id())
        self.vars = None

    def _set_state(self, value: int) -> None:
        self._state = value  # Spiff's own setter logs task data

    def _add_child(self, task_spec: NodeSpec, state: int = TaskState.FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def run(self) -> bool | None:
        """As Spiff's, but what the spec made of the state while it ran (waiting, ready again) stays."""
        self._set_state(TaskState.STARTED)
        done: bool | None = self.task_spec.carry_out(self)
        if done:
            self.complete()
        return done

    # Spiff's own moves under names that other modules may use

    def mark(self, state: int) -> None:
        """Set the state."""
        self._set_state(state)

    def wake(self) -> None:
        """The token may run."""
        self._ready()

    def put(self, task_spec: NodeSpec) -> Token:
        """A new token inside this one, not yet arrived."""
        return self._add_child(task_spec)

    def restore(
        self, parent: str | None, children: list[str], memory: dict[str, Any] | None, variables: dict[str, Any] | None
    ) -> None:
        """What a saved token was."""
        self._parent = parent
        self._children = children
        self.internal_data = memory or {}
        self.vars = variables

    def forget(self, child_id: str) -> None:
        """The child is no longer in the tree."""
        self._children.remove(child_id)

    @property
    def scope_key(self) -> str | None:
        """The id of the token this one runs in."""
        key: str | None = self._parent
        return key

    @property
    def isolated(self) -> bool:
        """Whether names are not looked up any further out: a process or a called process."""
        return self._parent is None or "call" in self.internal_data

    @property
    def home(self) -> Definition:
        """The definition whose nodes run inside this token."""
        called = self.internal_data.get("call")
        if called is None:
            return self.task_spec.definition
        return self.workflow.definition_of(called)

    @property
    def gone(self) -> bool:
        """Whether the token was removed from the tree."""
        return self.id not in self.workflow.tasks

    @property
    def waits_for_scope(self) -> bool:
        """Whether this is a mere subscription of its parent (boundary event, event sub-process), not work of the scope."""
        return "k" in self.internal_data

    @property
    def has_work(self) -> bool:
        """Whether anything runs inside: a token that is no mere subscription."""
        memories = self.workflow.tasks
        return any("k" not in memories.memory(child) for child in self._children)

    def row(self) -> Row:
        """The token as it is saved."""
        return [self.id, self.task_spec.node.id, self._parent, self._state, self.internal_data or None, self.vars]

    def cancel(self) -> None:
        """Take the token and all that runs inside it away, unless that has happened already."""
        if self.gone:
            return
        for child in self.children:
            child.cancel()
        self._set_state(TaskState.CANCELLED)
        self.task_spec.cancelled(self)
        self.workflow.remove(self)


def scope_id(scope: Token) -> str:
    """The id of the process or sub-process whose nodes run inside this token."""
    called = scope.internal_data.get("call")
    return called if called is not None else scope.task_spec.node.id


class Instance(Workflow):  # type: ignore[misc]  # Spiff has no types
    """One process instance in memory, for the time of one command."""

    tasks: TokenStore

    def __init__(
        self, definition: Definition, process_id: str, env: Environment, evaluator: Evaluator, limits: Limits
    ) -> None:
        super().__init__(definition.processes[process_id], deserializing=True)
        self.tasks = TokenStore(self._wake)
        self.inside: dict[str | None, list[str]] = {}
        self.definition = definition
        self._called: dict[str, Definition] = {}
        self.process_id = process_id
        self.env = env
        self.evaluator = evaluator
        self.limits = limits
        self.constants: Mapping[str, Any] = {"now": env.now, **env.constants}
        self.stored: dict[str, Any] = dict(env.stores)
        self.counter = 0
        self.key = ""
        self.changes = Changes(0)
        self.queue: deque[Token] = deque()
        self.joins: dict[str, Token] = {}
        self.steps = 0
        self.watched: dict[str, None] = {}
        self.changed: list[tuple[str, str, str]] = []
        self.fulfilled: list[str] = []

    # -- the tree ------------------------------------------------------------------------------------

    def restore(self, rows: list[Row]) -> None:
        """Take saved tokens over; only those that must run or join are made at once."""
        nodes = self.definition.nodes
        for row in rows:
            if row[ELEMENT] not in nodes:
                self._spec(row[ELEMENT])
            dict.__setitem__(self.tasks, row[0], row)
            self.inside.setdefault(row[PARENT], []).append(row[0])
        self.task_tree = self.tasks[rows[0][0]]
        for row in rows:
            if row[STATE] == TaskState.READY:
                self.queue.append(self.tasks[row[0]])
            elif row[STATE] == TaskState.WAITING:
                memory = row[MEMORY] or ()
                if "cond" in memory:
                    self.watched[row[0]] = None
                elif "q" in memory or self._spec(row[ELEMENT]).is_join:
                    self.joins[row[0]] = self.tasks[row[0]]

    def _wake(self, row: Row) -> Token:
        token_id, element, parent, state, memory, variables = row
        token = Token(self, self._spec(element), None, state, token_id)
        token.restore(parent, self.inside.get(token_id, []), memory, variables)
        return token

    def _spec(self, element: str) -> NodeSpec:
        """The spec of an element of this or a called definition."""
        found = self.definition.nodes.get(element)
        if found is None:
            found = self.definition_of(element).nodes.get(element)
        if found is None:
            raise StateUnreadable(f"the definition has no element {element}")
        return found

    def definition_of(self, element_id: str) -> Definition:
        """The definition that an element, flow or process belongs to."""
        definition_id, _ = places.split(element_id)
        return self.definition if definition_id is None else self.get_definition(definition_id)

    def get_definition(self, definition_id: str) -> Definition:
        """The instance's own definition or another one that is called."""
        if definition_id == self.definition.id or self.definition.others is None:
            return self.definition
        if definition_id not in self._called:
            self._called[definition_id] = self.definition.others(definition_id)
        return self._called[definition_id]

    def definitions(self) -> tuple[Definition, ...]:
        """The instance's own definition and those that processes running in it belong to."""
        return (self.definition, *self._called.values())

    def next_id(self) -> str:
        """The next short id inside this instance."""
        self.counter += 1
        return str(self.counter)

    def outer_id(self) -> str:
        """The next id for the outside world, unique over all instances."""
        return f"{self.key}-{self.next_id()}"

    def spawn(self, scope: Token, spec: NodeSpec, flow: Flow | None = None, **internal: Any) -> Token:
        """Put a token at ``spec`` inside ``scope``; it runs when its turn comes."""
        token = scope.put(spec)
        token.internal_data.update(internal)
        if flow is not None:
            self.changes.taken(flow.id)
            if spec.is_join:
                token.internal_data["f"] = flow.id
        spec.arrive(token)
        return token

    def room_for(self, count: int) -> None:
        """Refuse to hold more tokens than the limit, before anything is put anywhere."""
        if len(self.tasks) + count > self.limits.tokens:
            raise StepFailed("tokensExceeded", f"the instance would hold more than {self.limits.tokens} tokens")

    def handlers(self, scope: Token) -> tuple[NodeSpec, ...]:
        """The event sub-processes directly inside the scope."""
        return scope.home.handlers.get(scope_id(scope), ())

    def compensator(self, scope: Token) -> NodeSpec | None:
        """The event sub-process that undoes the scope once it is completed."""
        return scope.home.compensators.get(scope_id(scope))

    def remove(self, token: Token) -> None:
        """Take a token without children out of the tree."""
        if self.tasks.pop(token.id, None) is None:
            return
        self.joins.pop(token.id, None)
        self.watched.pop(token.id, None)
        parent = token.parent
        if parent is not None:
            parent.forget(token.id)
        if "cb" in token.internal_data:
            thrower = self.tasks.get(token.internal_data["cb"])
            if thrower is not None:
                thrower.task_spec.compensated(thrower, token.id)

    def _task_completed_notify(self, task: Token) -> None:
        """Spiff walks the whole tree here; our specs report what happened themselves."""

    # -- failures ------------------------------------------------------------------------------------

    def fail(self, token: Token, error: Exception) -> None:
        """What failed at ``token`` becomes an incident there; an error that is none of the model's is raised on."""
        if isinstance(error, ExpressionFailed):
            self.open_incident(token, "expressionFailed", f"{error.reason} [{error.source}]")
        elif isinstance(error, StepFailed):
            self.open_incident(token, error.code, error.detail)
        elif isinstance(error, ServiceError) and error.bpmn_error is None:
            self.open_incident(token, error.code, error.message)
        elif isinstance(error, ServiceError):
            text = f"nobody catches the BPMN error {error.bpmn_error}: {error.message}"
            self.open_incident(token, "errorUncaught", text)
        else:
            raise error

    def open_incident(self, token: Token, code: str, message: str, job_id: str | None = None) -> None:
        """The instance waits at ``token`` until somebody retries."""
        incident = Incident(self.outer_id(), token.task_spec.node.id, code, message, job_id)
        token.mark(TaskState.ERROR)
        token.internal_data["inc"] = [incident.id, code, message, job_id]
        self.changes.incidents[incident.id] = incident

    def close_incident(self, token: Token) -> None:
        """The incident at ``token`` is over."""
        row = token.internal_data.pop("inc", None)
        if row is not None:
            self.changes.resolve(row[0])
