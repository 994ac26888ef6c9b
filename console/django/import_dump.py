"""Convert a dump into printers, issues, comments and accounts, with a reason for all the rest. Pure."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, get_args

from console.django.comments import DumpedComment, by_key, comment_of
from console.django.dump import Dump, Kind, Record, kind_of, name_of
from console.django.issues import ASSIGNEES, PRINTER_FIELDS, Unusable, Values, issue_of
from console.django.people import ImportedAccount, People, account_of, marked_users
from console.django.values import is_yes, time_of
from core.domain.inventory.csv_file import read_inventory
from core.domain.inventory.import_plan import ImportPlan, plan_import
from core.domain.inventory.printers import InventoryPrinter, Value

# fmt: off
_ACTIVE: Final = frozenset((
    "enabled", "is_enabled", "active", "is_active", "monitored", "is_monitored", "in_use", "in_service",
))
_RETIRED: Final = frozenset((
    "retired", "is_retired", "decommissioned", "is_decommissioned", "disabled", "is_disabled", "inactive",
    "is_inactive", "archived", "is_archived", "deleted", "is_deleted", "removed", "is_removed",
    "out_of_service", "is_out_of_service",
))
_RETIRED_AT: Final = frozenset((
    "retired_at", "retired_on", "date_retired", "decommissioned_at", "decommissioned_on", "disposed_at",
    "disposed_on", "deleted_at", "removed_at", "archived_at",
))
_STATUS: Final = frozenset(("status", "state", "lifecycle", "lifecycle_status"))
_GONE: Final = frozenset((
    "retired", "inactive", "disabled", "decommissioned", "archived", "removed", "scrapped", "sold",
    "disposed", "deleted", "out_of_service",
))
# fmt: on


@dataclass
class ImportedDump:
    """Records that are taken over, and those that are not."""

    plan: ImportPlan = field(default_factory=ImportPlan)
    issues: list[Values] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    """Where each of `issues` is from: app.issue 17."""
    comments: list[tuple[str, str, DumpedComment]] = field(default_factory=list)
    """Where the issue of each is from, who wrote it, and what."""
    accounts: list[ImportedAccount] = field(default_factory=list)
    kinds: dict[str, tuple[Kind, int]] = field(default_factory=dict)
    """Of each model: what it was taken for, and how many objects it has."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Object and reason."""
    notes: Counter[str] = field(default_factory=Counter)


def take(
    dump: Dump, existing: Sequence[InventoryPrinter], wanted: Mapping[str, Kind], now: datetime
) -> ImportedDump:
    """Judge everything. `wanted`: models whose kind is said by a person."""
    taking = ImportedDump()
    by_kind: dict[Kind, list[Record]] = {kind: [] for kind in get_args(Kind)}
    for model, records in dump.models().items():
        kind = wanted.get(model, kind_of(model, records))
        taking.kinds[model] = kind, len(records)
        by_kind[kind] += records
    people = _take_people(taking, dump, by_kind)
    known = _take_printers(taking, dump, by_kind["printers"], existing, now)
    for record in by_kind["issues"]:
        _take_issue(taking, dump, record, known, people, now)
    _take_comments(taking, dump, by_kind, people)
    return taking


def _take_people(taking: ImportedDump, dump: Dump, by_kind: Mapping[Kind, Sequence[Record]]) -> People:
    marked = marked_users(dump, by_kind["other"])
    at_work = _at_work(dump, by_kind)
    accounts: dict[tuple[str, str], ImportedAccount] = {}
    names: set[str] = set()
    for record in by_kind["users"]:
        key, notes = (record.model, record.key), list[str]()
        account = account_of(record, dump, marked=key in marked, at_work=key in at_work, notes=notes)
        taking.notes.update(notes)
        if account is None:
            taking.skipped.append((record.source, "its name cannot be one to sign in with"))
        elif account.name in names:
            taking.skipped.append((record.source, f"there is another user {account.name}"))
        else:
            accounts[key] = account
            names.add(account.name)
    taking.accounts = list(accounts.values())
    return People(dump, accounts)


def _at_work(dump: Dump, by_kind: Mapping[Kind, Sequence[Record]]) -> set[tuple[str, str]]:
    """Return model and key of the users to whom issues were assigned."""
    targets = (
        dump.target_of(name, record.fields.get(name)) for record in by_kind["issues"] for name in ASSIGNEES
    )
    return {(target.model, target.key) for target in targets if target is not None}


def _take_comments(
    taking: ImportedDump, dump: Dump, by_kind: Mapping[Kind, Sequence[Record]], people: People
) -> None:
    issues, taken = by_key(by_kind["issues"]), set(taking.sources)
    for record in by_kind["comments"]:
        notes: list[str] = []
        comment = comment_of(record, dump, issues, notes)
        if comment is None:
            taking.skipped.append((record.source, "it has no text, or its issue is not in the file"))
        elif comment.issue.source not in taken:
            taking.skipped.append((record.source, f"its issue ({comment.issue.source}) is left out"))
        else:
            author = people.called(comment.author_field, comment.author)
            taking.comments.append((comment.issue.source, author, comment))
            taking.notes.update(notes)


def _take_printers(
    taking: ImportedDump,
    dump: Dump,
    records: Sequence[Record],
    existing: Sequence[InventoryPrinter],
    now: datetime,
) -> dict[str, str]:
    """Plan the printers; by every name an issue can call one: its id here."""
    found = read_inventory(_as_csv(dump, records, now)) if records else None
    known = _names([printer.values for printer in existing])
    if found is None:
        return known
    taking.plan = plan_import(found.rows, existing)
    lines = {2 + at: record for at, record in enumerate(records)}
    taking.notes.update(found.notes)
    for refused in (*found.refused, *taking.plan.refused):
        record = lines.get(refused.line)
        taking.skipped.append((record.source if record else f"line {refused.line}", refused.reason))
    changes = [*taking.plan.added, *taking.plan.changed, *taking.plan.unchanged]
    known |= _names([change.after for change in changes])
    for change in changes:
        record = lines[change.line]
        for name in (record.key, name_of(record)):
            known[name.casefold()] = change.printer_id
    return known


def _as_csv(dump: Dump, records: Sequence[Record], now: datetime) -> bytes:
    """Return records as CSV, so that the inventory's own reader knows every dialect of column names."""
    columns = list(dict.fromkeys(name for record in records for name in record.fields))
    # Without numbers of elsewhere, and without what `enabled` is made of.
    left_out = {"id", "pk", "slug", *_ACTIVE, *_RETIRED, *_RETIRED_AT}
    kept = [name for name in columns if name.lower() not in left_out]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*kept, "enabled"])
    for record in records:
        words = (dump.word_of(name, record.fields.get(name)) for name in kept)
        enabled = "no" if _is_out_of_use(record, dump, now) else ""
        writer.writerow([*(" ".join(word.split()) for word in words), enabled])
    return out.getvalue().encode()


def _is_out_of_use(record: Record, dump: Dump, now: datetime) -> bool:
    """Return whether anything says that a printer is retired, or not in use for now."""
    for name, value in record.fields.items():
        lower, yes = name.lower(), is_yes(value)
        if value is None or not str(value).strip():
            continue
        if (lower in _ACTIVE and yes is False) or (lower in _RETIRED and yes is True):
            return True
        # A field such as `deleted` holds the time in some models.
        at = time_of(str(value), []) if lower in _RETIRED | _RETIRED_AT and yes is None else None
        if at is not None and at <= now:
            return True
        if lower in _STATUS:
            word = re.sub(r"[\s-]+", "_", dump.word_of(name, value).strip().lower())
            if word in _GONE:
                return True
    return False


def _names(printers: Sequence[Mapping[str, Value]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in ("serial", "name", "host", "printer_id"):  # the better name overwrites the worse
        for printer in printers:
            if printer[column]:
                found[str(printer[column]).casefold()] = str(printer["printer_id"])
    return found


def _take_issue(  # noqa: PLR0913, PLR0917 (what an issue refers to)
    taking: ImportedDump, dump: Dump, record: Record, known: Mapping[str, str], people: People, now: datetime
) -> None:
    named = [str(record.fields[name]) for name in PRINTER_FIELDS if record.fields.get(name) not in (None, "")]
    printer_id = next((known[name.casefold()] for name in named if name.casefold() in known), None)
    try:
        if printer_id is None:
            raise Unusable(f"its printer {named[0]!r} is not known" if named else "it names no printer")  # noqa: TRY301
        values, notes = issue_of(record, dump, printer_id, people, now)
    except Unusable as unusable:
        taking.skipped.append((record.source, str(unusable)))
        return
    taking.issues.append(values)
    taking.sources.append(record.source)
    taking.notes.update(notes)
