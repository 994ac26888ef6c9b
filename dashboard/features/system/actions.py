"""Send failed messages again, dismiss services that are gone for good, end pauses of reports."""

from functools import partial

from sqlalchemy import select

from core.domain.permissions import Permission
from core.storage.audit import note
from core.storage.core_tables import MAILS
from core.storage.database import changed_one, writing
from core.storage.mail_outbox import resend
from core.storage.services import dismiss_service
from dashboard.actor import Actor
from dashboard.features.report.pauses import begin_pause, end_pause, pauses
from dashboard.undoing import Done


def dismiss(by: Actor, service: str, instance: str) -> Done:
    """Dismiss a service that is gone for good; UserError where it lives or is not known."""
    by.require(Permission.WATCH_SYSTEM)
    with writing(by.engine) as connection:
        dismiss_service(connection, service, instance, by.now, actor=by.name)
    return Done(f"The {service} on {instance} is dismissed; it is shown again after its next heartbeat")


def send_again(by: Actor, mail_id: int) -> Done:
    """Make a failed message due again, with all its tries; Conflict where it is not failed any more."""
    by.require(Permission.WATCH_SYSTEM)
    columns = (MAILS.c.kind, MAILS.c.recipient, MAILS.c.subject, MAILS.c.last_error)
    failed = select(*columns).where(MAILS.c.id == mail_id, MAILS.c.status == "failed").with_for_update()
    with writing(by.engine) as connection:
        row = connection.execute(failed).mappings().first()
        told = dict(row or {})
        changed_one(int(bool(told) and resend(connection, mail_id, now=by.now)), f"message {mail_id}")
        note(connection, "mail.sent_again", str(mail_id), actor=by.name, now=by.now, details=told)
    return Done(f"The message to {told['recipient']} is due again")


def take_reports(by: Actor, address: str) -> Done:
    """End the pauses of an address: reports without an account are taken from it again."""
    by.require(Permission.WATCH_SYSTEM)
    with writing(by.engine) as connection:
        own = [pause for pause in pauses(connection, by.now) if pause.address == address]
        for pause in own:
            end_pause(connection, pause, actor=by.name, now=by.now)
    steps = tuple(partial(begin_pause, pause=pause) for pause in own)
    return Done(f"Reports from {address} are taken again", steps, permission=Permission.WATCH_SYSTEM)
