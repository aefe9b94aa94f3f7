"""What a running server uses, looked at again and again while something else makes the load."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness.processes import Souk

PERIOD_SECONDS_MAX = 1.0
SAMPLES_MIN = 20


@dataclass
class Sample:
    second: float
    resident: int
    descriptors: int
    backlog: int
    files: dict[str, int] = field(default_factory=dict)    # size by name, of the data directory


class Watch(threading.Thread):
    """Use as a context manager; `samples` is complete afterwards. A sample that failed is raised there."""

    def __init__(self, souk: Souk, seconds: float) -> None:
        super().__init__(name="watch")
        self.period = min(PERIOD_SECONDS_MAX, seconds / SAMPLES_MIN)
        self.souk = souk
        self.samples: list[Sample] = []
        self.problem: Exception | None = None
        self.started_at = time.monotonic()
        self.over = threading.Event()

    def look(self) -> None:
        files = {path.name: path.stat().st_size for path in self.souk.data.iterdir() if path.is_file()}
        self.samples.append(Sample(time.monotonic() - self.started_at, self.souk.resident_bytes(),
                                   len(os.listdir(f"/proc/{self.souk.pid}/fd")), self.souk.backlog(), files))

    def run(self) -> None:
        try:
            self.look()
            while not self.over.wait(self.period):
                self.look()
        except Exception as problem:  # told by __exit__, in the thread that waits for the figures
            self.problem = problem

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, kind: object, *unused: object) -> None:
        self.over.set()
        self.join()
        if self.problem and kind is None:
            raise self.problem

    def largest(self, name: str, since: float = 0.0, until: float = 1.0) -> int:
        """Of a file, over a part of the run given in shares of it."""
        return max((sample.files.get(name, 0) for sample in self.part(since, until)), default=0)

    def part(self, since: float, until: float) -> list[Sample]:
        length = self.samples[-1].second or 1.0
        return [sample for sample in self.samples if since <= sample.second / length <= until]


def database_bytes(data: Path) -> int:
    """The tables' file with its WAL."""
    return sum(path.stat().st_size for path in data.glob("flash.db*"))
