"""The task of plain Locust and that of the load test's worker in one process, in turns. Prints the CPU seconds of each turn as JSON.

Two processes on a busy machine differ by more than what is asked for here. Turns of one process have its memory and its neighbours in
common. What a worker does beside its requests, the gauge above all, counts for both.
"""

import json
import os
import sys
import time

import load_test  # noqa: F401 - first of all
from gevent.event import Event
from gevent.lock import Semaphore
from load_test.scenario import EndpointUser
from load_test.settings import read_settings
from load_test.worker import Worker
from locust import task
from locust.env import Environment

from plain import EndpointUser as PlainUser

USERS = 16
REQUESTS_A_TURN = 200


class Gate:
    """Lets so many requests through, and tells when the last of them is over."""

    def __init__(self):
        self._permits = Semaphore(0)
        self._left = 0
        self._over = Event()

    def cpu_seconds(self, requests):
        self._left = requests
        self._over.clear()
        started = time.process_time()
        for _ in range(requests):
            self._permits.release()
        self._over.wait()
        return time.process_time() - started

    def enter(self):
        self._permits.acquire()

    def leave(self):
        self._left -= 1
        if self._left == 0:
            self._over.set()


def gated(user_class, gate):
    class Gated(user_class):
        @task
        def invoke(self):
            gate.enter()
            try:
                user_class.invoke(self)
            finally:
                gate.leave()

    return Gated


def runner_of(user_class):
    runner = Environment(user_classes=[user_class]).create_local_runner()
    runner.start(USERS, spawn_rate=1000)
    return runner


def main(turns):
    EndpointUser.prepare(read_settings(), None)
    gates = {"plain": Gate(), "load test": Gate()}
    runners = [runner_of(gated(PlainUser, gates["plain"])), runner_of(gated(EndpointUser, gates["load test"]))]
    worker = Worker(runners[1].environment)
    worker.attach(runners[1])
    runners[1].send_message("load_test_step", {"step": 1})
    runners[1].send_message("load_test_hold", {"step": 1})
    seconds = {kind: [] for kind in gates}
    for gate in gates.values():
        gate.cpu_seconds(REQUESTS_A_TURN)  # connections, and what a client makes at its first request
    for _ in range(turns):
        for kind, gate in gates.items():
            seconds[kind].append(gate.cpu_seconds(REQUESTS_A_TURN))
    print(json.dumps({"requests": REQUESTS_A_TURN, "plain": seconds["plain"], "loadTest": seconds["load test"]}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)  # users that wait at a gate are not waited for
