"""Where a call may go: the address is looked up once, judged, and then used for the connection itself: a name cannot change in between.

Public addresses are open to hosts on the allow-list. Private and loopback ones only when the entry says ``internal``. Link-local,
multicast, reserved and the metadata services of clouds never are, in whatever notation or IPv6 wrapping they come.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote, urlsplit

from domain.connectors.errors import BadCall, HostNotAllowed, HostUnknown

IPAddress = IPv4Address | IPv6Address
_HOST: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*\.?"
)
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_SHARED: Final = ipaddress.ip_network("100.64.0.0/10")
_METADATA: Final = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)
LONGEST_URL: Final = 4000
LOOK_UP_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart: what is sent is put together from these parts and nothing else."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def host_header(self) -> str:
        """Value of ``Host``."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    def proxied(self, proxy: str, *, internal: bool) -> str:
        """The proxy by which it is called: none (empty) for our own network and for plain http, which is allowed there alone."""
        return "" if internal or self.scheme == "http" else proxy


PORTS: Final = {"https": 443, "http": 80}


def read_url(url: str) -> Place:
    """The parts of an absolute http(s) URL. Raises :class:`BadCall`; the text never repeats the URL, which may hold data."""
    if len(url) > LONGEST_URL or any(sign.isspace() or not sign.isprintable() or sign == "\\" for sign in url):
        raise BadCall("地址含有不允许的字符，或过长。", "The URL has signs that are not allowed, or is too long.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadCall("地址无法识别。", "The URL cannot be read.") from None
    if parts.scheme not in PORTS or parts.username is not None or parts.password is not None:
        raise BadCall("地址必须是 https，且不能带用户名。", "The URL must be https without a user name.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return Place(parts.scheme, read_host(host), port or PORTS[parts.scheme], f"{path}?{query}" if query else path)


def read_host(text: str) -> str:
    """A host's name as it is compared and looked up: lower case, ASCII. Raises :class:`BadCall`."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    try:
        host = text.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise BadCall("主机名不正确。", "The host's name is wrong.")
    return host


def look_up(host: str, port: int) -> list[IPAddress]:
    """All addresses of a name. Raises :class:`HostUnknown`, also when the resolver is silent."""
    found: list[IPAddress] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return
        found.extend(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(LOOK_UP_SECONDS)
    if asking.is_alive() or not found:
        raise HostUnknown("主机名没有对应的地址。", "The host's name has no address.")
    return found


def pin(host: str, port: int, *, internal: bool) -> str:
    """The address to connect to. Raises :class:`HostNotAllowed` when any address of the name lies where calls may not go."""
    addresses = look_up(host, port)
    if not all(is_open(address, internal=internal) for address in addresses):
        raise HostNotAllowed(
            "该主机的地址属于不允许访问的网段。", "The host's address lies in a range that is closed to calls."
        )
    return str(addresses[0])


def is_open(address: IPAddress, *, internal: bool) -> bool:
    """Whether calls may go to the address."""
    bare = unwrap(address)
    if bare in _METADATA or address in _METADATA:
        return False
    if bare.is_link_local or bare.is_multicast or bare.is_unspecified or (bare.is_reserved and not bare.is_loopback):
        return False
    shared = bare in _SHARED if isinstance(bare, IPv4Address) else bare.is_site_local
    if bare.is_loopback or bare.is_private or shared:
        return internal
    return bare.is_global


def unwrap(address: IPAddress) -> IPAddress:
    """The IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
