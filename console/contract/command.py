"""The command `printers contract`."""

from pathlib import Path
from typing import Annotated

import typer

from console.files import file_errors
from console.terminal import data_output, make_console, plain
from core.contract.errors import EXIT_OK
from core.domain.units import counted
from core.runtime.settings import MqttSettings, load


def contract(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write asyncapi.json and schemas/ there."),
    ] = None,
) -> int:
    """Write what other systems need to listen: an AsyncAPI 3 document and a JSON Schema of each message.

    Both are made from the program's own declarations, with the topics of MQTT_TOPIC_PREFIX. Without --out
    the AsyncAPI document goes to the terminal.

    Example: [bold]printers contract --out contract[/bold]
    """
    from console.contract.documents import VERSION, files

    found = files(load(MqttSettings).mqtt_topic_prefix)
    if out is None:
        data_output().write(found["asyncapi.json"])
        return EXIT_OK
    with file_errors(out, "written"):
        for name, text in found.items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_text(text, encoding="utf-8", newline="\n")
    make_console(stderr=True).print(
        f"Version {VERSION}: {counted(len(found), 'file')} written to {plain(out)}."
    )
    return EXIT_OK
