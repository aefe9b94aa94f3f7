"""Each rule of check_layers.py finds a violation planted for it, and leaves a house in order alone."""

import pytest

from check_layers import violations


def test_a_house_in_order_has_no_violations(tree):
    tree.header("src/platform/core/error.h")
    tree.header("src/platform/db/database.h", "platform/core/error.h", "platform/log/log.h")
    tree.header("src/platform/db/sqlite/connection.h", "platform/db/database.h")
    tree.header("src/platform/http/server.h", "platform/json/json.h", "platform/metrics/histogram.h")
    tree.header("src/platform/testing/room.h", "platform/http/server.h", "platform/db/database.h")
    tree.write("src/platform/core/tests/error_test.cpp", '#include "platform/testing/room.h"\n')
    tree.header("src/services/flash/rules.h", "platform/core/error.h", "services/flash/types.h")
    tree.header("src/services/flash/types.h", "platform/core/error.h")
    tree.header("src/services/flash/service.h", "platform/http/server.h", "platform/db/database.h")
    tree.header("src/services/flash/order_log_sqlite.h", "platform/db/database.h")
    tree.write("src/services/flash/tests/rules_test.cpp", '#include "platform/http/server.h"\n')
    tree.write("src/main/main.cpp", '#include "services/flash/service.h"\n#include <boost/asio.hpp>\n')

    assert violations(tree.root) == []


# The file with the planted include, what it includes, and words of the complaint.
PLANTED = [
    ("src/platform/core/a.h", "platform/json/json.h", "platform/core must not include platform/json, which lies above"),
    ("src/platform/json/a.h", "platform/log/log.h", "platform/log, which lies beside it"),
    ("src/platform/db/a.h", "platform/http/server.h", "platform/http, which lies above it"),
    ("src/platform/http/a.h", "platform/ws/peer.h", "platform/ws, which lies above it"),
    ("src/platform/http/a.h", "platform/testing/room.h", "platform/testing, which lies above it"),
    ("src/platform/http/a.h", "services/flash/types.h", "the platform must not include services/"),
    ("src/platform/http/a.h", "main/main.h", "the platform must not include main/"),
    ("src/platform/http/tests/a_test.cpp", "services/flash/types.h", "the platform must not include services/"),
    ("src/platform/attic/a.h", "platform/core/error.h", "platform/attic is no floor"),
    ("src/platform/http/a.h", "platform/attic/box.h", "platform/attic is no floor"),
    ("src/services/flash/service.h", "main/main.h", "a room must not include main/"),
    ("src/services/flash/service.h", "services/store/types.h", "services/flash must not include services/store"),
    ("src/services/flash/tests/a_test.cpp", "services/store/types.h", "must not include services/store"),
    ("src/services/mods/gateway/wire.h", "services/mods/catalogue/types.h", "must not include services/mods/catalogue"),
    ("src/services/mods/service.h", "services/mods/catalogue/store.h", "must not include services/mods/catalogue"),
    ("src/services/flash/types.h", "platform/json/json.h", "types* may include of the platform only core; not json"),
    ("src/services/flash/errors.h", "platform/http/reply.h", "errors* may include"),
    ("src/services/flash/ports.h", "platform/db/database.h", "ports* may include"),
    ("src/services/flash/rules.cpp", "platform/log/log.h", "rules* may include"),
    ("src/services/flash/operations.h", "platform/db/database.h", "operations* may include"),
    ("src/services/flash/store_orders.cpp", "platform/http/server.h", "store* may include"),
    ("src/services/flash/wire.h", "platform/http/server.h", "wire* may include"),
    ("src/services/flash/http.cpp", "platform/db/database.h", "http* may include"),
    ("src/services/flash/settings.h", "platform/http/server.h", "settings* may include"),
    ("src/services/flash/gate.h", "platform/log/log.h", "gate* may include"),
    ("src/services/flash/order_log.h", "platform/http/server.h", "order_log* may include"),
    ("src/services/flash/worker.cpp", "platform/http/server.h", "worker* may include"),
    ("src/services/flash/waiting_room.cpp", "platform/db/database.h", "waiting_room* may include"),
    ("src/services/flash/helpers.h", "platform/core/error.h", "no row in scripts/check_layers.py names this kind"),
    ("src/platform/core/a.h", "../core/error.h", "without .."),
]


@pytest.mark.parametrize(("file", "included", "complaint"), PLANTED)
def test_a_planted_include_is_found(tree, file, included, complaint):
    tree.header(file, included)

    found = violations(tree.root)

    assert len(found) == 1
    assert found[0].startswith(f"{file}:")
    assert complaint in found[0]


def test_a_house_may_use_the_door_of_its_sub_room(tree):
    tree.header("src/services/mods/service.h", "services/mods/catalogue/service.h")

    assert violations(tree.root) == []


def test_a_path_that_starts_beside_the_file_is_found(tree):
    tree.header("src/platform/core/error.h")
    tree.header("src/platform/core/result.h", "error.h")

    assert violations(tree.root) == ['src/platform/core/result.h:2: "error.h": paths start at src/']


def test_our_header_between_angle_brackets_is_found(tree):
    tree.write("src/platform/db/a.cpp", "#include <platform/core/error.h>\n")

    [found] = violations(tree.root)

    assert "write it with quotation marks" in found


def test_headers_in_a_circle_are_found_once(tree):
    tree.header("src/platform/core/a.h", "platform/core/b.h")
    tree.header("src/platform/core/b.h", "platform/core/c.h")
    tree.header("src/platform/core/c.h", "platform/core/a.h")

    [found] = violations(tree.root)

    assert "circle: platform/core/a.h -> platform/core/b.h -> platform/core/c.h -> platform/core/a.h" in found


@pytest.mark.parametrize("file", ["src/platform/core/a.h", "tests/load/a.h", "bench/a.h", "fuzz/a.h"])
def test_a_header_without_pragma_once_is_found(tree, file):
    tree.write(file, "// #pragma once is not here\nint one();\n")

    assert violations(tree.root) == [f"{file}:1: the header lacks #pragma once"]
