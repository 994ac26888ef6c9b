"""An alert table that changes while it is read: no row is made of two moments."""

import asyncio
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from collector.drivers.protocol import Varbind
from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, PollResult, poll
from collector.poll.changing_rows import drop_rows, suspect_rows
from collector.poll.column import MibColumn, spec
from core.contract.ber import encode_oid
from core.contract.printer_mib import COLUMN_OID
from tests.collector.agents import (
    GET_BULK,
    FakeAgent,
    Oid,
    Reply,
    Request,
    Value,
    column,
    number,
    small_printer,
    text,
)

CODE, DESCRIPTION, SEVERITY = "prtAlertCode", "prtAlertDescription", "prtAlertSeverityLevel"


def alerts(rows: Mapping[int, int]) -> dict[Oid, Value]:
    """Alert rows: index -> code; the description tells the code again."""
    return {
        **column(SEVERITY, {f"1.{row}": number(3) for row in rows}),
        **column(CODE, {f"1.{row}": number(code) for row, code in rows.items()}),
        **column(DESCRIPTION, {f"1.{row}": text(f"code {code}") for row, code in rows.items()}),
    }


def printer(rows: Mapping[int, int]) -> dict[Oid, Value]:
    prefix = tuple(map(int, COLUMN_OID[CODE].split(".")))[:-1]
    return {name: value for name, value in small_printer().items() if name[: len(prefix)] != prefix} | alerts(
        rows
    )


def shown(result: PollResult) -> dict[str, tuple[object, object]]:
    """What the alert rows of a result say: index -> (code, code in the description)."""
    found: dict[str, tuple[object, object]] = {}
    prefix = COLUMN_OID[CODE] + "."
    for key, value in result.varbinds.items():
        if key.startswith(prefix):
            index = key.removeprefix(prefix)
            described = result.varbinds.get(f"{COLUMN_OID[DESCRIPTION]}.{index}", "")
            found[index] = value, bytes.fromhex(str(described)).decode()
    return found


def poll_once(fake: FakeAgent, capabilities: Capabilities | None = None) -> PollResult:
    async def main() -> PollResult:
        driver = WireDriver()
        await driver.start()
        try:
            async with fake:
                return await poll(driver, fake.agent(timeout=0.5), capabilities or Capabilities())
        finally:
            await driver.close()

    return asyncio.run(main())


class Changing(FakeAgent):
    """Its alert rows move up by one with every request."""

    narrow = False

    def __init__(self, codes: list[int], *, moves: int) -> None:
        super().__init__(printer(dict(enumerate(codes, 1))))
        self.codes = codes
        self.moves = moves

    def reply(self, request: Request) -> Reply | None:
        if self.narrow and len(request.oids) > 1:
            return Reply(5, 0, [])
        reply = super().reply(request)
        prefix = tuple(map(int, COLUMN_OID[CODE].split(".")))[:-1]
        if self.moves and any(name[: len(prefix)] == prefix for name in request.oids):
            self.moves -= 1
            self.codes = self.codes[1:]
            self.objects = printer(dict(enumerate(self.codes, 1)))
        return reply


class ChangingOneAtATime(Changing):
    """The same, and only single objects can be asked for."""

    narrow = True


@given(st.integers(1, 8), st.integers(0, 4))
def test_rows_that_move_between_requests_are_never_mixed(count: int, moves: int) -> None:
    codes = [1100 + n for n in range(count)]
    result = poll_once(Changing(codes, moves=min(moves, count)))
    assert result.tables["alerts"] in {"complete", "absent"}
    assert all(described == f"code {code}" for code, described in shown(result).values())


def test_rows_that_move_once_between_single_objects_are_read_again() -> None:
    result = poll_once(ChangingOneAtATime([1101, 1102, 1103], moves=1))
    assert result.tables["alerts"] == "complete"
    assert shown(result) == {"1.1": (1102, "code 1102"), "1.2": (1103, "code 1103")}


def test_rows_that_never_stand_still_are_dropped_and_the_table_is_partial() -> None:
    result = poll_once(ChangingOneAtATime(list(range(1100, 1190)), moves=80))
    assert result.tables["alerts"] == "partial"
    assert shown(result) == {}
    assert result.tables["supplies"] == "complete"


def test_rows_that_always_lack_a_column_are_how_this_printer_is() -> None:
    objects = printer({1: 8, 2: 1107})
    del objects[(*map(int, COLUMN_OID[DESCRIPTION].split(".")), 1, 1)]
    result = poll_once(FakeAgent(objects))
    assert result.tables["alerts"] == "complete"
    assert set(shown(result)) == {"1.1", "1.2"}


def test_a_long_alert_table_is_read_in_whole_rows_over_several_answers() -> None:
    fake = FakeAgent(printer({n: 1000 + n for n in range(1, 61)}))
    result = poll_once(fake)
    assert result.tables["alerts"] == "complete"
    assert len(shown(result)) == 60
    second = poll_once(FakeAgent(fake.objects), result.capabilities)
    assert shown(second) == shown(result)
    assert fake.sent(GET_BULK) < 30


def test_a_row_whose_objects_came_in_two_answers_is_suspect() -> None:
    code, severity = MibColumn(spec("alerts", CODE, 1)), MibColumn(spec("alerts", SEVERITY, 1))
    for answer, part in ((1, code), (2, severity)):
        cells = [_cell(part, "1.4")]
        part.take(cells, part.judge(cells), answer)
    row = encode_oid("1.3.6.1.4")[3:]
    assert suspect_rows([code, severity]) == {b"\x01" + row}
    drop_rows([code, severity], {b"\x01" + row})
    assert (code.cells, severity.cells) == ([], [])


def _cell(part: MibColumn, index: str) -> Varbind:
    return Varbind(encode_oid(f"{COLUMN_OID[part.name]}.{index}"), 2, b"\x01")
