"""The numbers of log-in, passwords, sessions and delegation. Each is a setting; its source stands in docs/configuration.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from domain.actors import Role


@dataclass(frozen=True, slots=True)
class HashCost:
    """What one argon2id hash costs: memory in KiB, passes, lanes. More than OWASP asks for (46 MiB, 1 pass, 1 lane)."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4


USUAL = HashCost()


@dataclass(frozen=True, slots=True)
class LockOut:
    """After ``failures`` in a row waits begin at ``first`` and double with each further failure up to ``longest``.

    They are forgotten after ``forgotten`` without failure, or with a success.
    """

    failures: int = 5
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)
    forgotten: timedelta = timedelta(hours=24)

    def wait(self, failures: int) -> timedelta | None:
        """How long is closed after so many failures in a row; None: not at all."""
        over = failures - self.failures
        if over < 0:
            return None
        doubled: int = 1 << min(over, 20)
        return min(self.first * doubled, self.longest)


BY_ACCOUNT = LockOut()
BY_ADDRESS = LockOut(failures=50, longest=timedelta(minutes=15), forgotten=timedelta(hours=1))
"""A whole office may stand behind one address: many failures, short waits."""
STAFF_LENGTH = 12
APPLICANT_LENGTH = 8


AT_ONCE = frozenset({Role.SITE_ADMIN, Role.PLATFORM_ADMIN, Role.AUDITOR, Role.SUPERVISOR, Role.DESIGNER})
"""Who sets up a second factor at the first log-in, without days of grace: who administers, releases, audits."""
STAFF = tuple(role for role in Role if role not in (Role.APPLICANT, Role.AGENT, Role.SYSTEM))
"""Who logs in with two factors outside of a demo, unless the deployment says otherwise: all staff."""


def who_needs_factor(named: tuple[str, ...] | None, *, demo: bool) -> frozenset[Role]:
    """The roles that log in with two factors: those named (``none``: nobody), else in a demo nobody and elsewhere all staff."""
    if named is None:
        return frozenset(() if demo else STAFF)
    return frozenset(Role(name.upper()) for name in named if name != "none")


@dataclass(frozen=True, slots=True)
class Rules:
    """All of them, as a deployment has set them."""

    cost: HashCost = USUAL
    by_account: LockOut = BY_ACCOUNT
    by_address: LockOut = BY_ADDRESS
    staff_length: int = STAFF_LENGTH
    applicant_length: int = APPLICANT_LENGTH
    former_passwords: int = 5
    context_words: tuple[str, ...] = ("lianban", "联办")
    """Words that are no part of a password here (OWASP ASVS 5.0 6.2.11)."""
    second_factor_roles: frozenset[Role] = frozenset()
    second_factor_at_once: frozenset[Role] = frozenset()
    """Those of them without days of grace: who administers, releases, audits."""
    second_factor_grace: timedelta = timedelta(days=7)
    """How long other staff may put the enrolment off after the first log-in that asks for it."""
    reset_lifetime: timedelta = timedelta(hours=24)
    delegation_longest: timedelta = timedelta(days=90)
    delegation_asks: bool = True
    """Whether the delegate has to accept what a colleague asks for; what an administrator arranges holds at once."""
    public_password: str | None = field(default=None, repr=False)
    """A password that everybody knows (the demo's): nobody may have it. None in a demo."""
