"""Store's crash campaign as part of the suite. SOUK_CRASH_KILLS asks for more, SOUK_CRASH_SEED replays."""

from __future__ import annotations

import os
import random

import pytest

from .store_campaign import StoreCampaign

KILLS = {"sqlite": 8, "postgres": 6, "libsql": 6}


def run_campaign(shop, smtp):
    seed = int(os.environ.get("SOUK_CRASH_SEED") or random.SystemRandom().randrange(2**32))
    kills = int(os.environ.get("SOUK_CRASH_KILLS") or KILLS[shop.souk.storage.kind])
    StoreCampaign(shop, smtp, seed).run(kills)


@pytest.mark.slow
def test_nothing_store_answered_is_lost_and_nothing_is_half_done(start_store, smtp):
    run_campaign(start_store(store_checkout=1, **smtp.settings), smtp)


@pytest.mark.slow
@pytest.mark.engine
def test_lists_that_redis_keeps_over_a_kill_are_never_too_old(start_postgres_store, smtp, redis):
    run_campaign(start_postgres_store(store_checkout=1, redis_url=redis.url, **smtp.settings), smtp)
