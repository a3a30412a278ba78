"""The report of a run for people: in the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bootstrap.scenarios.coverage import ModelCoverage, PoolCoverage
from bootstrap.scenarios.matching import Mismatch
from bootstrap.scenarios.outcomes import Failure, Outcome, Results


def line_of(outcome: Outcome) -> str:
    """One scenario in one line."""
    mark = "通过 ok    " if outcome.passed else "失败 FAILED"
    return f"{mark} {outcome.scenario.name}  {outcome.steps} 步 steps  {outcome.seconds:.2f} s"


def failure_of(outcome: Outcome) -> Iterator[str]:
    """Where, what was expected, what was there."""
    failure = outcome.failure
    if failure is None:
        return
    scenario = outcome.scenario
    yield f"{short(scenario.file)}:{scenario.line}: {scenario.name}{_step(failure)}"
    for line, place, mismatch in failure.places():
        yield f"  {short(scenario.file if failure.step is None else failure.step.document.file)}:{line}: {place}"
        yield f"    {mismatch.zh}"
        yield f"    {mismatch.en}"
        yield from (f"    {text}" for text in _sides(mismatch))
    if failure.waiting:
        yield f"  现在 now: {failure.waiting}"


def _step(failure: Failure) -> str:
    if failure.step is None:
        return ""
    note = f"（{failure.step.note}）" if failure.step.note else ""
    return f" · 第 {failure.step.number} 步{note} step {failure.step.number} {failure.step.verb}"


def _sides(mismatch: Mismatch) -> Iterator[str]:
    if mismatch.wanted or mismatch.found:
        yield f"预期 expected: {mismatch.wanted}"
        yield f"实际 found:    {mismatch.found}"


def coverage_of(model: ModelCoverage, *, everything: bool = True) -> Iterator[str]:
    """What was reached, pool by pool; what no scenario reached."""
    reached, total = model.counts
    yield f"覆盖率 coverage {model.percent} %（{reached}/{total}） {model.key} {model.name}"
    for pool in model.pools:
        elements, flows = len(pool.elements), len(pool.flows)
        entered, taken = elements - len(pool.missing_elements), flows - len(pool.missing_flows)
        yield f"  {pool.name}：环节 elements {entered}/{elements}，连线 flows {taken}/{flows}"
        if everything:
            yield from (f"    未到达 never reached: {text}" for text in _missing(pool))


def _missing(pool: PoolCoverage) -> Iterator[str]:
    for each in pool.missing_elements:
        yield f"{each} {pool.elements[each]}".rstrip()
    for each in pool.telling_flows:
        yield f"{each}（{pool.flows[each]}）"


def summary_of(results: Results) -> str:
    """The last line."""
    total, failed = len(results.outcomes), len(results.failed)
    if not total:
        return "没有选中的场景 No scenario was selected."
    verdict = f"{failed} 个失败 failed" if failed else "全部通过 all passed"
    return f"{total} 个场景 scenarios，{verdict}，{results.seconds:.1f} s"


def markdown(results: Results) -> str:
    """The whole report as Markdown."""
    lines = ["# 场景测试报告 Scenario tests", "", summary_of(results), ""]
    lines += ["| 场景 scenario | 文件 file | 步 steps | 结果 result |", "|---|---|---|---|"]
    for each in results.outcomes:
        where, verdict = (
            f"{short(each.scenario.file)}:{each.scenario.line}",
            "通过 ok" if each.passed else "**失败 FAILED**",
        )
        lines.append(f"| {each.scenario.name} | {where} | {each.steps} | {verdict} |")
    for each in results.failed:
        lines += ["", f"## {each.scenario.name}", "", "```", *failure_of(each), "```"]
    for model in results.coverage:
        lines += ["", f"## {model.name}", "", "```", *coverage_of(model), "```"]
    return "\n".join([*lines, ""])


def as_json(results: Results) -> dict[str, object]:
    """For scripts."""
    return {
        "passed": not results.failed,
        "seconds": round(results.seconds, 3),
        "scenarios": [_outcome(each) for each in results.outcomes],
        "coverage": [model.as_json() for model in results.coverage],
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    found: dict[str, object] = {
        "name": outcome.scenario.name,
        "file": str(outcome.scenario.file),
        "line": outcome.scenario.line,
        "tags": sorted(outcome.scenario.tags),
        "passed": outcome.passed,
        "steps": outcome.steps,
        "seconds": round(outcome.seconds, 3),
        "visits": {visit.process_id: sorted(visit.elements) for visit in outcome.visits},
    }
    if outcome.failure is not None:
        failure = outcome.failure
        found["failure"] = {
            "step": "" if failure.step is None else failure.step.number,
            "line": failure.line,
            "waiting": failure.waiting,
            "mismatches": [
                {
                    "line": line,
                    "place": place,
                    "zh": each.zh,
                    "en": each.en,
                    "expected": each.wanted,
                    "found": each.found,
                }
                for line, place, each in failure.places()
            ],
        }
    return found


def short(file: Path) -> str:
    """Relative to where we are, when it is below."""
    here = Path.cwd()
    return str(file.resolve().relative_to(here)) if file.resolve().is_relative_to(here) else str(file)


def by_file(outcomes: Sequence[Outcome]) -> dict[Path, list[Outcome]]:
    """Outcomes of each file, in order."""
    found: dict[Path, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.scenario.file, []).append(outcome)
    return found
