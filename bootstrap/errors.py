"""Errors of the bootstrap room: what stops a start or a command, and what to do about it, in both languages."""

from __future__ import annotations

from typing import ClassVar


class BootstrapError(Exception):
    """Root of the room. ``exit_code`` is what the command line ends with."""

    code: ClassVar[str] = "bootstrap-error"
    exit_code: ClassVar[int] = 1

    def __init__(self, fact_zh: str, fact_en: str, *, next_zh: str = "", next_en: str = "") -> None:
        super().__init__(fact_en)
        self.fact_zh = fact_zh
        self.fact_en = fact_en
        self.next_zh = next_zh
        self.next_en = next_en


class BadSetting(BootstrapError):
    """A LIANBAN_* variable has a value that cannot be used."""

    code = "bad-setting"
    exit_code = 2


class KeyNotReadable(BootstrapError):
    """A key file of this deployment is missing a part, has the wrong length or is readable by others."""

    code = "key-not-readable"
    exit_code = 2


class PostgresNotFound(BootstrapError):
    """No PostgreSQL server binaries and no database URL."""

    code = "postgres-not-found"
    exit_code = 3


class PostgresNotStarted(BootstrapError):
    """The embedded PostgreSQL did not come up."""

    code = "postgres-not-started"
    exit_code = 3


class PostgresNotReachable(BootstrapError):
    """Nothing answers at the database address."""

    code = "postgres-not-reachable"
    exit_code = 3


class DatabaseNotEncrypted(BootstrapError):
    """The database is reached over a network in plain text, and nobody accepted that."""

    code = "database-not-encrypted"
    exit_code = 3


class ApplicationRoleMissing(BootstrapError):
    """The role that the application acts as is missing and may not be made."""

    code = "application-role-missing"
    exit_code = 3


class RowSecurityOff(BootstrapError):
    """The database role in use is not bound by row-level security."""

    code = "row-security-off"
    exit_code = 3


class PostgresTooOld(BootstrapError):
    """The server or the data folder has another major version than this product can use."""

    code = "postgres-version"
    exit_code = 3


class PostgresBusy(BootstrapError):
    """Another process of this deployment holds the embedded PostgreSQL."""

    code = "postgres-busy"
    exit_code = 3


class NoSystemUser(BootstrapError):
    """PostgreSQL refuses to run as root, and there is no system user to run it as."""

    code = "no-system-user"
    exit_code = 3


class SchemaNotCurrent(BootstrapError):
    """The database has another schema revision than this version of the product needs."""

    code = "schema-not-current"
    exit_code = 4


class ChineseNotIndexed(BootstrapError):
    """The database was made with a character type that ignores Chinese."""

    code = "chinese-not-indexed"
    exit_code = 3


class BackupNotTaken(BootstrapError):
    """The base backup failed or does not verify."""

    code = "backup-not-taken"
    exit_code = 3


class BackupNotUsable(BootstrapError):
    """The backup or its archive cannot bring back the database as asked."""

    code = "backup-not-usable"
    exit_code = 3


class BadInput(BootstrapError):
    """A file, code or amount given on the command line cannot be used."""

    code = "bad-input"
    exit_code = 2


class PortTaken(BootstrapError):
    """Something else listens on the port."""

    code = "port-taken"
    exit_code = 6
