"""HOST[:PORT] is read and written in one way, and an address is the same however it is written."""

import ipaddress

import pytest

from core.domain.addresses import address_of, clean_host, host_and_port, is_loopback, with_port


@pytest.mark.parametrize("text", ["10.0.0.5", "prn-1:1161", "[2001:db8::7]:1161", "prn.example"])
def test_what_is_written_is_what_was_read(text: str) -> None:
    assert with_port(*clean_host(text)) == text


def test_what_listens_has_a_host_and_a_port() -> None:
    assert host_and_port("127.0.0.1:8501") == ("127.0.0.1", 8501)
    assert host_and_port("[::]:9000") == ("::", 9000)


def test_an_address_has_no_zone_and_is_no_name() -> None:
    assert address_of("fe80::1%eth0") == ipaddress.ip_address("fe80::1")
    assert address_of("::ffff:10.0.0.5") == ipaddress.ip_address("10.0.0.5")
    assert address_of("prn-1") is None


def test_this_machine_is_known_by_address_and_by_name() -> None:
    assert [host for host in ("127.0.0.1", "::1", "LocalHost", "10.0.0.1", "prn-1") if is_loopback(host)] == [
        "127.0.0.1",
        "::1",
        "LocalHost",
    ]
