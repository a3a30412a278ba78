"""What the documents name is there: files they link to, headings, commands with their options, settings, make targets."""

import dataclasses
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bootstrap.cli import cli
from bootstrap.settings import ROOT, Settings

DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
SET_UP = [*DOCUMENTS, *(path for path in (ROOT / "deploy").rglob("*") if path.is_file())]
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"`(lianban [^`]+)`|^\s*(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(lianban [^#\n]+)", re.MULTILINE)
MAKE = re.compile(r"`make ([a-z-]+)[^`]*`|^make ([a-z-]+)", re.MULTILINE)
SETTING = re.compile(r"\bLIANBAN_[A-Z0-9_]+\b")
NO_SETTINGS = {"LIANBAN_EXPRESSION_", "LIANBAN_SCREENSHOTS", "LIANBAN_TEST_RUNS", "LIANBAN_TOKEN", "LIANBAN_URL"}
"""A prefix of several; what tests and the worker of the example read."""


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors_of(text: str) -> set[str]:
    """Anchors of headings as code hosts make them."""
    headings = re.findall(r"^#+ +(.+?)\s*$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    dead = []
    for match in LINK.finditer(FENCE.sub("", text_of(path))):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or (anchor and anchor not in anchors_of(text_of(file))):
            dead.append(target)
    assert dead == []


def commands_of(path: Path) -> Iterator[list[str]]:
    text = text_of(path)
    for match in COMMAND.finditer(text):
        written = re.split(r"\s(?:·|→|–|\||&&|>)\s|，|；|。|（", match[1] or match[2])[0]
        try:
            words = shlex.split(written.replace("[", " ").replace("]", " "))[1:]
        except ValueError:
            words = written.split()[1:]
        yield words


def refusal_of(words: list[str]) -> str:
    """Why the command line would not know these words; empty: it knows them."""
    command: click.Command = cli
    options: set[str] = {"-h", "--help", "--version"}
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            if word in {"…", "..."}:
                return ""
            known = [command.commands.get(each) for each in word.split("|")]
            if any(each is None for each in known):
                return f"no command {word!r}"
            command = known[0] or command
            options = {"-h", "--help"}
        elif word.startswith("--"):
            options |= {each for parameter in command.params for each in (*parameter.opts, *parameter.secondary_opts)}
            if word.split("=")[0] not in options:
                return f"no option {word!r}"
    return ""


@pytest.mark.parametrize("path", SET_UP, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_are_named_are_there(path: Path) -> None:
    if path.suffix not in {".md", ".service", ".yaml", ".example"}:
        return
    wrong = {" ".join(words): why for words in commands_of(path) if (why := refusal_of(words))}
    assert wrong == {}


def test_settings_that_are_named_are_there() -> None:
    known = {f"LIANBAN_{field.name.upper()}" for field in dataclasses.fields(Settings)}
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in SET_UP
        for name in SETTING.findall(text_of(path))
        if name not in known and not name.startswith("LIANBAN_SECRET_") and name not in NO_SETTINGS
    }
    assert unknown == set()


def test_make_targets_that_are_named_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {
        (str(path.relative_to(ROOT)), match[1] or match[2])
        for path in DOCUMENTS
        for match in MAKE.finditer(text_of(path))
    }
    assert {each for each in named if each[1] not in targets} == set()


def test_both_readmes_name_the_same_documents() -> None:
    def named(name: str) -> set[str]:
        return {match[1] for match in LINK.finditer(text_of(ROOT / name)) if match[1] and match[1].startswith("docs/")}

    assert named("README.md") == named("README.en.md")
    guides = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert guides - named("README.md") == set()


def test_the_map_of_rooms_is_that_of_the_import_contract() -> None:
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["name"] == "inside the domain")
    table = text_of(ROOT / "docs" / "architecture.md").partition("| Rooms |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == [set(re.findall(r"\w+", row)) for row in layers]
