"""How a request looked from outside: forwarded headers count where they come from a proxy of ours."""

from typing import Any

import pytest

from core.domain.networks import networks_of
from dashboard.web.gate.request_origin import (
    IdentityFields,
    RequestOrigin,
    is_foreign,
    outside,
)

PROXIES = networks_of("10.0.0.0/8, 2001:db8::1, 127.0.0.1")


def scope(peer: str, **headers: str) -> dict[str, Any]:
    given = {"host": "inside:8501", **{name.replace("_", "-"): value for name, value in headers.items()}}
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    return {"type": "http", "scheme": "http", "client": (peer, 1), "headers": pairs}


def test_a_strangers_forwarded_headers_say_nothing() -> None:
    lies = {
        "x_forwarded_for": "1.1.1.1",
        "x_forwarded_proto": "https",
        "x_forwarded_host": "printers.example",
    }
    assert outside(scope("203.0.113.5", **lies), PROXIES) == RequestOrigin(
        "http", "inside:8501", "203.0.113.5", False
    )


def test_a_proxy_of_ours_says_how_it_was_asked() -> None:
    told = {
        "x_forwarded_for": "6.6.6.6, 203.0.113.5, 10.1.2.3",
        "x_forwarded_proto": "https",
        "x_forwarded_host": "printers.example",
    }
    seen = outside(scope("10.0.0.1", **told), PROXIES)
    assert seen == RequestOrigin("https", "printers.example", "203.0.113.5", True)
    assert seen.secure


def test_what_proxies_list_in_several_lines_is_one_list() -> None:
    given = scope("10.0.0.1", x_forwarded_proto="http")
    for name, value in (
        (b"x-forwarded-for", b"6.6.6.6, 203.0.113.5"),
        (b"x-forwarded-for", b"10.1.2.3"),
        (b"x-forwarded-proto", b"https"),
    ):
        given["headers"].append((name, value))
    seen = outside(given, PROXIES)
    assert (seen.address, seen.scheme) == ("203.0.113.5", "https")


def test_whom_a_proxy_names_counts_from_a_proxy_alone() -> None:
    fields = IdentityFields("Remote-User", "Remote-Groups")
    named = {"remote_user": " Kim ", "remote_groups": "choir,, it-lead "}
    seen = outside(scope("10.0.0.1", **named), PROXIES, fields)
    assert (seen.user, seen.groups) == ("kim", ("choir", "it-lead"))
    assert outside(scope("10.0.0.1", **named), PROXIES).user == ""
    stranger = outside(scope("203.0.113.5", **named), PROXIES, fields)
    assert (stranger.user, stranger.groups) == ("", ())


@pytest.mark.parametrize("forwarded", ["", "10.0.0.9", "nonsense", "10.0.0.9, "])
def test_where_no_client_is_told_it_is_the_proxy(forwarded: str) -> None:
    assert outside(scope("10.0.0.1", x_forwarded_for=forwarded), PROXIES).address == "10.0.0.1"


def test_a_stream_over_a_proxy_is_as_secure_as_its_page() -> None:
    given = {**scope("10.0.0.1", x_forwarded_proto="wss"), "type": "websocket", "scheme": "ws"}
    assert outside(given, PROXIES).scheme == "https"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_of_ipv6_the_network_is_counted(address: str, counted: str) -> None:
    assert RequestOrigin("http", "x", address, trusted=False).throttle_address == counted


@pytest.mark.parametrize(
    ("origin", "foreign"),
    [
        ("", False),
        ("https://printers.example", False),
        ("https://PRINTERS.example", False),
        ("https://printers.example:443", False),
        ("http://printers.example", True),
        ("https://127.0.0.1:8501", True),
        ("https://user@printers.example", True),
        ("http://[", True),
        ("https://printers.example:x", True),
        ("ftp://printers.example", True),
        ("http://127.0.0.1:8501", False),
        ("https://printers.example.evil.example", True),
        ("https://printers.example:444", True),
        ("null", True),
        ("file://", True),
        ("printers.example", True),
    ],
)
def test_an_origin_is_ours_or_foreign(origin: str, foreign: bool) -> None:
    seen = RequestOrigin("https", "printers.example", "", trusted=True)
    assert is_foreign(origin, seen, "http://127.0.0.1:8501") == foreign
