"""What the task's environment says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

MASTER_PORT = 5557


@dataclass(frozen=True)
class Settings:
    endpoint_name: str
    bucket: str
    run_id: str
    content_type: str
    # s3://bucket/key, s3://bucket/prefix/ or a path. Empty where a Locust file makes its own requests.
    payloads: str
    # Whether `payloads` is a zip archive of payloads. A zip file may itself be a payload.
    payloads_are_archived: bool
    # s3://bucket/key or a path. Empty: every user calls InvokeEndpoint with the payloads.
    locust_file: str
    # None: SageMaker chooses the variant by the weights.
    variant_name: str | None
    master_host: str
    master_port: int
    bind_host: str
    expect_workers: int


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    locust_file = environment.get("LOCUST_FILE", "")
    return Settings(
        endpoint_name=_text(environment, "SAGEMAKER_ENDPOINT_NAME"),
        bucket=_text(environment, "RESULTS_BUCKET"),
        run_id=_text(environment, "RUN_ID"),
        content_type=environment.get("CONTENT_TYPE", "application/json"),
        payloads=_text(environment, "PAYLOADS") if locust_file == "" else environment.get("PAYLOADS", ""),
        payloads_are_archived=environment.get("PAYLOADS_ARCHIVED", "") == "true",
        locust_file=locust_file,
        variant_name=environment.get("SAGEMAKER_VARIANT_NAME") or None,
        master_host=environment.get("LOCUST_MASTER_HOST", "127.0.0.1"),
        master_port=_number(environment, "LOCUST_MASTER_PORT", MASTER_PORT),
        bind_host=environment.get("LOCUST_MASTER_BIND_HOST", "*"),
        expect_workers=_number(environment, "LOCUST_EXPECT_WORKERS", 1),
    )


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if value == "":
        raise ValueError(f"the environment variable {name} must be set")
    return value


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "")
    if value == "":
        return default
    if not value.isdigit():
        raise ValueError(f"the environment variable {name} must be a whole number, got '{value}'")
    return int(value)
