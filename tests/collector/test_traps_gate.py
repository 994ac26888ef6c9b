"""The gate of the trap port: by the sender's address alone, before anything is decoded; in made-up time."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.traps.rate_limiter import TokenBucket, TrapRateLimiter
from collector.traps.senders import all_senders, literal_senders, plain_address
from core.contract.messages import PolledPrinter


def gate_of(*senders: str) -> TrapRateLimiter:
    gate = TrapRateLimiter()
    gate.replace({sender: (f"printer-{sender}",) for sender in senders})
    return gate


def admitted(gate: TrapRateLimiter, sender: str, moments: list[float]) -> int:
    return sum(bool(gate.admit(sender, now)) for now in moments)


def test_a_known_printer_is_let_in_and_a_stranger_is_counted() -> None:
    gate = gate_of("192.0.2.1")
    assert gate.admit("192.0.2.1", 0.0) == ("printer-192.0.2.1",)
    assert gate.admit("192.0.2.2", 0.0) == ()
    assert (gate.unknown, gate.dropped) == (1, 0)


def test_a_sender_has_a_burst_and_then_one_a_second() -> None:
    gate = gate_of("192.0.2.1")
    assert admitted(gate, "192.0.2.1", [0.0] * 1000) == 10
    assert gate.dropped == 990
    assert admitted(gate, "192.0.2.1", [60.0] * 5) == 5
    assert admitted(gate, "192.0.2.1", [60.0 + n / 10 for n in range(100)]) == 14


def test_one_noisy_printer_does_not_silence_the_others() -> None:
    gate = gate_of("192.0.2.1", "192.0.2.2")
    admitted(gate, "192.0.2.1", [0.0] * 100_000)
    assert gate.admit("192.0.2.2", 0.0)


def test_all_together_are_bounded_as_well() -> None:
    senders = [f"192.0.2.{n}" for n in range(1, 200)]
    gate = gate_of(*senders)
    moments = [n / 100 for n in range(1000)]
    let_in = sum(admitted(gate, sender, [now]) for now in moments for sender in senders)
    assert let_in <= 100 + 20 * 10 + 1


def test_the_stranger_s_flood_takes_nothing_from_printers() -> None:
    gate = gate_of("192.0.2.1")
    admitted(gate, "203.0.113.9", [0.0] * 50_000)
    assert gate.admit("192.0.2.1", 0.0)
    assert (gate.unknown, gate.dropped) == (50_000, 0)


def test_whoever_leaves_the_inventory_is_a_stranger() -> None:
    gate = gate_of("192.0.2.1")
    gate.admit("192.0.2.1", 0.0)
    gate.replace({})
    assert not gate.admit("192.0.2.1", 1.0)


@given(st.lists(st.floats(0, 100), max_size=60).map(sorted))
def test_a_bucket_never_gives_more_than_its_rate(moments: list[float]) -> None:
    bucket = TokenBucket(5, 2)
    given_out = sum(bucket.take(now) for now in moments)
    assert given_out <= 5 + 2 * 100


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("prn-1.example", ""),
    ],
)
def test_addresses_are_compared_as_one_spells_them(written: str, compared: str) -> None:
    assert plain_address(written) == compared


def printer(number: int, host: str) -> PolledPrinter:
    return PolledPrinter(printer_id=f"p{number}", host=host)


def test_printers_behind_one_address_are_all_meant_but_not_without_end() -> None:
    senders = literal_senders([printer(n, "192.0.2.1") for n in range(40)] + [printer(99, "192.0.2.2")])
    assert len(senders["192.0.2.1"]) == 16
    assert senders["192.0.2.2"] == ("p99",)


def test_printers_known_by_a_name_are_looked_up_and_one_without_address_is_no_trouble() -> None:
    printers = [printer(1, "localhost"), printer(2, "no-such-host.invalid"), printer(3, "192.0.2.3")]
    assert literal_senders(printers) == {"192.0.2.3": ("p3",)}
    senders = asyncio.run(all_senders(printers))
    assert senders["192.0.2.3"] == ("p3",)
    assert "p1" in senders.get("127.0.0.1", ()) + senders.get("::1", ())
    assert "p2" not in {one for ids in senders.values() for one in ids}
