"""The driver: load, SIGKILL at a seeded instant, restart, check; again and again."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

from support.load import Connection, ConnectionLost, address_of

from .checks import AtRest
from .clients import (
    DEEP_PRODUCT,
    DEEP_QUANTITY,
    HOT_PRODUCTS,
    Client,
    Seller,
    Shopper,
    put_in_force,
    send_init,
)
from .ledger import Ledger
from .rows import Rows

SHOPPERS = 4
LOAD_SECONDS = (0.05, 0.9)  # The kill comes somewhere in here after the clients have started.
RECOVERY_SECONDS = (0.0, 0.15)  # A kill this soon after a start hits the recovery.
KILL_IN_RECOVERY_CHANCE = 0.3
DATABASE_GONE_SECONDS = (0.02, 0.4)  # How long the program lives on without its database.
DATABASE_LATE_CHANCE = 0.3  # That the program is started before its database is there again.


def settings_for(seed: int) -> dict[str, object]:
    """Keys outlive the campaign, so that each must still be known after every restart."""
    dice = random.Random(seed)
    return {
        "rate_limit_rps": 0,
        "idempotency_ttl_seconds": 3600,
        "cancel_window_seconds": dice.choice([0, 600]),
        "max_per_user": dice.choice([0, 3]),
    }


class Campaign:
    """One data directory, many deaths. The same seed makes the same clients and instants.

    With `server`, the PostgreSQL behind the storage, that is killed as well: alone under load, or together with the
    program. A check always follows a death of the program, since only a new life settles what is still under way.
    """

    def __init__(self, souk, storage, seed: int, say: Callable[[str], None] = print, server=None) -> None:
        self.server = server  # None: only the program is killed.
        self.souk = souk  # A running support.souk.Souk, started with settings_for(seed).
        self.rows = Rows(storage)
        self.seed = seed
        self.say = say
        self.dice = random.Random(seed)
        self.ledger = Ledger(max_per_user=settings_for(seed)["max_per_user"])
        self.deaths: Counter[str] = Counter()
        self.checks = 0
        self.checked = 0
        self.seconds: Counter[str] = Counter()  # Where the time goes.

    @property
    def kills(self) -> int:
        return self.deaths.total()

    def run(self, kills: int) -> None:
        self.say(f"crash campaign: seed {self.seed}, {kills} kills, {settings_for(self.seed)}")
        self.open_shop()
        while self.kills < kills:
            with self.timed("load"):
                self.load_and_kill()
            if self.kills < kills and self.dice.random() < KILL_IN_RECOVERY_CHANCE:
                self.kill_in_recovery()
            with self.timed("restart"):
                self.revive()
            with self.timed("check"):
                self.check()
            self.report()

    @contextlib.contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[phase] += time.monotonic() - began

    def open_shop(self) -> None:
        with Connection(self.souk.api) as connection:
            send_init(connection, self.ledger, DEEP_PRODUCT, DEEP_QUANTITY)
            for product in HOT_PRODUCTS:
                put_in_force(connection, self.ledger, product, self.dice)
        self.ledger.raise_if_broken()

    def load_and_kill(self) -> None:
        clients = self.clients()
        for client in clients:
            client.start()
        # A broken promise ends the wait early; the kill then only ends the clients.
        self.ledger.broken_now.wait(self.dice.uniform(*LOAD_SECONDS))
        if self.server is not None:
            self.maybe_kill_database()
        died_by_itself = not self.souk.running
        self.kill("SIGKILL")
        for client in clients:
            client.join()
        if died_by_itself:
            self.ledger.fail(f"the program ended by itself with {self.souk.process.returncode}")
        self.ledger.raise_if_broken()

    def clients(self) -> list[Client]:
        address = address_of(self.souk.api)
        half = len(HOT_PRODUCTS) // 2
        made: list[Client] = []
        for number, products in enumerate((HOT_PRODUCTS[:half], HOT_PRODUCTS[half:])):
            dice = random.Random(self.dice.random())
            name = f"seller {number}"
            made.append(Seller(name, address, self.ledger, dice, products=list(products)))
        for number in range(SHOPPERS):
            dice = random.Random(self.dice.random())
            made.append(Shopper(f"shopper {number}", address, self.ledger, dice))
        return made

    def kill(self, how: str) -> None:
        self.ledger.event(how)
        self.souk.kill()
        self.deaths[how] += 1

    def maybe_kill_database(self) -> None:
        """One time in three the program dies alone, one time right after its database, one time some time later:
        then it may have seen the database come back."""
        fate = self.dice.choice(["alone", "together", "later"])
        how = self.dice.choice(["SIGKILL of PostgreSQL", "immediate stop of PostgreSQL"])
        comes_back = self.dice.random() < 0.5
        pauses = [self.dice.uniform(*DATABASE_GONE_SECONDS) for _ in range(2)]
        if fate == "alone":
            return
        self.ledger.event(how)
        if how.startswith("SIGKILL"):
            self.server.kill()
        else:
            self.server.stop()
        self.deaths[how] += 1
        if fate == "together":
            return
        self.ledger.broken_now.wait(pauses[0])
        if comes_back:
            self.server.start()
            self.ledger.event("PostgreSQL started again")
            self.ledger.broken_now.wait(pauses[1])

    def kill_in_recovery(self) -> None:
        """Starts without waiting for an answer and kills again: a crash may meet the recovery."""
        self.souk.launch(wait_for=None)
        threading.Event().wait(self.dice.uniform(*RECOVERY_SECONDS))
        self.kill("SIGKILL in the recovery")

    def revive(self) -> None:
        self.ledger.life += 1
        if self.server is not None and self.dice.random() < DATABASE_LATE_CHANCE:
            self.souk.launch(wait_for=None)
            self.server.start()
            self.souk.wait_until()
        else:
            if self.server is not None:
                self.server.start()
            self.souk.launch()
        self.ledger.event(f"started again, pid {self.souk.pid}")

    def check(self) -> None:
        """The check's own retries are load as well; a kill does not fall into it."""
        try:
            AtRest(self.ledger, address_of(self.souk.api), self.rows, self.dice).check()
            self.checks += 1
            self.checked += len(self.ledger.accepted)
        except ConnectionLost as end:
            self.ledger.fail(f"the program left its client during the check: {end}")
            self.ledger.raise_if_broken()

    def report(self) -> None:
        ledger = self.ledger
        counts = ", ".join(f"{what}: {count}" for what, count in sorted(ledger.answers.items()))
        self.say(f"kill {self.kills}: {len(ledger.accepted)} accepted orders in place; {counts}")
