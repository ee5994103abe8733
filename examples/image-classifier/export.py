"""Trains a classifier of handwritten digits, and writes it as an ONNX model that the edge agent runs.

    python3 -m venv .venv && .venv/bin/pip install -r ../requirements.txt
    .venv/bin/python export.py

The 1797 digits come with scikit-learn: nothing is downloaded. The network has one hidden layer. onnx.helper builds it from
the trained weights. It ends without a softmax, as networks of PyTorch do: the client's --decode classes takes the softmax.

It writes model.onnx, labels.txt, three pictures that the training did not see, and truth.json, the label of each picture.
"""
import argparse
import json
import os

import numpy
import onnx
import threadpoolctl
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

LABELS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SIDE = 8  # of a digit, in pixels
ENLARGED = 64  # of a digit in a file
SHOWN = [3, 7, 8]


def to_picture(digit):
    """Brightness from 0 to 255, in a size that people can see. scikit-learn's digits are from 0 to 16."""
    pixels = Image.fromarray(numpy.round(digit.reshape(SIDE, SIDE) * 255 / 16).astype(numpy.uint8))
    return pixels.resize((ENLARGED, ENLARGED), Image.Resampling.BICUBIC)


def to_input(picture):
    """What the client makes of a picture: brightness from 0 to 1, in the size of the tensor."""
    pixels = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return numpy.asarray(pixels, dtype=numpy.float32).reshape(-1) / 255


def to_onnx(network):
    (first, last), (first_bias, last_bias) = network.coefs_, network.intercepts_
    weights = {"first": first, "first_bias": first_bias, "last": last, "last_bias": last_bias}
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["pixels"]),
            helper.make_node("Gemm", ["pixels", "first", "first_bias"], ["sums"]),
            helper.make_node("Relu", ["sums"], ["hidden"]),
            helper.make_node("Gemm", ["hidden", "last", "last_bias"], ["scores"]),
        ],
        "digits",
        # A batch of any size, in which each item is [channels, height, width].
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["items", 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["items", len(LABELS)])],
        [numpy_helper.from_array(values.astype(numpy.float32), name) for name, values in weights.items()],
    )
    # The newest versions that onnx knows may be newer than those that the agent's runtime knows.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)), help="folder that is written to")
    folder = parser.parse_args().out
    os.makedirs(folder, exist_ok=True)

    digits, numbers = load_digits(return_X_y=True)
    pictures = [to_picture(digit) for digit in digits]
    seen, unseen, seen_numbers, unseen_numbers = train_test_split(range(len(digits)), numbers, test_size=0.2, random_state=0)
    inputs = numpy.stack([to_input(picture) for picture in pictures])
    with threadpoolctl.threadpool_limits(1):  # the matrices are too small to share
        network = MLPClassifier(hidden_layer_sizes=(32,), learning_rate_init=0.01, max_iter=300, random_state=0)
        network.fit(inputs[seen], seen_numbers)
        predicted = network.predict(inputs[unseen])
    print(f"{(predicted == unseen_numbers).mean():.1%} of {len(unseen)} unseen digits are right")

    onnx.save(to_onnx(network), os.path.join(folder, "model.onnx"))
    with open(os.path.join(folder, "labels.txt"), "w", encoding="utf-8") as file:
        file.write("".join(f"{label}\n" for label in LABELS))
    truth = {}
    for number in SHOWN:
        name = f"{LABELS[number]}.png"
        place = unseen[numpy.flatnonzero(unseen_numbers == number)[0]]
        pictures[place].save(os.path.join(folder, name))
        truth[name] = LABELS[number]
    with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
