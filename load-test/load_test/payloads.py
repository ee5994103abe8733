"""The payloads of the requests, from S3 or a local path: one file, all files of a folder, or those of a zip archive."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# InvokeEndpoint takes 6 MB in a body. AWS does not say which megabyte: this is the larger one, so that nothing is refused that would pass.
MAX_BYTES = 6 * 1024 * 1024
# A worker holds all payloads in its memory of 2 GiB.
MAX_TOTAL_BYTES = 512 * 1024 * 1024


class PayloadProblem(Exception):
    """The payloads cannot be used. The message says which and why."""


@dataclass(frozen=True)
class Payload:
    name: str
    body: bytes


def load_payloads(place: str, is_archive: bool, s3: Any) -> list[Payload]:
    """Returns at least one payload. `s3` is boto3's client."""
    payloads: list[Payload] = []
    total = 0
    for payload in _unzip(_one(place, s3)) if is_archive else _read(place, s3):
        if len(payload.body) > MAX_BYTES:
            raise _too_large(payload.name, len(payload.body))
        total += len(payload.body)
        if total > MAX_TOTAL_BYTES:
            raise PayloadProblem(f"all payloads together must have at most {MAX_TOTAL_BYTES} bytes, which a worker holds in memory: {place} has more")
        payloads.append(payload)
    if not payloads:
        raise PayloadProblem(f"there is no payload in {place}")
    return payloads


def read_object(place: str, s3: Any) -> bytes:
    """The bytes of s3://bucket/key, or of a file."""
    return _one(place, s3).body


def _too_large(name: str, size: int) -> PayloadProblem:
    return PayloadProblem(f"payload {name} must have at most {MAX_BYTES} bytes (6 MB, SageMaker's limit), got {size}")


def _one(place: str, s3: Any) -> Payload:
    if not place.startswith("s3://"):
        with open(place, "rb") as file:
            return Payload(os.path.basename(place), file.read())
    bucket, _, key = place.removeprefix("s3://").partition("/")
    return Payload(key.rpartition("/")[2], s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def _read(place: str, s3: Any) -> Iterator[Payload]:
    if place.startswith("s3://"):
        bucket, _, key = place.removeprefix("s3://").partition("/")
        if key == "" or key.endswith("/"):
            yield from _objects(bucket, key, s3)
            return
    elif os.path.isdir(place):
        for folder, _, names in sorted(os.walk(place)):
            yield from (_one(os.path.join(folder, name), s3) for name in sorted(names))
        return
    yield _one(place, s3)


def _objects(bucket: str, prefix: str, s3: Any) -> Iterator[Payload]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            if found["Key"].endswith("/"):  # the console makes such objects for folders
                continue
            if found["Size"] > MAX_BYTES:  # not fetched at all
                raise _too_large(found["Key"], found["Size"])
            yield Payload(found["Key"].removeprefix(prefix), s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())


def _unzip(archive: Payload) -> Iterator[Payload]:
    with zipfile.ZipFile(io.BytesIO(archive.body)) as files:
        for entry in files.infolist():
            if not entry.is_dir():
                if entry.file_size > MAX_BYTES:
                    raise _too_large(entry.filename, entry.file_size)
                yield Payload(entry.filename, files.read(entry))
