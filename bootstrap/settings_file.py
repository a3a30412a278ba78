"""The deployment's settings file: ``LIANBAN_NAME=value`` a line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SETTINGS_FILE = "lianban.env"


def read_settings_file(path: Path) -> dict[str, str]:
    """The lines ``NAME=value`` of a settings file; empty when there is none. Lines beginning with # are comments."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def write_settings_file(path: Path, values: Mapping[str, str]) -> None:
    """Add or replace lines of a settings file; other lines stay."""
    merged = {**read_settings_file(path), **values}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text("".join(f"{name}={value}\n" for name, value in sorted(merged.items())), encoding="utf-8")
    draft.replace(path)
