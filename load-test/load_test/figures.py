"""What a worker counts in a time, and what the master makes of the counts of all workers.

Locust's own statistics come from the workers every three seconds, whatever the step does. A hold has a beginning and an end, on which
throughput depends. So each worker counts by itself between the two, and says how long that was.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from .failures import Failure, classify

# Of each, in a worker. What comes beyond is counted as failed, but not listed.
MAX_ERRORS = 50
MAX_PAYLOADS = 100


class Window:
    """Counts the requests that end while it is open."""

    def __init__(self) -> None:
        self.opened_at = time.time()
        self._opened = time.perf_counter()
        self._requests = 0
        self._failures = 0
        self._times: Counter[float] = Counter()
        self._errors: dict[tuple[str, str, int | None], dict[str, Any]] = {}
        self._payloads: dict[str, list[int]] = {}

    def add(self, milliseconds: float, error: BaseException | str | None, payload: str | None) -> None:
        self._requests += 1
        if error is None:
            self._times[float(f"{milliseconds:.3g}")] += 1
        else:
            self._failures += 1
            self._add_error(classify(error), payload)
        if payload is not None and (payload in self._payloads or len(self._payloads) < MAX_PAYLOADS):
            counts = self._payloads.setdefault(payload, [0, 0])
            counts[0] += 1
            counts[1] += error is not None

    def _add_error(self, failure: Failure, payload: str | None) -> None:
        key = (failure.kind, failure.code, failure.status)
        if key not in self._errors:
            if len(self._errors) >= MAX_ERRORS:
                return
            where = "" if payload is None else f"payload {payload}: "
            status = {} if failure.status is None else {"status": failure.status}
            self._errors[key] = {"kind": failure.kind, "code": failure.code, **status, "count": 0, "message": where + failure.message}
        self._errors[key]["count"] += 1

    def counts(self) -> dict[str, Any]:
        """What tells how it goes, without what only the end of a hold is asked for."""
        return {"requests": self._requests, "failures": self._failures, "errors": list(self._errors.values())}

    def report(self) -> dict[str, Any]:
        """As it can be sent to the master."""
        return {
            "from": self.opened_at,
            "seconds": time.perf_counter() - self._opened,
            **self.counts(),
            "times": [[milliseconds, count] for milliseconds, count in self._times.items()],
            "payloads": [[name, *counts] for name, counts in self._payloads.items()],
        }


def merge(reports: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures of all workers, as `ClientFigures` of the report has them. Each report has `cpuPercent` and `lagMs` beside its counts."""
    held = list(reports)
    times: Counter[float] = Counter()
    for report in held:
        for milliseconds, count in report["times"]:
            times[milliseconds] += count
    return {
        "requests": sum(report["requests"] for report in held),
        "failures": sum(report["failures"] for report in held),
        "tps": round(sum((report["requests"] - report["failures"]) / report["seconds"] for report in held if report["seconds"] > 0), 3),
        "p50Ms": percentile(times, 0.5),
        "p90Ms": percentile(times, 0.9),
        "p99Ms": percentile(times, 0.99),
        "errors": merge_errors(held),
        "workerCpuPercent": round(max((report["cpuPercent"] for report in held), default=0), 1),
        "workerLagMs": round(max((report["lagMs"] for report in held), default=0), 1),
    }


def merge_errors(reports: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The most frequent first."""
    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    for report in reports:
        for error in report["errors"]:
            key = (error["kind"], error["code"], error.get("status"))
            known = merged.setdefault(key, {**error, "count": 0})
            known["count"] += error["count"]
    return sorted(merged.values(), key=lambda error: -error["count"])


def merge_payloads(reports: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The payloads that failed at least once, the most frequent failures first."""
    merged: dict[str, list[int]] = {}
    for report in reports:
        for name, requests, failures in report["payloads"]:
            counts = merged.setdefault(name, [0, 0])
            counts[0] += requests
            counts[1] += failures
    failed = [{"name": name, "requests": requests, "failures": failures} for name, (requests, failures) in merged.items() if failures > 0]
    return sorted(failed, key=lambda payload: -payload["failures"])[:10]


def percentile(times: Mapping[float, int], share: float) -> float:
    """The nearest rank: the least value that at least this share of all values does not exceed. 0 of nothing."""
    rank = math.ceil(sum(times.values()) * share)
    for milliseconds in sorted(times):
        rank -= times[milliseconds]
        if rank <= 0:
            return milliseconds
    return 0
