"""``lianban test``: the scenario tests that designers write."""

from __future__ import annotations

from pathlib import Path

import click

from bootstrap.commands.definitions import show_findings
from bootstrap.commands.surface import json_option, print_json, show_error
from bootstrap.deployment import FileRefused
from bootstrap.scenarios import reports
from bootstrap.scenarios.junit import junit
from bootstrap.scenarios.outcomes import Outcome, Results
from bootstrap.scenarios.pictures import write_pages
from bootstrap.scenarios.running import Choice, run
from bootstrap.settings import Settings, parse_database_url

FAILED = 1


@click.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag (repeatable).")
@click.option("--name", "text", default="", help="Only scenarios whose name holds this text.")
@click.option("--stop", is_flag=True, help="Stop at the first scenario that fails.")
@click.option("--junit", "junit_file", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as Markdown.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write each model's diagram, coloured, into a folder.",
)
@click.option("--min-coverage", type=click.FloatRange(0, 100), help="Fail below this percentage of elements and flows.")
@click.option("--database", help="An empty PostgreSQL database to use instead of the throw-away one.")
@json_option
def test(  # noqa: PLR0917 -- options of a command
    paths: tuple[Path, ...],
    tags: tuple[str, ...],
    text: str,
    stop: bool,
    junit_file: Path | None,
    report: Path | None,
    html: Path | None,
    min_coverage: float | None,
    database: str | None,
    as_json: bool,
) -> None:
    """场景测试: play the *.scenario.yaml files of PATHS (default: the shipped workflows) and say what failed and where.

    Runs on a throw-away database with invented people and a clock of its own; the deployment's data is never touched.
    Exit code 1 when a scenario fails or the coverage is too low. How to write scenarios: docs/scenarios.md.

    \b
      lianban test workflows/hukou-join-parents
      lianban test my-process --name 补正 --stop
    """
    settings = Settings.from_environment()
    url = None if database is None else parse_database_url(database)
    told = (lambda _: None) if as_json else _tell
    try:
        results = run(settings, paths or (settings.workflows,), Choice(tags, text, stop), database=url, told=told)
    except FileRefused as error:
        show_findings(error, as_json=as_json)
        raise click.exceptions.Exit(show_error(error)) from None
    if junit_file is not None:
        junit_file.write_bytes(junit(results))
    if report is not None:
        report.write_text(reports.markdown(results), encoding="utf-8")
    if html is not None:
        write_pages(results, html)
    low = [] if min_coverage is None else [model for model in results.coverage if model.percent < min_coverage]
    if as_json:
        print_json(reports.as_json(results))
    else:
        _conclude(results, complete=not (tags or text or stop) and all(path.is_dir() for path in paths))
        for model in low:
            click.secho(f"覆盖率低于 {min_coverage} % coverage is below: {model.key} {model.percent} %", fg="red")
    if results.failed or low or not results.outcomes:
        raise click.exceptions.Exit(FAILED)


def _tell(outcome: Outcome) -> None:
    click.secho(reports.line_of(outcome), fg=None if outcome.passed else "red")
    for line in reports.failure_of(outcome):
        click.echo(f"    {line}")


def _conclude(results: Results, *, complete: bool) -> None:
    click.echo()
    for model in results.coverage:
        for line in reports.coverage_of(model, everything=complete):
            click.echo(line)
    click.echo()
    click.secho(reports.summary_of(results), bold=True, fg="red" if results.failed else "green")
