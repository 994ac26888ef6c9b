"""How long tests wait for what is to happen; nobody waits that long where it does."""

PATIENCE_SECONDS = 90.0
"""For a process, a thread or a server on a machine that is busy with other tests."""
