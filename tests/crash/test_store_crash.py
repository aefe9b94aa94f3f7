"""Store's crash campaign as part of the suite. SOUK_CRASH_KILLS asks for more, SOUK_CRASH_SEED replays."""

from __future__ import annotations

import os
import random

import pytest

from .store_campaign import StoreCampaign

KILLS = {"sqlite": 8, "postgres": 6, "libsql": 4}


@pytest.mark.slow
def test_nothing_store_answered_is_lost_and_nothing_is_half_done(start_store):
    shop = start_store(store_checkout=1)
    storage = shop.souk.storage
    seed = int(os.environ.get("SOUK_CRASH_SEED") or random.SystemRandom().randrange(2**32))
    kills = int(os.environ.get("SOUK_CRASH_KILLS") or KILLS[storage.kind])

    StoreCampaign(shop, seed, server=storage.server if storage.kind == "postgres" else None).run(kills)
