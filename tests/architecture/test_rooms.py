import ast
import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.settings import ROOT, Settings

ROOMS = ("engine", "forms", "domain", "bootstrap", "api", "scheduler")
SETTINGS = Path("bootstrap/settings.py")
HARD_LINES_OF_A_MODULE = 400
HARD_LINES_OF_A_FUNCTION = 60


def modules() -> list[Path]:
    return sorted(path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def environment_reads(path: Path) -> Iterator[int]:
    for node in ast.walk(tree(path)):
        asked = isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "getenvb"}
        imported = isinstance(node, ast.ImportFrom) and node.module == "os" and any("env" in n.name for n in node.names)
        if asked or imported:
            yield node.lineno  # type: ignore[attr-defined]  # both kinds of nodes have one


def test_import_contracts_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_only_the_settings_read_the_environment() -> None:
    readers = {str(path): list(environment_reads(path)) for path in modules() if path != SETTINGS}
    assert {path: lines for path, lines in readers.items() if lines} == {}


@pytest.mark.parametrize("path", modules(), ids=str)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{path} has no docstring"


@pytest.mark.parametrize("path", modules(), ids=str)
def test_modules_and_functions_stay_short(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= HARD_LINES_OF_A_MODULE
    long = {
        f"{node.name}:{node.lineno}": node.end_lineno - node.lineno + 1
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > HARD_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [str(path) for path in modules() if path.stem in nothing] == []


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    names = {field.name: field.name.upper() for field in dataclasses.fields(Settings)} | {"secrets": "SECRET_<NAME>"}
    missing = [name for name, variable in names.items() if f"`LIANBAN_{variable}`" not in text]
    assert missing == []


def test_no_file_names_a_package_index() -> None:
    words = ("registry.npmjs", "pypi.org/simple", "index-url", "tuna.tsinghua", "npmmirror")
    files = [
        ROOT / name
        for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "web/.npmrc")
    ]
    files += [path for path in (ROOT / ".ci").iterdir() if path.is_file()]
    named = [str(path) for path in files if path.exists() and any(w in path.read_text(encoding="utf-8") for w in words)]
    assert named == []
