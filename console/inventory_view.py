"""Print what an import did or would do."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.tables import word_table
from console.terminal import STYLES, foreign, mark, plain
from core.domain.inventory.csv_file import ParsedInventory, RefusedRow
from core.domain.inventory.import_plan import ImportPlan, InventoryChange
from core.domain.units import counted

_SHOWN = 30
"""Rows of a kind: a file of thousands is summed up."""


def show_file_notes(console: Console, found: ParsedInventory, file: Path) -> None:
    """Print the notes about the file as a whole."""
    for note in found.notes:
        console.print(f"[dim]{plain(file.name)}: {plain(note)}.[/dim]")


def show_plan(console: Console, plan: ImportPlan, *, dry_run: bool) -> None:
    """Print row by row what changes and what is refused, then the sums."""
    if plan.added or plan.changed:
        console.print(_changes(console, plan))
    for note in plan.notes:
        console.print(f"[dim]{plain(note)}.[/dim]")
    if plan.refused:
        console.print(_refused(console, plan.refused))
    added, updated = ("to add", "to update") if dry_run else ("added", "updated")
    sums = [
        f"[green]{counted(len(plan.added), 'printer')} {added}[/green]",
        f"{len(plan.changed)} {updated}",
        f"{len(plan.unchanged)} unchanged",
        f"[{'red' if plan.refused else 'default'}]{counted(len(plan.refused), 'row')} refused[/]",
    ]
    console.print(f"{'Dry run, nothing is written: ' if dry_run else ''}{', '.join(sums)}.")
    if dry_run and (plan.added or plan.changed):
        console.print("[dim]Run it without --dry-run to import.[/dim]")


def _changes(console: Console, plan: ImportPlan) -> Table:
    changes = sorted([*plan.added, *plan.changed], key=lambda change: change.line)
    rows = [
        [
            Text(str(change.line)),
            Text("update", "cyan") if change.before else Text("add", "green"),
            foreign(change.printer_id, "bold"),
            foreign(difference(change) if change.before else _summary(change)),
        ]
        for change in changes[:_SHOWN]
    ]
    if len(changes) > _SHOWN:
        rows.append([Text(), Text(), Text(), _rest(len(changes))])
    return word_table(console, ("line", "", "printer", "what"), rows, right=("line",))


def _rest(count: int) -> Text:
    return Text(f"... and {counted(count - _SHOWN, 'more row')}", "dim")


def _summary(change: InventoryChange) -> str:
    after = change.after
    parts = [after["name"], f"{after['host']}:{after['port']}", after["location"], after["model"]]
    return " · ".join(str(part) for part in parts if part)


def difference(change: InventoryChange) -> str:
    """Return what a change makes of a printer: `location: Room 1 -> Room 2`."""
    before = change.before.values if change.before else {}
    return ", ".join(
        f"{name}: {before[name]!s} -> {change.after[name]!s}"
        if before[name] != ""
        else f"{name}: {change.after[name]!s}"
        for name in change.fields
    )


def _refused(console: Console, refused: Sequence[RefusedRow]) -> Table:
    sign = mark(console, "critical")
    rows = [
        [Text(str(row.line)), foreign(f"{sign} {row.reason}", STYLES["critical"])] for row in refused[:_SHOWN]
    ]
    if len(refused) > _SHOWN:
        rows.append([Text(), _rest(len(refused))])
    return word_table(console, ("line", "refused, because"), rows, right=("line",))
