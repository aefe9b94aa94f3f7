"""`python -m tests.crash.store --seed S --kills N --storage sqlite|postgres|libsql`: store's campaign without pytest."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.issuer import Issuer
from support.postgres import Postgres
from support.smtp import Smtp
from support.store import Shop, Store
from support.store_storage import LibsqlStore, PostgresStore, SqliteStore

from .ledger import BrokenPromise
from .store_campaign import StoreCampaign

KILLS_PER_DATA_DIRECTORY = 25  # Every check reads all rows; fresh data keeps long campaigns quick.


def main() -> int:
    wanted = read_arguments()
    done = 0
    with contextlib.ExitStack() as cleanup:
        issuer = cleanup.enter_context(Issuer())
        smtp = cleanup.enter_context(Smtp())
        postgres = None
        if wanted.storage == "postgres":
            postgres = Postgres()
            cleanup.callback(postgres.destroy)
            postgres.create()
        while done < wanted.kills:
            kills = min(wanted.kills - done, KILLS_PER_DATA_DIRECTORY)
            if not run_one(issuer, smtp, postgres, wanted, kills):
                print(f"replay: python -m tests.crash.store --seed {wanted.seed} --kills {kills}"
                      f" --storage {wanted.storage}")
                return 1
            done, wanted.seed = done + kills, wanted.seed + 1
    print(f"{done} kills, no promise broken")
    return 0


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.store", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--storage", choices=["sqlite", "postgres", "libsql"], default="sqlite")
    return parser.parse_args()


def run_one(
    issuer: Issuer, smtp: Smtp, postgres: Postgres | None, wanted: argparse.Namespace, kills: int
) -> bool:
    """One campaign on fresh data; tells the story of a broken promise and keeps its files."""
    storage = PostgresStore(postgres) if postgres else {"sqlite": SqliteStore, "libsql": LibsqlStore}[wanted.storage]()
    souk = Store(clerk_issuer=issuer.url, store_checkout=1, **smtp.settings, **storage.settings)
    souk.storage = storage
    try:
        StoreCampaign(Shop(souk.launch(), issuer), smtp, wanted.seed).run(kills)
        souk.stop()
    except BrokenPromise as broken:
        print(f"BROKEN PROMISE (seed {wanted.seed}): {broken}\nfiles: {storage.root}")
        return False
    finally:
        souk.close()
    souk.discard()
    storage.discard()
    return True


if __name__ == "__main__":
    sys.exit(main())
