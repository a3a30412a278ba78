"""docs/security.md names files, tests, settings and commands: each of them is there, so that the document cannot rot."""

import dataclasses
import re

import pytest

from bootstrap.settings import ROOT, Settings

PAGE = ROOT / "docs" / "security.md"
TEXT = PAGE.read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([^`\n]+)`", TEXT)))
PATH = re.compile(
    r"(?:\.ci|api|bootstrap|deploy|docs|domain|engine|forms|migrations|scheduler|tests|web|workflows)/[\w./-]+"
)
CHAPTERS = 17


def names_of_tests() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"^\s*def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))
    return found


def test_every_file_is_there() -> None:
    paths = [name for name in NAMED if PATH.fullmatch(name)]
    assert len(paths) > 15
    assert [name for name in paths if not (ROOT / name).exists()] == []


def test_every_test_is_there() -> None:
    names = {name for name in NAMED if re.fullmatch(r"test_\w+", name)}
    assert len(names) > 80
    assert sorted(names - names_of_tests()) == []


def test_every_setting_and_command_is_there() -> None:
    settings = {f"LIANBAN_{field.name.upper()}" for field in dataclasses.fields(Settings)} | {"LIANBAN_HOME"}
    assert {name for name in NAMED if name.startswith("LIANBAN_")} <= settings
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {name.split()[1] for name in NAMED if name.startswith("make ")}
    assert targets >= {"secrets", "audit", "sbom"}
    assert [target for target in targets if not re.search(rf"^{target}:|\b{target}:", makefile, re.MULTILINE)] == []
    contract = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "contract").glob("test_*.py"))
    assert all(f'"{name}"' in contract for name in ("CONTRACT_EXAMPLES", "FUZZ_ROUNDS"))


def test_every_link_leads_somewhere() -> None:
    links = set(re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT))
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


@pytest.mark.parametrize("chapter", range(1, CHAPTERS + 1))
def test_every_chapter_of_the_asvs_is_judged(chapter: int) -> None:
    assert re.search(rf"^\| \*\*V{chapter}\*\*", TEXT, re.MULTILINE)
