"""The campaign of flash: buyers and sellers, and a PostgreSQL that may die as well."""

from __future__ import annotations

import random
from collections.abc import Callable

from support.raw_http import Connection, ConnectionLost, address_of

from .campaign import Campaign
from .flash_checks import FlashAtRest
from .flash_clients import (
    DEEP_PRODUCT,
    DEEP_QUANTITY,
    HOT_PRODUCTS,
    Client,
    Seller,
    Shopper,
    put_in_force,
    send_init,
)
from .flash_ledger import FlashLedger
from .flash_rows import FlashRows

SHOPPERS = 4
LOAD_SECONDS = (0.05, 0.9)  # The kill comes somewhere in here after the clients have started.
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


class FlashCampaign(Campaign):
    """With `server`, the PostgreSQL behind the storage, that is killed as well: alone under load, or together with the
    program. A check always follows a death of the program, since only a new life settles what is still under way.
    """

    service = "flash"
    ledger: FlashLedger

    def __init__(self, souk, storage, seed: int, say: Callable[[str], None] = print, server=None) -> None:
        """`souk` has been started with settings_for(seed)."""
        super().__init__(souk, FlashLedger(max_per_user=settings_for(seed)["max_per_user"]), seed, say)
        self.server = server  # None: only the program is killed.
        self.rows = FlashRows(storage)

    @property
    def promised(self) -> int:
        return len(self.ledger.accepted)

    def open(self) -> None:
        self.say(f"settings: {settings_for(self.seed)}")
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
        super().kill(how)

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
            FlashAtRest(self.ledger, address_of(self.souk.api), self.rows, self.dice).check()
        except ConnectionLost as end:
            self.ledger.fail(f"the program left its client during the check: {end}")
            self.ledger.raise_if_broken()

    def report(self) -> str:
        counts = ", ".join(f"{what}: {count}" for what, count in sorted(self.ledger.answers.items()))
        return f"{self.promised} accepted orders in place; {counts}"
