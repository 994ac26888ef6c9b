"""Settings that are changed while the notifier runs: the next mail goes by them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from core.domain.logos import read_logo
from core.storage.database import writing
from core.storage.stored_settings import change_settings
from tests.builders import printer, put
from tests.notifier.making import flag, store
from tests.notifier.processes import notifier
from tests.notifier.smtp_servers import Mailbox, mail_server
from tests.patience import until
from tests.pictures import png


def change(engine: Engine, **changes: str) -> None:
    with writing(engine) as connection:
        change_settings(connection, changes, actor="ada", now=datetime.now(UTC))


def test_recipients_time_rules_name_and_logo_count_without_a_restart(tmp_path: Path) -> None:
    data_dir, mailbox, now = tmp_path / "data", Mailbox(), datetime.now(UTC)
    with store("sqlite", data_dir) as (engine, _), mail_server(mailbox) as port:
        put(engine, printer("lib", created_at=now - timedelta(days=9)))
        put(engine, flag("lib", "supply_low", "warning", since_at=now - timedelta(hours=1)))
        # Not before the changes below are made: nobody is to receive a summary of yesterday meanwhile.
        change(engine, SUMMARY_WHEN_EMPTY="none", NOTIFY_SEVERITY="critical")
        with notifier(data_dir, port, NOTIFY_URLS="desk@example.org", NOTIFY_RESOLVED="false"):
            until(lambda: summaries(engine), "the notifier at work")
            assert mailbox.received == []
            change(
                engine,
                NOTIFY_SEVERITY="warning",
                ORGANIZATION="Hartwell College, HC",
                ORGANIZATION_LOGO=read_logo(png()).as_text(),
            )
            until(lambda: mailbox.received, "a notice of a warning")
            (notice,) = mailbox.mails()
            assert notice["To"] == "desk@example.org"
            html = notice.get_body(("html",))
            text = notice.get_body(("plain",))
            assert html is not None
            assert text is not None
            assert text.get_content().rstrip().endswith("Hartwell College")
            assert "Hartwell College</p>" in html.get_content()
            assert "image/png" in [part.get_content_type() for part in notice.walk()]
            # Yesterday's window is forgotten, as by a clock that was set; the summary is due at another time.
            forget_windows(engine)
            at = datetime.now(UTC) - timedelta(minutes=1)
            change(engine, ISSUE_SUMMARY_RECIPIENT="lead@example.org", SUMMARY_TIME=f"{at:%H:%M}")
            until(lambda: len(mailbox.received) == 2, "the summary")
            assert mailbox.mails()[1]["To"] == "lead@example.org"


def summaries(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT * FROM summary_windows").all())


def forget_windows(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM summary_windows")
