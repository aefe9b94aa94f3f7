# `souk flash init PRODUCT QUANTITY`, with and without a running program.
import json

import pytest

from support.command import run
from support.flash import FlashClient
from support.ports import free_port
from support.souk import Souk


def init(souk, product, quantity, *flags, **settings):
    """The command with the same settings as the program."""
    return run("flash", "init", product, quantity, *flags, cwd=souk.owned,
               env={n: v for n, v in souk.environment().items() if n.startswith(("FLASH_", "SOUK_"))},
               **settings)


def test_it_changes_the_running_program(flash, souk, product):
    ended = init(souk, product, 7)
    assert (ended.code, ended.err) == (0, "")
    assert product in ended.out and "7" in ended.out
    assert flash.stock(product) == 7
    flash.confirmed(flash.accepted(product))


def test_it_changes_the_program_at_an_address(flash, souk, product, tmp_path):
    ended = run("flash", "init", product, 5, "--url", souk.api, cwd=tmp_path)
    assert ended.code == 0
    assert flash.stock(product) == 5
    assert list(tmp_path.iterdir()) == []


def test_json_is_printed_for_programs(flash, souk, product, tmp_path):
    ended = run("flash", "init", product, 5, "--url", souk.api, "--json", cwd=tmp_path)
    assert ended.code == 0
    assert json.loads(ended.out)


def test_with_no_program_running_it_takes_the_lock_itself(start_souk, product):
    souk = start_souk()
    souk.stop()
    ended = init(souk, product, 9)
    assert ended.code == 0, ended
    souk.restart()
    flash = FlashClient(souk)
    assert flash.stock(product) == 9
    flash.confirmed(flash.accepted(product))
    assert souk.storage.product_stock(product) == 8


def test_with_no_program_running_it_starts_on_an_empty_directory_as_well(tmp_path, product):
    data = tmp_path / "data"
    port = free_port()
    ended = run("flash", "init", product, 4, cwd=tmp_path, data_dir=data, port=port)
    assert ended.code == 0, ended
    with Souk.start(data_dir=data, rate_limit_rps=0) as souk:
        assert FlashClient(souk).stock(product) == 4
    souk.discard()


def test_an_address_nobody_listens_at_is_exit_code_3(tmp_path):
    address = f"http://127.0.0.1:{free_port()}"
    ended = run("flash", "init", "product", 1, "--url", address, cwd=tmp_path)
    assert ended.code == 3
    assert address in ended.err


def test_what_the_program_refuses_is_exit_code_1_with_its_reason(start_embedded, tmp_path):
    souk = start_embedded(admin_token="geheim")
    for env in ({}, {"ADMIN_TOKEN": "wrong"}):
        ended = run("flash", "init", "product", 1, "--url", souk.api, cwd=tmp_path, env=env)
        assert ended.code == 1
        assert "Unauthorized" in ended.err
    assert FlashClient(souk).get("/inventory/product").status_code == 404


@pytest.mark.parametrize("how", ["environment", "plain environment"])
def test_the_token_is_taken_from_the_environment(start_embedded, tmp_path, how):
    souk = start_embedded(admin_token="geheim")
    env = {"environment": {"FLASH_ADMIN_TOKEN": "geheim"},
           "plain environment": {"ADMIN_TOKEN": "geheim"}}[how]
    ended = run("flash", "init", "product", 6, "--url", souk.api, cwd=tmp_path, env=env)
    assert ended.code == 0, ended
    assert "geheim" not in ended.said
    assert FlashClient(souk).stock("product") == 6
