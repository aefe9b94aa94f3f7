"""HTTP does not depend on what keeps the rows, so these tests run on the embedded storage only."""

from __future__ import annotations

import uuid

import pytest

from support.raw_http import Address, address_of
from support.souk import Programs, Souk


@pytest.fixture(scope="module")
def server():
    """One program for all tests of a file."""
    with Programs() as programs:
        yield programs.launch(Souk(rate_limit_rps=0))


@pytest.fixture
def api(server) -> Address:
    return address_of(server.api)


@pytest.fixture
def fresh_name():
    """Gives names that no other test uses: fresh_name("key") is key-8f0c..."""
    return lambda what: f"{what}-{uuid.uuid4()}"
