"""How commands speak: errors in two languages, tables, JSON, progress with times."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import click
import orjson

from bootstrap.errors import BadInput, BootstrapError
from domain.clock import CHINA
from domain.errors import DomainError, Kind
from engine.errors import EngineError
from forms.errors import FormsError

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES = (
    "Exit codes: 0 done · 1 a scenario or a check of evidence failed · 2 bad input or setting · 3 database · 4 schema not current · "
    "6 port taken · 7 refused by the product · 8 not found"
)
_REFUSED = 7
_NOT_FOUND = 8


def json_option(function: F) -> F:
    """Adds ``--json`` (as ``as_json``)."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")(function)


def filled(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """For an option that may not be empty."""
    del context
    if not value.strip():
        raise BadInput(
            f"{parameter.opts[0]} 不能为空。",
            f"{parameter.opts[0]} must not be empty.",
            next_zh="请填写内容。",
            next_en="Write something there.",
        )
    return value.strip()


def show_error(error: BootstrapError | DomainError | FormsError | EngineError) -> int:
    """Write the error to standard error; returns the exit code."""
    if isinstance(error, FormsError | EngineError):
        zh = error.text_zh if isinstance(error, EngineError) else "表达式内核无法完成计算。"
        click.secho(f"错误 [{error.code}] {zh}", fg="red", err=True)
        click.echo(f"Error: {error}", err=True)
        return _REFUSED
    if isinstance(error, DomainError):
        zh = "：".join(part for part in (error.title_zh, error.fact_zh) if part)
        en = ": ".join(part for part in (error.title_en, error.fact_en) if part)
        code = _NOT_FOUND if error.kind is Kind.NOT_FOUND else _REFUSED
    else:
        zh, en, code = error.fact_zh, error.fact_en, error.exit_code
    click.secho(f"错误 [{error.code}] {zh}", fg="red", err=True)
    click.echo(f"Error: {en}", err=True)
    for advice in (error.next_zh, error.next_en):
        if advice:
            click.echo(f"  → {advice}", err=True)
    if isinstance(error, DomainError):
        for field in error.errors:
            click.echo(f"  {field.pointer}: {field.message_zh} / {field.message_en}", err=True)
    return code


def show_usage_error(error: click.ClickException) -> int:
    """Write what the command line was given and cannot use; returns the exit code."""
    click.secho(f"错误 [bad-usage] {_usage_zh(error)}", fg="red", err=True)
    click.echo(f"Error: {error.format_message()}", err=True)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        click.echo(f"  → {context.get_usage().removeprefix('Usage: ')}", err=True)
        click.echo(f"  → 用法 Usage: {context.command_path} --help", err=True)
    return error.exit_code


def _usage_zh(error: click.ClickException) -> str:
    if isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(error.ctx) if error.param and error.ctx else ""
        option = isinstance(error.param, click.Option) and error.param.opts[0]
        return f"缺少{'选项' if option else '参数'} {option or name}。"
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}。"
    if isinstance(error, click.BadParameter):
        name = error.param.human_readable_name if error.param else ""
        return f"参数 {name} 的值不能用。"
    if isinstance(error, click.FileError):
        return f"无法打开文件 {error.ui_filename}。"
    if isinstance(error, click.UsageError) and error.message.startswith("No such command"):
        return "没有这个命令。"
    return "命令写法不对。"


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns aligned by display width: a Chinese character is two cells wide."""
    texts = [[str(cell if cell is not None else "") for cell in row] for row in (head, *rows)]
    widths = [max(_width(row[column]) for row in texts) for column in range(len(head))]
    for number, row in enumerate(texts):
        line = "  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.secho(line, bold=number == 0)


def pad(text: str, width: int) -> str:
    """Fill up to a display width."""
    return text + " " * max(0, width - _width(text))


def local_time(moment: datetime | None) -> str:
    """A moment as people in China read it, to the minute."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if moment else "—"


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Prints a step of a start and how long it took."""
    click.echo(f"  {name} … ", nl=False)
    sys.stdout.flush()
    began = time.monotonic()
    try:
        yield
    except BaseException:
        click.secho("失败 failed", fg="red")
        raise
    click.secho(f"{time.monotonic() - began:.1f} s", fg="green")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def read_moment(literal: str) -> datetime:
    """A moment as people write it: Chinese time unless it has an offset. Raises :class:`BadInput`."""
    try:
        moment = datetime.fromisoformat(literal)
    except ValueError:
        raise BadInput(
            f"无法识别的时间“{literal}”。",
            f"{literal!r} is not a time.",
            next_zh="请写成 2026-03-02 或 2026-03-02T09:00。",
            next_en="Write 2026-03-02 or 2026-03-02T09:00.",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
