"""Why a request failed, in the kinds of the report: throttled, model, server, refused, timeout, connection."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError

MAX_MESSAGE = 300


@dataclass(frozen=True)
class Failure:
    kind: str
    code: str
    # The HTTP status. For `model`, the container's own.
    status: int | None
    message: str


def classify(error: BaseException | str) -> Failure:
    message = str(error)[:MAX_MESSAGE]
    code = type(error).__name__ if isinstance(error, BaseException) else "Failure"
    if isinstance(error, ClientError):
        return _of_service(error, message)
    if isinstance(error, (ReadTimeoutError, ConnectTimeoutError, TimeoutError)):
        return Failure("timeout", code, None, message)
    if isinstance(error, (BotoCoreError, OSError)) and _status(error) is None:
        return Failure("connection", code, None, message)
    status = _status(error)
    # What a Locust file calls a failure, with or without an HTTP status: without one, it did not like the answer.
    return Failure("model" if status is None else _kind(status), code, status, message)


def _of_service(error: ClientError, message: str) -> Failure:
    code = error.response.get("Error", {}).get("Code", "Unknown")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code == "ModelError":
        original = error.response.get("OriginalStatusCode")
        return Failure("model", code, original if isinstance(original, int) else status, message)
    if "Throttl" in code or code == "TooManyRequestsException":
        return Failure("throttled", code, status, message)
    return Failure("server" if status is None else _kind(status), code, status, message)


def _kind(status: int) -> str:
    if status == 429:
        return "throttled"
    return "server" if status >= 500 else "refused"


def _status(error: BaseException | str) -> int | None:
    """The status of the exceptions of `requests`, which Locust's HttpUser raises."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) and status > 0 else None
