"""SNMP agents on loopback for tests: a well-behaved one, to be made ill-behaved by its subclasses."""

import asyncio
import bisect
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from collector.drivers.protocol import Agent, Varbind
from core.contract import ber
from core.contract.messages import PolledPrinter
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import CredentialProfile
from tests.patience import PATIENCE_SECONDS

GET, GET_NEXT, GET_BULK = 0xA0, 0xA1, 0xA5
NO_SUCH_NAME, GEN_ERR, TOO_BIG = 2, 5, 1
END = b""

Value = tuple[int, bytes]
Oid = tuple[int, ...]


class Request(NamedTuple):
    """A request as the agent reads it."""

    version: int
    community: bytes
    pdu: int
    request_id: bytes
    first: int
    second: int
    oids: list[Oid]


class Reply(NamedTuple):
    """What an agent says: error-status, error-index (`at`) and objects (None: end of the MIB)."""

    status: int
    at: int
    objects: list[tuple[Oid, Value | None]]


def text(value: str) -> Value:
    return ber.OCTET_STRING, value.encode()


def number(value: int, tag: int = ber.INTEGER) -> Value:
    encoded = ber.encode_integer(value, tag)
    return tag, encoded[2:]


def oid(dotted: str) -> Oid:
    return tuple(map(int, dotted.split(".")))


def column(name: str, rows: Mapping[str, Value]) -> dict[Oid, Value]:
    """The objects of one column: index -> value."""
    return {oid(f"{COLUMN_OID[name]}.{index}"): value for index, value in rows.items()}


def small_printer() -> dict[Oid, Value]:
    """A printer with two supplies, a tray and two alerts."""
    alerts = {"1.7": 4, "1.9": 3}
    return {
        **column("sysDescr", {"0": text("Laser 1")}),
        **column("sysUpTime", {"0": number(4711, ber.TIME_TICKS)}),
        **column("hrDeviceType", {"1": (ber.OBJECT_IDENTIFIER, ber.encode_oid("1.3.6.1.2.1.25.3.1.5"))}),
        **column("hrDeviceStatus", {"1": number(2)}),
        **column("hrPrinterStatus", {"1": number(3)}),
        **column("hrPrinterDetectedErrorState", {"1": (ber.OCTET_STRING, b"\x20")}),
        **column("prtInputCurrentLevel", {"1.1": number(-3)}),
        **column("prtMarkerLifeCount", {"1.1": number(4294967295, ber.COUNTER32)}),
        **column("prtMarkerSuppliesDescription", {"1.1": text("Black"), "1.2": text("Waste")}),
        **column("prtMarkerSuppliesLevel", {"1.1": number(77), "1.2": number(-2)}),
        **column("prtAlertSeverityLevel", {row: number(value) for row, value in alerts.items()}),
        **column("prtAlertCode", {row: number(1100 + value) for row, value in alerts.items()}),
        **column("prtAlertDescription", {row: text(f"alert {value}") for row, value in alerts.items()}),
    }


class FakeAgent(asyncio.DatagramProtocol):
    """Answers v1 and v2c as the RFCs say; `reply` and `datagrams` are there to be overridden."""

    max_octets = 1400

    def __init__(self, objects: Mapping[Oid, Value], *, versions: Iterable[int] = (0, 1)) -> None:
        self.objects = dict(objects)
        self.versions = set(versions)
        self.requests: list[Request] = []
        self.transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> "FakeAgent":
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.transport is not None:
            self.transport.close()

    def agent(self, *, timeout: float = 0.1, retries: int = 0, version: Any = "auto") -> Agent:
        assert self.transport is not None
        port = self.transport.get_extra_info("sockname")[1]
        return Agent("127.0.0.1", port, CredentialProfile(version=version), timeout, retries)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        request = read_request(data)
        if request.version not in self.versions:
            return
        self.requests.append(request)
        for datagram in self.datagrams(request):
            assert self.transport is not None
            self.transport.sendto(datagram, addr)

    def datagrams(self, request: Request) -> list[bytes]:
        reply = self.reply(request)
        return [] if reply is None else [write_reply(request, reply)]

    def reply(self, request: Request) -> Reply | None:
        objects = self.answer(request)
        missing = [n for n, (_, value) in enumerate(objects) if value is None]
        if request.version == 0 and missing:
            return Reply(NO_SUCH_NAME, missing[0] + 1, [(name, None) for name in request.oids])
        return Reply(0, 0, self.fitting(objects, request))

    def fitting(
        self, objects: list[tuple[Oid, Value | None]], request: Request
    ) -> list[tuple[Oid, Value | None]]:
        if request.pdu != GET_BULK:
            return objects
        size = 0
        for n, (name, value) in enumerate(objects):
            size += len(name) + 10 + (len(value[1]) if value else 0)
            if size > self.max_octets:
                return objects[:n]
        return objects

    def answer(self, request: Request) -> list[tuple[Oid, Value | None]]:
        if request.pdu == GET:
            return [(name, self.objects.get(name)) for name in request.oids]
        if request.pdu == GET_NEXT:
            return [self.following(name) for name in request.oids]
        objects = [self.following(name) for name in request.oids[: request.first]]
        row = request.oids[request.first :]
        for _ in range(request.second):
            found = [self.following(name) for name in row]
            objects += found
            row = [name for name, _ in found]
        return objects

    def following(self, name: Oid) -> tuple[Oid, Value | None]:
        known = sorted(self.objects)
        place = bisect.bisect_right(known, name)
        return (known[place], self.objects[known[place]]) if place < len(known) else (name, None)

    def sent(self, pdu: int) -> int:
        return sum(request.pdu == pdu for request in self.requests)


def read_request(data: bytes) -> Request:
    """Read a request of the wire driver; an assertion fails on anything else."""
    _, offset, end = ber.read_tlv(data, 0, len(data))
    assert end == len(data)
    version, offset = ber.read_content(data, offset, end, ber.INTEGER)
    community, offset = ber.read_content(data, offset, end, ber.OCTET_STRING)
    pdu, offset, _ = ber.read_tlv(data, offset, end)
    request_id, offset = ber.read_content(data, offset, end, ber.INTEGER)
    first, offset = ber.read_content(data, offset, end, ber.INTEGER)
    second, offset = ber.read_content(data, offset, end, ber.INTEGER)
    _, offset, end = ber.read_tlv(data, offset, end)
    oids = []
    while offset < end:
        _, begin, offset = ber.read_tlv(data, offset, end)
        name, _ = ber.read_content(data, begin, offset, ber.OBJECT_IDENTIFIER)
        oids.append(ber.decode_arcs(name))
    numbers = [ber.decode_integer(content) for content in (version, first, second)]
    return Request(numbers[0], community, pdu, request_id, numbers[1], numbers[2], oids)


def write_reply(request: Request, reply: Reply, *, request_id: bytes | None = None) -> bytes:
    """The datagram of a reply."""
    objects = b"".join(
        ber.encode_tlv(
            ber.SEQUENCE,
            ber.encode_tlv(ber.OBJECT_IDENTIFIER, ber.encode_arcs(name))
            + ber.encode_tlv(*(value or (ber.NULL if request.version == 0 else ber.END_OF_MIB_VIEW, END))),
        )
        for name, value in reply.objects
    )
    head = ber.encode_tlv(ber.INTEGER, request.request_id if request_id is None else request_id)
    numbers = ber.encode_integer(reply.status) + ber.encode_integer(reply.at)
    pdu = ber.encode_tlv(0xA2, head + numbers + ber.encode_tlv(ber.SEQUENCE, objects))
    message = ber.encode_integer(request.version) + ber.encode_tlv(ber.OCTET_STRING, request.community)
    return ber.encode_tlv(ber.SEQUENCE, message + pdu)


def read_all(objects: Mapping[Oid, Value]) -> dict[str, Varbind]:
    """The objects as a driver gives them, by dotted name."""
    return {
        ".".join(map(str, name)): Varbind(ber.encode_arcs(name), tag, value)
        for name, (tag, value) in objects.items()
    }


@contextmanager
def agents(count: int) -> Iterator[tuple[PolledPrinter, ...]]:
    """So many SNMP agents on ports of 127.0.0.1, as printers of an inventory."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = [FakeAgent(small_printer()) for _ in range(count)]
    try:
        for agent in running:
            asyncio.run_coroutine_threadsafe(agent.__aenter__(), loop).result(PATIENCE_SECONDS)
        yield tuple(
            PolledPrinter(printer_id=f"p{number}", host="127.0.0.1", port=agent.agent().port)
            for number, agent in enumerate(running)
        )
    finally:
        for agent in running:
            asyncio.run_coroutine_threadsafe(agent.__aexit__(), loop).result(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()
