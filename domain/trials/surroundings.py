"""What one step of a trial may see of the world: its clock, working days, its services, and for our dialect a made-up case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from domain.clock import CHINA
from domain.deadlines import due, handed
from domain.definitions import store
from domain.trials import deciding
from engine import places
from engine.contract import CalledProcess, Environment, Job, Service, Variables

if TYPE_CHECKING:
    from domain.context import Context
    from domain.trials.models import Trial, TrialInstance
    from domain.trials.resources import Resource

COMPLETE = "complete"
HOLD = "hold"


class AnyService(Mapping[str, Service]):
    """Does every service task at once, with the canned result of its element id or type (else none), and logs it."""

    def __init__(self, results: Mapping[str, Variables]) -> None:
        self._results = results
        self.done: list[tuple[Job, Variables]] = []

    def _do(self, job: Job) -> Variables:
        _, element = places.split(job.element_id)
        result = self._results.get(element, self._results.get(job.type, {}))
        self.done.append((job, result))
        return result

    def __getitem__(self, kind: str) -> Service:
        return self._do

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)


class NoService(AnyService):
    """Leaves every service task open as a job."""

    def __getitem__(self, kind: str) -> Service:
        raise KeyError(kind)


def services_of(trial: Trial) -> AnyService:
    """How service tasks are done in this trial."""
    return AnyService(trial.results) if trial.services == COMPLETE else NoService({})


def find_called(ctx: Context, resources: Sequence[Resource], called: CalledProcess) -> str | None:
    """The engine's id of the model that holds a called process: the trial's newest one, else what the platform has deployed."""
    caller = next((each for each in reversed(resources) if each.engine_id == called.caller_id), None)
    for each in reversed(resources):
        if called.binding == "deployment" and caller is not None and each.deployment != caller.deployment:
            continue
        for process in each.model.processes:
            tagged = called.binding != "versionTag" or process.version_tag == called.version_tag
            if process.id == called.process_id and tagged:
                return each.engine_id
    return store.find_called(ctx.session, called)


def environment(
    ctx: Context,
    trial: Trial,
    services: AnyService,
    resources: Sequence[Resource],
    *,
    stores: Iterable[str],
    made_up: Mapping[str, Any],
) -> Environment:
    """The environment of a command. ``trial.constants`` overrule what is made up, entry by entry."""
    constants = dict(made_up)
    for name, value in trial.constants.items():
        known = constants.get(name)
        constants[name] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
    return Environment(
        now=trial.now,
        schedule=due.scheduler(ctx.session, trial.region_code),
        zone=CHINA,
        constants=constants,
        services=services,
        decide=ctx.engine.decider(deciding.finder(ctx.session, trial.id), now=trial.now.astimezone(CHINA).isoformat()),
        find_called=partial(find_called, ctx, resources),
        stores={name: trial.stores.get(name) for name in stores},
    )


def made_up(
    ctx: Context, trial: Trial, resource: Resource, instance: TrialInstance | None, deadlines: Mapping[str, str]
) -> dict[str, Any]:
    """What docs/dialect.md promises to every expression of our dialect, as of a case."""
    process_id = "" if instance is None else instance.process_id
    pool = next((each for each in resource.model.participants if each.process_id == process_id), None)
    group = None if instance is None else instance.group_id or instance.id
    number = f"TRIAL-{trial.id}-{group}"
    return {
        "now": trial.now.astimezone(CHINA).isoformat(),
        "deadlines": deadlines,
        "caseInfo": {"caseNo": number, "collabNo": number, "itemCode": "TRIAL", "status": "SUBMITTED"},
        "site": {
            "code": "" if pool is None else pool.id,
            "name": "" if pool is None else pool.name,
            "phone": "",
            "regionCode": trial.region_code,
            "provinceCode": trial.region_code[:2] + "0000",
        },
        "application": {} if instance is None else instance.application,
        "performer": {"name": ctx.actor.name},
        **handed.calendars(ctx.session, trial.region_code),
    }
