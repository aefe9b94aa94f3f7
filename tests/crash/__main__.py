"""`python -m tests.crash --seed S --kills N --storage sqlite|postgres`: the campaign without pytest."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.postgres import Postgres
from support.souk import Souk
from support.storage import PostgresStorage, SqliteStorage

from .campaign import Campaign, settings_for
from .ledger import BrokenPromise

KILLS_PER_DATA_DIRECTORY = 25  # Every check reads all rows; fresh data keeps long campaigns quick.


@dataclass
class Total:
    """What all campaigns did, for whoever reports it."""

    deaths: Counter[str] = field(default_factory=Counter)
    promised: int = 0
    checks: int = 0
    checked: int = 0  # Orders looked up, in all checks together.
    seeds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    phases: Counter[str] = field(default_factory=Counter)

    def add(self, campaign: Campaign) -> None:
        self.deaths += campaign.deaths
        self.promised += len(campaign.ledger.accepted)
        self.checks += campaign.checks
        self.checked += campaign.checked
        self.seeds.append(campaign.seed)
        self.phases += campaign.seconds


def main() -> int:
    wanted = read_arguments()
    began, total = time.monotonic(), Total()
    with contextlib.ExitStack() as cleanup:
        postgres = None
        if wanted.storage == "postgres":
            postgres = Postgres()
            cleanup.callback(postgres.destroy)
            postgres.create()
        seed, left = wanted.seed, wanted.kills
        while left > 0:
            kills = min(left, KILLS_PER_DATA_DIRECTORY)
            before = total.deaths.total()
            if not run_one(postgres, seed, kills, total, wanted):
                print(
                    f"replay: python -m tests.crash --seed {seed} --kills {kills}"
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
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--storage", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument(
        "--spare-database", action="store_true", help="kill the program only, not PostgreSQL"
    )
    parser.add_argument("--quiet", action="store_true", help="tell only what went wrong")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    return parser.parse_args()


def run_one(
    postgres: Postgres | None, seed: int, kills: int, total: Total, wanted: argparse.Namespace
) -> bool:
    """One campaign on fresh data; tells the story of a broken promise and keeps its files."""
    storage = PostgresStorage(postgres) if postgres else SqliteStorage()
    souk = Souk(**storage.settings, **settings_for(seed))
    say = (lambda _: None) if wanted.quiet else print
    server = None if wanted.spare_database else postgres
    try:
        campaign = Campaign(souk.launch(), storage, seed, say, server)
        campaign.run(kills)
        souk.stop()
    except BrokenPromise as broken:
        print(f"BROKEN PROMISE (seed {seed}): {broken}\nfiles: {storage.data_dir}")
        return False
    finally:
        souk.close()
    total.add(campaign)
    souk.discard()
    storage.discard()
    return True


if __name__ == "__main__":
    sys.exit(main())
