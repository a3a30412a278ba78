"""The files of deploy/ fit the product: every figure, setting, command and unit key that they name is there."""

from __future__ import annotations

import configparser
import dataclasses
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bootstrap.cli import cli
from bootstrap.container import Platform
from bootstrap.settings import ROOT, Settings
from bootstrap.telemetry.exposition import metrics_probe

DEPLOY = ROOT / "deploy"
NAME = re.compile(r"lianban_[a-z_]+")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTINGS = {f"LIANBAN_{field.name.upper()}" for field in dataclasses.fields(Settings)}
SERVICE_KEYS = {
    "image", "build", "restart", "init", "read_only", "tmpfs", "cap_drop", "security_opt", "stop_grace_period",
    "environment", "healthcheck", "depends_on", "command", "ports", "volumes", "shm_size",
}  # fmt: skip
UNIT_KEYS = {
    "Unit": {"Description", "Documentation", "After", "Wants"},
    "Install": {"WantedBy"},
    "Service": {
        "Type", "User", "Group", "EnvironmentFile", "Environment", "ExecStart", "StateDirectory", "StateDirectoryMode",
        "KillMode", "TimeoutStopSec", "Restart", "RestartSec", "UMask", "LimitNOFILE", "NoNewPrivileges", "PrivateTmp",
        "PrivateDevices", "ReadWritePaths", "ProtectSystem", "ProtectHome", "ProtectClock", "ProtectHostname", "ProtectKernelTunables",
        "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "ProtectProc", "RestrictNamespaces",
        "RestrictRealtime", "RestrictSUIDSGID", "RestrictAddressFamilies", "LockPersonality", "CapabilityBoundingSet",
        "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber",
    },
}  # fmt: skip


def figures(platform: Platform) -> set[str]:
    """Every name a node tells, with those of a histogram's parts."""
    url = platform.sql.url.render_as_string(hide_password=False)
    text = metrics_probe(platform.settings, url, None, root_pid=1)().body.decode()
    names = set()
    for family in text_string_to_metric_families(text):
        names |= {family.name, *(sample.name for sample in family.samples)}
        parts = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",)}
        names |= {family.name + part for part in parts.get(family.type, ())}
    return names


def balanced(expression: str) -> bool:
    return all(expression.count(opening) == expression.count(closing) for opening, closing in ("()", "{}", "[]"))


def test_alerts_ask_for_figures_that_exist(platform: Platform) -> None:
    known = figures(platform)
    groups = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    for rule in rules:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "warn"}
        assert re.fullmatch(r"\d+[smh]", rule["for"])
        assert set(rule["annotations"]) == {"summary", "action"}
        named = set(NAME.findall(rule["expr"]))
        assert named, rule["alert"]
        assert named <= known, rule["alert"]
        assert balanced(rule["expr"]), rule["alert"]
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert [rule["alert"] for rule in rules if rule["alert"] not in operations] == []


def test_the_dashboard_shows_figures_that_exist(platform: Platform) -> None:
    known = figures(platform)
    panels = json.loads((DEPLOY / "grafana-dashboard.json").read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) >= 12
    for panel in panels:
        for target in panel["targets"]:
            assert set(NAME.findall(target["expr"])) <= known, panel["title"]
            assert balanced(target["expr"]), panel["title"]


def test_the_compose_file_names_settings_and_commands_that_exist() -> None:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert set(compose) == {"name", "x-node", "services", "volumes"}
    for name, service in compose["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        assert "image" in service
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        settings = {key for key in service["environment"] if key.startswith("LIANBAN_")}
        assert settings <= SETTINGS, name
        if name == "database":
            continue
        assert service["command"][0] in cli.commands
        assert service["cap_drop"] == ["ALL"]
        used = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert used <= set(compose["volumes"])
    build = compose["x-node"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_the_example_settings_exist() -> None:
    lines = (DEPLOY / "lianban.env.example").read_text("utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert named <= SETTINGS
    assert {"LIANBAN_DATABASE_URL", "LIANBAN_DATA_KEY"} <= named


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_use_keys_that_exist_and_a_command_that_exists(path: Path) -> None:
    unit = configparser.RawConfigParser(strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    unit.read(path, "utf-8")
    assert {section: set(unit[section]) - UNIT_KEYS[section] for section in unit.sections()} == {
        name: set() for name in UNIT_KEYS
    }
    assert unit["Service"]["ExecStart"].rpartition(" ")[2] in cli.commands
    assert unit["Service"]["KillMode"] == "mixed", "a signal for all would end the workers before the drain"
    longest = Settings(home=Path()).drain_limit.total_seconds() + 10
    assert int(unit["Service"]["TimeoutStopSec"]) > longest
    assert told_by_systemd(path) == []


def told_by_systemd(path: Path) -> list[str]:
    """What systemd itself has to say, where it is installed; the keys are checked above anyhow."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return []
    done = subprocess.run([analyze, "verify", str(path)], capture_output=True, text=True, check=False, timeout=60)
    return [line for line in done.stderr.splitlines() if path.name in line and "is not executable" not in line]


def test_an_image_carries_neither_history_nor_data_nor_tests() -> None:
    left_out = set((ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines())
    assert {".git", ".venv", "tests", "var", "build", "**/node_modules"} <= left_out
