"""`printers dismiss-service`: a service that is gone for good is not shown any more."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import SERVICES
from core.storage.database import open_database, reading, writing
from tests.console.cli import printers
from tests.console.small_fleet import fill


def test_a_service_that_is_gone_is_dismissed_and_one_that_lives_is_not() -> None:
    engine = open_database(DatabaseSettings())
    fill(engine)
    with reading(engine) as connection:
        collectors = connection.execute(select(SERVICES.c.instance).where(SERVICES.c.service == "collector"))
        instance = str(collectors.scalars().first())
    said = printers("dismiss-service", "collector", instance)
    assert said.exit_code == 2
    assert f"the collector on {instance} is online: stop it first" in said.output
    with writing(engine) as connection:
        long_ago = datetime.now(UTC) - timedelta(days=2)
        connection.execute(update(SERVICES).values(status="offline", seen_at=long_ago))
    said = printers("dismiss-service", "collector", instance)
    assert (said.exit_code, said.output.split()) == (0, f"Dismissed the collector on {instance}.".split())
    said = printers("dismiss-service", "collector", instance)
    assert said.exit_code == 2
    assert f"no collector on {instance} is known" in said.output
    engine.dispose()
