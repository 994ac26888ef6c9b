"""Traps and informs over real sockets, from Net-SNMP's programs and from pysnmp, and floods of them."""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pysnmp.hlapi.v3arch import asyncio as hlapi

from collector.traps import trap_socket
from collector.traps.trap_handler import TrapHandler
from core.contract.messages import PolledPrinter
from core.runtime.collector_settings import TrapSettings
from core.runtime.settings import SnmpSettings
from tests.collector.servers import AUTH_PASSWORD, PRIV_PASSWORD

PRINTER_V2_ALERT = ".1.3.6.1.2.1.43.18.2.0.1"
SECURE = {
    "version": "3",
    "user": "trapper",
    "auth_protocol": "SHA256",
    "auth_password": AUTH_PASSWORD,
    "priv_protocol": "AES",
    "priv_password": PRIV_PASSWORD,
}
V3 = ("-v", "3", "-u", "trapper", "-l", "authPriv", "-a", "SHA-256", "-x", "AES", "-A", AUTH_PASSWORD)
RIGHT, WRONG = ("-X", PRIV_PASSWORD), ("-X", "wrongwrong")
ENGINE = ("-e", "0x8000000001020304")


class Ear:
    """A hearing with one printer at 127.0.0.1, and what it was told."""

    def __init__(self, **settings: Any) -> None:
        self.hurried: list[str] = []
        profiles = {"secure": SECURE, "other": SECURE | {"user": "somebody"}}
        snmp = SnmpSettings.model_validate({"snmp_community": "s3cret", "snmp_profiles": profiles})
        traps = TrapSettings.model_validate({"trap_listen": "127.0.0.1", **settings})
        self.hearing = TrapHandler(traps, snmp, "here", self.hurried.append)

    async def __aenter__(self) -> "Ear":
        await self.hearing.open()
        self.hearing.replace((PolledPrinter(printer_id="lib-1", host="127.0.0.1", profile="secure"),))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.hearing.close()
        await asyncio.sleep(0)

    @property
    def port(self) -> int:
        return self.hearing.port

    def count(self, name: str) -> float:
        return self.hearing.counters()[name]

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not is_so():
                await asyncio.sleep(0.01)


def run(work: Callable[[Ear], Awaitable[None]], **settings: Any) -> None:
    async def main() -> None:
        async with Ear(**settings) as ear:
            await work(ear)

    asyncio.run(main())


@pytest.fixture(autouse=True)
def net_snmp_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MIBS", "")
    monkeypatch.setenv("SNMPCONFPATH", str(tmp_path))
    monkeypatch.setenv("SNMP_PERSISTENT_DIR", str(tmp_path / "persistent"))
    yield


async def send(program: str, ear: Ear, *how: str, version_1: bool = False) -> int:
    """Net-SNMP's snmptrap or snmpinform; returns its exit code."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} (Net-SNMP) is not installed")
    what = ("1.3.6.1.4.1.11", "127.0.0.1", "6", "1", "") if version_1 else ("", PRINTER_V2_ALERT)
    command = (path, "-r", "1", "-t", "5", *how, f"127.0.0.1:{ear.port}", *what)
    child = await asyncio.create_subprocess_exec(
        *command, env=os.environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(60):
        await child.communicate()
    assert child.returncode is not None
    return child.returncode


@pytest.mark.parametrize(
    ("program", "how"),
    [
        ("snmptrap", ("-v", "1", "-c", "public")),
        ("snmptrap", ("-v", "2c", "-c", "public")),
        ("snmptrap", ("-v", "2c", "-c", "s3cret")),
        ("snmptrap", (*V3, *RIGHT, *ENGINE)),
        ("snmpinform", ("-v", "2c", "-c", "public")),
        ("snmpinform", (*V3, *RIGHT)),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else value,
)
def test_a_known_printer_s_notification_has_it_read(program: str, how: tuple[str, ...]) -> None:
    async def work(ear: Ear) -> None:
        code = await send(program, ear, *how, version_1=how[1] == "1")
        assert code == 0, "an inform is answered"
        await ear.until(lambda: ear.hurried == ["lib-1"])
        assert (ear.count("traps"), ear.count("traps_refused")) == (1, 0)

    run(work)


@pytest.mark.parametrize(
    ("program", "how"),
    [
        ("snmptrap", ("-v", "2c", "-c", "wrong")),
        ("snmptrap", (*V3, *WRONG, *ENGINE)),
        ("snmpinform", (*V3, *WRONG)),
        ("snmptrap", ("-v", "3", "-u", "nobody", "-l", "noAuthNoPriv", *ENGINE)),
        ("snmptrap", ("-v", "3", "-u", "trapper", "-l", "noAuthNoPriv", *ENGINE)),
        ("snmpinform", ("-v", "3", "-u", "trapper", "-l", "noAuthNoPriv")),
        ("snmptrap", (*V3[:4], "-l", "authNoPriv", *V3[6:8], "-A", AUTH_PASSWORD, *ENGINE)),
    ],
    ids=lambda value: " ".join(value[:4]) if isinstance(value, tuple) else value,
)
def test_who_does_not_know_a_secret_has_nothing_read(program: str, how: tuple[str, ...]) -> None:
    async def work(ear: Ear) -> None:
        await send(program, ear, *how)
        await ear.until(lambda: ear.count("traps_refused") > 0)
        assert ear.hurried == []

    run(work)


def test_traps_of_two_engines_with_the_same_user_are_both_heard() -> None:
    async def work(ear: Ear) -> None:
        for engine in ("0x8000000001020304", "0x8000000001020305", "0x8000000001020304"):
            assert await send("snmptrap", ear, *V3, *RIGHT, "-e", engine) == 0
        await ear.until(lambda: ear.count("traps") == 3)

    run(work)


def test_a_community_for_traps_of_its_own_takes_the_place_of_public() -> None:
    async def work(ear: Ear) -> None:
        await send("snmptrap", ear, "-v", "2c", "-c", "public")
        await send("snmptrap", ear, "-v", "2c", "-c", "alarm")
        await ear.until(lambda: ear.count("traps") == 1)
        assert ear.count("traps_refused") == 1

    run(work, trap_community="alarm")


@pytest.mark.parametrize("kind", ["trap", "inform"])
def test_pysnmp_s_notifications_are_heard_too(kind: str) -> None:
    async def work(ear: Ear) -> None:
        engine = hlapi.SnmpEngine()
        error, *_ = await hlapi.send_notification(
            engine,
            hlapi.CommunityData("public", mpModel=1),  # noqa: S508 (what printers send)
            await hlapi.UdpTransportTarget.create(("127.0.0.1", ear.port), timeout=5, retries=1),
            hlapi.ContextData(),
            kind,
            hlapi.NotificationType(hlapi.ObjectIdentity(PRINTER_V2_ALERT[1:])),
        )
        assert error is None
        await ear.until(lambda: ear.hurried == ["lib-1"])
        engine.close_dispatcher()

    run(work)


@pytest.mark.parametrize("rubbish", [b"", b"\x30\x80", b"\x30\x03\x02\x01\x03", bytes(1400), b"\xff" * 60])
def test_rubbish_is_counted_and_disturbs_nobody(rubbish: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def work(ear: Ear) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: pytest.fail(str(context)))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(rubbish, ("127.0.0.1", ear.port))
        await ear.until(lambda: ear.count("traps_refused") == 1)
        assert await send("snmptrap", ear, "-v", "2c", "-c", "public") == 0
        await ear.until(lambda: ear.count("traps") == 1)

    run(work)
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_a_stranger_is_counted_and_never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(ear: Ear) -> None:
        ear.hearing.replace((PolledPrinter(printer_id="lib-1", host="192.0.2.1"),))
        monkeypatch.setattr(
            ear.hearing._receiver, "hear", lambda *_: pytest.fail("a stranger was listened to")
        )
        await send("snmptrap", ear, "-v", "2c", "-c", "public")
        await ear.until(lambda: ear.count("traps_unknown") == 1)

    run(work)


def test_a_flood_is_cut_off_before_it_is_decoded_and_the_port_is_there_again_afterwards() -> None:
    decoded: list[int] = []

    async def work(ear: Ear) -> None:
        hear = ear.hearing._receiver.hear  # type: ignore[union-attr] # it is open
        ear.hearing._receiver.hear = lambda *a: decoded.append(1) or hear(*a)  # type: ignore[method-assign,union-attr,func-returns-value]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            while ear.count("trap_pauses") == 0:
                for _ in range(100):
                    sock.sendto(b"\x30\x80", ("127.0.0.1", ear.port))
                await asyncio.sleep(0)  # the loop, and with it polling, has its turn in between
        assert 0 < len(decoded) < 50
        assert ear.count("traps_dropped") >= 400
        await ear.until(lambda: ear.hearing._socket._transport is not None)
        ear.hearing.limiter.replace({})
        before = ear.count("traps_unknown")
        await send("snmptrap", ear, "-v", "2c", "-c", "public")
        await ear.until(lambda: ear.count("traps_unknown") > before)

    run(work)


def test_a_port_that_is_taken_is_told_once_and_listened_at_as_soon_as_it_is_free(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trap_socket, "_AGAIN_SECONDS", 0.02)
    caplog.set_level("INFO")

    async def work(ear: Ear) -> None:
        assert ear.count("trap_port_missing") == 1
        told = f"UDP port {ear.port} of 127.0.0.1 cannot be opened .* TRAP_PORT can be another"
        await asyncio.sleep(0.2)
        assert [bool(re.search(told, record.getMessage())) for record in caplog.records] == [True]
        other.close()
        await ear.until(lambda: not ear.count("trap_port_missing"))
        assert caplog.messages[1:] == [f"listening for traps at UDP port {ear.port}"]
        await send("snmptrap", ear, "-v", "2c", "-c", "public")
        await ear.until(lambda: ear.hurried == ["lib-1"])

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        run(work, trap_port=other.getsockname()[1])


def test_ipv6_is_listened_to_where_it_is_asked_for() -> None:
    async def work(ear: Ear) -> None:
        ear.hearing.replace((PolledPrinter(printer_id="lib-6", host="::1"),))
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"rubbish", ("::1", ear.port))
        await ear.until(lambda: ear.count("traps_refused") == 1)

    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    run(work, trap_listen="::1")
