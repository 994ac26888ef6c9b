"""Hearing printers: a trap or an inform of a printer we know has it read at once."""
