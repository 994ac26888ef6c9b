"""The command `printers import-django`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, cast, get_args

import typer
from rich.console import Console
from sqlalchemy import Connection, insert, select

from console.database import open_to_preview, open_to_write
from console.django.dump import Kind, read_dump
from console.django.taking import Taking, take
from console.inventory_view import show_plan
from console.terminal import counted, make_console, plain
from fleet.core_tables import EVENTS, ISSUES
from fleet.database import reading, writing
from fleet.errors import EXIT_FAILED, EXIT_OK, FleetError
from fleet.inventory import apply_plan, read_printers

_SHOWN: Final = 30
_IMPORTED: Final = "imported"
"""The kind of their event, which no mail is made of."""


def import_django(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `manage.py dumpdata` wrote, or a CSV file.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen and change nothing.")
    ] = False,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME=KIND", help="What a model holds: printers, issues or other."),
    ] = None,
) -> int:
    """Take printers and issues over from an older Django application.

    Models are known by their names, fields by the names they usually have; what is not understood is left
    out and told. Foreign keys are followed within the file. Issues that were taken over before are not taken
    twice. Times without a zone are UTC.

    Example: [bold]printers import-django dump.json --dry-run[/bold]
    """
    try:
        dump = read_dump(file.read_bytes())
    except OSError as error:
        raise FleetError(f"{file} cannot be read: {error.strerror}.") from error
    wanted = _wanted(models or ())
    engine = open_to_preview() if dry_run else open_to_write()
    now = datetime.now(UTC)
    with (reading if dry_run else writing)(engine) as connection:
        taking = take(dump, read_printers(connection), wanted, now)
        repeated = _without_repeated(connection, taking)
        if not dry_run:
            apply_plan(connection, taking.plan, now, actor="console")
            _write_issues(connection, taking, now)
    _show(make_console(), taking, repeated, dry_run=dry_run)
    plan = taking.plan
    nothing = not (plan.added or plan.changed or plan.unchanged or taking.issues or repeated)
    return EXIT_FAILED if nothing else EXIT_OK


def _wanted(given: Sequence[str]) -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    for text in given:
        model, _, kind = text.partition("=")
        if kind not in get_args(Kind):
            raise FleetError(f"--model {text}: MODEL=printers, MODEL=issues or MODEL=other is expected.")
        found[model.lower()] = cast(Kind, kind)
    return found


def _without_repeated(connection: Connection, taking: Taking) -> int:
    """Drop the issues that are here already; how many there were."""
    imported = (
        select(EVENTS.c.details, ISSUES.c.printer_id, ISSUES.c.title)
        .join(ISSUES, ISSUES.c.id == EVENTS.c.issue_id)
        .where(EVENTS.c.change == _IMPORTED)
    )
    here = {(row.details.get("from"), row.printer_id, row.title) for row in connection.execute(imported)}
    fresh = [
        (values, source)
        for values, source in zip(taking.issues, taking.sources, strict=True)
        if (source, values["printer_id"], values["title"]) not in here
    ]
    repeated = len(taking.issues) - len(fresh)
    taking.issues, taking.sources = [values for values, _ in fresh], [source for _, source in fresh]
    return repeated


def _write_issues(connection: Connection, taking: Taking, now: datetime) -> None:
    """With one event each, which is owed to nobody: what is long past is no news."""
    for values, source in zip(taking.issues, taking.sources, strict=True):
        issue_id = connection.execute(insert(ISSUES).values(**values).returning(ISSUES.c.id)).scalar_one()
        event = {"issue_id": issue_id, "at": now, "actor": "console", "change": _IMPORTED, "owed": False}
        connection.execute(insert(EVENTS).values(**event, details={"from": source}))


def _show(console: Console, taking: Taking, repeated: int, *, dry_run: bool) -> None:
    for model, (kind, count) in sorted(taking.kinds.items()):
        left = "left out; --model names what it holds" if kind == "other" else f"taken for {kind}"
        console.print(f"[dim]{plain(model)}: {counted(count, 'object')}, {left}.[/dim]")
    show_plan(console, taking.plan, dry_run=dry_run)
    for source, reason in taking.skipped[:_SHOWN]:
        console.print(f"[yellow]{plain(source)}[/yellow] is left out: {plain(reason)}.")
    if len(taking.skipped) > _SHOWN:
        console.print(f"[dim]... and {len(taking.skipped) - _SHOWN} more are left out.[/dim]")
    for note, count in taking.notes.most_common(_SHOWN):
        console.print(f"[dim]{plain(note)}{f' ({count} times)' if count > 1 else ''}.[/dim]")
    word = "would be taken over" if dry_run else "taken over"
    here = f", {repeated} are here already" if repeated else ""
    console.print(f"[green]{counted(len(taking.issues), 'issue')} {word}[/green]{here}.")
