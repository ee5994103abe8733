"""Runs executions of a definition in the emulator's own engine, one a line of the standard input. Whoever has asked plays the function and the time.

A line that is printed is `{"task": payload}`, answered by `{"result": …}` or `{"error": name, "cause": text}`; or `{"wait": seconds}`,
answered by any line; or `{"ended": execution}`.
"""

import json
import logging
import sys
import time

from ministack.services import stepfunctions

ROLE = "arn:aws:iam::000000000000:role/load-test"


def say(line: dict) -> None:
    print(json.dumps(line), flush=True)


def ask(line: dict) -> dict:
    say(line)
    return json.loads(sys.stdin.readline())


def task(_: str, payload: dict) -> object:
    answer = ask({"task": payload})
    if "error" in answer:
        raise stepfunctions._ExecutionError(answer["error"], answer["cause"])
    return answer["result"]


def wait(seconds: float) -> None:
    ask({"wait": seconds})


def execute(number: int, definition: str, name: str, given: str) -> dict:
    machine = {"name": f"machine-{number}", "definition": definition, "roleArn": ROLE}
    arn = json.loads(stepfunctions._create_state_machine(machine)[2])["stateMachineArn"]
    execution = json.loads(stepfunctions._start_execution({"stateMachineArn": arn, "name": name, "input": given})[2])["executionArn"]
    while True:
        told = json.loads(stepfunctions._describe_execution({"executionArn": execution})[2])
        if told["status"] != "RUNNING":
            return {key: told.get(key) for key in ("status", "error", "cause", "output")}
        time.sleep(0.02)


logging.disable(logging.CRITICAL)
stepfunctions._invoke_resource = task
stepfunctions._scaled_sleep = wait
number = 0
while line := sys.stdin.readline():
    number += 1
    wanted = json.loads(line)
    say({"ended": execute(number, wanted["definition"], wanted["name"], wanted["input"])})
