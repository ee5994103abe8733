"""Trains by gradient boosting with all files of the training data, and exports the model to ONNX."""

import argparse
import os
import shutil
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor

from table import read_all


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--depth", type=int, default=3)
    arguments = parser.parse_args()
    features, labels = read_all(Path("data/train"))
    # Devices compute with 32 bits: with the same numbers, the trees split in the same places.
    inputs = features.to_numpy(np.float32)
    model = GradientBoostingRegressor(learning_rate=arguments.learning_rate, max_depth=arguments.depth, n_estimators=60, random_state=1)
    model.fit(inputs, labels)
    print(f"rows: {len(inputs)}")
    measured, truth = read_all(Path("data/validation"))
    errors = np.abs(model.predict(measured.to_numpy(np.float32)) - truth)
    for percentile in (10, 50, 90):
        print(f"AE-at-{percentile}th-percentile: {np.percentile(errors, percentile):.6f}")
    exported = to_onnx(model, inputs[:1], target_opset=17)
    folder = Path(os.environ["SM_MODEL_DIR"])
    (folder / "model.onnx").write_bytes(exported.SerializeToString())  # for devices
    served = folder / "houses" / "1"  # for endpoints: a model repository of Triton
    served.mkdir(parents=True)
    shutil.copy(folder / "model.onnx", served)
    (folder / "houses" / "config.pbtxt").write_text('name: "houses"\nbackend: "onnxruntime"\nmax_batch_size: 0\n', encoding="utf-8")


if __name__ == "__main__":
    main()
