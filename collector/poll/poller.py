"""Poll one printer, by what is remembered of it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from collector.drivers.protocol import (
    Agent,
    CredentialsRefused,
    NameNotResolved,
    SnmpDriver,
    SnmpError,
)
from collector.poll.capabilities import Capabilities, as_learnt, shared
from collector.poll.changing_rows import drop_rows, same_cells, suspect_rows
from collector.poll.column import WHOLE_ROW_TABLES, ColumnProgress, MibColumn, cells_of, spec
from collector.poll.long_alerts import is_too_long, read_long_alerts
from collector.poll.plan import (
    DEVICE_COLUMNS,
    PollPlan,
    device_objects,
    plan,
    printer_indexes,
    whole_device_columns,
)
from collector.poll.result import (
    PollResult,
    tables_of,
    unanswered,
    varbinds_and_tables,
    varbinds_of,
    with_vendor,
)
from collector.poll.shape import Shapes
from collector.poll.vendor import VendorPolicy, read_vendor_objects
from collector.poll.walk import Walk
from core.contract.messages import AlertRows, TableStatus
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES

_SHAPES: Final = Shapes()
_NOT_ALLOWED: Final = frozenset({6, 16})  # noAccess, authorizationError


async def poll(
    driver: SnmpDriver,
    agent: Agent,
    capabilities: Capabilities,
    *,
    policy: VendorPolicy = VendorPolicy(),  # noqa: B008 (frozen)
    now: float | None = None,
) -> PollResult:
    """Ask one printer for everything; what it does or does not do is in the result, never an exception.

    `now`, in seconds since 1970, says whether what is read once an hour is due; None is the present.
    """
    agent, capabilities = as_learnt(agent, capabilities)
    walk = Walk(driver, agent, capabilities)
    poll_plan = plan(capabilities)
    at = time.time() if now is None else now
    try:
        answers = await walk.ask_ahead(poll_plan)
        shape = _SHAPES.find(poll_plan, answers) if answers else None
        if shape is not None and (found := varbinds_of(shape.cells(answers))) is not None:
            # The usual poll: everything was answered as by an earlier one, with new values.
            seen = partial(shape.of_column, answers=answers)
            vendor, learnt = await read_vendor_objects(driver, agent, capabilities, seen, policy, at)
            return PollResult(True, None, *with_vendor(found, shape.tables, vendor), learnt.after_answer())
        columns, alert_rows, mixed = await _walked(walk, poll_plan, capabilities.device_indexes)
    except (CredentialsRefused, NameNotResolved) as error:
        return unanswered(str(error), capabilities)
    except SnmpError as error:
        return unanswered(str(error), capabilities.after_silence())
    learnt = _learnt(walk, capabilities, columns)
    nothing_new = learnt.after_answer() == capabilities and walk.answers == len(answers)
    if answers and nothing_new and alert_rows is None and not mixed:
        _SHAPES.keep(poll_plan, answers, columns, tables_of(columns))
    if walk.lost is None:
        seen = partial(cells_of, columns)
        vendor, learnt = await read_vendor_objects(driver, agent, learnt, seen, policy, at)
        columns += vendor
    varbinds, tables = varbinds_and_tables(columns, mixed)
    if not varbinds and walk.last_error in _NOT_ALLOWED:
        return unanswered(_not_allowed(agent), capabilities)
    shortfall = walk.lost or _shortfall(agent, tables)
    return PollResult(True, shortfall, varbinds, tables, learnt.after_answer(), alert_rows)


async def _walked(
    walk: Walk, poll_plan: PollPlan, known_devices: Sequence[int]
) -> tuple[list[MibColumn], AlertRows | None, set[str]]:
    """Walk the plan's columns, the rows of some again.

    Returns the columns, which rows of an alert table too long to be read whole they have, and the tables
    of which rows were dropped.
    """
    columns = [MibColumn(what) for what in poll_plan.columns]
    await walk.run(columns, poll_plan.asks(columns))
    await _read_devices(walk, columns, known_devices)
    if is_too_long(columns):
        return columns, await read_long_alerts(walk, columns), set()
    return columns, None, await _read_mixed_again(walk, columns)


async def _read_devices(walk: Walk, columns: list[MibColumn], known: Sequence[int]) -> None:
    """Read what is missing of hrDeviceTable: it was not yet known which of its rows are printers."""
    if any(column.name in DEVICE_COLUMNS and not column.single for column in columns):
        return
    found = printer_indexes(columns)
    missing = [index for index in found if index not in known]
    if found and not missing:
        return
    more = [MibColumn(what) for what in (device_objects(missing) if found else whole_device_columns())]
    columns += more
    await walk.run(more)


async def _read_mixed_again(walk: Walk, columns: list[MibColumn]) -> set[str]:
    """Read tables again whose rows may be mixed from two moments; gives those of which rows were dropped.

    Where the second reading shows the same it is not the moment, but how this agent is.
    """
    mixed: set[str] = set()
    for table in WHOLE_ROW_TABLES:
        first = [column for column in columns if column.table == table]
        if not suspect_rows(first):
            continue
        again = [MibColumn(spec(table, column.name, len(column.cells))) for column in first]
        await walk.run(again)
        read = all(column.progress is not ColumnProgress.FAILED for column in again)
        if not (read and same_cells(first, again)):
            newest = again if read else first
            rows = suspect_rows(newest)
            drop_rows(newest, rows)
            mixed |= {table} if rows else set()
            columns[:] = [column for column in columns if column.table != table] + newest
    return mixed


def _learnt(walk: Walk, before: Capabilities, columns: Sequence[MibColumn]) -> Capabilities:
    """Return what this poll has shown of the printer; nothing new where all went as expected."""
    known = before.rows and not before.refused and walk.capabilities is before
    if known and all(column.as_expected for column in columns):
        return before
    rows = dict(zip(COLUMN_OID, before.rows, strict=True)) if before.rows else dict.fromkeys(COLUMN_OID, 1)
    rows |= {
        column.name: column.rows_to_expect
        for column in columns
        if column.progress is not ColumnProgress.FAILED
    }
    unread = {column.name for column in columns if column.progress is ColumnProgress.FAILED}
    refused = walk.refused_now | (unread & set(before.refused))
    return replace(
        walk.capabilities,
        rows=shared(tuple(rows.values())),
        refused=tuple(sorted(refused)),
        device_indexes=printer_indexes(columns) or before.device_indexes,
    )


def _not_allowed(agent: Agent) -> str:
    who = f"user {agent.profile.user!r}" if agent.spoken == "3" else "community"
    return f"{agent.address} answers, but its SNMP {who} may not read anything: check its access rights."


def _shortfall(agent: Agent, tables: Mapping[str, TableStatus]) -> str | None:
    """Return what a person should know of an answer that has gaps."""
    unread = [table for table in POLL_TABLES if tables[table] == "failed"]
    if not unread:
        return None
    return f"{agent.address} answers, but not when asked for: {', '.join(unread)}."
