"""Before a deployment: the scenarios of the model must pass."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bootstrap.errors import BadInput
from bootstrap.scenarios import reading, reports
from bootstrap.scenarios.faults import ScenarioFailed
from bootstrap.scenarios.outcomes import Results
from bootstrap.scenarios.running import run
from bootstrap.settings import Settings
from domain.audit import service as audit
from domain.context import Context

LONGEST_REASON = 400


def require_passing(settings: Settings, paths: Iterable[Path], *, database: str | None = None) -> Results | None:
    """Play the scenarios of what is to be deployed; None when there are none. Raises :class:`ScenarioFailed` with the report."""
    files = reading.beside(paths)
    if not files:
        return None
    results = run(settings, files, database=database)
    if results.failed:
        lines = [line for outcome in results.failed for line in reports.failure_of(outcome)]
        raise ScenarioFailed(
            f"{len(results.failed)} 个场景没有通过，没有部署：\n" + "\n".join(lines),
            f"{len(results.failed)} scenarios fail; nothing was deployed.",
            next_zh="请修改模型或场景；紧急情况可用 --no-test 说明原因后部署，原因会留痕。",
            next_en="Correct the model or the scenarios; in an emergency deploy with --no-test and a reason, which is recorded.",
        )
    return results


def record_untested(ctx: Context, keys: Iterable[str], reason: str) -> None:
    """Put on record that models were deployed without their scenarios, and why. Raises :class:`BadInput` without a reason."""
    if not reason.strip():
        raise BadInput(
            "没有写明不测试的原因。",
            "The reason for not testing is missing.",
            next_zh='例如：--no-test "生产环境紧急修正，负责人已同意"。',
            next_en='For example --no-test "urgent correction, agreed with the person responsible".',
        )
    audit.record(
        ctx, "definition.untested", data={"keys": sorted(set(keys)), "reason": reason.strip()[:LONGEST_REASON]}
    )
