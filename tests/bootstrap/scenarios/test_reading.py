from pathlib import Path

import pytest

from bootstrap.errors import BadInput
from bootstrap.scenarios import documents, reading
from bootstrap.scenarios.faults import ScenarioUnreadable

HEAD = "process: p\nscenarios:\n  - scenario: 一\n    steps:\n"


def write(folder: Path, text: str, name: str = "a.scenario.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def faults(folder: Path, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ScenarioUnreadable) as refused:
        reading.read([write(folder, text)])
    return [(fault.line, fault.place, fault.en) for fault in refused.value.faults]


def test_yaml_1_2_keeps_what_people_write() -> None:
    text = b"a: on\nb: no\nc: 2026-03-02\nd: 0532\ne: 12\nf: 1.5\ng: true\nh: ~\ni: '12'\nj: 1_000\nk: 12:30\nl: .inf\n"
    value = documents.read(Path("x"), text).value
    assert value == {
        "a": "on",
        "b": "no",
        "c": "2026-03-02",
        "d": "0532",
        "e": 12,
        "f": 1.5,
        "g": True,
        "h": None,
        "i": "12",
        "j": "1_000",
        "k": "12:30",
        "l": ".inf",
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: &x [1]\nc: *x\n", 2, "Anchors"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "Tags"),
        ("a: 1\na: 2\n", 2, "twice"),
        ("a: [1,\nb: 2\n", 3, "Not valid YAML"),
        ("a: {x: [=l[1].b]}\n", 1, "single quotes"),
        ("? [1]\n: 2\n", 1, "key must be a text"),
        ("a: " + "[" * 40 + "]" * 40, 1, "deeply nested"),
        ("a: [" + "1," * 20_001 + "]", 1, "Too many"),
        ("a: " + "x" * 600_000, 1, "kB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ScenarioUnreadable) as refused:
        documents.read(Path("x.yaml"), text.encode())
    [fault] = refused.value.faults
    assert fault.line == line
    assert words in fault.en
    assert fault.zh


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(ScenarioUnreadable):
        documents.read(Path("x.yaml"), b"\xff\xfe\x00")


def test_every_mistake_has_its_line_and_place_and_the_word_that_was_meant(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "process: p\nscenarios:\n  - scenario: 一\n    steps:\n      - complete: a\n        expect: {taks: a}\n"
        "      - advance: 5wd\n        signal: s\n      - note: nothing\n      - complete: {by: x}\n",
    )
    assert [(line, place) for line, place, _ in found] == [
        (6, "scenarios[1].steps[1].expect.taks"),
        (7, "scenarios[1].steps[2]"),
        (9, "scenarios[1].steps[3]"),
        (10, "scenarios[1].steps[4].complete.task"),
    ]
    assert "'tasks'" in found[0][2]
    assert "advance, signal" in found[1][2] or "signal, advance" in found[1][2]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("scenario: x\nsteps: [{expect: {ended: true}}]\n", 1, "an item or a process"),
        ("process: p\nscenario: x\n", 1, "Write scenarios"),
        (HEAD + "      - withdraw: x\n", 5, "no meaning in a scenario of a process"),
        (HEAD + "      - use: nowhere\n", 5, "no part 'nowhere'"),
        ("use: ../x.yaml\n" + HEAD + "      - expect: {ended: true}\n", 1, "no fragment"),
        ("use: /etc/passwd\n" + HEAD + "      - expect: {ended: true}\n", 1, "no fragment"),
        ("clock: soon\n" + HEAD + "      - expect: {ended: true}\n", 1, "is not a time"),
        ("parts: {a: [{use: a}]}\n" + HEAD + "      - use: a\n", 1, "too deeply"),
        ("[1, 2]\n", 1, "not a mapping"),
        ("", 1, "empty"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, line: int, words: str) -> None:
    found = faults(tmp_path, text)
    assert any(each[0] == line and words in each[2] for each in found), found


def test_fragments_parts_rows_and_layers(tmp_path: Path) -> None:
    write(
        tmp_path,
        "given: {variables: {a: 1, b: 2}}\nforms: {t: {x: 1}}\nparts:\n  go:\n    - complete: t\n    - use: on\n  on:\n    - advance: 5wd\n",
        "shared.fragment.yaml",
    )
    file = write(
        tmp_path,
        "process: p\nuse: shared.fragment.yaml\ntags: [all]\ngiven: {variables: {b: 3}}\nscenarios:\n"
        "  - scenario: 一\n    tags: [one]\n    given: {variables: {c: 4}}\n    each: [{n: 甲}, {n: 乙}]\n    steps: [{use: go, expect: {ended: true}}]\n"
        "  - scenario: 二\n    clock: 2026-05-01T10:00\n    steps: [{complete: t}]\n",
    )
    first, second, third = reading.read([file])
    assert [first.name, second.name, third.name] == ["一（甲）", "一（乙）", "二"]
    assert first.given["variables"] == {"a": 1, "b": 3, "c": 4}
    assert [(step.verb, step.number) for step in first.steps] == [
        ("complete", "1 go.1"),
        ("advance", "1 go.2 on.1"),
        ("expect", "1"),
    ]
    assert first.steps[0].document.file.name == "shared.fragment.yaml"
    assert first.steps[0].line == 5
    assert (first.tags, third.tags) == (frozenset({"all", "one"}), frozenset({"all"}))
    assert third.clock.isoformat() == "2026-05-01T10:00:00+08:00"
    assert reading.select([first, second, third], tags=["one"]) == [first, second]
    assert reading.select([first, second, third], text="二") == [third]


def test_only_marks_what_is_to_be_played(tmp_path: Path) -> None:
    steps = "steps: [{expect: {ended: true}}]"
    file = write(
        tmp_path, f"process: p\nscenarios:\n  - {{scenario: a, {steps}}}\n  - {{scenario: b, only: true, {steps}}}\n"
    )
    assert [each.name for each in reading.select(reading.read([file]))] == ["b"]


def test_a_folder_without_scenarios_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        reading.find([tmp_path])
    assert reading.beside([tmp_path]) == []
