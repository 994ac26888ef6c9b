"""The settings the dashboard needs, read once at its entry."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.domain.links import Links
from core.domain.purchase_list import OrderFilter
from core.mails.render import Letterhead, letterhead
from core.runtime.integration_settings import MetricsSettings
from core.runtime.mail_settings import NoticeSettings, OrderSettings, SummarySettings
from core.runtime.settings import (
    CommonSettings,
    DatabaseSettings,
    HistorySettings,
    MqttSettings,
    RuleSettings,
)
from core.runtime.web_settings import (
    AccountSettings,
    DashboardSettings,
    OrganizationSettings,
    SignOnSettings,
    WebSettings,
)


@dataclass(frozen=True)
class DashboardAppSettings:
    """One block each."""

    common: CommonSettings
    database: DatabaseSettings
    mqtt: MqttSettings
    history: HistorySettings
    web: WebSettings
    dashboard: DashboardSettings
    organization: OrganizationSettings
    sign_on: SignOnSettings
    accounts: AccountSettings
    summary: SummarySettings
    notices: NoticeSettings
    orders: OrderSettings
    rules: RuleSettings
    metrics: MetricsSettings

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the days that people see."""
        return ZoneInfo(self.summary.time_zone)

    @property
    def letterhead(self) -> Letterhead:
        """Whose mails are shown."""
        return letterhead(self.organization)

    def links(self) -> Links:
        """Return links into the dashboard, as mails have them."""
        return Links(self.dashboard.dashboard_url, self.web.signing_key())

    @property
    def order_filter(self) -> OrderFilter:
        """Return the thresholds from which a supply is needed."""
        return OrderFilter(self.rules.supply_low_percent, self.orders.order_mail_days)
