"""One log format for every service: time, level, service, sentence; to stderr."""

import logging
import sys


def configure_logs(service: str, *, debug: bool = False) -> None:
    """Send this process's log lines to stderr; DEBUG adds repeats and the causes of expected failures."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(line_format(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    # Libraries speak only when something is wrong: their info lines drown ours.
    for noisy in (
        "alembic",
        "amqtt",
        "transitions",
        "asyncio",
        "sqlalchemy",
        "influxdb_client",
        "paho",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns of each retry with the names of its classes; what comes of it is told by whoever asked.
    logging.getLogger("urllib3").setLevel(logging.ERROR)


def line_format(service: str) -> logging.Formatter:
    """Return the form of a line, which `printers up` and fail2ban (deploy/fail2ban) read, too."""
    return logging.Formatter(
        f"%(asctime)s %(levelname)-7s {service}: %(message)s", datefmt="%Y-%m-%d %H:%M:%S"
    )
