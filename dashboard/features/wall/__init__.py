"""The wall view of a place for a big screen, and the links by which screens show it."""
