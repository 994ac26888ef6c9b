"""Mails that bring somebody a link: to make their account, or to set a new password.

The link's token is not known here: it is drawn as the mail is sent (notifier.outbox.delivery).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.domain.links import Links
from core.domain.mail_kinds import MailKind
from core.domain.permissions import role_of
from core.domain.units import moment
from core.mails.clean_text import one_line
from core.storage.account_links import AccountLink, Purpose, any_mail_due, take_due_mails
from core.storage.database import reading, writing
from core.storage.full_names import actor_name
from core.storage.mail_outbox import TOKEN_PLACE, NewMail, enqueue, mail_key
from notifier.render import render
from notifier.settings import NotifierSettings


@dataclass(frozen=True)
class AccountLinkMails:
    """Puts the mail for each link that is to be mailed into the outbox, once."""

    engine: Engine
    settings: NotifierSettings
    links: Links

    def step(self, now: datetime) -> int:
        """Write what is due; how many mails."""
        with reading(self.engine) as connection:
            if not any_mail_due(connection, now):
                return 0
        with writing(self.engine) as connection:
            mails = [self._mail(connection, link, now) for link in take_due_mails(connection, now)]
            return enqueue(connection, mails, domain=self.settings.domain, now=now)

    def _mail(self, connection: Connection, link: AccountLink, now: datetime) -> NewMail:
        is_new = link.purpose is not Purpose.PASSWORD
        organization = self.settings.letterhead.name
        system = f"the printer system of {organization}" if organization else "the printer system"
        subject = "You are invited to the printer system" if is_new else "Set a new password"
        by = one_line(actor_name(connection, link.created_by), 60)
        if is_new:
            lead = f"{by} has invited you to {system}."
            says = f"Your role will be {role_of(link.role).title}. Choose your password by the link below."
        else:
            lead = f"{by} has sent you a link to set a new password for the account {link.name}."
            says = "Your present password stays until you set the new one."
        until = moment(link.expires_at, self.settings.zone)
        words = render(
            "account_link",
            letterhead=self.settings.letterhead,
            subject=subject,
            lead=lead,
            says=says,
            until=f"{until} ({self.settings.zone.key})",
            url=self.links.account_link(TOKEN_PLACE),
            label="Make your account" if is_new else "Set a new password",
            home=self.links.home,
        )
        return NewMail(
            key=mail_key(MailKind.ACCOUNT_LINK, link.link_id, f"{now.timestamp():.6f}"),
            kind=MailKind.ACCOUNT_LINK,
            recipient=link.email,
            subject=f"Printers: {subject}",
            body_text=words.text,
            body_html=words.html,
            account_link_id=link.link_id,
        )
