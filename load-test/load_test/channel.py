"""How the master hears from the controller and tells it: objects in the folder of the run."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from botocore.exceptions import ClientError

from .settings import Settings


class Channel:
    def __init__(self, s3: Any, settings: Settings) -> None:
        self._s3 = s3
        self._bucket = settings.bucket
        self._folder = f"runs/{settings.run_id}"
        self._etag = ""
        self._control: dict[str, Any] | None = None

    def control(self) -> dict[str, Any] | None:
        """What the controller wants. None where it has said nothing yet."""
        known = {} if self._etag == "" else {"IfNoneMatch": self._etag}
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=f"{self._folder}/control.json", **known)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 304 or error.response["Error"]["Code"] == "NoSuchKey":
                return self._control
            raise
        self._control = json.loads(answer["Body"].read())
        self._etag = answer["ETag"]
        return self._control

    def write(self, state: dict[str, Any]) -> None:
        body = json.dumps({**state, "updatedAt": iso(datetime.now(timezone.utc).timestamp())}).encode()
        self._s3.put_object(Bucket=self._bucket, Key=f"{self._folder}/master.json", Body=body, ContentType="application/json")


def iso(seconds: float) -> str:
    """As JavaScript writes it, in milliseconds and UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
