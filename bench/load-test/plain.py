"""Plain Locust with the boto3 task of the load test's worker: what a worker is compared with. The master of both is this file, too."""

import os
import time

import boto3
from botocore.config import Config
from locust import User, events, task

BODY = b'{"inputs": "I am super happy right now."}'


class EndpointUser(User):
    client = boto3.client("sagemaker-runtime", config=Config(retries={"total_max_attempts": 1, "mode": "standard"}, max_pool_connections=1000))

    @task
    def invoke(self):
        started = time.perf_counter()
        length = len(self.client.invoke_endpoint(EndpointName="demo", ContentType="application/json", Body=BODY)["Body"].read())
        self.environment.events.request.fire(
            request_type="SageMaker", name="InvokeEndpoint", response_time=(time.perf_counter() - started) * 1000,
            response_length=length, exception=None, context={},
        )


if os.environ.get("BENCH_HOLD") == "true":
    @events.spawning_complete.add_listener
    def hold(user_count, **_):
        """The load test's worker counts for a hold too, as in a run."""
        runner = hold.environment.runner
        runner.send_message("load_test_step", {"step": 1})
        runner.send_message("load_test_hold", {"step": 1})

    @events.init.add_listener
    def remember(environment, **_):
        hold.environment = environment
