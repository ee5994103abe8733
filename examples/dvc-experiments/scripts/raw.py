"""Writes the raw data: `python raw.py data/raw.csv`. Run once, before the first `dvc add`."""

import sys
from pathlib import Path

from houses import make_houses

target = Path(sys.argv[1])
target.parent.mkdir(parents=True, exist_ok=True)
make_houses(2000, seed=15).to_csv(target, index=False)
