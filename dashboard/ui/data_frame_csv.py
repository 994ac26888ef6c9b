"""Data frames as CSV for spreadsheets."""

import pandas as pd

from core.domain.spreadsheets import to_csv


def frame_to_csv(frame: pd.DataFrame) -> bytes:
    """Return a line for each row; missing values are empty cells."""
    plain = frame.astype(object).where(frame.notna(), None)
    return to_csv([str(name) for name in plain.columns], plain.itertuples(index=False, name=None))
