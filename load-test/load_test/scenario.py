"""What each user does: calls InvokeEndpoint with the payloads, or what a Locust file of the owner's own says."""

from __future__ import annotations

import os
import random
import tempfile
import time
import traceback
from typing import Any

import boto3
from botocore.config import Config
from locust import User, task
from locust.util.load_locustfile import load_locustfile

from .payloads import Payload, load_payloads, read_object
from .settings import Settings

# Each user of a worker holds one connection. No worker has more users: the controller sees to that.
MAX_USERS = 1000
# The model must answer within 60 seconds. SageMaker's own refusal comes first.
READ_TIMEOUT = 70


class LocustFileProblem(Exception):
    """The Locust file cannot be used. The message has the last lines of Python's own words."""


def runtime_client(**overrides: Any) -> Any:
    """A client whose latency is the endpoint's: a request is sent once, and no connection is waited for."""
    return boto3.client("sagemaker-runtime", **overrides, config=Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=MAX_USERS,
        connect_timeout=5,
        read_timeout=READ_TIMEOUT,
        tcp_keepalive=True,
    ))


def user_classes(settings: Settings, s3: Any) -> list[type[User]]:
    """The classes of the scenario. Nothing is sent yet, and no payload is read."""
    if settings.locust_file == "":
        return [EndpointUser]
    return _import_locust_file(settings.locust_file, s3)


class EndpointUser(User):
    """Sends one payload after the other, each drawn at random. All users of a worker share a client, which is safe in threads."""

    client: Any
    request: dict[str, str]
    payloads: list[Payload]

    @classmethod
    def prepare(cls, settings: Settings, s3: Any) -> None:
        """Before the first user of a worker."""
        cls.payloads = load_payloads(settings.payloads, settings.payloads_are_archived, s3)
        cls.client = runtime_client()
        variant = {} if settings.variant_name is None else {"TargetVariant": settings.variant_name}
        cls.request = {"EndpointName": settings.endpoint_name, "ContentType": settings.content_type, **variant}

    @task
    def invoke(self) -> None:
        payload = self.payloads[0] if len(self.payloads) == 1 else random.choice(self.payloads)
        error: Exception | None = None
        length = 0
        started = time.perf_counter()
        try:
            length = len(self.client.invoke_endpoint(Body=payload.body, **self.request)["Body"].read())
        except Exception as raised:  # whatever it is, it is what this request came to
            error = raised
        self.environment.events.request.fire(
            request_type="SageMaker", name="InvokeEndpoint", response_time=(time.perf_counter() - started) * 1000,
            response_length=length, exception=error, context={"payload": payload.name},
        )


def _import_locust_file(place: str, s3: Any) -> list[type[User]]:
    path = os.path.join(tempfile.mkdtemp(prefix="load-test-"), "locustfile.py")
    with open(path, "wb") as file:
        file.write(read_object(place, s3))
    try:
        classes, _ = load_locustfile(path)
    except (Exception, SystemExit) as error:
        words = "".join(traceback.format_exception(error)).strip().splitlines()[-6:]
        raise LocustFileProblem("the Locust file does not import:\n" + "\n".join(words)) from error
    if not classes:
        raise LocustFileProblem("the Locust file must define at least one User class that is not abstract, got none")
    return list(classes.values())
