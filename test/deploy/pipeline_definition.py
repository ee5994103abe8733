"""Runs a definition in the emulator's own engine, once for each argument: `-`, or what is different by then, see `change`.

What AWS's services would do is written here, with what they were asked.
"""

import json
import logging
import sys
import time

from ministack.services import stepfunctions

STORE: dict[str, str] = {}
CALLS: list[dict] = []
SCORES = {"single-file": 3, "multi-files": 11}
BROKEN: set[str] = set()


def change(what: str) -> None:
    """`winner`: the other trial is better by now. `registry`: registrations fail."""
    if what == "winner":
        SCORES.update(zip(list(SCORES), reversed(list(SCORES.values()))))
        for key in [key for key in STORE if key.startswith("evaluated/")]:
            del STORE[key]
    if what == "registry":
        BROKEN.add("register")


def get_object(asked: dict) -> dict:
    if asked["Key"] not in STORE:
        raise stepfunctions._ExecutionError("S3.NoSuchKeyException", "The specified key does not exist.")
    return {"Body": STORE[asked["Key"]]}


def put_object(asked: dict) -> dict:
    STORE[asked["Key"]] = json.dumps(asked["Body"])
    return {}


def processing_job(asked: dict) -> dict:
    environment = asked["Environment"]
    uri = asked["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    trial = environment["EXPERIMENT_TRIAL"]
    stage = environment["EXPERIMENT_STAGE"]
    if stage in BROKEN:
        raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps({"ExitMessage": "the registry is closed"}))
    result = {
        "process": {"commit": f"commit-of-{trial}"}, "evaluate": {"metrics": {"score": SCORES[trial]}},
        "register": {"registered": {"version": f"of {trial}"}},
    }[stage]
    STORE[uri.split("/", 3)[3] + "/result.json"] = json.dumps(result)
    return {}


def training_job(asked: dict) -> dict:
    name = asked["TrainingJobName"]
    metrics = [{"MetricName": "error", "Value": 1.5, "Timestamp": 0}]
    return {"TrainingJobName": name, "ModelArtifacts": {"S3ModelArtifacts": f"s3://b/{name}/model.tar.gz"}, "FinalMetricDataList": metrics}


SERVICES = {
    "aws-sdk:codecommit:getBranch": lambda asked: {"Branch": {"CommitId": "c0ffee"}},
    "aws-sdk:s3:getObject": get_object,
    "aws-sdk:s3:putObject": put_object,
    "aws-sdk:s3:copyObject": lambda asked: {"VersionId": "v7"},
    "sagemaker:createProcessingJob.sync": processing_job,
    "sagemaker:createTrainingJob.sync": training_job,
}


def call(resource: str, asked: dict) -> dict:
    integration = resource.split(":::", 1)[1]
    CALLS.append({"integration": integration, "asked": asked})
    return SERVICES[integration](asked)


def execute(state_machine: str) -> dict:
    CALLS.clear()
    execution = json.loads(stepfunctions._start_execution({"stateMachineArn": state_machine, "input": "{}"})[2])["executionArn"]
    while True:
        told = json.loads(stepfunctions._describe_execution({"executionArn": execution})[2])
        if told["status"] != "RUNNING":
            return {"status": told["status"], "error": told.get("error"), "cause": told.get("cause"), "output": json.loads(told.get("output") or "null"), "calls": [*CALLS]}
        time.sleep(0.05)


logging.disable(logging.CRITICAL)
stepfunctions._invoke_resource = call
made = json.loads(stepfunctions._create_state_machine({
    "name": "pipeline", "definition": sys.stdin.read(), "roleArn": "arn:aws:iam::000000000000:role/pipeline",
})[2])
told = []
for argument in sys.argv[1:]:
    change(argument)
    told.append(execute(made["stateMachineArn"]))
print(json.dumps(told))
