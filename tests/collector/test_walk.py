"""Walks over every shape of tables, without a network: what an agent has is what a poll finds."""

import asyncio
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.drivers.protocol import Varbind
from collector.poll import Capabilities, PollResult, poll
from collector.poll.column import ColumnProgress, MibColumn, spec
from collector.poll.plan import plan
from core.contract import ber
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES, SCALAR_TABLES
from tests.collector.agents import FakeAgent, Oid, Reply, Request, Value, number, oid
from tests.collector.in_memory import AGENT, InMemory

ROWS = st.lists(st.integers(0, 70000), unique=True, max_size=12)
COLUMNS = [name for table, names in POLL_TABLES.items() if table not in SCALAR_TABLES for name in names]
TABLES = st.dictionaries(st.sampled_from(COLUMNS), ROWS, max_size=25)


def polled(driver: InMemory, capabilities: Capabilities) -> PollResult:
    return asyncio.run(poll(driver, AGENT, capabilities))


def objects_of(tables: dict[str, list[int]]) -> dict[Oid, Value]:
    """hrPrinterTable's rows make the device rows; every other column is as it is given."""
    found: dict[Oid, Value] = {oid("1.3.6.1.2.1.1.3.0"): number(1, ber.TIME_TICKS)}
    for name, rows in tables.items():
        found |= {oid(f"{COLUMN_OID[name]}.{row}.1"): number(row) for row in rows}
    return found


@settings(max_examples=60)
@given(TABLES, TABLES, st.integers(150, 3000))
def test_every_object_is_found_in_any_shape_by_answers_of_any_size(
    before: dict[str, list[int]], after: dict[str, list[int]], octets: int
) -> None:
    capabilities = Capabilities()
    for tables in (before, after, after):
        fake = FakeAgent(objects_of(tables))
        fake.max_octets = octets
        result = polled(InMemory(fake), capabilities)
        capabilities = result.capabilities
        assert result.error is None
        assert set(result.varbinds) == {".".join(map(str, name)) for name in fake.objects}
        assert set(result.tables.values()) <= {"complete", "absent"}


@settings(max_examples=60)
@given(TABLES, st.randoms(use_true_random=False))
def test_an_agent_that_fails_at_random_is_never_said_to_have_less_than_it_has(
    tables: dict[str, list[int]], chance: random.Random
) -> None:
    class Failing(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            kind = chance.randint(0, 9)
            if kind < 3:
                return (None, Reply(5, 0, []), Reply(1, 0, []))[kind]
            return super().reply(request)

    driver = InMemory(Failing(objects_of(tables)))
    result = polled(driver, Capabilities())
    assert driver.questions <= 1100
    missing = {".".join(map(str, name)) for name in driver.fake.objects} - set(result.varbinds)
    for name in missing:
        [table] = [
            table
            for table, names in POLL_TABLES.items()
            if any(name.startswith(COLUMN_OID[column] + ".") for column in names)
        ]
        assert result.tables[table] in {"partial", "failed"}


@given(
    st.lists(st.integers(0, 300), min_size=len(COLUMN_OID), max_size=len(COLUMN_OID)).map(tuple),
    st.lists(st.integers(0, 70000), max_size=3, unique=True).map(tuple),
    st.integers(1, 60),
)
def test_every_column_is_planned_once_and_no_request_asks_for_too_much(
    rows: tuple[int, ...], indexes: tuple[int, ...], cells: int
) -> None:
    planned = plan(Capabilities(version="2c", rows=rows, device_indexes=indexes, cells=cells))
    columns = [MibColumn(what) for what in planned.columns]
    asks = list(planned.asks(columns))
    asked = [id(column) for ask in asks for column in ask.columns]
    assert sorted(asked) == sorted(map(id, columns))
    assert all(ask.cells <= cells for ask in asks)


@given(st.lists(st.lists(st.integers(0, 0xFFFFFFFF), min_size=1, max_size=3), max_size=20))
def test_a_column_accepts_rising_names_of_its_own_and_nothing_else(suffixes: list[list[int]]) -> None:
    column = MibColumn(spec("supplies", "prtMarkerSuppliesLevel", 1))
    prefix = ber.decode_arcs(column.prefix)
    cells = [Varbind(ber.encode_arcs((*prefix, *suffix)), 2, b"\1") for suffix in suffixes]
    step = column.judge(cells)
    rising = 0
    last: list[int] = []
    for suffix in suffixes:
        if suffix <= last:
            break
        rising, last = rising + 1, suffix
    assert step.accepted == rising
    assert step.astray == (rising < len(suffixes))
    assert step.progress is (ColumnProgress.CUT if step.astray else ColumnProgress.OPEN)


def test_the_names_of_all_columns_have_arcs_of_one_octet() -> None:
    assert all(ber.encode_oid(dotted).isascii() for dotted in COLUMN_OID.values())
