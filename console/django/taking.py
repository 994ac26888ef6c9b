"""What a dump becomes here: a plan for printers, rows of issues, a reason for all the rest; pure."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.django.dump import Dump, Kind, Record, kind_of, name_of
from console.django.issues import PRINTER_FIELDS, Unusable, Values, issue_of
from fleet.inventory_csv import read_inventory
from fleet.inventory_plan import Plan, plan_import

Printer = Mapping[str, Any]


@dataclass
class Taking:
    """What is taken over and what is not."""

    plan: Plan = field(default_factory=Plan)
    issues: list[Values] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    """Where each of `issues` is from: app.issue 17."""
    kinds: dict[str, tuple[Kind, int]] = field(default_factory=dict)
    """Of each model: what it was taken for, and how many objects it has."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Object and reason."""
    notes: Counter[str] = field(default_factory=Counter)


def take(dump: Dump, existing: Sequence[Printer], wanted: Mapping[str, Kind], now: datetime) -> Taking:
    """Judge everything. `wanted`: models whose kind is said by a person."""
    taking = Taking()
    by_kind: dict[Kind, list[Record]] = {"printers": [], "issues": [], "other": []}
    for model, records in dump.models().items():
        kind = wanted.get(model, kind_of(model, records))
        taking.kinds[model] = kind, len(records)
        by_kind[kind] += records
    known = _take_printers(taking, dump, by_kind["printers"], existing)
    for record in by_kind["issues"]:
        _take_issue(taking, dump, record, known, now)
    return taking


def _take_printers(
    taking: Taking, dump: Dump, records: Sequence[Record], existing: Sequence[Printer]
) -> dict[str, str]:
    """Plan the printers; by every name an issue can call one: its id here."""
    found = read_inventory(_as_csv(dump, records)) if records else None
    known = dict(_names(existing))
    if found is None:
        return known
    taking.plan = plan_import(found.rows, existing)
    lines = {2 + at: record for at, record in enumerate(records)}
    taking.notes.update(found.notes)
    for refused in (*found.refused, *taking.plan.refused):
        record = lines.get(refused.line)
        taking.skipped.append((_source(record) if record else f"line {refused.line}", refused.reason))
    changes = [*taking.plan.added, *taking.plan.changed, *taking.plan.unchanged]
    known |= _names([change.after for change in changes])
    for change in changes:
        record = lines[change.line]
        for name in (record.key, name_of(record)):
            known[name.casefold()] = change.printer_id
    return known


def _as_csv(dump: Dump, records: Sequence[Record]) -> bytes:
    """As a spreadsheet has it, so that the inventory's own reader knows every dialect of column names."""
    columns = list(dict.fromkeys(name for record in records for name in record.fields))
    kept = [name for name in columns if name.lower() not in ("id", "pk", "slug")]  # numbers of elsewhere
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(kept)
    for record in records:
        words = (dump.word_of(name, record.fields.get(name)) for name in kept)
        writer.writerow([" ".join(word.split()) for word in words])
    return out.getvalue().encode()


def _names(printers: Iterable[Printer]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in ("serial", "name", "host", "printer_id"):  # the better name overwrites the worse
        for printer in printers:
            if printer[column]:
                found[str(printer[column]).casefold()] = str(printer["printer_id"])
    return found


def _take_issue(taking: Taking, dump: Dump, record: Record, known: Mapping[str, str], now: datetime) -> None:
    named = [str(record.fields[name]) for name in PRINTER_FIELDS if record.fields.get(name) not in (None, "")]
    printer_id = next((known[name.casefold()] for name in named if name.casefold() in known), None)
    try:
        if printer_id is None:
            raise Unusable(f"its printer {named[0]!r} is not known" if named else "it names no printer")  # noqa: TRY301
        values, notes = issue_of(record, dump, printer_id, now)
    except Unusable as unusable:
        taking.skipped.append((_source(record), str(unusable)))
        return
    taking.issues.append(values)
    taking.sources.append(_source(record))
    taking.notes.update(notes)


def _source(record: Record) -> str:
    return f"{record.model} {record.key or name_of(record)}".strip()
