"""Moving in from an older Django application: its printers and issues, from `dumpdata` or CSV."""
