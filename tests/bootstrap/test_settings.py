import json
import stat
from pathlib import Path

import pytest

from bootstrap.errors import BadSetting, KeyNotReadable
from bootstrap.keys import read_or_create_key, read_or_create_secret
from bootstrap.logging import withhold
from bootstrap.settings import Settings
from bootstrap.settings_file import write_settings_file


def read(tmp_path: Path, **variables: str) -> Settings:
    return Settings.from_environment({"LIANBAN_HOME": str(tmp_path), **variables})


def test_the_environment_wins_over_the_settings_file(tmp_path: Path) -> None:
    write_settings_file(tmp_path / "lianban.env", {"LIANBAN_PORT": "9000", "LIANBAN_TRAINING": "1"})
    settings = read(tmp_path, LIANBAN_PORT="9001")
    assert (settings.port, settings.training) == (9001, True)


def test_nothing_is_on_by_default_that_production_must_not_have(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert not settings.training
    assert not settings.demo
    assert settings.host == "127.0.0.1"
    assert settings.log_format == "json"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIANBAN_PORT", "eighty"),
        ("LIANBAN_PORT", "70000"),
        ("LIANBAN_TRAINING", "maybe"),
        ("LIANBAN_DATABASE_URL", "mysql://x"),
        ("LIANBAN_LOG_FORMAT", "xml"),
        ("LIANBAN_SECRET_KEY", "short"),
        ("LIANBAN_PUBLIC_URL", "lianban.example"),
        ("LIANBAN_NO_SUCH_THING", "1"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name) as told:
        read(tmp_path, **{name: value})
    assert "expected" not in told.value.fact_zh, "the Chinese text is in Chinese"


def test_connections_of_the_tables_owner_are_somebodys_decision(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="LIANBAN_DATABASE_ROLE=none"):
        read(tmp_path, LIANBAN_DATABASE_ROLE="none")
    assert read(tmp_path, LIANBAN_DATABASE_ROLE="none", LIANBAN_OWNER_ROLE_ACCEPTED="1").database_role == "none"
    assert read(tmp_path, LIANBAN_DATABASE_ROLE="none", LIANBAN_TRAINING="1").database_role == "none"


def test_secrets_do_not_show(tmp_path: Path) -> None:
    settings = read(tmp_path, LIANBAN_DATABASE_URL="postgresql://u:hidden@h/d", LIANBAN_DATA_KEY="hidden" * 8)
    assert "hidden" not in repr(settings)


def test_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    key = read_or_create_key(tmp_path / "keys", "data")
    assert read_or_create_key(tmp_path / "keys", "data") == key
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / "keys" / "data").stat().st_mode) == 0o600


def test_a_key_open_to_others_or_cut_short_is_refused(tmp_path: Path) -> None:
    read_or_create_secret(tmp_path, "secret")
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(KeyNotReadable):
        read_or_create_secret(tmp_path, "secret")
    (tmp_path / "short").write_text("abc", encoding="ascii")
    (tmp_path / "short").chmod(0o600)
    with pytest.raises(KeyNotReadable):
        read_or_create_key(tmp_path, "short")


def test_personal_data_is_withheld_from_the_log() -> None:
    event = withhold(
        None, "info", {"event": "task.completed", "task_id": "t1", "id_no": "secret", "data": {"a": "secret"}}
    )
    assert "secret" not in json.dumps(event)
    assert event["task_id"] == "t1"


def test_two_processes_of_background_work_at_most_unless_asked(tmp_path: Path) -> None:
    assert read(tmp_path).worker_processes in (1, 2)
    assert read(tmp_path, LIANBAN_WORKER_PROCESSES="5").worker_processes == 5
