"""`python -m console.broker`: the embedded broker as one process that lives while its parent does."""

import argparse
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

from console.broker import mosquitto
from console.broker.access import BrokerDeployment, grants
from console.broker.credentials import broker_folder, make_credentials
from console.broker.limits import LARGEST_MESSAGE
from console.broker.processes import PID_FILE, end_remembered, remember
from core.contract.errors import EXIT_FAILED, EXIT_OK, run_command
from core.runtime.logs import configure_logs
from core.runtime.private_files import keep_files_private
from core.runtime.settings import CommonSettings, MqttSettings, load
from core.runtime.shutdown import ShutdownSignal

log = logging.getLogger("broker")

_END_SECONDS = 10.0


def main() -> int:
    """Run the broker until it is time to stop, or until it dies: then the supervisor starts it again."""
    keep_files_private()
    return run_command(_main)


def _main() -> int:
    options = _parse()
    configure_logs("broker", debug=load(CommonSettings).debug)
    shutdown = ShutdownSignal().install()
    folder = broker_folder(options.data_dir)
    if left := end_remembered(folder / PID_FILE):
        log.warning("ended the broker of an earlier run (process %s)", left)
    return _run_mosquitto(options, shutdown) if options.mosquitto else _run_amqtt(options, shutdown)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m console.broker",
        description="The broker that `printers up` runs. Example: python -m console.broker --port 1883",
    )
    parser.add_argument("--data-dir", type=Path, default=load(CommonSettings).data_dir)
    parser.add_argument("--port", type=int, default=load(MqttSettings).mqtt_port)
    parser.add_argument("--listen", action="append", help="address (repeatable); default: 127.0.0.1")
    parser.add_argument("--mosquitto", metavar="PROGRAM", help="run this mosquitto; default: amqtt")
    options = parser.parse_args()
    options.listen = tuple(dict.fromkeys(options.listen or ["127.0.0.1"]))
    return options


def _run_mosquitto(options: argparse.Namespace, shutdown: ShutdownSignal) -> int:
    folder = broker_folder(options.data_dir)
    credentials = make_credentials(options.data_dir, options.listen[0], options.port)
    text = mosquitto.configuration(folder, options.listen, options.port, LARGEST_MESSAGE)
    allowed = grants(BrokerDeployment.of_settings(credentials.passwords))
    config = mosquitto.write_files(folder, text, credentials.passwords, allowed)
    try:
        process, relay = mosquitto.start(options.mosquitto, config)
    except OSError as error:
        log.error("%s cannot be started: %s", options.mosquitto, error)
        return EXIT_FAILED
    remember(folder / PID_FILE, process.pid)
    log.info("mosquitto listens on %s, port %s", " and ".join(options.listen), options.port)
    return _wait(process, relay, shutdown)


def _wait(process: subprocess.Popen[str], relay: threading.Thread, shutdown: ShutdownSignal) -> int:
    ended = threading.Event()
    shutdown.on_stop(ended.set)

    def watch() -> None:
        process.wait()
        relay.join(_END_SECONDS)  # its last words say why, and what is to be set aside
        ended.set()

    threading.Thread(target=watch, name="mosquitto", daemon=True).start()
    ended.wait()
    if not shutdown.stopping.is_set():
        log.error("mosquitto ended by itself with code %s", process.returncode)
        return EXIT_FAILED
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return EXIT_OK


def _run_amqtt(options: argparse.Namespace, shutdown: ShutdownSignal) -> int:
    from console.broker import amqtt_broker

    credentials = make_credentials(options.data_dir, options.listen[0], options.port)
    allowed = grants(BrokerDeployment.of_settings(credentials.passwords))
    config = amqtt_broker.configuration(options.listen, options.port, credentials.passwords, allowed)
    remember(broker_folder(options.data_dir) / PID_FILE, os.getpid())
    log.info("amqtt listens on %s, port %s", " and ".join(options.listen), options.port)
    amqtt_broker.run(config, LARGEST_MESSAGE, shutdown)
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
