"""Print what an import did or would do."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

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
        console.print(_changes(plan, dry_run=dry_run))
    for note in plan.notes:
        console.print(f"[dim]{plain(note)}.[/dim]")
    if plan.refused:
        console.print(_refused(console, plan.refused))
    sums = [
        f"[green]{counted(len(plan.added), 'printer')} added[/green]",
        f"{len(plan.changed)} updated",
        f"{len(plan.unchanged)} unchanged",
        f"[{'red' if plan.refused else 'default'}]{counted(len(plan.refused), 'row')} refused[/]",
    ]
    console.print(f"{'Dry run, nothing is written: ' if dry_run else ''}{', '.join(sums)}.")
    if dry_run and (plan.added or plan.changed):
        console.print("[dim]Without --dry-run it is done.[/dim]")


def _changes(plan: ImportPlan, *, dry_run: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("line", "", "printer", "what"):
        table.add_column(column, overflow="fold", justify="right" if column == "line" else "left")
    changes = sorted([*plan.added, *plan.changed], key=lambda change: change.line)
    for change in changes[:_SHOWN]:
        word = "update" if change.before else "add"
        table.add_row(
            str(change.line),
            f"[{'cyan' if change.before else 'green'}]{word}[/]",
            foreign(change.printer_id, "bold"),
            foreign(difference(change) if change.before else _summary(change)),
        )
    if len(changes) > _SHOWN:
        table.add_row("", "", "", f"[dim]... and {counted(len(changes) - _SHOWN, 'more row')}[/dim]")
    return table


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
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("line", justify="right")
    table.add_column("refused, because", overflow="fold")
    for row in refused[:_SHOWN]:
        table.add_row(str(row.line), foreign(f"{mark(console, 'critical')} {row.reason}", STYLES["critical"]))
    if len(refused) > _SHOWN:
        table.add_row("", f"[dim]... and {counted(len(refused) - _SHOWN, 'more row')}[/dim]")
    return table
