"""`python -m tests.crash --seed S --kills N --storage sqlite|postgres`: the campaign without pytest."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.postgres import Postgres
from support.souk import Souk
from support.storage import PostgresStorage, SqliteStorage

from .campaign import Campaign, settings_for
from .ledger import BrokenPromise

KILLS_PER_DATA_DIRECTORY = 25  # Every check reads all rows; fresh data keeps long campaigns quick.


def main() -> int:
    wanted = read_arguments()
    with contextlib.ExitStack() as cleanup:
        postgres = None
        if wanted.storage == "postgres":
            postgres = Postgres()
            cleanup.callback(postgres.destroy)
            postgres.create()
        seed, left = wanted.seed, wanted.kills
        while left > 0:
            kills = min(left, KILLS_PER_DATA_DIRECTORY)
            if not run_one(postgres, seed, kills):
                print(
                    f"replay: python -m tests.crash --seed {seed} --kills {kills}"
                    f" --storage {wanted.storage}"
                )
                return 1
            seed, left = seed + 1, left - kills
    print(f"{wanted.kills} kills, no promise broken")
    return 0


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--storage", choices=["sqlite", "postgres"], default="sqlite")
    return parser.parse_args()


def run_one(postgres: Postgres | None, seed: int, kills: int) -> bool:
    """One campaign on fresh data; tells the story of a broken promise and keeps its files."""
    storage = PostgresStorage(postgres) if postgres else SqliteStorage()
    souk = Souk(**storage.settings, **settings_for(seed))
    try:
        Campaign(souk.launch(), storage, seed).run(kills)
        souk.stop()
    except BrokenPromise as broken:
        print(f"BROKEN PROMISE (seed {seed}): {broken}\nfiles: {storage.data_dir}")
        return False
    finally:
        souk.close()
    souk.discard()
    storage.discard()
    return True


if __name__ == "__main__":
    sys.exit(main())
