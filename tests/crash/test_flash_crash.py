"""The crash campaign of flash as part of the suite."""

from __future__ import annotations

from .campaign import wanted_kills, wanted_seed
from .flash_campaign import FlashCampaign, settings_for

KILLS = {"sqlite": 10, "postgres": 3}


def test_no_promise_is_broken_by_killing_the_program_under_load(start_souk, new_storage):
    storage = new_storage()
    seed = wanted_seed()
    souk = start_souk(storage=storage, **settings_for(seed))

    FlashCampaign(souk, storage, seed).run(wanted_kills(KILLS[storage.kind]))
