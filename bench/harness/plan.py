"""How long and how often things are measured, and what every case is handed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.report import Report

LIMITER_ON = 1_000_000_000    # on, and never reached
ENDLESS_STOCK = 2_000_000_000
# A little over the budget of 60,000/s, because the last answers come after the last order was due.
OFFERED = 60_600


@dataclass(frozen=True)
class Plan:
    name: str
    rounds: int
    hot_seconds: float
    hot_connections: tuple[int, ...]
    limiters: tuple[int, ...]
    stored_orders: int
    stored_products: int
    accepted_seconds: float
    accepted_rate: int
    soak_seconds: float
    soak_rate: int
    kills: int
    seed: int | None              # of `crash`; None: a new one
    restart_backlog: int
    profile_scale: float
    idle_connections: int
    starts: int

    def describe(self) -> str:
        return (f"{self.name}: hot {self.rounds} rounds of {self.hot_seconds:g} s, "
                f"accepted {self.accepted_seconds:g} s on {self.stored_orders:,} stored orders, "
                f"soak {self.soak_seconds:g} s, {self.kills} kills on each database, a backlog of "
                f"{self.restart_backlog:,}, profile {25 * self.profile_scale:g} s, {self.starts} starts")


PLANS = {
    "brief": Plan("brief (proves that it runs, measures nothing)", 1, 0.3, (16,), (0,), 2_000, 500, 0.3, 2_000, 3, 1_000,
                  2, None, 2_000, 0.04, 200, 1),
    "default": Plan("default", 2, 1.5, (64, 256), (0, LIMITER_ON), 300_000, 100_000, 5, OFFERED, 15, 20_000,
                    20, None, 100_000, 0.4, 10_000, 5),
    "full": Plan("full", 5, 5, (64, 256), (0, LIMITER_ON), 3_000_000, 100_000, 60, OFFERED, 600, 20_000,
                 300, None, 1_000_000, 1, 10_000, 20),
}
# What is as long as its budget says also without --full when it was asked for by name.
LONG = {"soak": ("soak_seconds",), "crash": ("kills",), "restart": ("restart_backlog",)}


@dataclass
class Bench:
    plan: Plan
    souk: Path
    floor: Path
    offer: Path
    work: Path
    report: Report
    runs: int = 0

    def next_run(self) -> int:
        """A number no other run has, from which wrk makes keys that never repeat."""
        self.runs += 1
        return self.runs

    def fresh_data(self, name: str) -> Path:
        data = self.work / f"{name}-{self.next_run()}" / "data"
        data.mkdir(parents=True)
        return data

    def say(self, text: str) -> None:
        print(f"    {text}", flush=True)
