"""Settings: the only reader of the environment. Every variable is described in docs/configuration.md."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar, get_origin, get_type_hints

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
    """One deployment's settings. Lengths are bytes, durations ``timedelta``; secrets never appear in ``repr``.

    Beside each type stands what reads the variable of its name from text, or raises ``ValueError``.
    """

    home: Annotated[Path, values.path]
    database_url: Annotated[str | None, values.database_url] = field(default=None, repr=False)
    database_owner_url: Annotated[str | None, values.database_url] = field(default=None, repr=False)
    database_plain: Annotated[bool, values.flag] = False
    database_role: Annotated[str, values.role] = "lianban_app"
    owner_role_accepted: Annotated[bool, values.flag] = False
    postgres_bindir: Annotated[Path | None, values.path] = None
    postgres_user: Annotated[str | None, str] = None
    archive_folder: Annotated[Path | None, values.path] = None
    host: Annotated[str, str] = "127.0.0.1"
    port: Annotated[int, values.number(1, 65535)] = 8600
    public_url: Annotated[str | None, values.public_url] = None
    trusted_proxies: Annotated[int, values.number(0, 5)] = 0
    web_workers: Annotated[int, values.number(1, 256)] = 2
    web_threads: Annotated[int, values.number(1, 64)] = 4
    poll_waiters: Annotated[int, values.number(0, 512)] = 32
    worker_processes: Annotated[int, values.number(1, 64)] = field(
        default_factory=lambda: min(MOST_WORKERS_UNASKED, os.cpu_count() or 1)
    )
    job_concurrency: Annotated[int, values.number(1, 64)] = 4
    service_concurrency: Annotated[int, values.number(1, 256)] = 8
    queues: Annotated[tuple[str, ...], values.some_of(*QUEUES)] = QUEUES
    work_retention: Annotated[timedelta, values.seconds(3600, 10 * 366 * 24 * 3600)] = timedelta(days=30)
    record_retention: Annotated[timedelta, values.seconds(3600, 10 * 366 * 24 * 3600)] = timedelta(days=180)
    anchor_every: Annotated[timedelta, values.seconds(30, 24 * 3600)] = timedelta(minutes=10)
    anchor_folder: Annotated[Path | None, values.path] = None
    countersign_every: Annotated[timedelta, values.seconds(600, 31 * 24 * 3600)] = timedelta(days=1)
    tsa_url: Annotated[str | None, values.public_url] = None
    tsa_ca: Annotated[Path | None, values.path] = None
    takeover: Annotated[timedelta, values.seconds(4, 600)] = timedelta(seconds=8)
    node_name: Annotated[str, values.name] = field(default_factory=socket.gethostname)
    health_host: Annotated[str, str] = "127.0.0.1"
    health_port: Annotated[int | None, values.number(1, 65535)] = None
    metrics_token: Annotated[str | None, values.token] = field(default=None, repr=False)
    drain_delay: Annotated[timedelta, values.seconds(0, 300)] = timedelta(0)
    drain_limit: Annotated[timedelta, values.seconds(1, 600)] = timedelta(seconds=15)
    run_folder: Annotated[Path | None, values.path] = None
    otlp_endpoint: Annotated[str | None, values.public_url] = None
    trace_ratio: Annotated[float, values.ratio] = 1.0
    training: Annotated[bool, values.flag] = False
    demo: Annotated[bool, values.flag] = False
    providers: Annotated[Providers, values.providers] = field(default_factory=Providers)
    deployment_name: Annotated[str, str] = "联办"
    log_format: Annotated[str, values.choice("json", "console")] = "json"
    log_level: Annotated[str, values.choice("DEBUG", "INFO", "WARNING", "ERROR")] = "INFO"
    pool_size: Annotated[int, values.number(1, 100)] = 5
    pool_overflow: Annotated[int, values.number(0, 100)] = 5
    lock_timeout: Annotated[timedelta, values.seconds(1, 60)] = timedelta(seconds=3)
    statement_timeout: Annotated[timedelta, values.seconds(1, 3600)] = timedelta(seconds=30)
    idle_transaction_timeout: Annotated[timedelta, values.seconds(1, 3600)] = timedelta(seconds=10)
    read_rate: Annotated[values.Rate | None, values.rate] = (600, 0.05)
    write_rate: Annotated[values.Rate | None, values.rate] = (120, 0.2)
    search_rate: Annotated[values.Rate | None, values.rate] = (60, 1.0)
    apply_rate: Annotated[values.Rate | None, values.rate] = (20, 30.0)
    address_rate: Annotated[values.Rate | None, values.rate] = (6000, 0.005)
    hsts_seconds: Annotated[int, values.number(0, 10 * 366 * 24 * 3600)] = 31_536_000
    hsts_subdomains: Annotated[bool, values.flag] = False
    max_body_bytes: Annotated[int, values.number(1024, 64 * 1024 * 1024)] = 1024 * 1024
    max_file_bytes: Annotated[int, values.number(1024, 1024 * 1024 * 1024)] = 20 * 1024 * 1024
    session_idle: Annotated[timedelta, values.seconds(60, 7 * 24 * 3600)] = timedelta(hours=1)
    session_lifetime: Annotated[timedelta, values.seconds(60, 7 * 24 * 3600)] = timedelta(hours=8)
    step_up_age: Annotated[timedelta, values.seconds(60, 24 * 3600)] = timedelta(minutes=10)
    login_failures: Annotated[int, values.number(1, 100)] = 5
    login_wait: Annotated[timedelta, values.seconds(1, 24 * 3600)] = timedelta(minutes=1)
    login_longest_wait: Annotated[timedelta, values.seconds(1, 7 * 24 * 3600)] = timedelta(hours=1)
    address_failures: Annotated[int, values.number(1, 100_000)] = 50
    password_length: Annotated[int, values.number(8, 64)] = 12
    applicant_password_length: Annotated[int, values.number(8, 64)] = 8
    password_history: Annotated[int, values.number(0, 24)] = 5
    password_memory_kib: Annotated[int, values.number(19_456, 1_048_576)] = 65_536
    password_passes: Annotated[int, values.number(1, 20)] = 3
    password_lanes: Annotated[int, values.number(1, 16)] = 4
    reset_lifetime: Annotated[timedelta, values.seconds(300, 7 * 24 * 3600)] = timedelta(hours=24)
    second_factor_roles: Annotated[
        tuple[str, ...] | None, values.some_of(*(role.lower() for role in STAFF), "none")
    ] = None
    delegation_longest: Annotated[timedelta, values.seconds(3600, 366 * 24 * 3600)] = timedelta(days=90)
    delegation_asks: Annotated[bool, values.flag] = True
    api_token_longest: Annotated[timedelta, values.seconds(24 * 3600, 3 * 366 * 24 * 3600)] = timedelta(days=365)
    second_factor_grace: Annotated[timedelta, values.seconds(0, 90 * 24 * 3600)] = timedelta(days=7)
    engine_document_bytes: Annotated[int, values.number(10_000, 64 * 1024 * 1024)] = 5_000_000
    engine_steps: Annotated[int, values.number(100, 1_000_000)] = 10_000
    engine_call_depth: Annotated[int, values.number(1, 200)] = 25
    engine_instances: Annotated[int, values.number(1, 100_000)] = 2_000
    engine_tokens: Annotated[int, values.number(10, 1_000_000)] = 10_000
    engine_value_bytes: Annotated[int, values.number(1024, 64 * 1024 * 1024)] = 2_000_000
    engine_state_bytes: Annotated[int, values.number(10_000, 256 * 1024 * 1024)] = 8_000_000
    expression_milliseconds: Annotated[int, values.number(50, 60_000)] = 2_000
    expression_megabytes: Annotated[int, values.number(32, 4096)] = 64
    expression_steps: Annotated[int, values.number(10_000, 1_000_000_000)] = 5_000_000
    expression_depth: Annotated[int, values.number(10, 500)] = 200
    expression_items: Annotated[int, values.number(1000, 10_000_000)] = 500_000
    expression_characters: Annotated[int, values.number(10_000, 100_000_000)] = 5_000_000
    trials_per_user: Annotated[int, values.number(1, 100_000)] = 1000
    trial_resources: Annotated[int, values.number(1, 1000)] = 50
    trial_instances: Annotated[int, values.number(1, 100_000)] = 1000
    trial_steps: Annotated[int, values.number(1, 100_000)] = 1000
    trial_history: Annotated[int, values.number(1000, 10_000_000)] = 200_000
    trial_retention: Annotated[timedelta, values.seconds(60, 366 * 24 * 3600)] = timedelta(days=3)
    secret_key: Annotated[bytes | None, values.key] = field(default=None, repr=False)
    data_key: Annotated[bytes | None, values.key] = field(default=None, repr=False)
    seal_algorithm: Annotated[str, values.choice(*ALGORITHMS)] = AES
    smtp_url: Annotated[str | None, values.smtp_url] = field(default=None, repr=False)
    mail_from: Annotated[str | None, values.mail_from] = None
    http_proxy: Annotated[str | None, values.proxy] = field(default=None, repr=False)
    http_ca_file: Annotated[Path | None, values.path] = None
    role_overrides: Annotated[Path | None, values.path] = None
    one_person_demo: Annotated[bool, values.flag] = False
    scanner: Annotated[str | None, values.scanner] = None
    scanner_timeout: Annotated[timedelta, values.seconds(1, 300)] = timedelta(seconds=30)
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
        known = {f"{PREFIX}{name.upper()}": (name, parse) for name, parse in _readers().items()}
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
        made = cls(**found)  # type: ignore[arg-type]  # each reader has its field's type
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


@cache
def _readers() -> dict[str, Callable[[str], object]]:
    """Name of a field → what reads it."""
    hints = get_type_hints(Settings, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items() if get_origin(hint) is Annotated}


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
            f"设置 {variable} 的值无法使用：{error.zh if isinstance(error, values.Expected) else error}。",
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
