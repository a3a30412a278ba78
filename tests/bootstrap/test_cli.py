import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from bootstrap.settings import ROOT

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_help_teaches_the_first_steps(lianban_process: Run) -> None:
    shown = lianban_process("--help").stdout
    for word in ("lianban demo", "lianban clock advance 5wd", "lianban deploy", "Exit codes"):
        assert word in shown


def test_every_command_says_what_it_does() -> None:
    from bootstrap.cli import cli

    silent = [name for name, command in cli.commands.items() if not command.help]
    assert silent == []


def test_status_for_a_script(lianban: Run) -> None:
    facts = json.loads(lianban("db", "status", "--json").stdout)
    assert facts["revision"] == facts["newest"]
    assert not facts["embedded"]
    assert "***" in facts["address"]


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "slug"),
    [
        (["db", "status"], {"LIANBAN_PROT": "1"}, 2, "bad-setting"),
        (["db", "status"], {"LIANBAN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, 3, "postgres-not-reachable"),
        (["db", "reset", "--yes"], {}, 2, "bad-input"),
        (["clock", "advance", "5wd"], {}, 7, "not-in-training"),
        (["clock", "advance", "soon"], {"LIANBAN_TRAINING": "1"}, 7, "bad-duration"),
        (["clock", "set", "yesterday"], {"LIANBAN_TRAINING": "1"}, 2, "bad-input"),
        (["case", "show", "no-such-case"], {}, 8, "not-found"),
        (["deploy", "no-such-file.bpmn"], {}, 2, "bad-input"),
        (["demo"], {}, 2, "bad-input"),
        (["test", "no-such-folder"], {}, 2, "bad-input"),
        (["case", "list"], {"LIANBAN_DATABASE_ROLE": "nobody_made_this"}, 4, "schema-not-current"),
        (["scheduler"], {"LIANBAN_DATABASE_ROLE": "nobody_made_this"}, 4, "schema-not-current"),
        (["db", "backup", "somewhere"], {}, 2, "bad-input"),
        (["nothing"], {}, 2, "bad-usage"),
        (["db", "backup"], {}, 2, "bad-usage"),
        (["db", "restore", "/no-such-folder"], {}, 2, "bad-usage"),
        (["case", "list", "--state", "wrong"], {}, 2, "bad-usage"),
        (["case", "list", "--sate", "open"], {}, 2, "bad-usage"),
        (["administrator", "create", "zhang.san", "--name", " "], {}, 2, "bad-input"),
        (["administrator", "recover", "zhang.san", "--reason", ""], {}, 2, "bad-input"),
        (["keys", "rotate", "--source", "nothing:x"], {}, 2, "bad-input"),
        (["item", "link", "x"], {}, 2, "bad-input"),
        (["sites", "partner", "x", "--key", "x"], {}, 8, "site-not-found"),
    ],
)
def test_refusals_are_bilingual_with_a_code(
    lianban: Run, arguments: list[str], variables: dict[str, str], code: int, slug: str
) -> None:
    done = lianban(*arguments, **variables)
    assert done.returncode == code, done.stderr
    assert f"[{slug}]" in done.stderr
    assert "Error: " in done.stderr
    assert "→" in done.stderr


@pytest.mark.parametrize("role", ["scheduler", "worker"])
def test_nobody_works_on_an_older_schema(lianban: Run, pg_url: str, role: str) -> None:
    """Each step would fail on what is missing, be counted as an attempt, and end as an incident."""
    owner = create_engine(pg_url, poolclass=NullPool)
    with owner.begin() as connection:
        now = connection.execute(text("select version_num from alembic_version")).scalar_one()
        connection.execute(text("update alembic_version set version_num = '0001'"))
    try:
        done = lianban(role)
    finally:
        with owner.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :now"), {"now": now})
    assert (done.returncode, "[schema-not-current]" in done.stderr, "0001" in done.stderr) == (4, True, True)


def test_a_refusal_of_a_process_has_no_traceback(lianban_process: Run) -> None:
    done = lianban_process("case", "show", "no-such-case")
    assert (done.returncode, "[not-found]" in done.stderr, "Traceback" in done.stderr) == (8, True, False), done.stderr


def test_a_broken_model_is_refused_with_its_findings(lianban: Run, tmp_path: Path) -> None:
    model = tmp_path / "broken.bpmn"
    model.write_text("<?xml version='1.0'?><!DOCTYPE x><x/>", encoding="utf-8")
    done = lianban("deploy", str(model))
    assert done.returncode == 7
    assert f"{model}:" in done.stderr
    asked = json.loads(lianban("deploy", "--json", str(model)).stdout)
    assert asked["findings"][0]["severity"] == "error"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_commands_that_overlap_share_one_embedded_server(
    lianban_process: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    del environment["LIANBAN_DATABASE_URL"]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bootstrap.cli", "db", "migrate"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=240) for process in running]
    assert [process.returncode for process in running] == [0, 0], outputs
    facts = json.loads(lianban_process("db", "status", "--json").stdout)
    assert facts["embedded"]
    assert facts["revision"] == facts["newest"]
    assert lianban_process("db", "reset", "--yes").returncode == 0
    assert not (tmp_path / "home" / "postgres").exists()


@pytest.mark.parametrize(("amount", "code"), [("50", 0), ("5000", 1)])
def test_scenarios_of_a_plain_process_from_the_command_line(
    lianban: Run, tmp_path: Path, amount: str, code: int
) -> None:
    (tmp_path / "loan.bpmn").write_text(LOAN, encoding="utf-8")
    scenario = f"process: p\nscenario: 小额\nsteps:\n  - start: {{variables: {{amount: {amount}}}}}\n    expect: {{path: [granted]}}\n"
    (tmp_path / "loan.scenario.yaml").write_text(scenario, encoding="utf-8")
    done = lianban(
        "test", str(tmp_path), "--junit", str(tmp_path / "junit.xml"), "--report", str(tmp_path / "report.md")
    )
    assert done.returncode == code, done.stderr
    assert ("全部通过 all passed" in done.stdout) == (code == 0)
    assert f'failures="{code}"' in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert "| 小额 |" in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert lianban("test", str(tmp_path), "--min-coverage", "90").returncode == 1
    facts = json.loads(lianban("test", str(tmp_path), "--json").stdout)
    assert facts["passed"] is (code == 0)


LOAN = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="t">
 <bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="small" default="f_no"/><bpmn:endEvent id="granted"/><bpmn:endEvent id="refused"/>
  <bpmn:sequenceFlow id="f_1" sourceRef="start" targetRef="small"/>
  <bpmn:sequenceFlow id="f_yes" sourceRef="small" targetRef="granted"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=amount &lt; 100</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="f_no" sourceRef="small" targetRef="refused"/>
 </bpmn:process></bpmn:definitions>"""


def test_a_vendor_model_is_imported_without_a_database(lianban: Run, tmp_path: Path) -> None:
    source = ROOT / "tests/vectors/conformance/bpmn/camunda.ConditionalSequenceFlowTest.testUelExpression.bpmn20.xml"
    shown = lianban("import", str(source), "--report", "--out", str(tmp_path / "out"), LIANBAN_DATABASE_URL="")
    assert shown.returncode == 0, shown.stderr
    assert "${input == 'left'} → =input = \"left\"" in shown.stdout
    assert (tmp_path / "out/camunda.ConditionalSequenceFlowTest.testUelExpression.bpmn").is_file()
    assert (tmp_path / "out/condSeqFlowUelExpr.task1.form").is_file()
    told = json.loads(lianban("import", "--json", str(source), LIANBAN_DATABASE_URL="").stdout)
    assert (told[0]["dialect"], told[0]["findings"][0]["severity"]) == ("camunda", "warning")
    broken = tmp_path / "broken.bpmn"
    broken.write_text("<a/>")
    assert lianban("import", str(broken), LIANBAN_DATABASE_URL="").returncode == 7
    assert lianban("import", "no-such-file.bpmn", LIANBAN_DATABASE_URL="").returncode == 2
