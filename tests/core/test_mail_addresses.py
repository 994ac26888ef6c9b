"""One rule for a mail address: what an account accepts, the notifier sends to, and a report may leave."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.mail_addresses import address_list, is_address
from core.domain.permissions import ROLES
from core.mails.readers import MailReader
from core.mails.recipients import summary_recipients
from core.runtime.mail_settings import SummarySettings
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, reading, writing
from core.storage.users import AccountRefused, NewUser, add_user, find_user

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
GOOD = (
    "tom@college.example",
    "o'neill+print@mail.college.example",
    "printers@localhost",
    "x@b.local",
)
BAD = (
    *(
        "tom",
        "tom@",
        "tom@host",
        "@college.example",
        "a@@b.example",
        "a b@c.example",
        "a@b..example",
        "a..b@c.example",
    ),
    *("a:b@c.example", "a[b]@c.example", "a(b)@c.example", "a@[127.0.0.1]", "a@b_c.example", "a@-b.example"),
    *(
        "tür@college.example",
        "a@büro.example",
        f"{'x' * 65}@c.example",
        f"a@{'x' * 64}.example",
        "a@b.example\n@",
    ),
    *("a\\b@c.example", "Tom <tom@c.example>", "a@b.example,c@d.example", "a@b/c.example", "a@b:25"),
)


@pytest.mark.parametrize("address", [*GOOD, *BAD])
def test_whoever_can_have_an_address_gets_mail(address: str, tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    new = NewUser("kim", ROLES["technician"], email=address, receives_summary=True)
    good = address in GOOD
    assert is_address(address) == good
    try:
        with writing(engine) as connection:
            add_user(connection, new, actor="console", now=NOW)
    except AccountRefused as error:
        assert "is no mail address" in str(error)
        assert not good
        return
    with reading(engine) as connection:
        kim = find_user(connection, "kim")
    assert kim is not None
    reader = MailReader(kim.name, kim.full_name, kim.email, kim.choices)
    recipients = summary_recipients([reader], SummarySettings())
    assert [each.address for each in recipients] == [address]
    assert address_list(address) == [address]
