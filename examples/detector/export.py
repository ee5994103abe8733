"""Trains a detector of circles, squares and triangles on pictures that it draws itself, and writes it as an ONNX model.

    python3 -m venv .venv && .venv/bin/pip install -r ../requirements.txt
    .venv/bin/python export.py

It is small, so that it can be read and trained in seconds, but its output is what a YOLOv8 gives: [items, 4 + classes, boxes],
with a box's centre and size in pixels of the tensor, and a score for each class.

The detector looks at the picture through a window, at each cell of a grid. One network says what is in the window's middle,
another one how far its box reaches. A network with a hidden layer on a window is a convolution over the picture. So the ONNX
model looks through all windows at once.

It writes model.onnx, labels.txt, picture.png, and truth.json, the boxes that were drawn in picture.png.
"""
import argparse
import json
import os
import warnings

import numpy
import onnx
import threadpoolctl
from onnx import TensorProto, helper, numpy_helper
from PIL import Image, ImageDraw
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

LABELS = ["circle", "square", "triangle"]
SIDE = 128  # of the tensor, in pixels
CELL = 8  # of the grid, in pixels
CELLS = SIDE // CELL
POOL = 4  # pixels each way that count as one, their mean
WINDOW = 48 // POOL  # in pooled pixels
MARGIN = (WINDOW - CELL // POOL) // 2  # of the window around its cell, in pooled pixels
GREY = 114  # around a picture that is not square: YOLO's letterbox
MIDDLE = 0.7 * CELL  # a shape's centre may be so far from that of its cell
HIDDEN = 48


def draw(random, width, height):
    """A picture with one to four shapes, and their boxes: [class, left, top, right, bottom]."""
    scale = max(width, height) / SIDE
    fine = 4  # pixels each way that become one, so that edges are smooth
    picture = Image.new("RGB", (width * fine, height * fine), tuple(random.integers(0, 90, 3).tolist()))
    pen = ImageDraw.Draw(picture)
    boxes = []
    for _ in range(random.integers(1, 5)):
        side = int(random.integers(22, 41) * scale)
        left, top = int(random.integers(0, width - side + 1)), int(random.integers(0, height - side + 1))
        right, bottom = left + side, top + side
        if any(left < box[3] and box[1] < right and top < box[4] and box[2] < bottom for box in boxes):
            continue  # it would lie on another one
        shape = int(random.integers(len(LABELS)))
        boxes.append([shape, left, top, right, bottom])
        colour = tuple(random.integers(150, 256, 3).tolist())
        edges = (left * fine, top * fine, right * fine - 1, bottom * fine - 1)
        if LABELS[shape] == "circle":
            pen.ellipse(edges, fill=colour)
        elif LABELS[shape] == "square":
            pen.rectangle(edges, fill=colour)
        else:
            pen.polygon(((edges[0] + edges[2]) / 2, edges[1], edges[2], edges[3], edges[0], edges[3]), fill=colour)
    return picture.resize((width, height), Image.Resampling.BOX), boxes


def letterbox(picture, boxes):
    """What the client makes of a picture: in the tensor's size, with grey around it. And the corners of the boxes there."""
    scale = SIDE / max(picture.size)
    width, height = (round(side * scale) for side in picture.size)
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    square = Image.new("RGB", (SIDE, SIDE), (GREY, GREY, GREY))
    square.paste(picture.resize((width, height), Image.Resampling.BILINEAR), (left, top))
    pixels = numpy.asarray(square, dtype=numpy.float32).transpose(2, 0, 1) / 255
    corners = numpy.array([box[1:] for box in boxes]) * scale + [left, top, left, top]
    return pixels, corners


def windows(pixels):
    """The window of each cell, as numbers in the order of a convolution's weights: channel, row, column."""
    pooled = pixels.reshape(3, SIDE // POOL, POOL, SIDE // POOL, POOL).mean((2, 4))
    padded = numpy.pad(pooled, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)))
    step = CELL // POOL
    return numpy.lib.stride_tricks.sliding_window_view(padded, (3, WINDOW, WINDOW))[0, ::step, ::step].reshape(CELLS * CELLS, -1)


def centres():
    """The centre of each cell, in pixels of the tensor."""
    rows, columns = numpy.mgrid[0:CELLS, 0:CELLS]
    return (numpy.stack([columns, rows], -1).reshape(-1, 2) + 0.5) * CELL


def samples(random, pictures):
    """Windows and what is in their middle (0 is nothing). And the windows of shapes, with the offset and size of their boxes."""
    seen, kinds, with_shape, places = [], [], [], []
    for _ in range(pictures):
        width, height = ((SIDE, SIDE), (SIDE, SIDE * 3 // 4), (SIDE * 3 // 4, SIDE))[random.integers(3)]
        picture, boxes = draw(random, width, height)
        pixels, corners = letterbox(picture, boxes)
        offsets = (corners[:, :2] + corners[:, 2:]) / 2 - centres()[:, None]
        nearest = numpy.abs(offsets).max(-1).argmin(1)
        distance = numpy.abs(offsets).max(-1).min(1)
        inside = numpy.flatnonzero(distance <= MIDDLE)
        outside = random.permutation(numpy.flatnonzero(distance > MIDDLE))[:60]  # not all: there are many more of them
        view = windows(pixels)
        seen += [view[inside], view[outside]]
        kinds += [boxes[nearest[cell]][0] + 1 for cell in inside] + [0] * len(outside)
        with_shape.append(view[inside])
        own = corners[nearest[inside]]
        places.append(numpy.concatenate([offsets[inside, nearest[inside]], own[:, 2:] - own[:, :2]], 1) / CELL)
    return numpy.concatenate(seen), numpy.array(kinds), numpy.concatenate(with_shape), numpy.concatenate(places)


def to_onnx(classifier, regressor):
    weights = {"cells": centres().T.reshape(1, 2, CELLS, CELLS), "cell": numpy.array(CELL)}
    for name, network in (("kind", classifier), ("place", regressor)):
        (first, last), (first_bias, last_bias) = network.coefs_, network.intercepts_
        weights[f"{name}_first"] = first.T.reshape(-1, 3, WINDOW, WINDOW)
        weights[f"{name}_first_bias"] = first_bias
        weights[f"{name}_last"] = last.T.reshape(*last.T.shape, 1, 1)
        weights[f"{name}_last_bias"] = last_bias
    step = CELL // POOL

    def layers(name):
        return [
            helper.make_node(
                "Conv", ["pooled", f"{name}_first", f"{name}_first_bias"], [f"{name}_sums"], strides=[step, step], pads=[MARGIN] * 4,
            ),
            helper.make_node("Relu", [f"{name}_sums"], [f"{name}_hidden"]),
            helper.make_node("Conv", [f"{name}_hidden", f"{name}_last", f"{name}_last_bias"], [name]),
        ]

    ints = {"first_class": [1], "end": [1 + len(LABELS)], "channels": [1], "flat": [0, 4 + len(LABELS), CELLS * CELLS], "halves": [2, 2]}
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["images"], ["pooled"], kernel_shape=[POOL, POOL], strides=[POOL, POOL]),
            *layers("kind"),
            helper.make_node("Softmax", ["kind"], ["likely"], axis=1),
            helper.make_node("Slice", ["likely", "first_class", "end", "channels"], ["scores"]),  # without "nothing"
            *layers("place"),
            helper.make_node("Mul", ["place", "cell"], ["pixels"]),
            helper.make_node("Split", ["pixels", "halves"], ["offset", "size"], axis=1),
            helper.make_node("Add", ["offset", "cells"], ["centre"]),
            helper.make_node("Concat", ["centre", "size", "scores"], ["grid"], axis=1),
            helper.make_node("Reshape", ["grid", "flat"], ["output0"]),
        ],
        "shapes",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["items", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, ["items", 4 + len(LABELS), CELLS * CELLS])],
        [numpy_helper.from_array(values.astype(numpy.float32), name) for name, values in weights.items()]
        + [numpy_helper.from_array(numpy.array(values, dtype=numpy.int64), name) for name, values in ints.items()],
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

    warnings.simplefilter("ignore", ConvergenceWarning)  # more steps would make it a little better, and this example slow
    random = numpy.random.default_rng(0)
    seen, kinds, with_shape, places = samples(random, 1200)
    with threadpoolctl.threadpool_limits(1):  # the matrices are too small to share
        classifier = MLPClassifier(hidden_layer_sizes=(HIDDEN,), max_iter=20, tol=0, random_state=0).fit(seen, kinds)
        regressor = MLPRegressor(hidden_layer_sizes=(HIDDEN,), max_iter=120, tol=0, random_state=0).fit(with_shape, places)
        seen, kinds, with_shape, places = samples(random, 100)
        error = numpy.abs(regressor.predict(with_shape) - places).mean() * CELL
        print(f"{classifier.score(seen, kinds):.1%} of {len(kinds)} unseen windows are right, boxes are {error:.1f} pixels off")

    onnx.save(to_onnx(classifier, regressor), os.path.join(folder, "model.onnx"))
    with open(os.path.join(folder, "labels.txt"), "w", encoding="utf-8") as file:
        file.write("".join(f"{label}\n" for label in LABELS))
    boxes = []
    while len(boxes) < 4:
        picture, boxes = draw(random, 480, 360)
    picture.save(os.path.join(folder, "picture.png"))
    truth = [{"label": LABELS[kind], "left": left, "top": top, "right": right, "bottom": bottom} for kind, left, top, right, bottom in boxes]
    with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
