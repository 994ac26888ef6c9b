"""Networks as people write them, and the nonsense that is refused."""

import pytest

from core.contract.errors import UserError
from core.domain.networks import sweep_of


@pytest.mark.parametrize(
    ("network", "count"),
    [
        ("10.0.0.0/24", 254),
        ("10.0.0.7/24", 254),
        ("10.0.0.0/30", 2),
        ("10.0.0.0/31", 2),
        ("10.0.0.4", 1),
        ("10.0.0.0/16", 65534),
        ("fd00::/120", 255),
        ("fd00::/127", 2),
        ("fd00::1", 1),
        (" 10.0.0.4 ", 1),
    ],
)
def test_a_network_is_its_hosts(network: str, count: int) -> None:
    sweep = sweep_of([network], [161])
    assert len(sweep) == len(list(sweep)) == count


def test_every_port_of_every_address_is_asked_and_none_twice() -> None:
    sweep = sweep_of(["10.0.0.8/30", "10.0.0.9", "10.0.0.8/30", "fd00::1"], [161, 1161, 161])
    assert list(sweep) == [
        (host, port) for host in ("10.0.0.9", "10.0.0.10", "fd00::1") for port in (161, 1161)
    ]


def test_neighbors_keep_their_own_broadcast_addresses() -> None:
    hosts = [host for host, _ in sweep_of(["10.0.0.0/25", "10.0.0.128/25"], [161])]
    assert "10.0.0.127" not in hosts
    assert len(hosts) == 252


@pytest.mark.parametrize(
    ("networks", "says"),
    [
        ([], "no network is named"),
        (["library"], "`library` is not a network"),
        (["10.0.0.300"], "`10.0.0.300` is not a network"),
        (["10.0.0.0/33"], "is not a network"),
        (["10.0.0.0/15"], "131,070 addresses are more than a /16 has"),
        (["10.0.0.0/17", "10.1.0.0/17", "10.2.0.0/17"], "98,298 addresses are more than a /16"),
        (["10.0.0.0/8"], "too many for a sweep"),
        (["0.0.0.0/0"], "too many for a sweep"),
        (["fd00::/64"], "name an IPv6 network up to /112"),
        (["::/0"], "name an IPv6 network up to /112"),
        (["224.0.0.0/24"], "is not a network of devices"),
        (["ff02::1"], "is not a network of devices"),
        (["0.0.0.0"], "is not a network of devices"),  # noqa: S104 (nothing is bound)
        (["255.255.255.255"], "is not a network of devices"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(networks: list[str], says: str) -> None:
    with pytest.raises(UserError, match=r"addresses|network") as refusal:
        sweep_of(networks, [161])
    assert says in str(refusal.value)


def test_more_than_a_16_is_swept_when_it_is_confirmed_but_not_without_end() -> None:
    assert len(sweep_of(["10.0.0.0/15"], [161], confirmed=True)) == 131070
    with pytest.raises(UserError, match="too many"):
        sweep_of(["10.0.0.0/8"], [161], confirmed=True)


@pytest.mark.parametrize("ports", [[], [0], [65536], [-1], list(range(1, 66))])
def test_ports_that_are_none_or_too_many_are_refused(ports: list[int]) -> None:
    with pytest.raises(UserError, match="UDP ports"):
        sweep_of(["10.0.0.1"], ports)


def test_ports_count_as_addresses() -> None:
    with pytest.raises(UserError, match="more than a /16"):
        sweep_of(["10.0.0.0/17"], [161, 1161, 2161])
