"""What many routes answer with: the sentence for a database that is away, and the header against caches."""

from typing import Final

NO_DATABASE: Final = "The database cannot be reached just now. Try again in a moment."
UNCACHED: Final = {"cache-control": "no-store"}
