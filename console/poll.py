"""`poll`: ask one printer now and show what it says, without broker or database."""

import json
from typing import Annotated, Any

import typer

from console.poll_view import judged_view, raw_lines
from console.services import judge, poll_host
from console.terminal import make_console, plain, print_json
from core.contract.errors import EXIT_FAILED, EXIT_OK, UserError
from core.domain.addresses import clean_host, with_port
from core.domain.inventory.fields import BadValue, clean_text


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
    address = address_of(host)
    with make_console(stderr=True).status(f"Asking {plain(address)} ..."):
        line = poll_host(address, profile)
        reading: dict[str, Any] = json.loads(line)
        state: dict[str, Any] | None = None if raw else json.loads(judge(line))
    console = make_console()
    if state is None:
        for text in raw_lines(reading):
            console.print(text, soft_wrap=True)
    elif as_json:
        print_json(state)
    else:
        console.print(judged_view(state, address, console))
    return EXIT_OK if reading["reachable"] else EXIT_FAILED


def address_of(text: str) -> str:
    """HOST[:PORT] as the collector takes it."""
    try:
        host, port = clean_host(clean_text(text))
    except BadValue as bad:
        raise UserError(f"{bad}.") from bad
    return with_port(host, port)
