"""What a crash campaign is, whoever dies: load, SIGKILL at a seeded instant, restart, check; and again."""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

RECOVERY_SECONDS = (0.0, 0.15)  # A kill this soon after a start hits the recovery.
KILL_IN_RECOVERY_CHANCE = 0.3


class BrokenPromise(AssertionError):
    """The program did not keep an answer it gave. The text tells what led there."""


@dataclass
class Promises:
    """Where clients and checks say that a promise was broken; each service's ledger is one. Any thread."""

    broken: list[BrokenPromise] = field(default_factory=list)
    broken_now: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fail(self, promise: str) -> None:
        with self.lock:
            self.broken.append(BrokenPromise(promise))
            self.broken_now.set()

    def raise_if_broken(self) -> None:
        with self.lock:
            if self.broken:
                raise self.broken[0]


class Campaign:
    """One set of data, many deaths. The same seed makes the same clients and instants."""

    service = ""

    def __init__(self, souk, ledger: Promises, seed: int, say: Callable[[str], None] = print) -> None:
        self.souk = souk  # A running support.souk.Souk.
        self.ledger = ledger
        self.seed = seed
        self.say = say
        self.dice = random.Random(seed)
        self.deaths: Counter[str] = Counter()
        self.checks = 0
        self.checked = 0  # Promises looked at, in all checks together.
        self.seconds: Counter[str] = Counter()  # Where the time goes.

    # What a service's own campaign says.

    def open(self) -> None:
        """Before the first load."""

    def load_and_kill(self) -> None:
        raise NotImplementedError

    def revive(self) -> None:
        raise NotImplementedError

    def check(self) -> None:
        """At rest, after a restart."""
        raise NotImplementedError

    def close(self) -> None:
        """After the last check."""

    @property
    def promised(self) -> int:
        raise NotImplementedError

    def report(self) -> str:
        raise NotImplementedError

    # What all have.

    @property
    def kills(self) -> int:
        return self.deaths.total()

    def run(self, kills: int) -> None:
        self.say(f"crash campaign of {self.service}: seed {self.seed}, {kills} kills")
        self.open()
        while self.kills < kills:
            with self.timed("load"):
                self.load_and_kill()
            if self.kills < kills and self.dice.random() < KILL_IN_RECOVERY_CHANCE:
                self.kill_in_recovery()
            with self.timed("restart"):
                self.revive()
            with self.timed("check"):
                self.check()
            self.checks += 1
            self.checked += self.promised
            self.say(f"kill {self.kills}: {self.report()}")
        self.close()

    def kill(self, how: str) -> None:
        self.souk.kill()
        self.deaths[how] += 1

    def kill_in_recovery(self) -> None:
        """Starts without waiting for an answer and kills again: a crash may meet the recovery."""
        self.souk.launch(wait_for=None)
        threading.Event().wait(self.dice.uniform(*RECOVERY_SECONDS))
        self.kill("SIGKILL in the recovery")

    @contextlib.contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[phase] += time.monotonic() - began


def wanted_seed() -> int:
    """SOUK_CRASH_SEED replays a campaign of the suite."""
    return int(os.environ.get("SOUK_CRASH_SEED") or random.SystemRandom().randrange(2**32))


def wanted_kills(otherwise: int) -> int:
    """SOUK_CRASH_KILLS asks the suite for more."""
    return int(os.environ.get("SOUK_CRASH_KILLS") or otherwise)
