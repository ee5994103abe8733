"""Splits the raw data into training, validation and test data, as one file each or as several."""

import argparse
import shutil
from pathlib import Path

import pandas as pd

DATA = Path("data")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--train-test-split-ratio", type=float, required=True)
    parser.add_argument("--files", type=int, default=1)
    arguments = parser.parse_args()
    houses = pd.read_csv(DATA / "raw.csv").sample(frac=1, random_state=1)
    held = int(len(houses) * arguments.train_test_split_ratio)
    parts = {"test": houses[:held], "validation": houses[held:2 * held], "train": houses[2 * held:]}
    for name, rows in parts.items():
        folder = DATA / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        size = -(-len(rows) // arguments.files)
        for index in range(arguments.files):
            rows[index * size:(index + 1) * size].to_csv(folder / f"{name}-{index}.csv", index=False)
        print(f"{name}: {len(rows)} rows in {arguments.files} files")


if __name__ == "__main__":
    main()
