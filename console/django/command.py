"""The command `printers import-django`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, cast, get_args

import typer
from rich.console import Console

from console.database import open_to_preview, open_to_write
from console.django.dump import Kind, read_dump
from console.django.import_dump import ImportedDump, take
from console.django.write import StoredRows, drop_what_is_here, write
from console.files import file_errors
from console.inventory_view import show_plan
from console.terminal import make_console, plain
from core.contract.errors import EXIT_FAILED, EXIT_OK, UserError
from core.domain.units import counted
from core.runtime.wall_clock import utc_now
from core.storage.database import reading, writing
from core.storage.inventory import hold_inventory, read_printers

_SHOWN: Final = 30


def import_django(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `manage.py dumpdata` wrote, or a CSV file.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen and change nothing.")
    ] = False,
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="NAME=KIND",
            help="What a model holds: printers, issues, comments, users or other (left out).",
        ),
    ] = None,
) -> int:
    """Take printers, issues with their comments, and users over from an older Django application.

    Models are known by their names, fields by the names they usually have; what is not understood is left
    out and told. Foreign keys are followed within the file. Printers that are retired or inactive come
    disabled. Users come without their passwords, with their role, whether they are active, and whether they
    receive the daily summary; nobody gets a mail. What was taken over before is not taken twice. Times
    without a zone are UTC.

    Example: [bold]printers import-django dump.json --dry-run[/bold]
    """
    with file_errors(file, "read"):
        dump = read_dump(file.read_bytes())
    wanted = _wanted(models or ())
    engine = open_to_preview() if dry_run else open_to_write()
    now = utc_now()
    with (reading if dry_run else writing)(engine) as connection:
        if not dry_run:
            hold_inventory(connection)
        taking = take(dump, read_printers(connection), wanted, now)
        here = drop_what_is_here(connection, taking)
        if not dry_run:
            write(connection, taking, here, now)
    _show(make_console(), taking, here, dry_run=dry_run)
    plan = taking.plan
    found = plan.added or plan.changed or plan.unchanged or taking.issues or taking.accounts or here.any
    return EXIT_OK if found else EXIT_FAILED


def _wanted(given: Sequence[str]) -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    for text in given:
        model, _, kind = text.partition("=")
        if kind not in get_args(Kind):
            raise UserError(f"--model {text}: MODEL=printers, MODEL=issues or MODEL=other is expected.")
        found[model.lower()] = cast(Kind, kind)
    return found


def _show(console: Console, taking: ImportedDump, here: StoredRows, *, dry_run: bool) -> None:
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
    for account in taking.accounts[:_SHOWN]:
        also = [account.role.name, *(["daily summary"] if account.receives_summary else [])]
        also += [] if account.active else ["inactive"]
        console.print(f"[dim]user {plain(account.name)}: {', '.join(also)}.[/dim]")
    if len(taking.accounts) > _SHOWN:
        console.print(f"[dim]... and {len(taking.accounts) - _SHOWN} more users.[/dim]")
    word = "would be taken over" if dry_run else "taken over"
    for number, one, before in (
        (len(taking.issues), "issue", here.issues),
        (len(taking.comments), "comment", here.comments),
        (len(taking.accounts), "user", here.accounts),
    ):
        already = f", {before} are here already" if before else ""
        if number or before or one == "issue":
            console.print(f"[green]{counted(number, one)} {word}[/green]{already}.")
    if any(account.active for account in taking.accounts):
        console.print(
            "Nobody was given a password: [bold]printers users password NAME[/bold] makes one, single "
            "sign-on needs none."
        )
