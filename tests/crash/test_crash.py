"""The crash campaign as part of the suite. SOUK_CRASH_KILLS asks for more, SOUK_CRASH_SEED replays."""

from __future__ import annotations

import os
import random

from .campaign import Campaign, settings_for

KILLS = {"sqlite": 10, "postgres": 3}


def test_no_promise_is_broken_by_killing_the_program_under_load(start_souk, new_storage):
    storage = new_storage()
    seed = int(os.environ.get("SOUK_CRASH_SEED") or random.SystemRandom().randrange(2**32))
    kills = int(os.environ.get("SOUK_CRASH_KILLS") or KILLS[storage.kind])
    souk = start_souk(storage=storage, **settings_for(seed))

    Campaign(souk, storage, seed).run(kills)
