"""The campaign of store: writes of every kind, and a database server that may die as well.

Each client writes for one user of its own and waits for every answer, so that at the end at most one write of it is in
doubt: the one that was under way when the process died. Where the database is a server, it is killed as well; only
then, and only until it runs again, may a request fail.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable

from .campaign import BrokenPromise, Campaign
from .store_checks import StoreAtRest
from .store_clients import Shopkeeper, StoreLedger

CLIENTS = 6
LOAD_SECONDS = (0.05, 0.8)  # The kill comes somewhere in here after the clients have started.
DATABASE_CHANCE = 0.5  # That the database dies first, where it can.
PROGRESS = {"products": 10, "reviews": 10, "contacts": 10, "carts": 20, "orders": 5, "lists": 5}  # Between two deaths.
PROGRESS_SECONDS = 60.0


class StoreCampaign(Campaign):
    service = "store"
    ledger: StoreLedger

    def __init__(self, shop, smtp, seed: int, say: Callable[[str], None] = print) -> None:
        super().__init__(shop.souk, StoreLedger(), seed, say)
        self.shop = shop  # A support.store.Shop of a program with checkout, which mails to `smtp`.
        self.smtp = smtp
        self.server = getattr(shop.souk.storage, "server", None)  # None: only the program is killed.
        self.left_behind: set = set()  # Connections of the dead program, until the database has done with them.
        self.clients = [
            Shopkeeper(shop, self.ledger, random.Random(self.dice.random()), number) for number in range(CLIENTS)
        ]

    @property
    def promised(self) -> int:
        return self.ledger.promises

    def report(self) -> str:
        return str(dict(self.ledger.answered))

    def check(self) -> None:
        self.at_rest.check()

    def close(self) -> None:
        self.make_progress()
        self.check()
        self.at_rest.check_all_mail_leaves()

    @property
    def at_rest(self) -> StoreAtRest:
        return StoreAtRest(self.shop, self.smtp, self.ledger, self.clients, self.left_behind)

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
                self.deaths["SIGKILL of the database"] += 1
                self.ledger.broken_now.wait(self.dice.uniform(0.0, 0.3))
            died_by_itself = not self.souk.running
            self.kill("SIGKILL")
        if died_by_itself:
            raise BrokenPromise(f"the program ended by itself:\n{self.souk.stderr[-4000:]}")
        self.ledger.raise_if_broken()

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
        if self.souk.storage.kind == "libsql":
            self.server.kill()  # Or it may still carry out what the killed program had sent it.
        if self.server is not None:
            self.server.start()
        self.left_behind = self.souk.storage.connections()
        self.ledger.outage.clear()
        self.souk.launch()
