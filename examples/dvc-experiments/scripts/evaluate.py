"""Measures the exported model with the test data: what is delivered is what is measured."""

import json
import os
from pathlib import Path

import numpy as np
import onnxruntime

from table import read_all

#: How many of the test data are shown.
ROWS = 5

features, truth = read_all(Path("data/test"))
session = onnxruntime.InferenceSession(str(Path(os.environ["SM_MODEL_DIR"], "model.onnx")), providers=["CPUExecutionProvider"])
predicted = session.run(None, {session.get_inputs()[0].name: features.to_numpy(np.float32)})[0].ravel()
for value, real in list(zip(predicted, truth))[:ROWS]:
    print(f"predicted {value:.3f}, true {real:.3f}")
# Kept beside the result of the evaluation, to be compared with what an endpoint and a device answer.
Path(os.environ["SM_OUTPUT_DATA_DIR"], "predictions.json").write_text(json.dumps([float(value) for value in predicted[:ROWS]]), encoding="utf-8")
print(f"test-median-error: {np.median(np.abs(predicted - truth)):.6f}")
