"""The printers of scripts/bench.py: recordings as SNMP agents at every 127.x.y.z, whose answers change.

It prints `ready`, then for each line on standard input a line of JSON with what it has counted, until its
standard input ends. Linux only: it answers from the address that was asked.
"""

import argparse
import json
import os
import select
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script finds only what is beside it

from core.contract import ber  # noqa: E402 (the path above comes first)
from core.contract.errors import EXIT_OK, UserError, run_command  # noqa: E402
from core.contract.printer_mib import COLUMN_OID  # noqa: E402
from simulator.agent import SimulatedAgent  # noqa: E402
from simulator.recording import Arcs, arcs_of, content_of, read_recording  # noqa: E402
from simulator.view import MibView  # noqa: E402

_IP_PKTINFO: Final = 8
_RECEIVE_BUFFER: Final = 1 << 25
_KEPT: Final = 64
"""Versions of a recording that are kept at once: all printers of it are at one of few."""
_LIFE_COUNT: Final = arcs_of(COLUMN_OID["prtMarkerLifeCount"])
_LEVEL: Final = arcs_of(COLUMN_OID["prtMarkerSuppliesLevel"])


class Recorded:
    """A recording as it is after so many changes: each prints some pages and takes some toner."""

    def __init__(self, path: Path) -> None:
        self._values = read_recording(path)
        self._agents: dict[int, SimulatedAgent] = {}

    def agent(self, version: int) -> SimulatedAgent:
        """Return the agent of a printer that has changed so often."""
        found = self._agents.get(version)
        if found is None:
            if len(self._agents) >= _KEPT:
                del self._agents[min(self._agents)]
            found = SimulatedAgent(MibView({**self._values, **self._changed(version)}))
            self._agents[version] = found
        return found

    def _changed(self, version: int) -> Mapping[Arcs, bytes]:
        changed: dict[Arcs, bytes] = {}
        for arcs, value in self._values.items():
            if arcs[: len(_LIFE_COUNT)] == _LIFE_COUNT:
                pages = ber.decode_integer(content_of(value)) + 7 * version
                changed[arcs] = ber.encode_integer(pages, ber.COUNTER32)
            elif arcs[: len(_LEVEL)] == _LEVEL:
                level = ber.decode_integer(content_of(value))
                if level > 1:  # the others are no amounts, or have nothing to give
                    changed[arcs] = ber.encode_integer(max(1, level - version % level))
        return changed


class Counts:
    """Counts of what went over the wire."""

    def __init__(self) -> None:
        self.requests = self.octets_in = self.octets_out = 0

    def line(self) -> str:
        """Return them as a line of JSON."""
        return json.dumps(vars(self))


def version_of(number: int, seconds: float, interval: float, changing: float) -> int:
    """Return how often the printer of that number has changed; each changes at a time of its own."""
    return int(seconds / interval * changing + number * 0.618 % 1)


def serve(opened: Any, recorded: Sequence[Recorded], interval: float, changing: float) -> None:
    """Answer until standard input ends."""
    counts, began = Counts(), time.monotonic()
    while True:
        for one in select.select([opened, sys.stdin], [], [])[0]:
            if one is sys.stdin:
                if not os.read(sys.stdin.fileno(), 64):
                    return
                print(counts.line(), flush=True)
                continue
            message, ancillary, _, address = opened.recvmsg(65_535, 64)
            here = ancillary[0][2][8:12]
            if here[0] != 127:  # noqa: PLR2004 (loopback alone)
                continue
            number = int.from_bytes(here[1:], "big") - 1
            version = version_of(number, time.monotonic() - began, interval, changing)
            answer = recorded[number % len(recorded)].agent(version).answer(message)
            if answer is not None:
                counts.requests += 1
                counts.octets_in += len(message)
                counts.octets_out += len(answer)
                source = [(socket.IPPROTO_IP, _IP_PKTINFO, ancillary[0][2])]
                opened.sendmsg([answer], source, 0, address)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recordings", nargs="+", type=Path, help=".snmprec files, in turn by address")
    parser.add_argument("--port", type=int, required=True, help="the UDP port")
    parser.add_argument("--interval", type=float, required=True, help="seconds of a round")
    parser.add_argument("--changing", type=float, required=True, help="the share that changes in a round")
    given = parser.parse_args()

    def command() -> int:
        if not hasattr(socket.socket, "recvmsg"):
            raise UserError("only Linux answers from the address that was asked: use bench.py --living.")
        recorded = [Recorded(path) for path in given.recordings]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            opened.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
            opened.bind(("0.0.0.0", given.port))  # noqa: S104 (any other address than 127.x.y.z is dropped)
            print("ready", flush=True)
            serve(opened, recorded, given.interval, given.changing)
        return EXIT_OK

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
