"""`dismiss-service`: a service that was renamed, moved or switched off for good."""

from typing import Annotated

import typer

from console.database import open_to_read
from console.terminal import make_console, plain
from core.contract.errors import EXIT_OK
from core.runtime.wall_clock import utc_now
from core.storage.audit import COMMAND_LINE
from core.storage.database import writing
from core.storage.services import dismiss_service as dismiss


def dismiss_service(
    service: Annotated[
        str, typer.Argument(metavar="SERVICE", help="collector, processor, notifier or dashboard.")
    ],
    instance: Annotated[str, typer.Argument(metavar="INSTANCE", help="Its name on the System page.")],
) -> int:
    """Dismiss a service that is gone for good: renamed, moved or switched off.

    It is shown again after its next heartbeat. One that is gone for a day beside a living one of its kind is
    dismissed by itself.

    Example: [bold]printers dismiss-service collector old-server[/bold]
    """
    with writing(open_to_read()) as connection:
        dismiss(connection, service, instance, utc_now(), actor=COMMAND_LINE)
    make_console().print(f"Dismissed the {plain(service)} on [bold]{plain(instance)}[/bold].")
    return EXIT_OK
