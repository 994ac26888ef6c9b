"""InfluxDB's HTTP API on paper: it remembers what it is given and asked; tables are what a test says."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.http_servers import answering
from tests.processor.influx_storage import InfluxStorage

OK = 200
_ORG = "0" * 16
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")


@dataclass
class PaperInflux:
    """What was asked of it, and what it says."""

    url: str = ""
    buckets: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    """By bucket."""
    write_statuses: dict[str, int] = field(default_factory=dict)
    """By bucket: how every write is answered, where not as it should be."""
    tokens: list[str | None] = field(default_factory=list)
    """The Authorization of each write."""
    writes: int = 0
    storage: InfluxStorage = field(default_factory=InfluxStorage)
    """What becomes of lines; the same for every bucket."""
    queries: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    """By bucket: the answer to every query, of which only the rows of its time are sent."""
    status: int = OK
    """Of queries."""
    version: str = "v2.7.12"
    """In every answer."""

    def get(self, place: str, name: str) -> dict[str, Any]:
        """What there is of that name."""
        kinds: dict[str, Any] = {"/api/v2/buckets": self.buckets, "/api/v2/tasks": self.tasks}
        if place in kinds:
            found = [one for key, one in kinds[place].items() if key == name]
            return {place.rsplit("/", 1)[1]: found}
        health = {"name": "influxdb", "status": "pass"}
        return health if place == "/health" else {"orgs": [{"id": _ORG, "name": "printers"}]}

    def make(self, place: str, content: dict[str, Any]) -> dict[str, Any]:
        """A bucket or a task."""
        if place == "/api/v2/buckets":
            name = content["name"]
            self.buckets[name] = {"id": name, **content}
            return self.buckets[name]
        name = content["flux"].split('name: "')[1].split('"')[0]
        self.tasks[name] = {"id": name, "name": name, "orgID": _ORG, **content}
        return self.tasks[name]

    def write(self, bucket: str, lines: list[str]) -> tuple[int, str]:
        """Store what can be stored, and say what cannot."""
        self.writes += 1
        if bucket in self.write_statuses:
            return self.write_statuses[bucket], "{}"
        answer = self.storage.write(lines)
        kept = [line for line in lines if line in self.storage.stored]
        self.lines.setdefault(bucket, []).extend(kept)
        return answer

    def answer(self, query: dict[str, Any]) -> tuple[int, str]:
        """Status and table."""
        self.queries.append(query)
        bucket = parameters(query).get("_bucket", "")
        if bucket.endswith("_daily") and bucket not in self.buckets:
            return 404, f'{{"code": "not found", "message": "could not find bucket {bucket}"}}'
        if self.status != OK:
            return self.status, '{"code": "unauthorized", "message": "unauthorized access"}'
        lines = self.tables.get(bucket, "").splitlines()
        return OK, "".join(f"{line}\n" for line in lines if _is_within(line, parameters(query)))


def parameters(query: dict[str, Any]) -> dict[str, Any]:
    """What stood beside a query: variables and their literals."""
    assignments = [statement["assignment"] for statement in query["extern"]["body"]]
    return {one["id"]["name"]: one["init"].get("value") for one in assignments}


def _is_within(line: str, asked: dict[str, Any]) -> bool:
    time = _TIME.search(line)
    return time is None or asked["_since"][:19] <= time[0] < asked["_until"][:19]


@contextmanager
def paper_influx() -> Iterator[PaperInflux]:
    """A server on a free port of loopback."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.paper.url = f"http://127.0.0.1:{server.server_port}"
    with answering(server):
        yield server.paper


class _Server(ThreadingHTTPServer):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.paper = PaperInflux()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        self._say(
            OK, json.dumps(self.server.paper.get(asked.path, parse_qs(asked.query).get("name", [""])[0]))
        )

    def do_POST(self) -> None:
        asked, paper = urlsplit(self.path), self.server.paper
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if asked.path == "/api/v2/write":
            paper.tokens.append(self.headers["Authorization"])
            self._say(*paper.write(parse_qs(asked.query)["bucket"][0], body.splitlines()))
        elif asked.path == "/api/v2/query":
            self._say(*paper.answer(json.loads(body)))
        else:
            self._say(201, json.dumps(paper.make(asked.path, json.loads(body))))

    def do_PATCH(self) -> None:
        kind, name = unquote(self.path).split("/")[-2:]
        kept = (self.server.paper.buckets if kind == "buckets" else self.server.paper.tasks)[name]
        kept.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._say(OK, json.dumps(kept))

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("X-Influxdb-Version", self.server.paper.version)
        self.send_header("Content-Type", "application/json" if text.startswith("{") else "text/csv")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""
