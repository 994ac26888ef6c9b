"""SNMP drivers behind one protocol: `wire` is ours (v1, v2c); the other is in collector/pysnmp_adapter."""
