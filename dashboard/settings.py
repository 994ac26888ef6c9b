"""The settings the dashboard needs, read once at its entry."""

from dataclasses import dataclass

from core.runtime.integration_settings import MetricsSettings
from core.runtime.mail_settings import SummarySettings
from core.runtime.settings import (
    CommonSettings,
    DatabaseSettings,
    HistorySettings,
    MqttSettings,
    load,
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
    metrics: MetricsSettings

    @classmethod
    def load(cls) -> "DashboardAppSettings":
        """From the environment and `.env`; raises SettingsError with a sentence."""
        return cls(
            common=load(CommonSettings),
            database=load(DatabaseSettings),
            mqtt=load(MqttSettings),
            history=load(HistorySettings),
            web=load(WebSettings),
            dashboard=load(DashboardSettings),
            organization=load(OrganizationSettings),
            sign_on=load(SignOnSettings),
            accounts=load(AccountSettings),
            summary=load(SummarySettings),
            metrics=load(MetricsSettings),
        )
