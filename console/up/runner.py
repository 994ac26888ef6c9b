"""One run of everything: what must be right first, then processes and view until it is time to stop."""

import os
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from sqlalchemy import Engine

from console.called import program, with_data_dir
from console.lock import DataDirLock
from console.up.embedded import EmbeddedBroker, embedded_broker, end_left_over
from console.up.log_lines import LogSink
from console.up.options import LOOPBACK, SERVICES, ChildSpec, UpOptions
from console.up.pages import first_admin_lines, page_line, require_free_address, shows_secrets
from console.up.supervisor import Run, Supervisor
from console.up.terminal import Banner, LiveView, live_view, plain_view
from core.contract.errors import EXIT_FAILED, EXIT_OK, UserError
from core.runtime.private_files import make_private
from core.runtime.settings import DatabaseSettings, MqttSettings, load
from core.runtime.settings_doc import BLOCKS
from core.runtime.shutdown import ShutdownSignal
from core.runtime.web_settings import DashboardSettings
from core.storage.database import open_database, reading, shown_url
from core.storage.fleet_states import count_printers

__all__ = ["ChildSpec", "UpOptions", "run_up"]


def run_up(options: UpOptions) -> int:
    """Run everything until Ctrl-C, a signal or the end of our parent's pipe; the exit code.

    Raises UserError, before anything is started, where it cannot run.
    """
    options = _enter(options)
    for block in BLOCKS:  # a service that cannot read its settings would only be started again and again
        load(block)
    with DataDirLock(options.data_dir, options.name, elsewhere=options.elsewhere):
        engine = open_database(load(DatabaseSettings))
        try:
            return _run(options, engine)
        finally:
            engine.dispose()


def _enter(options: UpOptions) -> UpOptions:
    """Make the run's folder and settings those of this process: what it starts inherits them."""
    data_dir = options.data_dir.absolute()
    if options.directory is not None:
        options.directory.mkdir(parents=True, exist_ok=True)
        os.chdir(options.directory)
    os.environ.update({**options.environment, "DATA_DIR": str(data_dir)})
    make_private(data_dir)
    return replace(options, data_dir=data_dir)


def _run(options: UpOptions, engine: Engine) -> int:
    settings = load(MqttSettings)
    dashboard = load(DashboardSettings)
    require_free_address(dashboard)
    broker = embedded_broker(options, settings)
    sink = _open_sink(options.data_dir)
    run = Run(
        specs=(*((broker.spec,) if broker else ()), *options.extra, *SERVICES),
        environment=dict(os.environ),
        credentials=broker.credentials if broker else None,
    )
    shutdown = ShutdownSignal().install()
    console = Console(highlight=False)
    # Where nobody looks on (at the start of the machine), three services are better than none.
    supervisor = Supervisor(run, sink, on_refusal=shutdown.stop if console.is_terminal else None)
    on_terminal = shows_secrets(console)
    banner = Banner(
        pages=[page_line(dashboard)],
        first_admin=first_admin_lines(dashboard, engine, options.data_dir, on_terminal=on_terminal),
        others=[*options.banner, *_advice(options, engine), *_facts(options, engine, settings, broker)],
    )
    able = console.is_terminal and not console.is_dumb_terminal
    live = able if options.live is None else options.live
    stage = LiveView(options.name, banner, engine, supervisor.statuses, shutdown.stopping.is_set)
    with (
        live_view(stage, sink, console)
        if live
        else plain_view(banner.lines(administered=False), sink, console)
    ):
        supervisor.start()
        shutdown.wait()
        clean = supervisor.stop()
        end_left_over(options.data_dir)
        sink.say("stopped")
    sink.close()
    if live:
        console.print(f"Stopped. The log is in {escape(str(sink.path))}.")
    if refusals := supervisor.refusals():
        raise UserError(" ".join(refusals))
    return EXIT_OK if clean else EXIT_FAILED


def _open_sink(data_dir: Path) -> LogSink:
    try:
        return LogSink(data_dir / "logs")
    except OSError as error:
        raise UserError(f"the log folder {data_dir / 'logs'} cannot be made: {error.strerror}.") from error


def _facts(
    options: UpOptions, engine: Engine, settings: MqttSettings, broker: EmbeddedBroker | None
) -> list[str]:
    database = "" if engine.dialect.name == "sqlite" else f", database {shown_url(engine.url)}"
    where = (
        broker.title if broker else f"{settings.mqtt_host}, port {settings.mqtt_port} (MQTT_HOST), not ours"
    )
    lines = [f"Data     {escape(str(options.data_dir) + database)}", f"Broker   {escape(where)}"]
    if broker and options.listen != LOOPBACK:
        lines.append(
            "[yellow]The broker is open to other machines, unencrypted: only in a network you trust.[/yellow]"
        )
    return lines


def _advice(options: UpOptions, engine: Engine) -> list[str]:
    with reading(engine) as connection:
        total, disabled = count_printers(connection)
    if total > disabled:
        return []
    typed = escape(with_data_dir(options.data_dir))
    return [
        "Fleet    [yellow]no printers yet[/yellow]: in another terminal",
        f"         {typed} import FILE.csv",
        f"         {typed} add HOST",
        f"         or to see a simulated fleet, {escape(program())} demo",
    ]
