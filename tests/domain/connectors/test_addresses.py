import socket
from ipaddress import ip_address
from typing import Any

import pytest

from domain.connectors import addresses
from domain.connectors.errors import BadCall, HostNotAllowed, HostUnknown


@pytest.mark.parametrize("text", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_open(text: str) -> None:
    assert addresses.is_open(ip_address(text), internal=False)


INTERNAL = [
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "fec0::1",
    "fd12::1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("text", INTERNAL)
def test_internal_addresses_need_leave(text: str) -> None:
    assert not addresses.is_open(ip_address(text), internal=False)
    assert addresses.is_open(ip_address(text), internal=True)


NEVER = [
    "169.254.169.254",
    "169.254.1.1",
    "fe80::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "100.100.100.200",
    "fd00:ec2::254",
    "0.0.0.0",  # noqa: S104 -- nobody binds here
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.0.192",
]


@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_called(text: str) -> None:
    assert not addresses.is_open(ip_address(text), internal=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.cn/",
        "https://user@example.cn/",
        "https://a:b@example.cn/",
        "https:///x",
        "https://ex ample.cn/",
        "https://example.cn\\@evil.cn/",
        "https://example.cn/\r\nHost: x",
        "https://example.cn:99999/",
        "https://[::1/",
        "javascript:alert(1)",
        "//example.cn",
        "",
        "https://" + "a" * 5000,
        "https://.example.cn/",
        "https://exa_mple!.cn/",
        "https://例子。" + "长" * 90,
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(BadCall) as refused:
        addresses.read_url(url)
    assert "example" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "header"),
    [
        ("https://Example.CN", "example.cn", 443, "/", "example.cn"),
        ("https://example.cn./a?b=c#frag", "example.cn", 443, "/a?b=c", "example.cn"),
        ("https://政务.cn/办件?名=值", "xn--4kq02r.cn", 443, "/%E5%8A%9E%E4%BB%B6?%E5%90%8D=%E5%80%BC", None),
        ("https://[2001:db8::1]:8443/x", "2001:db8::1", 8443, "/x", "[2001:db8::1]:8443"),
        ("http://127.0.0.1:80/", "127.0.0.1", 80, "/", "127.0.0.1"),
        ("https://example.cn/a%2Fb", "example.cn", 443, "/a%2Fb", "example.cn"),
    ],
)
def test_addresses_taken_apart(url: str, host: str, port: int, target: str, header: str | None) -> None:
    place = addresses.read_url(url)
    assert (place.port, place.target) == (port, target)
    if header is not None:
        assert (place.host, place.host_header) == (host, header)
    else:
        assert place.host.startswith("xn--")


def rows(*found: str) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 443)) for text in found]


def test_a_name_with_one_closed_address_among_open_ones_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: rows("8.8.8.8", "127.0.0.1"))
    with pytest.raises(HostNotAllowed):
        addresses.pin("rebinding.example.cn", 443, internal=False)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: rows("8.8.8.8"))
    assert addresses.pin("example.cn", 443, internal=False) == "8.8.8.8"


@pytest.mark.enable_socket
@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_loopback_in_disguise(host: str) -> None:
    with pytest.raises((HostNotAllowed, HostUnknown)):
        addresses.pin(host, 443, internal=False)


def test_a_name_without_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(HostUnknown):
        addresses.pin("example.cn", 443, internal=False)
