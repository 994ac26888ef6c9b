"""The settings of mail and notices: Django's names, and one sentence for what cannot be meant."""

import pytest

from core.contract.errors import SettingsError
from core.domain.mail_addresses import address_list, domain_of, is_address, sender
from core.runtime.mail_settings import MailSettings, NotifySettings, OrderSettings, SummarySettings
from core.runtime.settings import Settings, load


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("smtp", "smtp"),
        ("django.core.mail.backends.smtp.EmailBackend", "smtp"),
        ("django.core.mail.backends.console.EmailBackend", "console"),
        ("django.core.mail.backends.filebased.EmailBackend", "file"),
    ],
)
def test_djangos_backends_are_understood(monkeypatch: pytest.MonkeyPatch, written: str, meant: str) -> None:
    monkeypatch.setenv("EMAIL_BACKEND", written)
    assert load(MailSettings).email_backend == meant


@pytest.mark.parametrize(
    ("block", "settings", "said"),
    [
        (
            MailSettings,
            {"EMAIL_USE_TLS": "1", "EMAIL_USE_SSL": "1"},
            "EMAIL_USE_TLS and EMAIL_USE_SSL exclude",
        ),
        (MailSettings, {"EMAIL_HOST_PASSWORD": "hidden"}, "EMAIL_HOST_PASSWORD needs EMAIL_HOST_USER"),
        (MailSettings, {"DEFAULT_FROM_EMAIL": "printers"}, "DEFAULT_FROM_EMAIL: 'printers' is no sender"),
        (MailSettings, {"EMAIL_BACKEND": "post"}, "EMAIL_BACKEND"),
        (SummarySettings, {"ISSUE_SUMMARY_RECIPIENT": "a@b.org, c"}, "'c' is no mail address"),
        (SummarySettings, {"SUMMARY_TIME": "25:00"}, "SUMMARY_TIME"),
        (SummarySettings, {"TIME_ZONE": "Europe/Bern-Sud"}, "TIME_ZONE"),
        (NotifySettings, {"NOTIFY_QUIET_HOURS": "22-6"}, "NOTIFY_QUIET_HOURS: '22-6' is no part of a day"),
        (NotifySettings, {"NOTIFY_QUIET_HOURS": "22:00-25:00"}, "NOTIFY_QUIET_HOURS"),
        (OrderSettings, {"ORDER_MAIL_WEEKDAY": "friyay"}, "ORDER_MAIL_WEEKDAY"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, block: type[Settings], settings: dict[str, str], said: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load(block)
    sentence = str(refused.value)
    assert said in sentence
    assert "\n" not in sentence
    assert "hidden" not in sentence


def test_a_list_of_addresses_has_each_once_in_order() -> None:
    assert address_list("b@x.org; A <a@x.org>,, B@X.org ") == ["b@x.org", "a@x.org"]
    assert address_list("") == []


@pytest.mark.parametrize(
    "text", ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\nc", "json://u:p@host/x", "<a@b>", "a@b,c@d"]
)
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_a_sender_may_have_a_name() -> None:
    assert sender("Printers <p@x.org>") == "Printers <p@x.org>"
    assert domain_of("Printers <p@x.org>") == "x.org"
