"""`poll`: ask one printer now and show what it says, without broker or database."""

from typing import Annotated

import typer

from collector.hosts import address_of, printer_at
from console.terminal import make_console, plain, print_json
from core.contract.errors import EXIT_FAILED, EXIT_OK, UserError
from core.runtime.importing import importing
from core.runtime.settings import CommonSettings, RuleSettings, SnmpSettings, load
from core.runtime.wall_clock import utc_now


def poll(
    host: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="IP address or host name.")],
    profile: Annotated[
        str, typer.Option(help="The credential profile to ask with (SNMP_PROFILES).")
    ] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="The judged state as one JSON object.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="What the printer answered, by MIB name.")] = False,
) -> int:
    """Ask one printer now and judge its answer: what is wrong, supplies, trays, alerts.

    Needs neither broker nor database nor a line in the inventory. Where the printer does not answer the exit
    code is 1.

    Example: [bold]printers poll 10.0.0.5[/bold]
    """
    if as_json and raw:
        raise UserError("--json and --raw do not go together: --json is judged, --raw is what was answered.")
    with importing():
        from collector.poll_once import poll_once
        from console.poll_view import judged_view, raw_lines
        from processor.judgment.judge import judge_readings

    printer = printer_at(host, profile)
    address = address_of(printer)
    with make_console(stderr=True).status(f"Asking {plain(address)} ..."):
        (reading,) = poll_once([printer], load(SnmpSettings), load(CommonSettings).site)
    console = make_console()
    if raw:
        for text in raw_lines(reading):
            console.print(text, soft_wrap=True)
    else:
        (state,) = judge_readings([reading], load(RuleSettings), utc_now())
        if as_json:
            print_json(state.model_dump(mode="json"))
        else:
            console.print(judged_view(state, address, console))
    return EXIT_OK if reading.reachable else EXIT_FAILED
