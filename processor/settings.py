"""The settings the processor needs, read once at its entry."""

from dataclasses import dataclass

from core.runtime.integration_settings import HomeAssistantSettings, MetricsSettings
from core.runtime.settings import (
    CommonSettings,
    DatabaseSettings,
    HistorySettings,
    MqttSettings,
    ProcessorSettings,
    RuleSettings,
)
from processor.batch.inbox import USUAL_SIZE, BatchSize


@dataclass(frozen=True)
class ProcessorAppSettings:
    """One block each."""

    common: CommonSettings
    database: DatabaseSettings
    mqtt: MqttSettings
    rules: RuleSettings
    processor: ProcessorSettings
    history: HistorySettings
    home_assistant: HomeAssistantSettings
    metrics: MetricsSettings
    batch: BatchSize = USUAL_SIZE
