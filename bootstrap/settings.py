"""Settings: the only reader of the environment. Every variable is described in docs/configuration.md."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bootstrap import setting_values as values
from bootstrap.errors import BadSetting
from bootstrap.settings_file import SETTINGS_FILE, read_settings_file
from domain.federation.providers import Providers
from domain.identity.rules import AT_ONCE, BY_ADDRESS, STAFF, HashCost, LockOut, Rules, who_needs_factor
from domain.outbox.work import QUEUES
from domain.sealing import AES, ALGORITHMS

T = TypeVar("T")
PREFIX = "LIANBAN_"
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""What the metrics library reads when it is imported: figures of several processes lie in this folder, to be added up."""
MOST_WORKERS_UNASKED = 2
"""Processes of background work unless LIANBAN_WORKER_PROCESSES says more: the pages need cores too."""
DEMO_PASSWORD = "lianban-demo"  # noqa: S105 -- the password of the demo's people, which everybody knows
SECRETS = "LIANBAN_SECRET_"
"""Beginning of the variables that hold secrets for connectors."""
_SECRET_NAME = re.compile(r"LIANBAN_SECRET_[A-Z][A-Z0-9_]{1,59}")
ROOT = Path(__file__).resolve().parent.parent
"""Where the rooms of the house lie (a checkout or site-packages)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One deployment's settings. Lengths are bytes, durations ``timedelta``; secrets never appear in ``repr``."""

    home: Path
    database_url: str | None = field(default=None, repr=False)
    database_owner_url: str | None = field(default=None, repr=False)
    database_plain: bool = False
    database_role: str = "lianban_app"
    owner_role_accepted: bool = False
    postgres_bindir: Path | None = None
    postgres_user: str | None = None
    archive_folder: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8600
    public_url: str | None = None
    trusted_proxies: int = 0
    web_workers: int = 2
    web_threads: int = 4
    poll_waiters: int = 32
    worker_processes: int = field(default_factory=lambda: min(MOST_WORKERS_UNASKED, os.cpu_count() or 1))
    job_concurrency: int = 4
    service_concurrency: int = 8
    queues: tuple[str, ...] = QUEUES
    work_retention: timedelta = timedelta(days=30)
    record_retention: timedelta = timedelta(days=180)
    anchor_every: timedelta = timedelta(minutes=10)
    anchor_folder: Path | None = None
    countersign_every: timedelta = timedelta(days=1)
    tsa_url: str | None = None
    tsa_ca: Path | None = None
    takeover: timedelta = timedelta(seconds=8)
    node_name: str = field(default_factory=socket.gethostname)
    health_host: str = "127.0.0.1"
    health_port: int | None = None
    metrics_token: str | None = field(default=None, repr=False)
    drain_delay: timedelta = timedelta(0)
    drain_limit: timedelta = timedelta(seconds=15)
    run_folder: Path | None = None
    otlp_endpoint: str | None = None
    trace_ratio: float = 1.0
    training: bool = False
    demo: bool = False
    providers: Providers = field(default_factory=Providers)
    deployment_name: str = "联办"
    log_format: str = "json"
    log_level: str = "INFO"
    pool_size: int = 5
    pool_overflow: int = 5
    lock_timeout: timedelta = timedelta(seconds=3)
    statement_timeout: timedelta = timedelta(seconds=30)
    idle_transaction_timeout: timedelta = timedelta(seconds=10)
    read_rate: values.Rate | None = (600, 0.05)
    write_rate: values.Rate | None = (120, 0.2)
    search_rate: values.Rate | None = (60, 1.0)
    apply_rate: values.Rate | None = (20, 30.0)
    address_rate: values.Rate | None = (6000, 0.005)
    hsts_seconds: int = 31_536_000
    hsts_subdomains: bool = False
    max_body_bytes: int = 1024 * 1024
    max_file_bytes: int = 20 * 1024 * 1024
    session_idle: timedelta = timedelta(hours=1)
    session_lifetime: timedelta = timedelta(hours=8)
    step_up_age: timedelta = timedelta(minutes=10)
    login_failures: int = 5
    login_wait: timedelta = timedelta(minutes=1)
    login_longest_wait: timedelta = timedelta(hours=1)
    address_failures: int = 50
    password_length: int = 12
    applicant_password_length: int = 8
    password_history: int = 5
    password_memory_kib: int = 65_536
    password_passes: int = 3
    password_lanes: int = 4
    reset_lifetime: timedelta = timedelta(hours=24)
    second_factor_roles: tuple[str, ...] | None = None
    delegation_longest: timedelta = timedelta(days=90)
    delegation_asks: bool = True
    api_token_longest: timedelta = timedelta(days=365)
    second_factor_grace: timedelta = timedelta(days=7)
    engine_document_bytes: int = 5_000_000
    engine_steps: int = 10_000
    engine_call_depth: int = 25
    engine_instances: int = 2_000
    engine_tokens: int = 10_000
    engine_value_bytes: int = 2_000_000
    engine_state_bytes: int = 8_000_000
    expression_milliseconds: int = 2_000
    expression_megabytes: int = 64
    expression_steps: int = 5_000_000
    expression_depth: int = 200
    expression_items: int = 500_000
    expression_characters: int = 5_000_000
    trials_per_user: int = 1000
    trial_resources: int = 50
    trial_instances: int = 1000
    trial_steps: int = 1000
    trial_history: int = 200_000
    trial_retention: timedelta = timedelta(days=3)
    secret_key: bytes | None = field(default=None, repr=False)
    data_key: bytes | None = field(default=None, repr=False)
    seal_algorithm: str = AES
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    http_proxy: str | None = field(default=None, repr=False)
    http_ca_file: Path | None = None
    role_overrides: Path | None = None
    one_person_demo: bool = False
    scanner: str | None = None
    scanner_timeout: timedelta = timedelta(seconds=30)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def keys(self) -> Path:
        """Folder of the generated secrets."""
        return self.home / "keys"

    @property
    def url(self) -> str:
        """The address people open."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def find_secret(self, name: str) -> str | None:
        """A secret for calls to the outside: file ``LIANBAN_HOME/secrets/NAME`` (a last line break is cut), else LIANBAN_SECRET_NAME."""
        try:
            return (self.home / "secrets" / name).read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError):
            return self.secrets.get(name)

    @property
    def identity(self) -> Rules:
        """The numbers of log-in, passwords and delegation. In a demo nobody needs a second factor unless a setting says so."""
        asked = who_needs_factor(self.second_factor_roles, demo=self.demo)
        return Rules(
            cost=HashCost(self.password_memory_kib, self.password_passes, self.password_lanes),
            by_account=LockOut(self.login_failures, self.login_wait, self.login_longest_wait),
            by_address=replace(BY_ADDRESS, failures=self.address_failures),
            staff_length=self.password_length,
            applicant_length=self.applicant_password_length,
            former_passwords=self.password_history,
            second_factor_roles=asked,
            second_factor_at_once=asked & AT_ONCE,
            second_factor_grace=self.second_factor_grace,
            reset_lifetime=self.reset_lifetime,
            delegation_longest=self.delegation_longest,
            delegation_asks=self.delegation_asks,
            public_password=None if self.demo else DEMO_PASSWORD,
        )

    @property
    def rates(self) -> dict[str, values.Rate]:
        """How often one person or address may read, write, search and apply; what is off is not here."""
        given = {name: getattr(self, f"{name}_rate") for name in ("read", "write", "search", "apply", "address")}
        return {name: rate for name, rate in given.items() if rate is not None}

    @property
    def hsts(self) -> str:
        """The header Strict-Transport-Security, for a deployment whose address is https."""
        return f"max-age={self.hsts_seconds}" + ("; includeSubDomains" if self.hsts_subdomains else "")

    @property
    def workflows(self) -> Path:
        """Folder of the models shipped with the product."""
        return ROOT / "workflows"

    @property
    def web_dist(self) -> Path:
        """Folder of the built web pages."""
        return ROOT / "web" / "dist"

    @property
    def file(self) -> Path:
        """The deployment's settings file: ``LIANBAN_NAME=value`` a line, overruled by the environment."""
        return self.home / SETTINGS_FILE

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read LIANBAN_HOME/lianban.env, then LIANBAN_* and PG_BINDIR. Raises :class:`BadSetting`, naming the variable."""
        env = os.environ if environ is None else environ
        home = _parse(f"{PREFIX}HOME", env.get(f"{PREFIX}HOME") or "var", values.path)
        merged = {**read_settings_file(home / SETTINGS_FILE), **env}
        known = {f"{PREFIX}{name.upper()}": (name, parse) for name, parse in _READERS.items()}
        _refuse_unknown(merged, known)
        found = {
            name: _parse(variable, merged[variable], parse)
            for variable, (name, parse) in known.items()
            if merged.get(variable)
        }
        found["home"] = home
        found["secrets"] = _secrets(merged, known)
        if "postgres_bindir" not in found and merged.get("PG_BINDIR"):
            found["postgres_bindir"] = _parse("PG_BINDIR", merged["PG_BINDIR"], values.path)
        made = cls(**found)  # type: ignore[arg-type]  # each reader below has its field's type
        practising = made.demo or made.training
        values.require_bound_role(made.database_role, accepted=practising or made.owner_role_accepted)
        return made

    def child_environment(self, run_folder: Path | None = None) -> dict[str, str]:
        """The environment for a process that we start: what it inherits, with LIANBAN_HOME made absolute.

        With ``run_folder`` the child is a part of our node: its figures go there, and we answer for its health.
        """
        ours = {f"{PREFIX}HOME": str(self.home), "PYTHONUNBUFFERED": "1"}
        if run_folder is not None:
            ours |= {**_shared(run_folder), f"{PREFIX}HEALTH_PORT": ""}
        return {**os.environ, **ours}


def share_run_folder(folder: Path) -> None:
    """Let the processes that this one starts (the server's own workers) keep their figures in ``folder``."""
    os.environ.update(_shared(folder))


def _shared(folder: Path) -> dict[str, str]:
    return {f"{PREFIX}RUN_FOLDER": str(folder), MULTIPROCESS: str(folder)}


def _secrets(env: Mapping[str, str], known: Mapping[str, object]) -> dict[str, str]:
    """LIANBAN_SECRET_NAME=value: secrets that connectors name (docs/connectors.md)."""
    return {
        name.removeprefix(SECRETS): value
        for name, value in env.items()
        if name.startswith(SECRETS) and name not in known and value
    }


def _refuse_unknown(env: Mapping[str, str], known: Mapping[str, object]) -> None:
    unknown = sorted(
        name for name in env if name.startswith(PREFIX) and name not in known and not _SECRET_NAME.fullmatch(name)
    )
    if unknown:
        raise BadSetting(
            f"不认识的设置：{'、'.join(unknown)}。",
            f"Unknown settings: {', '.join(unknown)}.",
            next_zh="请对照 docs/configuration.md 检查拼写。",
            next_en="Check the spelling against docs/configuration.md.",
        )


def _parse(variable: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text.strip())
    except ValueError as error:
        raise BadSetting(
            f"设置 {variable} 的值无法使用：{error}。",
            f"The value of {variable} cannot be used: {error}.",
            next_zh="请按 docs/configuration.md 的说明修改。",
            next_en="Correct it as docs/configuration.md says.",
        ) from None


def parse_queues(text: str) -> tuple[str, ...]:
    """Names of queues given on the command line. Raises :class:`BadSetting`."""
    return _parse("--queues", text, values.some_of(*QUEUES))


def parse_database_url(text: str) -> str:
    """An address given on the command line, as SQLAlchemy wants it. Raises :class:`BadSetting`."""
    return _parse("--database", text, values.database_url)


_READERS: dict[str, Callable[[str], object]] = {
    "home": values.path,
    "database_url": values.database_url,
    "database_owner_url": values.database_url,
    "database_plain": values.flag,
    "database_role": values.role,
    "owner_role_accepted": values.flag,
    "postgres_bindir": values.path,
    "postgres_user": str,
    "archive_folder": values.path,
    "host": str,
    "port": values.number(1, 65535),
    "public_url": values.public_url,
    "trusted_proxies": values.number(0, 5),
    "web_workers": values.number(1, 256),
    "web_threads": values.number(1, 64),
    "poll_waiters": values.number(0, 512),
    "worker_processes": values.number(1, 64),
    "job_concurrency": values.number(1, 64),
    "service_concurrency": values.number(1, 256),
    "queues": values.some_of(*QUEUES),
    "takeover": values.seconds(4, 600),
    "work_retention": values.seconds(3600, 10 * 366 * 24 * 3600),
    "record_retention": values.seconds(3600, 10 * 366 * 24 * 3600),
    "anchor_every": values.seconds(30, 24 * 3600),
    "anchor_folder": values.path,
    "tsa_url": values.public_url,
    "tsa_ca": values.path,
    "countersign_every": values.seconds(600, 31 * 24 * 3600),
    "node_name": values.name,
    "health_host": str,
    "health_port": values.number(1, 65535),
    "metrics_token": values.token,
    "drain_delay": values.seconds(0, 300),
    "drain_limit": values.seconds(1, 600),
    "run_folder": values.path,
    "otlp_endpoint": values.public_url,
    "trace_ratio": values.ratio,
    "training": values.flag,
    "demo": values.flag,
    "providers": values.providers,
    "deployment_name": str,
    "log_format": values.choice("json", "console"),
    "log_level": values.choice("DEBUG", "INFO", "WARNING", "ERROR"),
    "pool_size": values.number(1, 100),
    "pool_overflow": values.number(0, 100),
    "lock_timeout": values.seconds(1, 60),
    "statement_timeout": values.seconds(1, 3600),
    "idle_transaction_timeout": values.seconds(1, 3600),
    **dict.fromkeys(("read_rate", "write_rate", "search_rate", "apply_rate", "address_rate"), values.rate),
    "hsts_seconds": values.number(0, 10 * 366 * 24 * 3600),
    "hsts_subdomains": values.flag,
    "max_body_bytes": values.number(1024, 64 * 1024 * 1024),
    "max_file_bytes": values.number(1024, 1024 * 1024 * 1024),
    "session_idle": values.seconds(60, 7 * 24 * 3600),
    "session_lifetime": values.seconds(60, 7 * 24 * 3600),
    "step_up_age": values.seconds(60, 24 * 3600),
    "login_failures": values.number(1, 100),
    "login_wait": values.seconds(1, 24 * 3600),
    "login_longest_wait": values.seconds(1, 7 * 24 * 3600),
    "address_failures": values.number(1, 100_000),
    "password_length": values.number(8, 64),
    "applicant_password_length": values.number(8, 64),
    "password_history": values.number(0, 24),
    "password_memory_kib": values.number(19_456, 1_048_576),
    "password_passes": values.number(1, 20),
    "password_lanes": values.number(1, 16),
    "reset_lifetime": values.seconds(300, 7 * 24 * 3600),
    "second_factor_roles": values.some_of(*(role.lower() for role in STAFF), "none"),
    "delegation_longest": values.seconds(3600, 366 * 24 * 3600),
    "delegation_asks": values.flag,
    "api_token_longest": values.seconds(24 * 3600, 3 * 366 * 24 * 3600),
    "second_factor_grace": values.seconds(0, 90 * 24 * 3600),
    "engine_document_bytes": values.number(10_000, 64 * 1024 * 1024),
    "engine_steps": values.number(100, 1_000_000),
    "engine_call_depth": values.number(1, 200),
    "engine_instances": values.number(1, 100_000),
    "engine_tokens": values.number(10, 1_000_000),
    "engine_value_bytes": values.number(1024, 64 * 1024 * 1024),
    "engine_state_bytes": values.number(10_000, 256 * 1024 * 1024),
    "expression_milliseconds": values.number(50, 60_000),
    "expression_megabytes": values.number(32, 4096),
    "expression_steps": values.number(10_000, 1_000_000_000),
    "expression_depth": values.number(10, 500),
    "expression_items": values.number(1000, 10_000_000),
    "expression_characters": values.number(10_000, 100_000_000),
    "trials_per_user": values.number(1, 100_000),
    "trial_resources": values.number(1, 1000),
    "trial_instances": values.number(1, 100_000),
    "trial_steps": values.number(1, 100_000),
    "trial_history": values.number(1000, 10_000_000),
    "trial_retention": values.seconds(60, 366 * 24 * 3600),
    "secret_key": values.key,
    "data_key": values.key,
    "seal_algorithm": values.choice(*ALGORITHMS),
    "smtp_url": values.smtp_url,
    "mail_from": values.mail_from,
    "http_proxy": values.proxy,
    "http_ca_file": values.path,
    "role_overrides": values.path,
    "one_person_demo": values.flag,
    "scanner": values.scanner,
    "scanner_timeout": values.seconds(1, 300),
}
