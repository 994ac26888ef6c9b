"""BER primitives: what is encoded is decoded again, what is not BER is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract import ber

ARC = st.integers(0, 0xFFFFFFFF)
OIDS = st.builds(
    lambda root, rest: ".".join(map(str, [*root, *rest])),
    st.one_of(st.tuples(st.integers(0, 1), st.integers(0, 39)), st.tuples(st.just(2), ARC)),
    st.lists(ARC, max_size=126),
)


@given(OIDS)
def test_every_object_identifier_survives_the_round_trip(dotted: str) -> None:
    assert ber.decode_oid(ber.encode_oid(dotted)) == dotted
    assert ber.encode_oid(f".{dotted}") == ber.encode_oid(dotted)


@given(st.binary(max_size=700))
def test_octets_are_an_identifier_or_refused(octets: bytes) -> None:
    try:
        dotted = ber.decode_oid(octets)
    except ber.BerError:
        return
    assert ber.decode_oid(ber.encode_oid(dotted)) == dotted


@given(st.integers(-(2**63), 2**64 - 1))
def test_every_number_survives_in_the_fewest_octets(number: int) -> None:
    encoded = ber.encode_integer(number)
    content, end = ber.read_content(encoded, 0, len(encoded), ber.INTEGER)
    assert end == len(encoded)
    assert ber.decode_integer(content) == number
    assert len(content) == 1 or content[0] not in (0, 0xFF) or (content[0] ^ content[1]) & 0x80


def test_known_encodings_are_what_the_standard_shows() -> None:
    assert ber.encode_integer(-128) == b"\x02\x01\x80"
    assert ber.encode_integer(128) == b"\x02\x02\x00\x80"
    assert ber.encode_integer(4294967295, ber.COUNTER32) == b"\x41\x05\x00\xff\xff\xff\xff"
    assert ber.encode_oid("1.3.6.1.4.1.2435") == bytes.fromhex("2b060104019303")
    assert ber.encode_tlv(4, b"x" * 200)[:3] == b"\x04\x81\xc8"


def test_a_counter_without_its_leading_zero_is_not_negative() -> None:
    assert ber.decode_unsigned(b"\xff\xff\xff\xff") == 4294967295


@given(st.integers(0, 255).filter(lambda tag: tag & 0x1F != 0x1F), st.binary(max_size=70000))
def test_what_is_framed_is_read_whole(tag: int, content: bytes) -> None:
    data = ber.encode_tlv(tag, content)
    found, begin, end = ber.read_tlv(data, 0, len(data))
    assert (found, data[begin:end], end) == (tag, content, len(data))
    with pytest.raises(ber.BerError):
        ber.read_tlv(data, 0, len(data) - 1)


@given(st.binary(max_size=40), st.integers(0, 40))
def test_no_octets_make_the_reader_leave_its_frame(data: bytes, start: int) -> None:
    try:
        _, begin, end = ber.read_tlv(data, start, len(data))
    except ber.BerError:
        return
    assert start < begin <= end <= len(data)


@pytest.mark.parametrize("octets", ["3080", "0485ffffffffff", "1f0100", "04"])
def test_what_snmp_never_sends_is_refused(octets: str) -> None:
    data = bytes.fromhex(octets)
    with pytest.raises(ber.BerError):
        ber.read_tlv(data, 0, len(data))


@pytest.mark.parametrize(
    "text", ["", "1", "3.1", "1.40", "1.3.x", "1.3.-1", "1.3.4294967296", "1" + ".1" * 128]
)
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(ber.BerError):
        ber.encode_oid(text)


@pytest.mark.parametrize("size", [0, 10])
def test_a_number_of_no_or_too_many_octets_is_refused(size: int) -> None:
    with pytest.raises(ber.BerError):
        ber.decode_integer(b"\x01" * size)
    with pytest.raises(ber.BerError):
        ber.decode_unsigned(b"\x01" * size)
