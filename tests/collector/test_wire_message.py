"""Messages of the wire driver: what is built is what was meant, what is not a response is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.drivers.message import (
    GET,
    GET_BULK,
    GET_NEXT,
    SnmpQuestion,
    parse,
    template,
    version_number,
)
from collector.drivers.protocol import Varbind
from collector.drivers.request_ids import FIRST_ID, LAST_ID
from core.contract import ber
from tests.collector.agents import Reply, Request, read_request, write_reply

NAMES = st.lists(st.integers(0, 0xFFFFFFFF), max_size=12).map(lambda rest: (1, 3, *rest))
QUESTIONS = st.builds(
    SnmpQuestion,
    version=st.sampled_from(["1", "2c"]),
    community=st.binary(max_size=300),
    pdu=st.sampled_from([GET, GET_NEXT, GET_BULK]),
    first=st.integers(0, 200),
    second=st.integers(0, 40000),
    oids=st.lists(NAMES.map(ber.encode_arcs), max_size=60).map(tuple),
)
VALUES = st.tuples(st.sampled_from([2, 4, 6, 0x40, 0x41, 0x46, 0x82]), st.binary(max_size=300))
REQUEST = Request(1, b"public", GET, b"\x01\x02\x03\x04", 0, 0, [])


@given(QUESTIONS, st.integers(FIRST_ID, LAST_ID))
def test_a_request_is_read_as_it_was_meant(question: SnmpQuestion, request_id: int) -> None:
    before, after = template(question)
    request = read_request(before + request_id.to_bytes(4, "big") + after)
    assert request.version == version_number(question.version)
    assert (request.community, request.pdu) == (question.community, question.pdu)
    assert request.request_id == request_id.to_bytes(4, "big")
    assert (request.first, request.second) == (question.first, question.second)
    assert [ber.encode_arcs(name) for name in request.oids] == list(question.oids)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=80), st.integers(0, 20), st.integers(0, 20))
def test_a_response_keeps_every_octet(
    objects: list[tuple[tuple[int, ...], tuple[int, bytes]]], status: int, index: int
) -> None:
    answer = parse(write_reply(REQUEST, Reply(status, index, list(objects))))
    assert (answer.request_id, answer.version, answer.community) == (0x01020304, 1, b"public")
    assert (answer.response.error_status, answer.response.error_index) == (status, index)
    expected = [Varbind(ber.encode_arcs(name), tag, value) for name, (tag, value) in objects]
    assert answer.response.varbinds == expected


@given(st.binary(max_size=300))
def test_random_octets_are_refused_or_read_without_harm(data: bytes) -> None:
    try:
        parse(data)
    except ber.BerError:
        return


@given(st.data())
def test_a_spoilt_response_is_refused_or_read_without_harm(data: st.DataObject) -> None:
    objects = [((1, 3, 6, n), (4, b"text" * n)) for n in range(1, 40)]
    datagram = bytearray(write_reply(REQUEST, Reply(0, 0, list(objects))))
    for _ in range(data.draw(st.integers(1, 6))):
        datagram[data.draw(st.integers(0, len(datagram) - 1))] = data.draw(st.integers(0, 255))
    datagram = datagram[: data.draw(st.integers(0, len(datagram)))]
    try:
        answer = parse(bytes(datagram))
    except ber.BerError:
        return
    assert len(answer.response.varbinds) <= len(datagram)


def test_a_cut_off_or_prolonged_response_is_refused() -> None:
    datagram = write_reply(REQUEST, Reply(0, 0, [((1, 3, 6), (4, b"x" * 200))]))
    parse(datagram)
    for size in range(len(datagram)):
        with pytest.raises(ber.BerError):
            parse(datagram[:size])
    with pytest.raises(ber.BerError):
        parse(datagram + b"\0")


def test_a_request_is_no_response() -> None:
    before, after = template(SnmpQuestion("2c", b"public", GET, 0, 0, (b"\x2b\x06",)))
    with pytest.raises(ber.BerError):
        parse(before + b"\1\2\3\4" + after)


def test_a_flood_of_objects_is_refused() -> None:
    flood = [((1, 3), (ber.NULL, b""))] * 3000
    with pytest.raises(ber.BerError):
        parse(write_reply(REQUEST, Reply(0, 0, list(flood))))
