"""``lianban import``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from bootstrap.commands.surface import json_option, print_json, print_table
from bootstrap.errors import BadInput

_KINDS = {"converted": "已转换", "repaired": "已修复", "dropped": "无作用", "manual": "需人工"}
_REFUSED = 7


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--report", is_flag=True, help="Print every change and everything that is left to you.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the converted models, and forms made of form fields, here."
)
@json_option
def import_models(files: tuple[Path, ...], report: bool, out: Path | None, as_json: bool) -> None:
    """导入: convert models of Camunda 7 or 8, Flowable, Activiti and plain BPMN; tell what changed and what is left to do.

    Nothing is deployed and no database is needed. Exit code 7 when a model could not run as it is.

    \b
      lianban import invoice.bpmn --report
      lianban import old/*.bpmn20.xml --out workflows/invoice
    """
    results = [_convert(file, out) for file in files]
    if as_json:
        print_json(results)
    else:
        for result in results:
            _show(result, report=report)
    if any(row["severity"] == "error" for result in results for row in result["findings"]):
        raise click.exceptions.Exit(_REFUSED)


def _convert(file: Path, out: Path | None) -> dict[str, Any]:
    from domain.definitions.importing import change_row
    from domain.definitions.service import to_row
    from engine.errors import DefinitionRefused

    engine = _engine()
    if not file.is_file():
        raise BadInput(
            f"没有文件 {file}。", f"There is no file {file}.", next_zh="请检查路径。", next_en="Check the path."
        )
    try:
        written = file.read_bytes()
        made = engine.convert(written)
    except DefinitionRefused as error:
        return {"file": str(file), "dialect": "", "changes": [], "findings": [to_row(f) for f in error.findings]}
    try:
        findings = engine.parse(made.xml, written=written).findings
    except DefinitionRefused as error:
        findings = error.findings
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{file.name.split('.bpmn')[0].removesuffix('.xml')}.bpmn").write_bytes(made.xml)
        for form_id, form in made.forms.items():
            (out / f"{form_id}.form").write_bytes(orjson.dumps(form, option=orjson.OPT_INDENT_2))
    return {
        "file": str(file),
        "dialect": made.dialect,
        "changes": [change_row(change) for change in made.changes],
        "findings": [to_row(f) for f in findings],
    }


def _engine() -> Any:
    from bootstrap.expressions import EngineExpressions
    from engine.facade import Engine
    from forms.kernel import Kernel

    return Engine(EngineExpressions(Kernel()), source=_no_source)


def _no_source(definition_id: str) -> bytes:
    raise KeyError(definition_id)


def _show(result: Mapping[str, Any], *, report: bool) -> None:
    click.secho(f"{result['file']}: {result['dialect'] or '—'}", bold=True)
    counts = {kind: sum(1 for row in result["changes"] if row["kind"] == kind) for kind in _KINDS}
    print_table(["结果 kind", "数目 count"], [(f"{_KINDS[kind]} {kind}", count) for kind, count in counts.items()])
    if report:
        _lines(result["changes"])
    for row in result["findings"]:
        if report or row["severity"] == "error":
            click.echo(
                f"  {row['severity']} [{row['rule']}] {row['elementId'] or '-'}: {row['message']} / {row['messageEn']}"
            )


def _lines(changes: Iterable[Mapping[str, Any]]) -> None:
    for row in changes:
        click.echo(
            f"  {_KINDS[row['kind']]} {row['kind']} {row['element_id'] or '-'}:{row['line'] or '-'} {row['message']} / {row['message_en']}"
        )
