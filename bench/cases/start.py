"""From starting the program to its first answer, and from SIGTERM to its end."""

from __future__ import annotations

from statistics import median

from harness.plan import Bench
from harness.processes import Souk

START_SECONDS_MAX = 0.1
STOP_SECONDS_MAX = 1.0


def run(bench: Bench) -> None:
    starts, stops = [], []
    data = bench.fresh_data("start")
    for _ in range(bench.plan.starts + 1):
        with Souk(bench.souk, data, core=None, loops=None, services=()) as souk:
            starts.append(souk.start_seconds)
            stops.append(souk.stop())
    first, later = starts[0], starts[1:]
    bench.report.add("start", f"to the first answer, longest of {len(later)}",
                     f"{max(later) * 1000:.0f} ms (median {median(later) * 1000:.0f} ms; on an empty data "
                     f"directory {first * 1000:.0f} ms)", "<= 100 ms",
                     max(later) <= START_SECONDS_MAX, starts_seconds=starts)
    bench.report.add("start", "stop when idle, longest", f"{max(stops) * 1000:.0f} ms", "<= 1 s",
                     max(stops) <= STOP_SECONDS_MAX, stops_seconds=stops)
