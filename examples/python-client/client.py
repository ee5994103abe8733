"""Talks to the edge agent from Python: loads a model, predicts, captures the tensors, waits for their upload.

The stubs are made from the project's own agent.proto, so this file and the two packages below are all that a client needs:

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python client.py --socket /tmp/agent.sock --model /models/text-recogniser --name text-recogniser-1-0

The input is read from --input (the tensor's raw bytes, little-endian, row by row) or is all zeros; dimensions that the
model leaves open are taken from --shape (for the text recogniser: 1,3,48,320). It prints a line a step and ends with
code 1 if the agent refuses one.
"""
import argparse
import importlib
import math
import os
import sys
import tempfile
import time
import uuid

import grpc
from grpc_tools import protoc

PROTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "agent", "agent.proto")
ELEMENT_BYTES = {"UINT8": 1, "INT16": 2, "INT32": 4, "INT64": 8, "FLOAT16": 2, "FLOAT32": 4, "FLOAT64": 8}


def make_stubs(proto):
    """Generates agent_pb2 and agent_pb2_grpc and imports them."""
    with tempfile.TemporaryDirectory(prefix="edge-agent-stubs-") as folder:
        source = os.path.dirname(os.path.abspath(proto))
        code = protoc.main(["protoc", f"-I{source}", f"--python_out={folder}", f"--grpc_python_out={folder}", os.path.basename(proto)])
        if code != 0:
            raise SystemExit(f"protoc ended with code {code}")
        sys.path.insert(0, folder)
        return importlib.import_module("agent_pb2"), importlib.import_module("agent_pb2_grpc")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--socket", required=True, help="path of the agent's socket")
    parser.add_argument("--model", required=True, help="folder of the unpacked model package")
    parser.add_argument("--name", required=True, help="local name of the model; no dots")
    parser.add_argument("--input", help="file with the first input's bytes")
    parser.add_argument("--shape", help="dimensions of the first input, with commas")
    parser.add_argument("--wait", type=float, default=30, help="seconds to wait for the upload")
    parser.add_argument("--proto", default=PROTO)
    arguments = parser.parse_args()
    pb, pb_grpc = make_stubs(arguments.proto)

    # The agent answers with the model's whole output: the client's limit of 4 MB may be too low for it.
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(f"unix:{os.path.abspath(arguments.socket)}", options) as channel:
        agent = pb_grpc.AgentStub(channel)
        try:
            model = agent.LoadModel(pb.LoadModelRequest(url=os.path.abspath(arguments.model), name=arguments.name)).model
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.ALREADY_EXISTS:
                raise
            model = agent.DescribeModel(pb.DescribeModelRequest(name=arguments.name)).model
        print(f"loaded {model.name}: " + ", ".join(f"{t.name} {list(t.shape)}" for t in model.input_tensor_metadatas))

        inputs = [make_input(pb, metadata, arguments if index == 0 else None) for index, metadata in enumerate(model.input_tensor_metadatas)]
        now = time.time()
        outputs = agent.Predict(pb.PredictRequest(name=arguments.name, tensors=inputs)).tensors
        for tensor in outputs:
            print(f"predicted {tensor.tensor_metadata.name} {list(tensor.tensor_metadata.shape)}: {len(tensor.byte_data)} bytes")

        capture_id = str(uuid.uuid4())
        agent.CaptureData(pb.CaptureDataRequest(
            model_name=arguments.name, capture_id=capture_id,
            inference_timestamp=pb.Timestamp(seconds=int(now), nanos=int(now % 1 * 1e9)),
            input_tensors=inputs, output_tensors=outputs))
        status = wait_for_upload(pb, agent, capture_id, arguments.wait)
        print(f"captured {capture_id} {status}")
        return 0 if status == "SUCCESS" else 1


def make_input(pb, metadata, arguments):
    shape = [int(part) for part in arguments.shape.split(",")] if arguments and arguments.shape else list(metadata.shape)
    if arguments and arguments.input:
        with open(arguments.input, "rb") as file:
            data = file.read()
    elif -1 in shape:
        raise SystemExit(f"input {metadata.name} has open dimensions {shape}: give --shape")
    else:
        data = bytes(math.prod(shape) * ELEMENT_BYTES[pb.DataType.Name(metadata.data_type)])
    return pb.Tensor(tensor_metadata=pb.TensorMetadata(name=metadata.name, data_type=metadata.data_type, shape=shape), byte_data=data)


def wait_for_upload(pb, agent, capture_id, seconds):
    end = time.time() + seconds
    while True:
        status = agent.GetCaptureDataStatus(pb.GetCaptureDataStatusRequest(capture_id=capture_id)).status
        if status != pb.CaptureDataStatus.IN_PROGRESS or time.time() > end:
            return pb.CaptureDataStatus.Name(status)
        time.sleep(0.1)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except grpc.RpcError as error:
        raise SystemExit(f"{error.code().name}: {error.details()}")
