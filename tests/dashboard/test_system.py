"""The System page: who is there, what waits, what was refused; a message is sent again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, update

from core.contract.errors import Conflict, UserError
from core.contract.messages import Presence
from core.domain.mail_kinds import MailKind
from core.domain.units import size
from core.mails.recipients import NOBODY
from core.storage.core_tables import AUDIT, MAILS
from core.storage.database import reading, writing
from core.storage.mail_outbox import NewMail, enqueue
from core.storage.mail_tables import SummaryWindow
from core.storage.services import dismiss_aged, read_services
from core.storage.tables import Outbox, RefusedPoint, Rejected, ServiceRow
from dashboard.actor import Actor
from dashboard.features.system.actions import dismiss, send_again
from dashboard.features.system.parts import mail_html, services_html
from dashboard.features.system.queries import SystemView, system_view
from dashboard.features.system.wording import figures, troubles
from dashboard.viewer import Forbidden
from processor.heartbeats import _store
from tests.builders import put
from tests.dashboard.harness import MANAGER, TECHNICIAN
from tests.dashboard.manager_fleet import NOW, ago, opened
from tests.postgres import DATABASES

ANSWERED = 30.0
"""Seconds since the broker answered the last heartbeat, just before the next one."""


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


def service(name: str, instance: str = "here", **values: Any) -> ServiceRow:
    base: dict[str, Any] = {"status": "online", "seen_at": NOW, "started_at": ago(hours=2), "counters": {}}
    return ServiceRow(service=name, instance=instance, **(base | values))


def _view(engine: Engine) -> SystemView:
    with reading(engine) as connection:
        return system_view(connection, now=NOW)


def _healthy(engine: Engine) -> None:
    counters = {"readings_per_minute": 120.0, "spool_readings": 4.0, "oldest_unreceipted_seconds": 2.0}
    put(
        engine,
        service("collector", counters=counters),
        service("collector", "far", site="annex", counters=counters),
        service("processor", counters={"lag_seconds": 0.4}),
        service("notifier"),
        service("dashboard"),
    )


def _failed_mail(engine: Engine) -> int:
    with writing(engine) as connection:
        to = "maya@college.example"
        mail = NewMail(f"summary:2026-11-28:{to}", MailKind.SUMMARY, to, "Printers", "…")
        enqueue(connection, [mail], domain="college.example", now=NOW)
        refusal = "550 no such user <script>"
        connection.execute(update(MAILS).values(status="failed", attempts=9, last_error=refusal))
        return int(connection.execute(select(MAILS.c.id)).scalar_one())


def test_when_all_is_well_nothing_is_wrong(engine: Engine) -> None:
    _healthy(engine)
    system = _view(engine)
    assert troubles(system, ANSWERED) == []
    assert [value for _, value, _ in figures(system)][:4] == ["240", "0.4 s", "8", "0"]
    assert system.database_bytes > 10_000


def test_a_service_silent_for_90_seconds_is_down(engine: Engine) -> None:
    _healthy(engine)
    put(engine, service("collector", "attic", seen_at=ago(seconds=91)))
    put(engine, service("processor", "old", status="offline"))
    by_instance = {(each.service, each.instance): each.status(NOW) for each in _view(engine).services}
    assert by_instance["collector", "attic"] == "silent"
    assert by_instance["processor", "old"] == "offline"
    assert troubles(_view(engine), ANSWERED) == [
        "The collector “attic” is silent.",
        "The processor “old” is offline.",
    ]


def test_a_service_that_is_not_there_says_what_does_not_happen(engine: Engine) -> None:
    put(engine, service("collector", seen_at=ago(minutes=10)))
    assert troubles(_view(engine), ANSWERED) == [
        "No collector is there: printers are not read.",
        "No processor is there: readings are not processed.",
        "No notifier is there: no mail is sent.",
    ]


def test_while_the_broker_is_silent_no_service_is_said_to_be_there_or_gone(engine: Engine) -> None:
    _healthy(engine)
    put(engine, service("collector", "attic", seen_at=ago(seconds=91)))
    assert troubles(_view(engine), 50.0) == [
        "The broker has not answered for 50 s: readings wait in the spools of collectors, and no heartbeat "
        "says which services are running."
    ]


def test_what_waits_and_what_was_dropped_is_told(engine: Engine) -> None:
    _healthy(engine)
    put(engine, service("collector", "full", counters={"dropped": 12.0, "trap_port_missing": 1.0}))
    put(engine, service("processor", "slow", counters={"lag_seconds": 130.0}))
    put(engine, Outbox(payload="{}"), Outbox(payload="{}", sent_at=NOW))
    system = _view(engine)
    assert (system.outbox_waiting, system.outbox_kept) == (1, 1)
    assert troubles(system, ANSWERED) == [
        "Readings are 2 min old when they are stored.",
        "12 readings were dropped: a spool was full.",
        "No traps are heard on full: its UDP port is not open. Its log says why.",
    ]


def test_what_was_refused_is_shown_with_its_reason_the_newest_first(engine: Engine) -> None:
    for reason in ("no JSON", "too long"):
        row: dict[str, Any] = {"at": NOW, "size_bytes": 7, "excerpt": "7b7b"}
        put(engine, Rejected(topic="printers/x/reading", reason=reason, **row))
    put(engine, RefusedPoint(payload="lib-1 …", reason="partial write", at=NOW))
    system = _view(engine)
    assert ([each.reason for each in system.rejected], system.rejected_count) == (["too long", "no JSON"], 2)
    assert [(each.reason, each.excerpt) for each in system.refused] == [("partial write", "lib-1 …")]


def test_refused_points_are_told_by_reason_and_lead_for_a_day(engine: Engine) -> None:
    _healthy(engine)
    for reason, at in (("too old", ago(days=3)), ("wrong type", ago(hours=2)), ("wrong type", ago(hours=1))):
        put(engine, RefusedPoint(payload="lib-1 …", reason=reason, at=at))
    system = _view(engine)
    assert system.refused_count == 3
    assert [(each.reason, each.points, each.last_at) for each in system.refused_reasons] == [
        ("wrong type", 2, ago(hours=1)),
        ("too old", 1, ago(days=3)),
    ]
    assert troubles(system, ANSWERED) == ["2 points of history were refused by the time series within a day."]


def test_the_last_summary_tells_how_it_fared(engine: Engine) -> None:
    window: dict[str, Any] = {
        "begins_at": ago(days=1),
        "ends_at": NOW,
        "composed_by": "here",
        "composed_at": NOW,
        "subject": "3 printers need action",
        "recipients": ["maya@college.example"],
    }
    put(engine, SummaryWindow(window="2026-11-28", **window))
    _failed_mail(engine)
    summary = _view(engine).summary
    assert summary is not None
    assert (summary.ends_at, summary.recipients, summary.failed) == (NOW, ("maya@college.example",), 1)


def test_that_nobody_receives_the_summary_is_a_quiet_hint_and_no_trouble(engine: Engine) -> None:
    _healthy(engine)
    window = SummaryWindow(
        window="2026-11-28",
        begins_at=ago(days=1),
        ends_at=datetime(2026, 11, 28, 6, tzinfo=UTC),
        composed_by="here",
        composed_at=NOW,
        subject="3 printers need action",
        recipients=[],
        problem=NOBODY,
    )
    put(engine, window)
    system = _view(engine)
    assert troubles(system, ANSWERED) == []
    shown = mail_html(system.summary, system.mail, ZoneInfo("UTC")).replace("\xa0", " ")
    assert "The summary of 28 Nov 2026 was made" in shown
    assert "for nobody" in shown
    assert '<span class="quiet">Nobody receives the daily summary: name an address' in shown


def test_a_failed_message_is_sent_again_once_and_audited(engine: Engine) -> None:
    _healthy(engine)
    mail_id = _failed_mail(engine)
    assert troubles(_view(engine), ANSWERED) == ["A message could not be sent."]
    later = NOW + timedelta(minutes=1)
    send_again(Actor(engine, MANAGER, later), mail_id)
    with reading(engine) as connection:
        row = connection.execute(select(MAILS)).mappings().one()
        audit = connection.execute(select(AUDIT).where(AUDIT.c.action == "mail.sent_again")).mappings().one()
    assert (row["status"], row["attempts"], row["next_try_at"]) == ("due", 0, later)
    assert (audit["actor"], audit["details"]["recipient"]) == ("maya", "maya@college.example")
    with pytest.raises(Conflict):
        send_again(Actor(engine, MANAGER, later), mail_id)


def test_sending_again_is_for_managers(engine: Engine) -> None:
    mail_id = _failed_mail(engine)
    with pytest.raises(Forbidden):
        send_again(Actor(engine, TECHNICIAN, NOW), mail_id)
    assert _view(engine).mail == {"failed": 1}


def test_sizes_are_said_short() -> None:
    said = [size(number) for number in (0, 900, 2048, 250_000, 5_600_000_000)]
    assert said == ["0 B", "900 B", "2.0 kB", "250 kB", "5.6 GB"]


def test_a_service_that_is_gone_for_a_day_beside_a_living_one_ages_out(engine: Engine) -> None:
    _healthy(engine)
    put(
        engine,
        service("notifier", "old", status="offline", seen_at=ago(days=2)),
        service("notifier", "just-gone", status="offline", seen_at=ago(hours=2)),
        service("collector", "abroad", site="closed", status="offline", seen_at=ago(days=9)),
        service("collector", "annex-old", site="annex", seen_at=ago(days=3)),
    )
    with writing(engine) as connection:
        gone = dismiss_aged(connection, NOW)
    assert sorted(gone) == [("collector", "annex-old"), ("notifier", "old")]
    assert troubles(_view(engine), ANSWERED) == [
        "The collector “abroad” is offline.",
        "The notifier “just-gone” is offline.",
    ]


def test_the_last_one_of_its_kind_stays_for_ever(engine: Engine) -> None:
    put(engine, service("notifier", "old", status="offline", seen_at=ago(days=200)))
    with writing(engine) as connection:
        assert dismiss_aged(connection, NOW) == []
    assert [line.instance for line in _view(engine).services] == ["old"]


def test_a_service_that_is_gone_is_dismissed_and_audited_and_comes_back_when_it_is_heard_of(
    engine: Engine,
) -> None:
    _healthy(engine)
    put(engine, service("collector", "old", site="closed", status="offline", seen_at=ago(days=2)))
    done = dismiss(Actor(engine, MANAGER, NOW), "collector", "old")
    assert "is dismissed" in done.said
    assert "old" not in {each.instance for each in _view(engine).services}
    with reading(engine) as connection:
        assert "old" not in {each.instance for each in read_services(connection, NOW)}
        noted = select(AUDIT.c.subject, AUDIT.c.actor).where(AUDIT.c.action == "service.dismissed")
        assert connection.execute(noted).all() == [("collector/old", MANAGER.name)]

    def heard(status: Literal["online", "offline"], at: datetime) -> set[str]:
        presence = Presence(service="collector", instance="old", site="closed", status=status, at=at)
        with writing(engine) as connection:
            _store(connection, presence, at)
        return {each.instance for each in _view(engine).services}

    assert "old" not in heard("offline", ago(days=2))  # what the broker has retained of it
    assert "old" not in heard("online", ago(days=2))
    assert "old" in heard("online", NOW + timedelta(seconds=1))


def test_a_living_service_is_not_dismissed(engine: Engine) -> None:
    _healthy(engine)
    with pytest.raises(UserError, match="the notifier on here is online: stop it first"):
        dismiss(Actor(engine, MANAGER, NOW), "notifier", "here")
    with pytest.raises(UserError, match="no notifier on nowhere is known"):
        dismiss(Actor(engine, MANAGER, NOW), "notifier", "nowhere")
    with pytest.raises(Forbidden):
        dismiss(Actor(engine, TECHNICIAN, NOW), "notifier", "here")


def test_a_counter_has_the_name_that_its_state_has_elsewhere(engine: Engine) -> None:
    put(engine, service("collector", counters={"unreachable": 2.0, "spool_readings": 4.0}))
    html = services_html(_view(engine).services, NOW)
    assert "<dt>Not answering</dt><dd>2</dd>" in html
    assert "<dt>Spool readings</dt><dd>4</dd>" in html
