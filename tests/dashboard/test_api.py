"""The JSON routes: what they say, to whom, and that they keep to their own OpenAPI document."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi import checks
from sqlalchemy import insert, update

from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.storage.announcements import NewAnnouncement, add_announcement
from core.storage.core_tables import API_TOKENS, PRINTERS
from core.storage.database import reading, writing
from core.storage.issues import change_issue, issue_row
from core.storage.mutes import MuteRequest, mute_flag
from dashboard.actor import Actor
from dashboard.features.issues.spam import mark
from dashboard.undoing import undo
from tests.dashboard.harness import TECHNICIAN
from tests.dashboard.served import Server, serving
from tests.house.documents import command_of
from tests.patience import PATIENCE_SECONDS

TOKENS = {role: f"a-token-of-a-{role}" for role in ROLES}
OPERATIONS = (
    ("/printers", "get"),
    ("/printers/{printer_id}", "get"),
    ("/issues", "get"),
    ("/issues", "post"),
    ("/issues/{number}", "get"),
    ("/purchase-list", "get"),
    ("/stock", "get"),
    ("/supply-events", "get"),
    ("/stops", "get"),
    ("/usage", "get"),
    ("/announcements", "get"),
)
# A value of the right form may still name nothing: that is no fault of the document.
LEFT_OUT = cast(list[CheckFunction], [checks.positive_data_acceptance, checks.ignored_auth])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard with a public portal and a token for each role."""
    folder: Path = tmp_path_factory.mktemp("api")
    with serving(folder, settings={"PORTAL_PUBLIC": "true"}, for_pages=False) as running:
        rows = [
            {
                "name": f"test {role}",
                "token_hash": hashed(token),
                "role": role,
                "created_by": "ada",
                "created_at": datetime.now(UTC),
            }
            for role, token in TOKENS.items()
        ]
        with writing(running.engine) as connection:
            connection.execute(insert(API_TOKENS), rows)
        yield running


def ask(server: Server, path: str, role: str | None = None, **report: Any) -> requests.Response:
    """GET a route as a program of that role (None: as a stranger), or POST where there is a report."""
    headers = {"Authorization": f"Bearer {TOKENS[role]}"} if role else {}
    method = "POST" if report else "GET"
    return requests.request(
        method, f"{server.url}/api/v1{path}", headers=headers, json=report or None, timeout=PATIENCE_SECONDS
    )


def test_the_fleet_is_listed_worst_first_and_filtered(server: Server) -> None:
    everything = ask(server, "/printers", "technician").json()
    assert everything["total"] == len(everything["printers"]) == 5
    assert everything["printers"][0]["printer_id"] == "jammed"
    assert everything["printers"][0]["link"] == f"{server.url}/printer?id=jammed"
    only = ask(server, "/printers?health=warning&health=stale&order=name", "technician").json()
    assert [line["printer_id"] for line in only["printers"]] == ["low", "old"]
    second = ask(server, "/printers?order=name&limit=1&offset=1", "technician").json()
    assert (second["total"], [line["name"] for line in second["printers"]]) == (5, ["Jammed"])


def test_assets_are_told_to_who_sees_addresses(server: Server) -> None:
    values = {"asset_tag": "A-0042", "warranty_until": date(2027, 3, 1)}
    with writing(server.engine) as connection:
        connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == "low").values(values))
    asset = {
        **{"asset_tag": "A-0042", "in_use_since": None, "warranty_until": "2027-03-01"},
        **{"contract": "", "contract_until": None},
    }
    lines = {line["printer_id"]: line for line in ask(server, "/printers", "technician").json()["printers"]}
    assert lines["low"]["asset"] == ask(server, "/printers/low", "technician").json()["asset"] == asset
    assert {line["asset"] for line in ask(server, "/printers").json()["printers"]} == {None}
    assert ask(server, "/printers/low").json()["asset"] is None


@pytest.mark.skipif(os.name != "posix", reason="a line for a POSIX shell")
def test_the_shell_line_of_the_document_is_a_real_one(server: Server) -> None:
    line = command_of("docs/api.md", "curl ").replace("http://127.0.0.1:8501", server.url)
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    said = subprocess.run(
        ["sh", "-c", line],
        env={**os.environ, "TOKEN": TOKENS["technician"]},
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert [one["printer_id"] for one in json.loads(said.stdout)["printers"]] == ["jammed"]


def test_a_printer_is_shown_whole(server: Server) -> None:
    low = ask(server, "/printers/low", "technician").json()
    assert (low["location"], low["site"], low["host"]) == ("Room 12", "annex", "10.0.0.5:161")
    assert low["state"]["supplies"][0]["level_percent"] == 9
    assert [flag["code"] for flag in low["state"]["attention"]] == ["supply_low"]
    assert ask(server, "/printers/jammed", "technician").json()["open_issues"][0]["number"] == 1


def test_strangers_see_no_addresses_and_no_words_of_people(server: Server) -> None:
    jammed = ask(server, "/printers/jammed").json()
    assert (jammed["host"], jammed["serial"]) == ("", "")
    assert [issue["title"] for issue in jammed["open_issues"] if issue["number"] == 1] == [""]


def test_what_is_announced_is_for_everybody_without_who_made_it(server: Server) -> None:
    now = datetime.now(UTC)
    with writing(server.engine) as connection:
        for text, place in (("Print server down", ""), ("Closed", "Room 12")):
            new = NewAnnouncement(text, place, now, now + timedelta(hours=1))
            add_announcement(connection, new, actor="maya", now=now)
    everything = ask(server, "/announcements").json()["announcements"]
    assert sorted(one["text"] for one in everything) == ["Closed", "Print server down"]
    assert "maya" not in str(everything)
    hall = ask(server, "/announcements?location=Hall", "technician").json()["announcements"]
    assert [one["text"] for one in hall] == ["Print server down"]


def test_what_is_muted_of_a_printer_is_for_technicians(server: Server) -> None:
    now = datetime.now(UTC)
    with writing(server.engine) as connection:
        wanted = MuteRequest("jammed", "jam", "", "It is a jam that never was")
        mute_flag(connection, wanted, actor="maya", now=now)
    (muted,) = ask(server, "/printers/jammed", "technician").json()["muted"]
    assert (muted["code"], muted["message"], muted["until_at"]) == ("jam", "Paper is jammed.", None)
    assert ask(server, "/printers/jammed").json()["muted"] == []


@pytest.mark.parametrize("path", ["/issues", "/issues/1"])
def test_issues_are_for_technicians(server: Server, path: str) -> None:
    assert ask(server, path).status_code == 403
    assert ask(server, path, "technician").status_code == 200


def test_a_wrong_token_is_refused_also_where_strangers_may_look(server: Server) -> None:
    headers = {"Authorization": "Bearer wrong"}
    wrong = requests.get(f"{server.url}/api/v1/printers", headers=headers, timeout=PATIENCE_SECONDS)
    assert (wrong.status_code, "not known" in wrong.json()["error"]) == (401, True)


def test_an_issue_is_shown_with_who_did_what(server: Server) -> None:
    issue = ask(server, "/issues/1", "manager").json()
    assert (issue["number"], issue["printer_id"], issue["status"]) == (1, "jammed", "open")
    assert [(event["actor"], event["change"]) for event in issue["events"]] == [("someone", "opened")]


def test_an_issue_tells_which_vendor_has_it_and_is_filtered_by_that(server: Server) -> None:
    assert ask(server, "/issues?vendor=with", "technician").json()["total"] == 0
    wanted = {"vendor": "Ricoh", "vendor_case": "RX-1", "vendor_visit_on": "2026-01-05"}
    with writing(server.engine) as connection:
        row = issue_row(connection, 1)
        assert row is not None
        change_issue(connection, row, wanted, actor="tom", now=datetime.now(UTC))
    for query in ("vendor=with", "vendor=overdue", "text=rx-1"):
        (issue,) = ask(server, f"/issues?{query}", "technician").json()["issues"]
        assert {name: issue[name] for name in wanted} == wanted
        assert (issue["number"], issue["vendor_opened_on"]) == (1, None)


def test_a_program_files_an_issue_and_it_is_there(server: Server) -> None:
    report = {"printer_id": "fine", "category": "noise", "details": "It hums."}
    filed = ask(server, "/issues", "technician", **report)
    assert filed.status_code == 201
    issue = ask(server, f"/issues/{filed.json()['number']}", "technician").json()
    assert (issue["printer_id"], issue["details"], issue["kind"]) == ("fine", "It hums.", "person")
    assert issue["events"][0]["actor"] == "token test technician"
    assert filed.json()["link"].startswith(f"{server.url}/follow?token=")


def test_a_stranger_gives_name_and_mail(server: Server) -> None:
    report: dict[str, Any] = {"printer_id": "fine", "category": "noise"}
    nameless = ask(server, "/issues", None, **report)
    assert (nameless.status_code, "name" in nameless.json()["error"]) == (422, True)
    assert ask(server, "/issues", None, **report, name="Al", contact="al@college.example").status_code == 201


def test_spam_is_listed_where_it_is_asked_for_and_its_network_is_told_until_when(server: Server) -> None:
    report: dict[str, Any] = {"printer_id": "fine", "category": "noise"}
    whose = {"name": "Bot", "contact": "bot@college.example"}
    number = ask(server, "/issues", None, **report, **whose).json()["number"]
    with reading(server.engine) as connection:
        seen = issue_row(connection, number)
    assert seen is not None
    by = Actor(server.engine, TECHNICIAN, datetime.now(UTC))
    done = mark(by, [seen], pause=True)
    every, spam = (ask(server, f"/issues{q}", "technician").json() for q in ("", "?status=spam"))
    assert number not in [issue["number"] for issue in every["issues"]]
    assert every["total"] == len(every["issues"])
    assert [(issue["number"], issue["status"]) for issue in spam["issues"]] == [(number, "spam")]
    paused = ask(server, "/issues", None, **report, **whose)
    assert paused.status_code == 429
    assert paused.json()["error"].startswith("Reports from your network are paused until ")
    assert int(paused.headers["retry-after"]) > 80_000
    assert ask(server, "/issues", "technician", **report).status_code == 201
    undo(by, done)
    assert ask(server, "/issues", None, **report, **whose).status_code == 201


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/printers/nobody", 404, "no printer"),
        ("/issues/4711", 404, "no issue"),
        ("/issues/zero", 422, "number"),
        ("/printers?limit=0", 422, "limit"),
        ("/printers?health=great", 422, "'great' is not known"),
        ("/issues?status=lost", 422, "'lost' is not known"),
        ("/issues?vendor=maybe", 422, "'maybe' is not known"),
        ("/nothing", 404, "no such route"),
    ],
)
def test_what_cannot_be_answered_is_told_in_one_sentence(
    server: Server, path: str, status: int, words: str
) -> None:
    answer = ask(server, path, "admin")
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_a_body_that_is_not_json_is_refused(server: Server) -> None:
    headers = {"Authorization": f"Bearer {TOKENS['admin']}", "Content-Type": "application/json"}
    answer = requests.post(f"{server.url}/api/v1/issues", data="{", headers=headers, timeout=PATIENCE_SECONDS)
    assert (answer.status_code, answer.json()) == (422, {"error": "The body is not JSON."})


def test_what_is_refused_before_a_route_is_reached_is_in_the_document_too(server: Server) -> None:
    authorized = {"Authorization": f"Bearer {TOKENS['admin']}"}

    def status(path: str, headers: dict[str, str], body: bytes | None = None) -> int:
        asked = requests.request(
            "GET" if body is None else "POST",
            f"{server.url}/api/v1{path}",
            headers={**authorized, **headers},
            data=body,
            timeout=PATIENCE_SECONDS,
        )
        assert set(asked.json()) == {"error"}
        assert asked.headers["cache-control"] == "no-store"
        return asked.status_code

    assert [
        status("/printers", {"Host": "evil.example"}),
        status("/issues", {"Content-Type": "application/json"}, b"\xff"),
        status("/issues", {"Authorization": "Bearer wrong"}, b"{}"),
        status("/issues", {"Origin": "https://evil.example"}, b"{}"),
        status("/printers?text=%00", {}),
        status("/printers/%01", {}),
        status("/issues", {}, b" " * 300_000),
    ] == [400, 400, 401, 403, 404, 404, 413]
    document = requests.get(
        f"{server.url}/api/v1/openapi.json", headers=authorized, timeout=PATIENCE_SECONDS
    ).json()
    for path, method in OPERATIONS:
        documented = {int(code) for code in document["paths"][path][method]["responses"]}
        assert documented >= {400, 401, 403, 404, 408, 413, 422, 503}, (path, method)


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{m} {p}" for p, m in OPERATIONS])
def test_whatever_is_sent_the_document_is_kept(server: Server, path: str, method: str) -> None:
    document = requests.get(
        f"{server.url}/api/v1/openapi.json",
        headers={"Authorization": f"Bearer {TOKENS['admin']}"},
        timeout=PATIENCE_SECONDS,
    ).json()
    assert {(p, m) for p, methods in document["paths"].items() for m in methods} == set(OPERATIONS)
    schema = schemathesis.openapi.from_dict(document)

    @given(case=schema[path][method.upper()].as_strategy())
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def holds(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(
            base_url=f"{server.url}/api/v1",
            headers={"Authorization": f"Bearer {TOKENS['admin']}"},
            excluded_checks=LEFT_OUT,
        )

    holds()
