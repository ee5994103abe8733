"""A worker: runs the users that the master gives it, and counts what becomes of their requests.

    python -m load_test.worker
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
from locust.runners import MASTER_HEARTBEAT_TIMEOUT, WorkerRunner

from .figures import Window, merge_errors
from .gauge import Gauge
from .payloads import PayloadProblem
from .scenario import EndpointUser, LocustFileProblem, user_classes
from .settings import Settings, read_settings

LOST_MASTER = 3
logger = logging.getLogger("load_test.worker")


class Worker:
    """Counts each request once, in the last of the windows that a step consists of: before its hold, the hold, and after it.

    All of them tell early what goes wrong. The hold alone is what the report shows.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._gauge = Gauge()
        self._step = 0
        self._windows = [Window()]
        self._hold: Window | None = None

    def attach(self, runner: WorkerRunner) -> None:
        events = self._environment.events
        events.request.add_listener(self._on_request)
        events.report_to_master.add_listener(self._on_report)
        runner.register_message("load_test_step", self._on_step)
        runner.register_message("load_test_hold", self._on_hold)
        runner.register_message("load_test_release", self._on_release)
        gevent.spawn(self._gauge.run)

    def _on_request(self, response_time: float, exception: Any = None, context: Any = None, **_: Any) -> None:
        payload = context.get("payload") if isinstance(context, dict) else None
        self._windows[-1].add(response_time, exception, payload)

    def _on_report(self, client_id: str, data: dict[str, Any]) -> None:
        windows = [window.counts() for window in self._windows]
        counts = {name: sum(window[name] for window in windows) for name in ("requests", "failures")}
        data["load_test"] = {"step": self._step, **self._gauge.read(), **counts, "errors": merge_errors(windows)}

    def _on_step(self, msg: Any, **_: Any) -> None:
        self._step = msg.data["step"]
        self._windows = [Window()]
        self._hold = None
        self._gauge.reset()

    def _on_hold(self, msg: Any, **_: Any) -> None:
        self._gauge.reset()
        self._hold = Window()
        self._windows.append(self._hold)

    def _on_release(self, msg: Any, environment: Environment, **_: Any) -> None:
        if self._hold is not None:
            environment.runner.send_message("load_test_held", {"step": msg.data["step"], **self._hold.report(), **self._gauge.read()})
            self._windows.append(Window())
        self._hold = None


def run(settings: Settings) -> int:
    """Until the master says that it is over. Returns the exit code."""
    s3 = boto3.client("s3")
    try:
        classes = user_classes(settings, s3)
        if settings.locust_file == "":
            EndpointUser.prepare(settings, s3)
    except (LocustFileProblem, PayloadProblem) as problem:
        logger.error("%s", problem)
        return 1
    environment = Environment(user_classes=classes, events=locust.events)
    worker = Worker(environment)
    try:
        runner = environment.create_worker_runner(settings.master_host, settings.master_port)
    except ConnectionError:
        logger.error("no master answers at %s:%s", settings.master_host, settings.master_port)
        return LOST_MASTER
    worker.attach(runner)
    environment.events.init.fire(environment=environment, runner=runner, web_ui=None)
    gevent.signal_handler(signal.SIGTERM, lambda: gevent.spawn(_leave, environment, runner))
    runner.greenlet.join()
    heard = runner.last_heartbeat_timestamp
    if heard is not None and heard < time.time() - MASTER_HEARTBEAT_TIMEOUT:
        logger.error("the master at %s:%s was lost", settings.master_host, settings.master_port)
        return LOST_MASTER
    return 0


def _leave(environment: Environment, runner: WorkerRunner) -> None:
    environment.events.quitting.fire(environment=environment, reverse=True)  # tells the master
    runner.quit()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(run(read_settings()))
