"""The master: does what the controller asks by an object in S3, and writes there what comes of it.

    python -m load_test.master
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from typing import Any

import boto3
import gevent
import locust
from locust.env import Environment
from locust.runners import MasterRunner

from .channel import Channel, iso, seconds_of
from .figures import merge, merge_errors, merge_payloads
from .scenario import LocustFileProblem, user_classes
from .settings import Settings, read_settings

POLL_SECONDS = 1.0
WRITE_SECONDS = 2.0
# For a controller that has not written anything yet, and the longest time without S3.
FIRST_LEASE_SECONDS = 180
# Workers answer at once. One that is full may be late.
ANSWER_SECONDS = 15
logger = logging.getLogger("load_test.master")


class Master:
    """The steps of a run, by the clock of this process: ramp up, settle, hold, figures."""

    def __init__(self, runner: MasterRunner, environment: Environment) -> None:
        self._runner = runner
        self._state = "READY"
        self._step = 0
        self._users = 0
        self._wanted: dict[str, Any] = {}
        self._until = 0.0
        self._holding: set[str] = set()
        self._held: dict[str, dict[str, Any]] = {}
        self._progress: dict[str, dict[str, Any]] = {}
        self._measured: dict[str, Any] | None = None
        self._ramp: gevent.Greenlet | None = None
        environment.events.worker_report.add_listener(self._on_report)
        runner.register_message("load_test_held", self._on_held)

    def follow(self, control: dict[str, Any]) -> None:
        """Begins a step that the controller wants, once a worker is there. A step that repeats another has a number of its own."""
        if control["step"] > self._step and self._workers():
            self._step = control["step"]
            self._users = control["users"]
            self._wanted = control
            self._measured = None
            self._progress.clear()
            self._runner.send_message("load_test_step", {"step": self._step})
            self._state = "SPAWNING"
            self._ramp = gevent.spawn(self._runner.start, self._users, control["spawnRate"])

    def advance(self) -> None:
        """One turn of the clock."""
        now = time.monotonic()
        if self._state == "SPAWNING" and self._ramp is not None and self._ramp.ready():
            self._state = "SETTLING"
            self._until = now + self._wanted["settleSeconds"]
        elif self._state == "SETTLING" and now >= self._until:
            self._holding = self._workers()
            self._held.clear()
            self._runner.send_message("load_test_hold", {"step": self._step})
            self._state = "HOLDING"
            self._until = now + self._wanted["holdSeconds"]
        elif self._state == "HOLDING" and now >= self._until:
            self._runner.send_message("load_test_release", {"step": self._step})
            self._state = "COLLECTING"
            self._until = now + ANSWER_SECONDS
        elif self._state == "COLLECTING" and (self._holding <= set(self._held) or now >= self._until):
            self._measure()

    def due(self) -> float:
        """Seconds until the clock has something to do, a second at most: a hold ends when it should."""
        timed = self._state in ("SETTLING", "HOLDING")
        return max(0.01, min(POLL_SECONDS, self._until - time.monotonic())) if timed else 0.1

    def state(self) -> dict[str, Any]:
        reports = list(self._progress.values())
        return {
            "state": self._state,
            "step": self._step,
            "workers": [
                {"id": id, "state": client.state, "users": client.user_count, **{
                    name: round(self._progress.get(id, {}).get(name, 0), 1) for name in ("cpuPercent", "lagMs")
                }} for id, client in self._runner.clients.items()
            ],
            "progress": {
                "requests": sum(report["requests"] for report in reports),
                "failures": sum(report["failures"] for report in reports),
                "errors": merge_errors(reports),
            },
            "measured": self._measured,
        }

    def end(self, state: str) -> None:
        self._state = state

    def _measure(self) -> None:
        reports = list(self._held.values())
        if not reports:
            begin = end = time.time()
        else:
            begin = max(report["from"] for report in reports)
            end = min(report["from"] + report["seconds"] for report in reports)
        self._measured = {
            "step": self._step, "users": self._users, "workers": len(self._holding), "from": iso(begin), "to": iso(end),
            "lostWorkers": len(self._holding - set(self._held)), "client": merge(reports), "failedPayloads": merge_payloads(reports),
        }
        self._state = "MEASURED"

    def _workers(self) -> set[str]:
        """Those whose heartbeats come."""
        return {id for id, client in self._runner.clients.items() if client.state in ("running", "spawning", "ready")}

    def _on_held(self, msg: Any, **_: Any) -> None:
        if msg.data["step"] == self._step:
            self._held[msg.node_id] = msg.data

    def _on_report(self, client_id: str, data: dict[str, Any]) -> None:
        report = data.get("load_test")
        if report is not None and report["step"] == self._step:
            self._progress[client_id] = report


class Lease:
    """How long the controller wants this master to live. A run whose controller is gone ends by itself."""

    def __init__(self) -> None:
        self._until = time.time() + FIRST_LEASE_SECONDS

    def renew(self, control: dict[str, Any]) -> None:
        self._until = seconds_of(control["leaseUntil"])

    def is_over(self) -> bool:
        return time.time() > self._until


def run(settings: Settings) -> int:
    """Until the controller says stop, or its lease is over. Returns the exit code."""
    s3 = boto3.client("s3")
    channel = Channel(s3, settings)
    try:
        classes = user_classes(settings, s3)
    except LocustFileProblem as problem:
        logger.error("%s", problem)
        channel.write({"state": "FAILED", "failure": str(problem), "step": 0, "workers": [], "measured": None})
        return 1
    environment = Environment(user_classes=classes, events=locust.events)
    runner = environment.create_master_runner(settings.bind_host, settings.master_port)
    environment.events.init.fire(environment=environment, runner=runner, web_ui=None)
    stopped: list[str] = []
    gevent.signal_handler(signal.SIGTERM, lambda: stopped.append("the task was stopped"))
    master = Master(runner, environment)
    reason = _drive(master, channel, stopped)
    logger.info("ending: %s", reason)
    runner.quit()
    master.end("STOPPED")
    channel.write({**master.state(), "failure": reason})
    return 0


def _drive(master: Master, channel: Channel, stopped: list[str]) -> str:
    """Returns why it ended."""
    lease = Lease()
    polled = 0.0
    written = 0.0
    last: dict[str, Any] = {}
    while not stopped:
        now = time.monotonic()
        try:
            if now - polled >= POLL_SECONDS:
                polled = now
                control = channel.control()
                if control is not None:
                    lease.renew(control)
                    if control["stop"]:
                        return "the controller said stop"
                    master.follow(control)
            master.advance()
            state = master.state()
            is_changed = state["state"] != last.get("state") or len(state["workers"]) != len(last.get("workers", []))
            if is_changed or now - written >= WRITE_SECONDS:
                written = now
                last = state
                channel.write(state)
        except Exception:  # S3 may fail for a while: the lease says how long that is borne
            logger.exception("the channel to the controller failed")
            gevent.sleep(POLL_SECONDS)
        if lease.is_over():
            return "the lease of the controller is over"
        gevent.sleep(master.due())
    return stopped[0]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(run(read_settings()))
