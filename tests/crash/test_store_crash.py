"""The crash campaign of store as part of the suite."""

from __future__ import annotations

import pytest

from .campaign import wanted_kills, wanted_seed
from .store_campaign import StoreCampaign

KILLS = {"sqlite": 8, "postgres": 6, "libsql": 6}


def run_campaign(shop, smtp):
    StoreCampaign(shop, smtp, wanted_seed()).run(wanted_kills(KILLS[shop.souk.storage.kind]))


@pytest.mark.slow
def test_nothing_store_answered_is_lost_and_nothing_is_half_done(start_store, smtp):
    run_campaign(start_store(store_checkout=1, **smtp.settings), smtp)


@pytest.mark.slow
@pytest.mark.engine
def test_lists_that_redis_keeps_over_a_kill_are_never_too_old(start_postgres_store, smtp, redis):
    run_campaign(start_postgres_store(store_checkout=1, redis_url=redis.url, **smtp.settings), smtp)
