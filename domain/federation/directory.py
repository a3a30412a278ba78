"""What providers publish about themselves, fetched over the guarded wire and remembered: addresses and keys.

One per process. What was fetched stays good for a while; when it is too old and the provider does not answer, the old copy serves on
until it is a day old. A provider that just failed is not asked again for some seconds, and only a few calls go to one provider at
the same time: a provider that hangs cannot take the threads that other log-ins need.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Any, Final

import orjson
import structlog
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.connectors.addresses import Place, pin, read_url
from domain.connectors.errors import CallFailed
from domain.connectors.wire import Answer, Limits, Request, Trust, exchange
from domain.federation.errors import ProviderAway, ProviderUnusable
from domain.federation.providers import Provider

log = structlog.get_logger(__name__)
MOST_BYTES: Final = 256_000
AT_ONCE: Final = 2
STALE_SECONDS: Final = 86_400
SILENT_SECONDS: Final = 5.0
"""So long a provider that did not answer is left alone."""
GOOD: Final = 200
_FAULT: Final = 500
_ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
)
_NEEDED: Final = frozenset({"authorization_endpoint", "token_endpoint", "jwks_uri"})


@dataclass(frozen=True, slots=True)
class Metadata:
    """What counts of a provider's discovery document; an empty address: it has no such endpoint."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    iss_in_answers: bool
    backchannel_logout: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider is doing as this process saw it; seconds since, None: never."""

    fetched_ago: float | None
    keys_ago: float | None
    key_ids: tuple[str, ...]
    failed: str


@dataclass(slots=True)
class _Shelf:
    """What is remembered of one provider."""

    lock: Lock = field(default_factory=Lock)
    at_once: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    metadata: Metadata | None = None
    metadata_at: float = 0.0
    keys: KeySet | None = None
    keys_at: float = 0.0
    renewed_at: float | None = None
    failed: str = ""
    failed_at: float | None = None


@dataclass(slots=True)
class Directory:
    """The providers' published documents. ``now`` gives monotonic seconds; ``send`` is the wire."""

    ca_file: str = ""
    now: Callable[[], float] = time.monotonic
    send: Callable[[Request], Answer] = exchange
    _shelves: dict[str, _Shelf] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def metadata(self, provider: Provider) -> Metadata:
        """The provider's addresses. Raises :class:`ProviderAway`, :class:`ProviderUnusable`."""
        shelf = self._shelf(provider)
        with self._alone(provider, shelf):
            age = self.now() - shelf.metadata_at
            if shelf.metadata is not None and age < provider.times.metadata:
                return shelf.metadata
            try:
                found = self._document(provider, get_well_known_url(provider.issuer, external=True))
                shelf.metadata, shelf.metadata_at = _metadata(provider, found), self.now()
            except ProviderAway:
                if shelf.metadata is None or age > STALE_SECONDS:
                    raise
            return shelf.metadata

    def keys(self, provider: Provider) -> KeySet:
        """The provider's public keys. Raises :class:`ProviderAway`, :class:`ProviderUnusable`."""
        address = self.metadata(provider).keys
        shelf = self._shelf(provider)
        with self._alone(provider, shelf):
            age = self.now() - shelf.keys_at
            if shelf.keys is None or age >= provider.times.keys:
                try:
                    self._fetch_keys(provider, shelf, address)
                except ProviderAway:
                    if shelf.keys is None or age > STALE_SECONDS:
                        raise
            assert shelf.keys is not None  # noqa: S101 -- fetched, or there before
            return shelf.keys

    def renewed_keys(self, provider: Provider) -> KeySet | None:
        """The keys fetched anew because a token names an unknown one; None: that was done a moment ago already."""
        address = self.metadata(provider).keys
        shelf = self._shelf(provider)
        with self._alone(provider, shelf):
            if shelf.renewed_at is not None and self.now() - shelf.renewed_at < provider.times.pause:
                return None
            shelf.renewed_at = self.now()
            self._fetch_keys(provider, shelf, address)
            return shelf.keys

    def forget(self, provider: Provider) -> None:
        """Fetch everything anew next time (an administrator asks how the provider is)."""
        with self._lock:
            self._shelves.pop(provider.key, None)

    def standing(self, provider: Provider) -> Standing:
        """How the provider is doing."""
        shelf, now = self._shelf(provider), self.now()
        ids = tuple(key.kid or "" for key in shelf.keys) if shelf.keys else ()
        return Standing(
            now - shelf.metadata_at if shelf.metadata else None,
            now - shelf.keys_at if shelf.keys else None,
            ids,
            shelf.failed,
        )

    def call(
        self, provider: Provider, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Any]:
        """One call: (status, JSON). Raises :class:`ProviderAway` (also for 5xx), :class:`ProviderUnusable` (host, certificate, no JSON)."""
        shelf = self._shelf(provider)
        if shelf.failed_at is not None and self.now() - shelf.failed_at < SILENT_SECONDS:
            raise ProviderAway("刚才没有应答，稍后再试。", "It did not answer a moment ago.")
        if not shelf.at_once.acquire(blocking=False):
            raise ProviderAway("正在等待它的其他应答。", "Other answers of it are being waited for.")
        try:
            answer = self._exchange(provider, method, url, headers, body)
        except ProviderAway as away:
            shelf.failed, shelf.failed_at = away.code, self.now()
            log.warning("provider.away", provider=provider.key, reason=str(away))
            raise
        except ProviderUnusable as unusable:
            shelf.failed = unusable.code
            log.warning("provider.unusable", provider=provider.key, reason=str(unusable))
            raise
        finally:
            shelf.at_once.release()
        shelf.failed, shelf.failed_at = "", None
        try:
            return answer.status, orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise ProviderUnusable("应答不是 JSON。", "The answer is not JSON.") from None

    def _exchange(self, provider: Provider, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        seconds = provider.times.answer
        limits = Limits(min(5, seconds), seconds, seconds, MOST_BYTES)
        try:
            place = allowed(provider, url)
            address = pin(place.host, place.port, internal=provider.internal)
            wanted = {"Accept": "application/json", **headers}
            answer = self.send(Request(method, place, address, wanted, body, limits, Trust(ca_file=self.ca_file)))
        except CallFailed as failed:
            told = failed.fact_zh or failed.title_zh, failed.fact_en or failed.title_en
            raise (ProviderAway(*told) if failed.is_passing else ProviderUnusable(*told)) from None
        if answer.status >= _FAULT:
            raise ProviderAway("它返回服务器错误。", f"It answered with status {answer.status}.")
        return answer

    def _document(self, provider: Provider, url: str) -> dict[str, Any]:
        status, found = self.call(provider, "GET", url, {})
        if status != GOOD or not isinstance(found, dict):
            raise ProviderUnusable(
                "它公布的文件无法读取。", f"A document that it publishes cannot be read (status {status})."
            )
        return found

    def _fetch_keys(self, provider: Provider, shelf: _Shelf, address: str) -> None:
        try:
            found: Any = self._document(provider, address)
            shelf.keys = KeySet.import_key_set(found)
        except (JoseError, KeyError, TypeError, ValueError, AttributeError):
            raise ProviderUnusable("它公布的密钥无法读取。", "Its published keys cannot be read.") from None
        shelf.keys_at = self.now()

    @contextmanager
    def _alone(self, provider: Provider, shelf: _Shelf) -> Iterator[None]:
        """One fetch at a time; who waits too long gives up."""
        if not shelf.lock.acquire(timeout=provider.times.answer):
            raise ProviderAway("正在等待它的应答。", "Its answer is being waited for.")
        try:
            yield
        finally:
            shelf.lock.release()

    def _shelf(self, provider: Provider) -> _Shelf:
        with self._lock:
            return self._shelves.setdefault(provider.key, _Shelf())


def allowed(provider: Provider, url: str) -> Place:
    """The parts of an address at the provider. Raises :class:`ProviderUnusable` for hosts that its entry does not name."""
    try:
        place = read_url(url)
    except CallFailed:
        raise ProviderUnusable("它公布的地址无法识别。", "An address that it publishes cannot be read.") from None
    if (place.host, place.port) not in provider.hosts or (place.scheme != "https" and not provider.plain):
        raise ProviderUnusable(
            f"它公布的主机 {place.host[:120]}:{place.port} 不在配置的 hosts 中。",
            f"{place.host[:120]}:{place.port}, which it publishes, is not among the configured hosts.",
        )
    return place


def _metadata(provider: Provider, found: Mapping[str, Any]) -> Metadata:
    if found.get("issuer") != provider.issuer:
        raise ProviderUnusable(
            "它公布的 issuer 与配置不一致。", "The issuer that it publishes is not the configured one."
        )
    addresses = {name: found.get(name) or "" for name in _ENDPOINTS}
    if not all(isinstance(url, str) for url in addresses.values()) or not all(addresses[name] for name in _NEEDED):
        raise ProviderUnusable("它公布的地址不完整。", "It does not publish all addresses that are needed.")
    for url in addresses.values():
        if url:
            allowed(provider, url)
    offered = found.get("id_token_signing_alg_values_supported")
    if isinstance(offered, list) and not any(name in offered for name in provider.algorithms):
        raise ProviderUnusable("它不支持配置的签名算法。", "It supports none of the configured signature algorithms.")
    return Metadata(
        authorization=addresses["authorization_endpoint"],
        token=addresses["token_endpoint"],
        keys=addresses["jwks_uri"],
        userinfo=addresses["userinfo_endpoint"],
        end_session=addresses["end_session_endpoint"],
        iss_in_answers=found.get("authorization_response_iss_parameter_supported") is True,
        backchannel_logout=found.get("backchannel_logout_supported") is True,
    )
