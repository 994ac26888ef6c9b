"""The MQTT contract for other systems: AsyncAPI and JSON Schemas, generated from core/contract."""
