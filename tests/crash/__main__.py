"""`python -m tests.crash flash|store --seed S --kills N --storage sqlite|postgres|libsql`: campaigns without pytest."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.flash_storage import PostgresFlash, SqliteFlash
from support.issuer import Issuer
from support.postgres import Postgres
from support.smtp import Smtp
from support.souk import Souk
from support.store import Shop, Store
from support.store_storage import LibsqlStore, PostgresStore, SqliteStore

from .campaign import BrokenPromise, Campaign
from .flash_campaign import FlashCampaign, settings_for
from .store_campaign import StoreCampaign

KILLS_PER_DATA_DIRECTORY = 25  # Every check reads all rows; fresh data keeps long campaigns quick.


@dataclass
class Service:
    """How one service is started on a storage, and the campaign against what runs then."""

    storages: dict[str, Callable]  # By their kind; that of PostgreSQL takes the server.
    start: Callable[[object, int], Souk]
    campaign: Callable[[Souk, int, Callable[[str], None]], Campaign]


@dataclass
class Total:
    """What all campaigns did, for whoever reports it."""

    deaths: Counter[str] = field(default_factory=Counter)
    promised: int = 0
    checks: int = 0
    checked: int = 0  # Promises looked up, in all checks together.
    seeds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    phases: Counter[str] = field(default_factory=Counter)

    def add(self, campaign: Campaign) -> None:
        self.deaths += campaign.deaths
        self.promised += campaign.promised
        self.checks += campaign.checks
        self.checked += campaign.checked
        self.seeds.append(campaign.seed)
        self.phases += campaign.seconds


def flash(wanted: argparse.Namespace, postgres: Postgres | None) -> Service:
    server = None if wanted.spare_database else postgres
    return Service(
        storages={"sqlite": SqliteFlash, "postgres": PostgresFlash},
        start=lambda storage, seed: Souk(**storage.settings, **settings_for(seed)),
        campaign=lambda souk, seed, say: FlashCampaign(souk, souk.storage, seed, say, server))


def store(issuer: Issuer, smtp: Smtp) -> Service:
    return Service(
        storages={"sqlite": SqliteStore, "postgres": PostgresStore, "libsql": LibsqlStore},
        start=lambda storage, _: Store(clerk_issuer=issuer.url, store_checkout=1, **smtp.settings, **storage.settings),
        campaign=lambda souk, seed, say: StoreCampaign(Shop(souk, issuer), smtp, seed, say))


def main() -> int:
    wanted = read_arguments()
    began, total = time.monotonic(), Total()
    with contextlib.ExitStack() as cleanup:
        postgres = None
        if wanted.storage == "postgres":
            postgres = Postgres()
            cleanup.callback(postgres.destroy)
            postgres.create()
        if wanted.service == "flash":
            service = flash(wanted, postgres)
        else:
            service = store(cleanup.enter_context(Issuer()), cleanup.enter_context(Smtp()))
        seed, left = wanted.seed, wanted.kills
        while left > 0:
            kills = min(left, KILLS_PER_DATA_DIRECTORY)
            before = total.deaths.total()
            if not run_one(service, postgres, seed, kills, total, wanted):
                print(
                    f"replay: python -m tests.crash {wanted.service} --seed {seed} --kills {kills}"
                    f" --storage {wanted.storage}"
                    + (" --spare-database" if wanted.spare_database else "")
                )
                return 1
            seed, left = seed + 1, left - (total.deaths.total() - before)
    total.seconds = time.monotonic() - began
    if wanted.json:
        wanted.json.write_text(json.dumps(vars(total)) + "\n")
    print(f"{total.deaths.total()} kills, no promise broken")
    return 0


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("service", choices=["flash", "store"])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--storage", choices=["sqlite", "postgres", "libsql"], default="sqlite")
    parser.add_argument(
        "--spare-database", action="store_true", help="flash: kill the program only, not PostgreSQL"
    )
    parser.add_argument("--quiet", action="store_true", help="tell only what went wrong")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    wanted = parser.parse_args()
    if wanted.service == "flash" and wanted.storage == "libsql":
        parser.error("flash keeps its rows in SQLite or PostgreSQL")
    return wanted


def run_one(service: Service, postgres: Postgres | None, seed: int, kills: int, total: Total,
            wanted: argparse.Namespace) -> bool:
    """One campaign on fresh data; tells the story of a broken promise and keeps its files."""
    new_storage = service.storages[wanted.storage]
    storage = new_storage(postgres) if postgres else new_storage()
    souk = service.start(storage, seed)
    souk.storage = storage
    say = (lambda _: None) if wanted.quiet else print
    try:
        campaign = service.campaign(souk.launch(), seed, say)
        campaign.run(kills)
        souk.stop()
    except BrokenPromise as broken:
        print(f"BROKEN PROMISE (seed {seed}): {broken}\nfiles: {storage.root}")
        return False
    finally:
        souk.close()
    total.add(campaign)
    souk.discard()
    storage.discard()
    return True


if __name__ == "__main__":
    sys.exit(main())
