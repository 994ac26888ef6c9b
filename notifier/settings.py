"""The settings the notifier needs, read once at its entry."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from core.domain.links import Links, as_ascii_host
from core.domain.mail_addresses import domain_of
from core.domain.purchase_list import OrderFilter
from core.mails.render import Letterhead, letterhead
from core.runtime.integration_settings import HeartbeatSettings, MetricsSettings
from core.runtime.mail_settings import (
    IssueMailSettings,
    MailSettings,
    NotifySettings,
    OrderSettings,
    SummarySettings,
)
from core.runtime.settings import CommonSettings, DatabaseSettings, MqttSettings, RuleSettings
from core.runtime.web_settings import DashboardSettings, OrganizationSettings, WebSettings


@dataclass(frozen=True)
class NotifierSettings:
    """One block each."""

    common: CommonSettings
    database: DatabaseSettings
    mqtt: MqttSettings
    mail: MailSettings
    summary: SummarySettings
    issue_mails: IssueMailSettings
    notify: NotifySettings
    orders: OrderSettings
    rules: RuleSettings
    organization: OrganizationSettings
    dashboard: DashboardSettings
    web: WebSettings
    heartbeat: HeartbeatSettings
    metrics: MetricsSettings

    @property
    def zone(self) -> ZoneInfo:
        """The zone of every time that people see."""
        return ZoneInfo(self.summary.time_zone)

    @property
    def order_filter(self) -> OrderFilter:
        """Return the thresholds from which a supply is needed."""
        return OrderFilter(self.rules.supply_low_percent, self.orders.order_mail_days)

    @property
    def domain(self) -> str:
        """The right side of our Message-IDs."""
        return as_ascii_host(domain_of(self.mail.default_from_email))

    @property
    def outbox_folder(self) -> Path:
        """Where EMAIL_BACKEND=file writes."""
        return self.mail.email_file_path or self.mail.data_dir / "outbox"

    @property
    def letterhead(self) -> Letterhead:
        """Whose mails these are."""
        return letterhead(self.organization)

    def links(self) -> Links:
        """Return links into the dashboard; their key is made in DATA_DIR where SECRET_KEY is unset."""
        return Links(self.dashboard.dashboard_url, self.web.signing_key())
