"""A deployment in earnest is not started without what protects it, or its nodes' page says what is missing."""

from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.database import locate_database
from bootstrap.errors import BadSetting, DatabaseNotEncrypted
from bootstrap.protection import list_shortcomings, require_encrypted_database
from bootstrap.settings import Settings

EARNEST = Settings(home=Path("home"), public_url="https://lianban.example", scanner="unix:/run/clamd")


def url(rest: str) -> Settings:
    return replace(EARNEST, database_url=f"postgresql+psycopg://{rest}")


@pytest.mark.parametrize(
    "rest",
    [
        "u:p@db.example/x",
        "u:p@db.example/x?sslmode=prefer",
        "u:p@db.example,127.0.0.1/x",
        "u:p@10.0.0.5/x?sslmode=disable",
        "u:p@localhost/x?hostaddr=10.0.0.5",
    ],
)
def test_plain_text_over_a_network_is_refused(rest: str) -> None:
    with pytest.raises(DatabaseNotEncrypted, match="LIANBAN_DATABASE_URL"):
        locate_database(url(rest))
    require_encrypted_database(replace(url(rest), training=True))
    accepted = replace(url(rest), database_plain=True)
    require_encrypted_database(accepted)
    assert [each.code for each in list_shortcomings(accepted)] == ["database-not-encrypted"]
    owner = replace(url("u@/x"), database_owner_url=f"postgresql+psycopg://{rest}")
    with pytest.raises(DatabaseNotEncrypted, match="LIANBAN_DATABASE_OWNER_URL"):
        require_encrypted_database(owner)


@pytest.mark.parametrize(
    "rest",
    [
        "u:p@db.example/x?sslmode=verify-full&sslrootcert=/ca.pem",
        "u:p@127.0.0.1:5433/x",
        "u:p@[::1]/x",
        "u:p@localhost/x",
        "u:p@/x?host=/run/postgresql",
    ],
)
def test_what_is_encrypted_or_stays_here_is_taken(rest: str) -> None:
    require_encrypted_database(url(rest))
    assert list_shortcomings(url(rest)) == []


def test_what_is_missing_is_told() -> None:
    bare = Settings(home=Path("home"), database_url="postgresql+psycopg://u@db.example/x?sslmode=require")
    require_encrypted_database(bare)
    codes = [each.code for each in list_shortcomings(bare)]
    assert codes == ["uploads-not-scanned", "database-not-verified", "pages-not-https"]
    assert list_shortcomings(replace(bare, demo=True)) == []
    with pytest.raises(BadSetting, match="LIANBAN_DATABASE_URL"):
        require_encrypted_database(url("u@h/x?no_such_word=1"))


def test_rates_and_hsts_are_read(tmp_path: Path) -> None:
    read = Settings.from_environment(
        {
            "LIANBAN_HOME": str(tmp_path),
            "LIANBAN_READ_RATE": "30/120",
            "LIANBAN_ADDRESS_RATE": "off",
            "LIANBAN_HSTS_SUBDOMAINS": "1",
        }
    )
    assert read.rates["read"] == (30, 0.5)
    assert "address" not in read.rates
    assert read.hsts == "max-age=31536000; includeSubDomains"
    with pytest.raises(BadSetting, match="LIANBAN_WRITE_RATE"):
        Settings.from_environment({"LIANBAN_HOME": str(tmp_path), "LIANBAN_WRITE_RATE": "0/5"})
