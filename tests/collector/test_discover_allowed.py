"""Sweeps that are asked for over MQTT stay in the networks of DISCOVER_NETWORKS."""

import socket
from types import SimpleNamespace

import psutil
import pytest

from collector.discovery.allowed_networks import require_allowed
from core.contract.errors import SettingsError, UserError
from core.contract.messages import PolledPrinter
from core.domain.networks import sweep_of
from core.runtime.collector_settings import DiscoverySettings
from core.runtime.settings import load

MASK = "ffff:ffff:ffff:ffff::"
PRINTERS = (
    PolledPrinter(printer_id="a", host="203.0.113.77"),
    PolledPrinter(printer_id="b", host="2001:db8:1::5"),
    PolledPrinter(printer_id="c", host="printer.example"),
)


@pytest.fixture(autouse=True)
def interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [
        SimpleNamespace(family=socket.AF_INET, address="198.51.100.9", netmask="255.255.255.128"),
        SimpleNamespace(family=socket.AF_INET6, address="2001:db8:9::1%eth0", netmask=MASK),
        SimpleNamespace(family=socket.AF_INET6, address="fe80::1", netmask=None),
    ]
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": addresses})


def allowed(network: str, setting: str = "") -> bool:
    try:
        require_allowed(sweep_of([network], [161], confirmed=True), setting, "main", PRINTERS)
    except UserError as refusal:
        assert "DISCOVER_NETWORKS" in str(refusal)
        return False
    return True


@pytest.mark.parametrize(
    "network",
    [
        *("10.1.2.0/24", "172.31.0.0/16", "192.168.1.5", "169.254.0.0/24", "fd00::/120", "fe80::/120"),
        *("198.51.100.0/25", "2001:db8:9::ff00/120"),
        *("203.0.113.0/24", "203.0.113.9", "2001:db8:1::/112"),
    ],
)
def test_private_networks_own_ones_and_those_around_known_printers_are_swept(network: str) -> None:
    assert allowed(network)


@pytest.mark.parametrize(
    "network",
    [
        "8.8.8.8",
        "0.0.0.0/12",
        "172.0.0.0/12",
        "198.51.100.0/24",
        "203.0.112.0/23",
        "2001:db8:2::/112",
        "100.64.0.0/24",
    ],
)
def test_others_are_refused_by_a_sentence_that_names_the_setting(network: str) -> None:
    assert not allowed(network)


def test_the_setting_replaces_all_of_them() -> None:
    setting = "192.0.2.0/24, 2001:db8:7::/64"
    assert allowed("192.0.2.128/25", setting)
    assert allowed("2001:db8:7::/120", setting)
    assert not allowed("10.1.2.0/24", setting)


def test_a_setting_that_is_no_list_of_networks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCOVER_NETWORKS", "10.0.0.0/8 192.168.0.0/16")
    with pytest.raises(SettingsError, match="DISCOVER_NETWORKS: networks such as"):
        load(DiscoverySettings)
