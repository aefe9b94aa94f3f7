"""The driver for store: writes of every kind, SIGKILL at a seeded instant, restart, check; again and again.

Each client writes for one user of its own and waits for every answer, so that at the end at most one write of it is in
doubt: the one that was under way when the process died. Where the database is a server, it is killed as well; only
then, and only until it runs again, may a request fail.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from .ledger import BrokenPromise
from .store_checks import StoreAtRest
from .store_clients import Shopkeeper, StoreLedger

CLIENTS = 6
LOAD_SECONDS = (0.05, 0.8)  # The kill comes somewhere in here after the clients have started.
RECOVERY_SECONDS = (0.0, 0.15)
KILL_IN_RECOVERY_CHANCE = 0.3
DATABASE_CHANCE = 0.5  # That the database dies first, where it can.
PROGRESS = {"products": 10, "reviews": 10, "contacts": 10, "carts": 20, "orders": 5, "lists": 5}  # Between two deaths.
PROGRESS_SECONDS = 60.0


class StoreCampaign:
    """One set of tables, many deaths. The same seed makes the same clients and instants."""

    def __init__(self, shop, smtp, seed: int, say: Callable[[str], None] = print) -> None:
        self.shop = shop  # A support.store.Shop of a program with checkout, which mails to `smtp`.
        self.smtp = smtp
        self.server = getattr(shop.souk.storage, "server", None)  # None: only the program is killed.
        self.seed = seed
        self.say = say
        self.dice = random.Random(seed)
        self.ledger = StoreLedger()
        self.deaths: Counter[str] = Counter()
        self.clients = [
            Shopkeeper(shop, self.ledger, random.Random(self.dice.random()), number) for number in range(CLIENTS)
        ]

    def run(self, kills: int) -> None:
        self.say(f"store crash campaign: seed {self.seed}, {kills} kills")
        while self.deaths.total() < kills:
            self.load_and_kill()
            if self.dice.random() < KILL_IN_RECOVERY_CHANCE:
                self.kill_in_recovery()
            self.revive()
            self.at_rest.check()
            self.say(f"kill {self.deaths.total()}: {dict(self.ledger.answered)}")
        self.make_progress()
        self.at_rest.check()
        self.at_rest.check_all_mail_leaves()

    @property
    def at_rest(self) -> StoreAtRest:
        return StoreAtRest(self.shop, self.smtp, self.ledger, self.clients)

    @contextlib.contextmanager
    def load(self):
        stop = threading.Event()
        threads = [threading.Thread(target=client.work, args=(stop,)) for client in self.clients]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def load_and_kill(self) -> None:
        with self.load():
            self.ledger.broken_now.wait(self.dice.uniform(*LOAD_SECONDS))
            if self.server is not None and self.dice.random() < DATABASE_CHANCE:
                self.ledger.outage.set()
                self.server.kill()
                self.deaths["database"] += 1
                self.ledger.broken_now.wait(self.dice.uniform(0.0, 0.3))
            died_by_itself = not self.shop.souk.running
            self.shop.souk.kill()
            self.deaths["program"] += 1
        if died_by_itself:
            raise BrokenPromise(f"the program ended by itself:\n{self.shop.souk.stderr[-4000:]}")
        self.ledger.raise_if_broken()

    def kill_in_recovery(self) -> None:
        """Starts without waiting for an answer and kills again: a crash may meet the recovery."""
        self.shop.souk.launch(wait_for=None)
        threading.Event().wait(self.dice.uniform(*RECOVERY_SECONDS))
        self.shop.souk.kill()
        self.deaths["program, in its recovery"] += 1

    def make_progress(self) -> None:
        """Load without a death: writes of every kind succeed many times, and nothing else is answered."""
        before = self.ledger.answered.copy()
        deadline = time.monotonic() + PROGRESS_SECONDS
        with self.load():
            while missing := {what: wanted for what, wanted in PROGRESS.items()
                              if self.ledger.answered[what] - before[what] < wanted}:
                if self.ledger.broken_now.wait(0.02):
                    break
                if time.monotonic() > deadline:
                    raise BrokenPromise(f"within {PROGRESS_SECONDS:g} s not so many successes: {missing}")
        self.ledger.raise_if_broken()

    def revive(self) -> None:
        if self.shop.souk.storage.kind == "libsql":
            self.server.kill()  # Or it may still carry out what the killed program had sent it.
        if self.server is not None:
            self.server.start()
        self.ledger.outage.clear()
        began = time.monotonic()
        self.shop.souk.launch()
        self.ledger.restarts.append(time.monotonic() - began)
