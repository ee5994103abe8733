"""Trains a model of scikit-learn on measurements, and writes it as an ONNX model that the edge agent runs.

    python3 -m venv .venv && .venv/bin/pip install -r ../requirements.txt
    .venv/bin/python export.py

The data are 178 wines of three cultivars, each with 13 measured values. They come with scikit-learn: nothing is downloaded.
The pipeline scales the values and asks a forest of decision trees. skl2onnx writes both as one model.

It writes model.onnx, labels.txt, measurements.npy, which are three wines that the training did not see, and truth.json, the
label of each of them. measurements.npy is of float64, as numpy's numbers are: the client casts it.
"""
import argparse
import json
import os

import numpy
import onnx
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)), help="folder that is written to")
    folder = parser.parse_args().out
    os.makedirs(folder, exist_ok=True)

    wines = load_wine()
    labels = [f"cultivar {number + 1}" for number in range(len(wines.target_names))]
    seen, unseen, seen_classes, unseen_classes = train_test_split(
        wines.data, wines.target, test_size=0.2, stratify=wines.target, random_state=0,
    )
    pipeline = make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=20, random_state=0))
    pipeline.fit(seen, seen_classes)
    print(f"{pipeline.score(unseen, unseen_classes):.1%} of {len(unseen)} unseen wines are right")

    model = to_onnx(
        pipeline,
        # A batch of any size.
        initial_types=[("measurements", FloatTensorType([None, wines.data.shape[1]]))],
        # The probabilities as a tensor: by default they are a sequence of maps, which the agent's protocol cannot carry.
        options={"zipmap": False},
        # The newest versions that skl2onnx knows may be newer than those that the agent's runtime knows.
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    model.ir_version = 10
    onnx.save(model, os.path.join(folder, "model.onnx"))
    with open(os.path.join(folder, "labels.txt"), "w", encoding="utf-8") as file:
        file.write("".join(f"{label}\n" for label in labels))
    shown = [int(numpy.flatnonzero(unseen_classes == number)[0]) for number in range(len(labels))]
    numpy.save(os.path.join(folder, "measurements.npy"), unseen[shown])
    with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(labels, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
