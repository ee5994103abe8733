"""Reads a folder of CSV files."""

from pathlib import Path

import pandas as pd

from houses import LABEL


def read_all(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Features and labels of all files, in the order of their names."""
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise FileNotFoundError(f"there is no CSV file in {folder}")
    rows = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    return rows.drop(columns=LABEL), rows[LABEL]
