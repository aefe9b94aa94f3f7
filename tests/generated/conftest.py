# Every run generates other inputs; the seed is said at its start, and SOUK_TEST_SEED=N replays it.
import os
import random

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from support.souk import REPOSITORY

set_hypothesis_home_dir(REPOSITORY / "build/hypothesis")


@pytest.fixture(scope="session")
def generation_seed(request):
    seed = int(os.environ.get("SOUK_TEST_SEED") or random.SystemRandom().randrange(2**32))
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\ngenerated tests: SOUK_TEST_SEED={seed}")
    return seed
