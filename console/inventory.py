"""`import`, `export`, `add`, `edit` and `remove`: the printers to watch."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from console.database import open_to_preview, open_to_read, open_to_write
from console.files import file_errors, write_spreadsheet
from console.inventory_view import difference, show_file_notes, show_plan
from console.terminal import data_output, did_you_mean, make_console, plain
from core.contract.errors import EXIT_FAILED, EXIT_OK, UserError
from core.domain.addresses import clean_host, clean_mac
from core.domain.inventory.csv_file import (
    ON_THE_COMMAND_LINE,
    ParsedInventory,
    file_objection,
    read_inventory,
    write_inventory,
)
from core.domain.inventory.fields import BadValue
from core.domain.inventory.import_plan import ImportPlan
from core.domain.inventory.printers import InventoryPrinter, Value
from core.runtime.wall_clock import utc_now
from core.storage import inventory
from core.storage.audit import COMMAND_LINE
from core.storage.database import reading, writing
from core.storage.inventory import (
    apply_plan,
    edit_printer,
    plan_file,
    read_printers,
    remove_printer,
)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file, or with --all the JSON file.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen and change nothing.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="FILE is what `printers export --all` wrote: take over everything.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --all: into a database that is not empty, replacing it.")
    ] = False,
) -> int:
    """Take printers over from a spreadsheet saved as CSV.

    Columns, in any order: printer_id, name, host, port, location, site, profile, model, serial, mac,
    cost_center, asset_tag, in_use_since, warranty_until, contract, contract_until, enabled, notes. Only
    [bold]host[/bold] is needed. Names that other systems use (ip, hostname, building, room, department,
    inventory number, purchase date, lease end ...) are understood, and so are commas, semicolons and tabs,
    UTF-8, UTF-16 and Windows encodings. Days are best written as 2027-12-31. Printers that are there already
    are updated. A row that cannot be used is told with its line and the reason, and makes the exit code 1;
    the others are taken over.

    Example: [bold]printers import printers.csv --dry-run[/bold]
    """
    if everything:
        from console.transfer import import_everything

        return import_everything(file, replace=replace, dry_run=dry_run)
    if replace:
        raise UserError("--replace belongs to --all; a CSV file updates the printers that are there.")
    data = _read(file)
    if objection := file_objection(data, ON_THE_COMMAND_LINE):
        raise UserError(f"{file} {objection}.")
    found = read_inventory(data)
    plan = _carry_out(found, dry_run=dry_run)
    console = make_console()
    show_file_notes(console, found, file)
    show_plan(console, plan, dry_run=dry_run)
    return EXIT_FAILED if plan.refused else EXIT_OK


def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write; without it to the terminal.")
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Everything as JSON, for `printers import --all` on another database."),
    ] = False,
) -> int:
    """Write the printers as CSV: for a spreadsheet, and for `printers import`.

    With --all everything in the database (printers, states, flags, issues ...) goes into one JSON file that
    every database takes. The history of levels is not in it: `printers backup` has it.

    Example: [bold]printers export printers.csv[/bold]
    """
    if everything:
        from console.transfer import export_everything

        return export_everything(file)
    with reading(open_to_read()) as connection:
        printers = read_printers(connection)
    text = write_inventory(printer.values for printer in printers)
    if file is None or str(file) == "-":
        data_output().write(text)
        return EXIT_OK
    write_spreadsheet(file, text)
    make_console(stderr=True).print(f"{len(printers)} printers written to {plain(file)}.")
    return EXIT_OK


def add(  # noqa: PLR0913, PLR0917 (the columns of a printer)
    host: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="IP address or host name.")],
    name: Annotated[str, typer.Option(help="What people call it; the host if not given.")] = "",
    location: Annotated[str, typer.Option(help="Where it stands.")] = "",
    site: Annotated[str, typer.Option(help="Whose collector polls it.")] = "main",
    profile: Annotated[str, typer.Option(help="The credential profile (SNMP_PROFILES).")] = "default",
    model: Annotated[str, typer.Option(help="Make and model.")] = "",
    serial: Annotated[str, typer.Option(help="Serial number.")] = "",
    cost_center: Annotated[str, typer.Option(help="Who pays for its pages.")] = "",
    asset_tag: Annotated[str, typer.Option(help="Its number in the list of equipment.")] = "",
    in_use_since: Annotated[str, typer.Option(metavar="DAY", help="Such as 2024-09-01.")] = "",
    warranty_until: Annotated[str, typer.Option(metavar="DAY", help="Its last day.")] = "",
    contract: Annotated[str, typer.Option(help="Vendor or leasing company, and number.")] = "",
    contract_until: Annotated[str, typer.Option(metavar="DAY", help="Its last day.")] = "",
    notes: Annotated[str, typer.Option(help="Anything else.")] = "",
    printer_id: Annotated[str, typer.Option("--id", help="Its id; made from the name if not given.")] = "",
) -> int:
    """Add one printer; it is asked at once where the collector runs.

    Example: [bold]printers add 10.0.0.5 --name "Library 1" --location "Library, room 12"[/bold]
    """
    row = {
        "printer_id": printer_id,
        "name": name,
        "host": host,
        "location": location,
        "site": site,
        "profile": profile,
        "model": model,
        "serial": serial,
        "cost_center": cost_center,
        "asset_tag": asset_tag,
        "in_use_since": in_use_since,
        "warranty_until": warranty_until,
        "contract": contract,
        "contract_until": contract_until,
        "notes": notes,
    }
    found = read_inventory(write_inventory([{"port": "", "enabled": "", **row}]).encode())
    if found.refused:
        raise UserError(f"{found.refused[0].reason}.")
    plan = _carry_out(found, dry_run=False, only_new=True)
    after = plan.added[0].after
    make_console().print(
        f"Added [bold]{plain(after['printer_id'])}[/bold]: {plain(after['name'])} at "
        f"{plain(after['host'])}:{after['port']}, site {plain(after['site'])}."
    )
    return EXIT_OK


def edit(  # noqa: PLR0913, PLR0917 (the columns of a printer)
    printer: Annotated[str, typer.Argument(metavar="PRINTER", help="Its id; host or name will do, too.")],
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    host: Annotated[str | None, typer.Option(metavar="HOST[:PORT]", help="IP address or host name.")] = None,
    port: Annotated[int | None, typer.Option(help="Its SNMP port.")] = None,
    location: Annotated[str | None, typer.Option(help="Where it stands.")] = None,
    site: Annotated[str | None, typer.Option(help="Whose collector polls it.")] = None,
    profile: Annotated[str | None, typer.Option(help="The credential profile (SNMP_PROFILES).")] = None,
    model: Annotated[str | None, typer.Option(help="Make and model.")] = None,
    serial: Annotated[str | None, typer.Option(help="Serial number.")] = None,
    mac: Annotated[str | None, typer.Option(help="MAC address.")] = None,
    cost_center: Annotated[str | None, typer.Option(help="Who pays for its pages.")] = None,
    asset_tag: Annotated[str | None, typer.Option(help="Its number in the list of equipment.")] = None,
    in_use_since: Annotated[str | None, typer.Option(metavar="DAY", help="Such as 2024-09-01.")] = None,
    warranty_until: Annotated[str | None, typer.Option(metavar="DAY", help="Its last day.")] = None,
    contract: Annotated[str | None, typer.Option(help="Vendor or leasing company, and number.")] = None,
    contract_until: Annotated[str | None, typer.Option(metavar="DAY", help="Its last day.")] = None,
    notes: Annotated[str | None, typer.Option(help="Anything else.")] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enabled/--disabled", help="Whether it is polled.")
    ] = None,
) -> int:
    """Change a printer; what is not named stays as it is, and so do its id and its history.

    An empty text ("") empties location, model, serial, mac, cost_center, notes, and what is known of
    asset, warranty and contract.

    Example: [bold]printers edit library-1 --location "Library, room 14" --profile secure[/bold]
    """
    values = {
        field: value
        for field, value in {
            "name": name,
            "host": host,
            # One that is written with the host counts, unless there is one of its own.
            "port": "" if port is None and host is not None else port,
            "location": location,
            "site": site,
            "profile": profile,
            "model": model,
            "serial": serial,
            "mac": mac,
            "cost_center": cost_center,
            "asset_tag": asset_tag,
            "in_use_since": in_use_since,
            "warranty_until": warranty_until,
            "contract": contract,
            "contract_until": contract_until,
            "notes": notes,
            "enabled": enabled,
        }.items()
        if value is not None
    }
    if not values:
        raise UserError("say what to change: --name, --host, --location, --site, --profile, --enabled ...")
    _refuse_what_would_be_ignored(values)
    with writing(open_to_read()) as connection:
        seen = _the_one(read_printers(connection), printer)
        change = edit_printer(connection, seen, values, utc_now(), actor=COMMAND_LINE)
    shown = f"[bold]{plain(seen.printer_id)}[/bold]"
    if change is None:
        make_console().print(f"{shown} is like that already; nothing was changed.")
    else:
        make_console().print(f"Changed {shown}: {plain(difference(change))}.")
    return EXIT_OK


def remove(
    printers: Annotated[
        list[str], typer.Argument(metavar="PRINTER", help="Ids; a host or a name will do, too.")
    ],
) -> int:
    """Remove printers. Their issues and their history stay.

    Example: [bold]printers remove library-1[/bold]
    """
    with writing(open_to_read()) as connection:
        known = read_printers(connection)
        gone = {printer.printer_id: printer for printer in (_the_one(known, text) for text in printers)}
        for printer in gone.values():
            remove_printer(connection, printer, utc_now(), actor=COMMAND_LINE)
    console = make_console()
    for printer in gone.values():
        console.print(
            f"Removed [bold]{plain(printer.printer_id)}[/bold]: {plain(printer.name)} at "
            f"{plain(printer.host)}:{printer.port}."
        )
    return EXIT_OK


def confirm_device(
    printers: Annotated[
        list[str], typer.Argument(metavar="PRINTER", help="Ids; a host or a name will do, too.")
    ],
) -> int:
    """Confirm that another device answers for printers.

    Its serial number goes into the inventory, and its model where the inventory has one. The note that
    another device answers goes with the next readings.

    Example: [bold]printers confirm-device library-1[/bold]
    """
    console = make_console()
    with writing(open_to_read()) as connection:
        known = read_printers(connection)
        for printer in [_the_one(known, text) for text in dict.fromkeys(printers)]:
            printer_id = printer.printer_id
            changed = inventory.confirm_device(connection, printer_id, utc_now(), actor=COMMAND_LINE)
            serial = plain(changed.get("serial", "")) or "as it was"
            console.print(f"Confirmed [bold]{plain(printer_id)}[/bold]: serial number {serial}.")
    return EXIT_OK


def _carry_out(found: ParsedInventory, *, dry_run: bool, only_new: bool = False) -> ImportPlan:
    """Carry out the plan for a file, judged and written in one transaction."""
    engine = open_to_preview() if dry_run else open_to_write()
    with (reading if dry_run else writing)(engine) as connection:
        if not dry_run:
            inventory.hold_inventory(connection)
        plan = plan_file(connection, found)
        if only_new:
            _only_new(plan)
        if not dry_run:
            apply_plan(connection, plan, utc_now(), actor=COMMAND_LINE)
    return plan


def _only_new(plan: ImportPlan) -> None:
    if plan.refused:
        raise UserError(f"{plan.refused[0].reason}.")
    for change in [*plan.changed, *plan.unchanged]:
        there = change.before
        assert there is not None  # noqa: S101 (what is not new was there)
        raise UserError(
            f"it is there already as {there.printer_id} ({there.name} at {there.host}:{there.port}); "
            f"`printers edit {there.printer_id}` changes it."
        )


def _refuse_what_would_be_ignored(values: Mapping[str, Value]) -> None:
    """Refuse values that a spreadsheet's cell would leave as they are; who types one here means something."""
    for field in ("name", "site", "profile"):
        if field in values and not str(values[field]).strip():
            raise UserError(f"--{field} cannot be empty; nothing was changed.")
    if values.get("mac") and not clean_mac(str(values["mac"])):
        raise UserError(
            f"--mac {values['mac']!r} is no MAC address (00:11:22:aa:bb:cc); nothing was changed."
        )


def _the_one(known: list[InventoryPrinter], text: str) -> InventoryPrinter:
    """Return the printer somebody means: by id, else by host, else by name."""
    for matches in (
        [printer for printer in known if printer.printer_id == text],
        [printer for printer in known if _is_at(printer, text)],
        [printer for printer in known if printer.name.casefold() == " ".join(text.split()).casefold()],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(printer.printer_id for printer in matches[:8])
            raise UserError(f"`{text}` can mean several printers: {ids}. Name one of these ids.")
    printer_ids = (printer.printer_id for printer in known)
    hint = did_you_mean(text, printer_ids, "`printers export` lists them all.", most=3)
    raise UserError(f"there is no printer `{text}`; nothing was changed. {hint}")


def _is_at(printer: InventoryPrinter, text: str) -> bool:
    with suppress(BadValue):
        host, port = clean_host(text)
        return bool(printer.host == host and port in (None, printer.port))
    return False


def _read(file: Path) -> bytes:
    with file_errors(file, "read"), file.open("rb") as stream:
        return stream.read(ON_THE_COMMAND_LINE.megabytes * 2**20 + 1)
