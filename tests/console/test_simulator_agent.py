"""The simulator's agents keep to SNMP: asked by Net-SNMP's tools, by pysnmp and by hand."""

import asyncio
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    bulk_walk_cmd,
)

from core.contract import ber
from simulator.agent import GET, GET_BULK, GET_NEXT, SET, V1, V2C, SimulatedAgent
from simulator.fleet_run import SimulatedFleet
from simulator.recording import Arcs, arcs_of, parse
from simulator.shape import load_shapes
from simulator.view import MibView
from tests.console.simulated import answering, free_ports, living
from tests.patience import PATIENCE_SECONDS

SYSTEM = arcs_of("1.3.6.1.2.1.1")
VALUES = dict(
    parse(
        "1.3.6.1.2.1.1.1.0|4|A printer\n"
        "1.3.6.1.2.1.1.3.0|67|4294967295\n"
        "1.3.6.1.2.1.1.5.0|4x|c3a9\n"
        "1.3.6.1.2.1.2.2.1.6.20000|4x|00267354E26A\n"
        "1.3.6.1.2.1.2.2.1.6.300|65|7\n"
        "1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615\n"
        "1.3.6.1.2.1.43.10.2.1.4.1.1|2|-3\n"
        "a line that is none\n1.2.3|99|x\n1.3.6.1.9|2|many\n"
    )
)

needs_net_snmp = pytest.mark.skipif(
    shutil.which("snmpget") is None, reason="Net-SNMP's tools are not installed"
)


def ask(
    agent: SimulatedAgent, kind: int, *names: Arcs, version: int = V2C, first: int = 0, second: int = 0
) -> tuple[int, int, list[tuple[Arcs, int, bytes]]] | None:
    """Ask by hand: error status, error index, and name, tag and content of every varbind."""
    varbinds = b"".join(
        ber.encode_tlv(ber.SEQUENCE, ber.encode_tlv(6, ber.encode_arcs(name)) + b"\x05\0") for name in names
    )
    numbers = ber.encode_integer(99) + ber.encode_integer(first) + ber.encode_integer(second)
    pdu = ber.encode_tlv(kind, numbers + ber.encode_tlv(ber.SEQUENCE, varbinds))
    head = ber.encode_integer(version) + ber.encode_tlv(4, b"public")
    answer = agent.answer(ber.encode_tlv(ber.SEQUENCE, head + pdu))
    return None if answer is None else read(answer)


def read(message: bytes) -> tuple[int, int, list[tuple[Arcs, int, bytes]]]:
    content, _ = ber.read_content(message, 0, len(message), ber.SEQUENCE)
    _, at = ber.read_content(content, 0, len(content), ber.INTEGER)
    _, at = ber.read_content(content, at, len(content), ber.OCTET_STRING)
    pdu, _ = ber.read_content(content, at, len(content), 0xA2)
    number, at = ber.read_content(pdu, 0, len(pdu), ber.INTEGER)
    assert ber.decode_integer(number) == 99
    status, at = ber.read_content(pdu, at, len(pdu), ber.INTEGER)
    index, at = ber.read_content(pdu, at, len(pdu), ber.INTEGER)
    found, at, rows = *ber.read_content(pdu, at, len(pdu), ber.SEQUENCE), []
    at = 0
    while at < len(found):
        one, at = ber.read_content(found, at, len(found), ber.SEQUENCE)
        name, after = ber.read_content(one, 0, len(one), ber.OBJECT_IDENTIFIER)
        tag, begin, end = ber.read_tlv(one, after, len(one))
        rows.append((ber.decode_arcs(name), tag, one[begin:end]))
    return ber.decode_integer(status), ber.decode_integer(index), rows


@pytest.fixture
def agent() -> SimulatedAgent:
    return SimulatedAgent(MibView(VALUES))


def test_lines_that_cannot_be_used_are_left_out_of_a_recording() -> None:
    assert len(VALUES) == 7


def test_a_missing_name_is_an_exception_value_in_v2c(agent: SimulatedAgent) -> None:
    answer = ask(agent, GET, (*SYSTEM, 1, 0), (*SYSTEM, 1, 1), (*SYSTEM, 2, 0))
    assert answer is not None
    assert answer[:2] == (0, 0)
    assert [row[1] for row in answer[2]] == [ber.OCTET_STRING, ber.NO_SUCH_INSTANCE, ber.NO_SUCH_OBJECT]


def test_a_missing_name_fails_the_whole_request_in_v1(agent: SimulatedAgent) -> None:
    answer = ask(agent, GET, (*SYSTEM, 1, 0), (*SYSTEM, 2, 0), version=V1)
    assert answer is not None
    assert answer[:2] == (2, 2)
    assert [row[0] for row in answer[2]] == [(*SYSTEM, 1, 0), (*SYSTEM, 2, 0)]


def test_a_walk_goes_through_every_instance_in_the_order_of_numbers(agent: SimulatedAgent) -> None:
    found: list[Arcs] = []
    at: Arcs = (1, 3)
    while (answer := ask(agent, GET_NEXT, at)) and answer[2][0][1] != ber.END_OF_MIB_VIEW:
        at = answer[2][0][0]
        found.append(at)
    assert found == sorted(VALUES)


def test_version_1_sees_no_64_bit_counters_and_ends_with_no_such_name(agent: SimulatedAgent) -> None:
    before = arcs_of("1.3.6.1.2.1.31")
    answer = ask(agent, GET_NEXT, before, version=V1)
    assert answer is not None
    assert answer[2][0][0] == arcs_of("1.3.6.1.2.1.43.10.2.1.4.1.1")
    assert ask(agent, GET_NEXT, answer[2][0][0], version=V1) == (2, 1, [(answer[2][0][0], 5, b"")])
    assert ask(agent, GET, arcs_of("1.3.6.1.2.1.31.1.1.1.6.1"), version=V1) is not None


def test_getbulk_repeats_the_rest_of_the_names_until_the_end_of_the_view(agent: SimulatedAgent) -> None:
    answer = ask(agent, GET_BULK, SYSTEM, (*SYSTEM, 5, 0), SYSTEM, first=1, second=50)
    assert answer is not None
    rows = answer[2]
    assert rows[0][0] == (*SYSTEM, 1, 0)
    assert rows[-2:] == [(rows[-2][0], ber.END_OF_MIB_VIEW, b""), (rows[-1][0], ber.END_OF_MIB_VIEW, b"")]
    assert len(rows) == 1 + 2 * 8  # seven instances and the end, for two names side by side


def test_getbulk_without_repetitions_answers_the_first_names_alone(agent: SimulatedAgent) -> None:
    answer = ask(agent, GET_BULK, SYSTEM, SYSTEM, first=1, second=0)
    assert answer is not None
    assert len(answer[2]) == 1
    assert ask(agent, GET_BULK, SYSTEM, second=5, version=V1) is None


def test_what_does_not_fit_is_too_big_or_cut_at_whole_rows() -> None:
    many: dict[Arcs, bytes] = {
        (1, 3, 6, 1, 9, number): ber.encode_tlv(4, b"x" * 100) for number in range(1, 60)
    }
    agent = SimulatedAgent(MibView(many))
    assert ask(agent, GET, *list(many)[:20]) == (1, 0, [])
    answer = ask(agent, GET, *list(many)[:20], version=V1)
    assert answer is not None
    assert (answer[:2], len(answer[2])) == ((1, 0), 20)
    bulk = ask(agent, GET_BULK, (1, 3), second=60)
    assert bulk is not None
    assert (bulk[0], len(bulk[2])) == (0, 12)  # 112 octets each


def test_nothing_can_be_set(agent: SimulatedAgent) -> None:
    for version, status in ((V1, 2), (V2C, 17)):
        answer = ask(agent, SET, (*SYSTEM, 5, 0), version=version)
        assert answer is not None
        assert answer[:2] == (status, 1)


def test_an_answer_is_new_when_its_value_is(agent: SimulatedAgent) -> None:
    name = (*SYSTEM, 5, 0)
    ask(agent, GET, name)
    agent.view.update({name: ber.encode_tlv(4, b"new"), (*SYSTEM, 1, 0): None, (*SYSTEM, 1, 1): b"\x05\0"})
    answer = ask(agent, GET, name)
    assert answer is not None
    assert answer[2][0][2] == b"new"
    following = ask(agent, GET_NEXT, SYSTEM)
    assert following is not None
    assert following[2][0][0] == (*SYSTEM, 1, 1)


@given(st.binary(max_size=80), st.integers(0, 60), st.integers(0, 255))
def test_garbage_gets_no_answer_and_does_no_harm(garbage: bytes, place: int, octet: int) -> None:
    agent = SimulatedAgent(MibView(VALUES))
    agent.answer(garbage)
    request = bytearray.fromhex(
        "302902010104067075626c6963a01c02046b8b4567020100020100300e300c06082b060102010101000500"
    )
    request[place % len(request)] = octet
    agent.answer(bytes(request))


def test_the_wrong_community_or_version_gets_no_answer() -> None:
    agent = SimulatedAgent(MibView(VALUES), b"secret", frozenset({V1}))
    assert ask(agent, GET, (*SYSTEM, 1, 0)) is None
    assert ask(agent, GET, (*SYSTEM, 1, 0), version=V1) is None


def net_snmp(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    return done.stdout + done.stderr


def instances(walked: str) -> list[str]:
    return [line for line in walked.splitlines() if " = " in line and "No more variables" not in line]


@needs_net_snmp
def test_net_snmp_reads_every_shape_in_both_versions() -> None:
    printers = [living(shape) for shape in load_shapes().values()]
    port = free_ports(len(printers))
    fleet = SimulatedFleet([], [printer.answer for printer in printers], printers)
    with answering(fleet, port):
        for at, printer in enumerate(printers):
            where, shape = f"127.0.0.1:{port + at}", printer.plan.shape
            walk = ["-Cc", "-On", "-t", "5", "-r", "1"]
            v1 = net_snmp("snmpwalk", "-v1", "-c", "public", *walk, where, "1.3.6.1.2.1.43")
            assert f'= STRING: "{printer.plan.serial}"' in v1, (shape.name, v1)
            if "2c" not in shape.manner.versions:
                assert "Timeout" in net_snmp(
                    "snmpget", "-v2c", "-c", "public", "-t", "0.1", "-r", "0", where, "1.3.6.1.2.1.1.1.0"
                )
                continue
            v2c = net_snmp("snmpbulkwalk", "-v2c", "-c", "public", *walk, where, "1.3.6.1.2.1.43")
            assert instances(v2c) == instances(v1)


def test_pysnmp_reads_a_printer() -> None:
    printer = living(load_shapes()["konica_bizhub"])
    port = free_ports(1)

    async def walk() -> list[str]:
        target = await UdpTransportTarget.create(("127.0.0.1", port), timeout=5)
        asked = ObjectType(ObjectIdentity("1.3.6.1.2.1.43.11.1.1.6"))
        engine = SnmpEngine()
        found = [
            str(varbind[1])
            async for error, status, _, varbinds in bulk_walk_cmd(
                engine, CommunityData("public"), target, ContextData(), 0, 10, asked, lexicographicMode=False
            )
            if not error and not status
            for varbind in varbinds
        ]
        engine.close_dispatcher()
        return found

    with answering(SimulatedFleet([], [printer.answer], [printer]), port):
        found = asyncio.run(walk())
    assert found == [supply.name for supply in printer.plan.shape.supplies]
