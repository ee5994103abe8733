"""Measures the exported model with the test data: what is delivered is what is measured."""

import os
from pathlib import Path

import numpy as np
import onnxruntime

from table import read_all

features, truth = read_all(Path("data/test"))
session = onnxruntime.InferenceSession(str(Path(os.environ["SM_MODEL_DIR"], "model.onnx")), providers=["CPUExecutionProvider"])
predicted = session.run(None, {session.get_inputs()[0].name: features.to_numpy(np.float32)})[0].ravel()
for value, real in list(zip(predicted, truth))[:5]:
    print(f"predicted {value:.3f}, true {real:.3f}")
print(f"test-median-error: {np.median(np.abs(predicted - truth)):.6f}")
