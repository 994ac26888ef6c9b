"""SNMP drivers behind one protocol: `wire` (ours, v1 and v2c) and `pysnmp` (all versions)."""
