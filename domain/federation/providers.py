"""Providers as the deployment's file describes them (docs/oidc.md). Nothing of a secret stands here, only its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from domain.connectors.addresses import PORTS, read_host, read_url
from domain.connectors.errors import CallFailed
from domain.federation.levels import reaches
from domain.identity.sessions import Level
from domain.secrets.service import find_name

KEY: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")
ALGORITHMS: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Signatures by public key only: with a shared secret whoever reads a token could make one."""
AUTH_METHODS: Final = frozenset({"client_secret_basic", "client_secret_post", "none"})
CLAIMS: Final = frozenset({"idNo", "name", "mobile", "uscc", "organisation", "employeeNo"})
RULES: Final = frozenset({"acr", "amr"})


class Audience(StrEnum):
    """Who logs in by a provider."""

    STAFF = "staff"
    NATURAL = "natural"
    LEGAL = "legal"

    @property
    def is_applicant(self) -> bool:
        """Applicants are natural or legal persons."""
        return self is not Audience.STAFF


class BadProviders(ValueError):
    """The file cannot be used; the text says where and what is expected."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: how long what was fetched is good, the pause between fetches, the clocks' difference, waiting for an answer."""

    metadata: int = 3600
    keys: int = 3600
    pause: int = 60
    skew: int = 60
    answer: int = 10


@dataclass(frozen=True, slots=True)
class Provider:
    """One OpenID provider as a client of it sees it. ``secret`` is the name of the client's secret (empty: a public client)."""

    key: str
    name: str
    name_en: str
    audience: Audience
    issuer: str
    client_id: str
    secret: str = ""
    auth_method: str = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid",)
    algorithms: tuple[str, ...] = ("RS256",)
    hosts: frozenset[tuple[str, int]] = frozenset()
    internal: bool = False
    plain: bool = False
    userinfo: bool = False
    claims: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[Level, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    times: Times = Times()

    def acr_values(self, level: Level) -> tuple[str, ...]:
        """What to ask for so that the level, or a higher one, comes back."""
        stronger = [found for found in Level if reaches(found, level) and found is not Level.NONE]
        values = (value for found in stronger for value in self.levels.get(found, {}).get("acr", ()))
        return tuple(dict.fromkeys(values))

    def can_reach(self, level: Level) -> bool:
        """Whether the provider has a way to this level."""
        return any(reaches(found, level) for found in (Level.NONE, *self.levels))


@dataclass(frozen=True, slots=True)
class Providers:
    """All providers of the deployment. ``only_admins``: with a password only administrators log in."""

    every: tuple[Provider, ...] = ()
    only_admins: bool = False

    def find(self, key: str) -> Provider | None:
        """The provider with this key."""
        return next((provider for provider in self.every if provider.key == key), None)

    def of(self, *, applicants: bool) -> tuple[Provider, ...]:
        """Those for applicants, or those for staff."""
        return tuple(provider for provider in self.every if provider.audience.is_applicant == applicants)


def read(raw: Any) -> Providers:
    """The file's content, checked. Raises :class:`BadProviders`."""
    top = _mapping(raw, "", {"providers", "localLogin"})
    local = _one_of(top.get("localLogin", "everyone"), "localLogin", {"everyone", "administrators"})
    rows = top.get("providers", [])
    if not isinstance(rows, list) or len(rows) > 20:  # noqa: PLR2004 -- a list of buttons that people can choose from
        raise BadProviders("providers: a list of at most 20 expected")
    every = tuple(_provider(row, f"providers[{index}]") for index, row in enumerate(rows))
    for one in ("key", "issuer"):
        seen = [getattr(each, one) for each in every]
        twice = {value for value in seen if seen.count(value) > 1}
        if one == "key" and twice:
            raise BadProviders(f"providers: the key {min(twice)} stands twice")
    return Providers(every, local == "administrators")


def _provider(raw: Any, at: str) -> Provider:
    row = _mapping(raw, at, _FIELDS)
    key = _text(row, "key", at)
    if not KEY.fullmatch(key):
        raise BadProviders(f"{at}.key: small letters, digits and hyphens expected")
    audience = Audience(_one_of(row.get("audience", ""), f"{at}.audience", {each.value for each in Audience}))
    plain, internal = _flag(row, "plain", at), _flag(row, "internal", at)
    if plain and not internal:
        raise BadProviders(f"{at}.plain: only internal providers may do without https")
    issuer = _text(row, "issuer", at)
    hosts = {_place(issuer, f"{at}.issuer", plain=plain)}
    hosts |= {_host(each, f"{at}.hosts") for each in _texts(row.get("hosts", []), f"{at}.hosts")}
    method = _one_of(row.get("authMethod", "client_secret_basic"), f"{at}.authMethod", set(AUTH_METHODS))
    secret = find_name(_text(row, "clientSecret", at)) if method != "none" else ""
    if secret is None:
        raise BadProviders(f"{at}.clientSecret: the name of a secret expected, like secret:OIDC_CLIENT")
    scopes = tuple(_texts(row.get("scopes", ["openid"]), f"{at}.scopes"))
    name = _text(row, "name", at)
    return Provider(
        key=key,
        name=name,
        name_en=row.get("nameEn") or name,
        audience=audience,
        issuer=issuer,
        client_id=_text(row, "clientId", at),
        secret=secret,
        auth_method=method,
        scopes=scopes if "openid" in scopes else ("openid", *scopes),
        algorithms=tuple(_within(row.get("algorithms", ["RS256"]), f"{at}.algorithms", ALGORITHMS)),
        hosts=frozenset(hosts),
        internal=internal,
        plain=plain,
        userinfo=_flag(row, "userinfo", at),
        claims=_claims(row.get("claims", {}), f"{at}.claims", audience),
        levels=_levels(row.get("levels", {}), f"{at}.levels"),
        times=_times(row.get("seconds", {}), f"{at}.seconds"),
    )


_FIELDS: Final = {
    "key", "name", "nameEn", "audience", "issuer", "clientId", "clientSecret", "authMethod", "scopes", "algorithms",
    "hosts", "internal", "plain", "userinfo", "claims", "levels", "seconds",
}  # fmt: skip
_BOUNDS: Final = {
    "metadata": (60, 86_400),
    "keys": (60, 86_400),
    "pause": (1, 3600),
    "skew": (0, 300),
    "answer": (1, 30),
}


def _claims(raw: Any, at: str, audience: Audience) -> dict[str, str]:
    row = _mapping(raw, at, CLAIMS)
    needed = {Audience.STAFF: (), Audience.NATURAL: ("idNo", "name"), Audience.LEGAL: ("uscc", "organisation")}[
        audience
    ]
    missing = [name for name in needed if not row.get(name)]
    if missing:
        raise BadProviders(f"{at}: the claim of {missing[0]} must be named")
    return {str(name): _text(row, str(name), at) for name in row}


def _levels(raw: Any, at: str) -> dict[Level, Mapping[str, tuple[str, ...]]]:
    row = _mapping(raw, at, {Level.REAL_NAME.value, Level.REAL_PERSON.value})
    found: dict[Level, Mapping[str, tuple[str, ...]]] = {}
    for name, rule in row.items():
        rules = _mapping(rule, f"{at}.{name}", {*RULES, "source"})
        _text(rules, "source", f"{at}.{name}")
        values = {claim: tuple(_texts(rules[claim], f"{at}.{name}.{claim}")) for claim in RULES if claim in rules}
        if not values:
            raise BadProviders(f"{at}.{name}: acr or amr expected")
        found[Level(name)] = values
    return found


def _times(raw: Any, at: str) -> Times:
    row = _mapping(raw, at, set(_BOUNDS))
    for name, value in row.items():
        low, high = _BOUNDS[name]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadProviders(f"{at}.{name}: a whole number from {low} to {high} expected")
    return Times(**row)


def _place(url: str, at: str, *, plain: bool) -> tuple[str, int]:
    try:
        place = read_url(url)
    except CallFailed:
        raise BadProviders(f"{at}: an https address expected") from None
    if (place.scheme != "https" and not plain) or "?" in url or "#" in url:
        raise BadProviders(f"{at}: an https address without query expected")
    return place.host, place.port


def _host(text: str, at: str) -> tuple[str, int]:
    name, _, port = text.partition(":")
    if port and not port.isdigit():
        raise BadProviders(f"{at}: host or host:port expected")
    try:
        return read_host(name), int(port or PORTS["https"])
    except CallFailed:
        raise BadProviders(f"{at}: host or host:port expected") from None


def _mapping(raw: Any, at: str, known: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise BadProviders(f"{at or 'the file'}: names with values expected")
    unknown = [str(name) for name in raw if name not in known]
    if unknown:
        raise BadProviders(f"{at}{'.' if at else ''}{unknown[0]}: not known")
    return raw


def _text(row: Mapping[str, Any], name: str, at: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 300 or not value.isprintable():  # noqa: PLR2004 -- one line
        raise BadProviders(f"{at}.{name}: a text of one line expected")
    return value


def _texts(raw: Any, at: str) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(each, str) and each and each.isprintable() for each in raw):
        raise BadProviders(f"{at}: a list of texts expected")
    return raw


def _within(raw: Any, at: str, known: frozenset[str]) -> Sequence[str]:
    found = _texts(raw, at)
    if not found or not set(found) <= known:
        raise BadProviders(f"{at}: some of {', '.join(sorted(known))} expected")
    return found


def _one_of(value: Any, at: str, known: set[str]) -> str:
    if value not in known:
        raise BadProviders(f"{at}: one of {', '.join(sorted(known))} expected")
    return str(value)


def _flag(row: Mapping[str, Any], name: str, at: str) -> bool:
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise BadProviders(f"{at}.{name}: true or false expected")
    return value
