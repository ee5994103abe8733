"""How busy a worker is. A worker that is full measures itself, not the endpoint."""

from __future__ import annotations

import time
from collections import Counter

import gevent

from .figures import percentile

# Of the sleeps whose lateness is the lag.
INTERVAL = 0.05


class Gauge:
    """CPU of this process in percent of one core, and how late the event loop runs, since it was last reset."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = time.process_time()
        self._lags: Counter[float] = Counter()

    def run(self) -> None:
        """In a greenlet of its own, for ever."""
        while True:
            before = time.perf_counter()
            gevent.sleep(INTERVAL)
            late = max(0.0, time.perf_counter() - before - INTERVAL)
            self._lags[round(late * 1000, 1)] += 1

    def read(self) -> dict[str, float]:
        """`cpuPercent`, and as `lagMs` the lateness that nine of ten sleeps did not exceed: a single hiccup is no exhaustion."""
        wall = time.perf_counter() - self._wall
        cpu = time.process_time() - self._cpu
        return {"cpuPercent": 100 * cpu / wall if wall > 0 else 0.0, "lagMs": percentile(self._lags, 0.9)}
