"""Master and workers as they run in the containers: processes of their own, with Locust itself between them."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone

from test.stub import Stub, model_error, service_error

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MASTER = "runs/run-1/master.json"


def lease(seconds: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


class RunTest(unittest.TestCase):
    def begin(self, invoke) -> None:
        self.stub = Stub(invoke)
        self.addCleanup(self.stub.close)
        self.port = str(random.randint(20000, 30000))
        self.processes: "list[subprocess.Popen]" = []
        self.addCleanup(self.kill)
        self.stub.objects["in/good.json"] = b'{"good": true}'

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            process.stderr.close()

    def spawn(self, program: str, **environment: str) -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, "-m", f"load_test.{program}"], cwd=FOLDER, stderr=subprocess.PIPE, text=True, env={
            "PATH": os.environ["PATH"], **self.stub.environment(), "SAGEMAKER_ENDPOINT_NAME": "demo",
            "RESULTS_BUCKET": "bucket", "RUN_ID": "run-1",
            "PAYLOADS": "s3://bucket/in/", "LOCUST_MASTER_HOST": "127.0.0.1", "LOCUST_MASTER_PORT": self.port,
            "LOCUST_MASTER_BIND_HOST": "127.0.0.1",
            **environment,
        })
        self.processes.append(process)
        return process

    def control(self, **wanted) -> None:
        self.stub.objects["runs/run-1/control.json"] = json.dumps({
            "step": 0, "users": 0, "spawnRate": 100, "settleSeconds": 1, "holdSeconds": 3, "workers": 1,
            "leaseUntil": lease(120), "stop": False, **wanted,
        }).encode()

    def ready(self, workers: int) -> None:
        self.stub.wait(MASTER, lambda state: len(state.get("workers", [])) == workers)

    def measured(self, step: int) -> dict:
        return self.stub.wait(MASTER, lambda state: (state.get("measured") or {}).get("step") == step)["measured"]

    def end(self, process: subprocess.Popen) -> "tuple[int, str]":
        _, words = process.communicate(timeout=90)
        return process.returncode, words

    def test_a_step_is_measured_and_a_stop_ends_all(self) -> None:
        gate = threading.Semaphore(4)

        def invoke(_: bytes):
            with gate:
                time.sleep(0.05)
            return 200, {"Content-Type": "application/json"}, b"{}"

        self.begin(invoke)
        self.control()
        master = self.spawn("master")
        workers = [self.spawn("worker", SAGEMAKER_VARIANT_NAME="blue") for _ in range(2)]
        self.ready(2)
        self.control(step=1, users=2)
        below = self.measured(1)
        self.control(step=2, users=16)
        above = self.measured(2)
        self.assertEqual((below["users"], below["workers"], below["lostWorkers"]), (2, 2, 0))
        self.assertEqual(below["client"]["failures"], 0)
        self.assertGreaterEqual(below["client"]["p50Ms"], 50)
        # Four at a time, of 50 ms each: 80 a second is the ceiling, and a busy machine only makes it less.
        self.assertLessEqual(above["client"]["tps"], 84)
        self.assertGreater(above["client"]["tps"], below["client"]["tps"])
        self.assertGreater(above["client"]["p50Ms"], below["client"]["p50Ms"])
        self.control(step=2, users=16, stop=True)
        self.assertEqual([self.end(process)[0] for process in [master, *workers]], [0, 0, 0])
        self.assertEqual(self.stub.json(MASTER)["state"], "STOPPED")
        path, headers, body = self.stub.requests[0]
        self.assertEqual((path, body), ("/endpoints/demo/invocations", b'{"good": true}'))
        sent = {name.lower(): value for name, value in headers.items()}
        self.assertEqual((sent["content-type"], sent["x-amzn-sagemaker-target-variant"]), ("application/json", "blue"))

    def test_a_failed_request_is_not_sent_again(self) -> None:
        self.begin(lambda _: service_error(503, "ServiceUnavailable", "no capacity"))
        self.control(step=1, users=1)
        self.spawn("master")
        self.spawn("worker")
        client = self.measured(1)["client"]
        self.assertEqual(client["failures"], client["requests"])
        self.assertEqual(client["errors"][0]["kind"], "server")
        attempts = [headers.get("amz-sdk-request") for _, headers, _ in self.stub.requests]
        self.assertEqual(set(attempts), {"attempt=1; max=1"})

    def test_the_one_payload_that_the_model_refuses_is_named(self) -> None:
        self.begin(lambda body: model_error(400) if body == b"broken" else (200, {}, b"{}"))
        self.stub.objects["in/broken.json"] = b"broken"
        self.control()
        self.spawn("master")
        self.spawn("worker")
        self.ready(1)
        self.control(step=1, users=2)
        measured = self.measured(1)
        self.assertEqual([payload["name"] for payload in measured["failedPayloads"]], ["broken.json"])
        error = measured["client"]["errors"][0]
        self.assertEqual((error["kind"], error["code"], error["status"]), ("model", "ModelError", 400))

    def test_errors_of_the_first_requests_are_told_before_the_step_ends(self) -> None:
        self.begin(lambda _: service_error(400, "ValidationError", "Variant green not found"))
        self.control()
        self.spawn("master")
        self.spawn("worker")
        self.ready(1)
        self.control(step=1, users=1, settleSeconds=600)
        state = self.stub.wait(MASTER, lambda state: state["progress"]["failures"] > 0)
        self.assertEqual((state["progress"]["errors"][0]["kind"], state["measured"]), ("refused", None))

    def test_a_worker_that_dies_in_a_hold_is_missed(self) -> None:
        self.begin(lambda _: (time.sleep(0.05), (200, {}, b"{}"))[1])
        self.control()
        self.spawn("master")
        workers = [self.spawn("worker") for _ in range(2)]
        self.ready(2)
        self.control(step=1, users=4, holdSeconds=6)
        self.stub.wait(MASTER, lambda state: state["state"] == "HOLDING")
        workers[0].kill()
        measured = self.measured(1)
        self.assertEqual((measured["workers"], measured["lostWorkers"]), (2, 1))
        self.assertGreater(measured["client"]["requests"], 0)

    def test_a_master_whose_lease_is_over_ends_with_its_workers(self) -> None:
        self.begin(lambda _: (200, {}, b"{}"))
        self.control()
        master, worker = self.spawn("master"), self.spawn("worker")
        self.ready(1)
        self.control(leaseUntil=lease(1))
        self.assertEqual((self.end(master)[0], self.end(worker)[0]), (0, 0))
        self.assertIn("lease", self.stub.json(MASTER)["failure"])

    def test_a_master_that_is_stopped_says_so_and_ends_its_workers(self) -> None:
        self.begin(lambda _: (200, {}, b"{}"))
        self.control()
        master, worker = self.spawn("master"), self.spawn("worker")
        self.ready(1)
        master.send_signal(signal.SIGTERM)
        self.assertEqual((self.end(master)[0], self.end(worker)[0]), (0, 0))
        self.assertEqual(self.stub.json(MASTER)["failure"], "the task was stopped")

    def test_a_worker_that_is_stopped_leaves_the_master(self) -> None:
        self.begin(lambda _: (200, {}, b"{}"))
        self.control()
        self.spawn("master")
        worker = self.spawn("worker")
        self.ready(1)
        worker.send_signal(signal.SIGTERM)
        self.assertEqual(self.end(worker)[0], 0)
        self.ready(0)

    def test_a_locust_file_of_the_owners_own_is_run(self) -> None:
        self.begin(lambda _: (200, {}, b"{}"))
        self.stub.objects["locust.py"] = LOCUST_FILE
        self.control()
        self.spawn("master", LOCUST_FILE="s3://bucket/locust.py", PAYLOADS="")
        self.spawn("worker", LOCUST_FILE="s3://bucket/locust.py", PAYLOADS="")
        self.ready(1)
        self.control(step=1, users=2)
        client = self.measured(1)["client"]
        self.assertGreater(client["requests"], client["failures"])
        self.assertEqual([(error["kind"], error["message"]) for error in client["errors"]], [("model", "not a cat")])

    def test_a_locust_file_that_does_not_import_is_told_with_pythons_words(self) -> None:
        self.begin(lambda _: (200, {}, b"{}"))
        self.stub.objects["locust.py"] = b"import locust\nimport nothing_of_that_name\n"
        for program in ("master", "worker"):
            code, words = self.end(self.spawn(program, LOCUST_FILE="s3://bucket/locust.py"))
            self.assertEqual(code, 1)
            self.assertIn("No module named 'nothing_of_that_name'", words)
        state = self.stub.json(MASTER)
        self.assertEqual(state["state"], "FAILED")
        self.assertRegex(state["failure"], "(?s)does not import:.*line 2.*No module named 'nothing_of_that_name'")

    def test_a_locust_file_without_users_is_told(self) -> None:
        self.begin(lambda _: (200, {}, b"{}"))
        self.stub.objects["locust.py"] = b"from locust import User\n"
        self.assertEqual(self.end(self.spawn("master", LOCUST_FILE="s3://bucket/locust.py"))[0], 1)
        self.assertIn("at least one User class", self.stub.json(MASTER)["failure"])

    def test_a_worker_without_payloads_says_so(self) -> None:
        self.begin(lambda _: (200, {}, b"{}"))
        code, words = self.end(self.spawn("worker", PAYLOADS="s3://bucket/nothing/"))
        self.assertEqual(code, 1)
        self.assertIn("there is no payload in s3://bucket/nothing/", words)


LOCUST_FILE = b"""
import time
from locust import User, task

class Fast(User):
    @task(9)
    def good(self):
        time.sleep(0.01)
        self.tell("good", None)

    @task
    def bad(self):
        time.sleep(0.01)
        self.tell("bad", AssertionError("not a cat"))

    def tell(self, name, exception):
        self.environment.events.request.fire(
            request_type="own", name=name, response_time=10, response_length=0, exception=exception, context={},
        )
"""


if __name__ == "__main__":
    unittest.main()
