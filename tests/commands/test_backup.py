# `souk backup` and `souk restore`: consistent beside a running sale, and refusing what would destroy.
import shutil
import sqlite3
import stat
import threading

import pytest

from support.command import run
from support.eventually import eventually
from support.flash import DUPLICATE, FlashClient, expect, new_key
from support.flash_storage import PostgresFlash
from support.souk import Souk


def settings_of(souk, **others):
    names = {n: v for n, v in souk.environment().items() if n.startswith(("FLASH_", "SOUK_"))}
    return names | others


def backup(souk, file):
    return run("backup", file, cwd=souk.owned, env=settings_of(souk), seconds=60)


def restore(file, data_dir, cwd, **settings):
    return run("restore", file, cwd=cwd, data_dir=data_dir, **settings)


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "souk.backup"


@pytest.fixture
def start_restored(tmp_path):
    """Starts a program on restored data; ended after the test."""
    started = []

    def start(data_dir, **settings):
        started.append(Souk.start(data_dir=data_dir, rate_limit_rps=0, **settings))
        return started[-1]

    yield start
    for souk in started:
        souk.close()
        souk.discard()


def test_what_was_saved_beside_a_running_program_comes_back(start_embedded, start_restored, archive, tmp_path):
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("p", 10)
    keys = {key: flash.accepted("p", key) for key in (new_key() for _ in range(4))}
    ended = backup(souk, archive)
    assert (ended.code, ended.err) == (0, ""), ended
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [archive.name], "nothing is left beside it"
    flash.accepted("p")

    ended = restore(archive, tmp_path / "restored", tmp_path)
    assert (ended.code, ended.err) == (0, ""), ended
    again = FlashClient(start_restored(tmp_path / "restored"))
    assert again.stock("p") == 6
    for key, order in keys.items():
        assert expect(again.order("p", key), 200, DUPLICATE).headers["x-order-id"] == order
        again.confirmed(order)


def test_orders_that_are_only_in_the_log_come_back_as_well(start_embedded, start_restored, archive, tmp_path):
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("p", 10)
    with souk.storage.orders_stay_pending():
        orders = [flash.accepted("p") for _ in range(3)]
        assert backup(souk, archive).code == 0
    assert restore(archive, tmp_path / "restored", tmp_path).code == 0
    again = FlashClient(start_restored(tmp_path / "restored"))
    for order in orders:
        again.confirmed(order)
    assert again.stock("p") == 7


def test_a_backup_amid_sales_and_orders_restores_to_a_state_that_was(start_embedded, start_restored, archive, tmp_path):
    # The invariant of the contract: what /init gave is what is left plus what was sold, and no
    # order that was answered before the backup began is missing.
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("steady", 100_000)
    stop = threading.Event()
    accepted = []

    def buy():
        client = FlashClient(souk)
        while not stop.is_set():
            accepted.append(client.accepted("steady"))

    def start_sales():
        client = FlashClient(souk)
        while not stop.is_set():
            client.stocked("changing", 1_000)
            client.accepted("changing")

    threads = [threading.Thread(target=work) for work in (buy, buy, start_sales)]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: len(accepted) > 200)
        for number in range(5):
            before = list(accepted)
            archive = tmp_path / f"{number}.backup"
            ended = backup(souk, archive)
            assert ended.code == 0, ended
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert restore(archive, tmp_path / "restored", tmp_path).code == 0
    with Souk.start(data_dir=tmp_path / "restored", rate_limit_rps=0) as again:
        client = FlashClient(again)
        for order in before:
            client.confirmed(order)
    again.discard()
    with sqlite3.connect(tmp_path / "restored/flash.db") as tables:
        orders, stock = (tables.execute(sql).fetchone()[0] for sql in (
            "SELECT count(*) FROM orders WHERE product_id = 'steady'",
            "SELECT stock FROM products WHERE id = 'steady'"))
        failed = tables.execute("SELECT count(*) FROM orders WHERE state = 'failed'").fetchone()[0]
    assert orders + stock == 100_000
    assert failed == 0


def test_with_no_program_running_it_takes_the_lock_itself(start_embedded, archive, tmp_path):
    souk = start_embedded()
    FlashClient(souk).stocked("p", 2)
    souk.kill()
    ended = backup(souk, archive)
    assert ended.code == 0, ended
    assert restore(archive, tmp_path / "restored", tmp_path).code == 0
    assert (tmp_path / "restored/flash.db").exists()


def test_nothing_is_overwritten_by_a_backup(start_embedded, archive):
    souk = start_embedded()
    archive.write_text("mine")
    for _ in ("running", "stopped"):
        ended = backup(souk, archive)
        assert ended.code == 1
        assert str(archive) in ended.err and "exists" in ended.err
        assert archive.read_text() == "mine"
        if souk.running:
            souk.stop()


def test_nothing_to_save_is_refused(tmp_path, archive):
    ended = run("backup", archive, cwd=tmp_path, data_dir=tmp_path / "none")
    assert ended.code == 1
    assert not archive.exists() and not (tmp_path / "none").exists()


def test_a_directory_that_holds_data_is_not_restored_into(start_embedded, archive):
    souk = start_embedded()
    assert backup(souk, archive).code == 0
    for state in ("running", "stopped"):
        ended = restore(archive, souk.data_dir, souk.owned)
        assert ended.code == 1, state
        assert "not empty" in ended.err
        if souk.running:
            souk.stop()
    souk.restart()


@pytest.mark.parametrize("damage", ["cut", "scribble", "other", "row", "newer"])
def test_a_damaged_archive_changes_nothing(start_embedded, archive, tmp_path, damage):
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("p", 50)
    flash.confirmed([flash.accepted("p") for _ in range(40)][-1])
    assert backup(souk, archive).code == 0
    data = archive.read_bytes()
    if damage == "cut":
        archive.write_bytes(data[:len(data) // 2])
    elif damage == "scribble":
        pages = [data[at:at + 4_096] for at in range(0, len(data), 4_096)]
        archive.write_bytes(pages[0] + b"".join(b"\xff" * 16 + page[16:] for page in pages[1:]))
    elif damage == "other":
        archive.write_text("no backup")
    else:
        sql = {"row": "DELETE FROM souk_backup_log", "newer": "UPDATE souk_backup SET format = 99"}
        with sqlite3.connect(archive) as changed:
            changed.execute(sql[damage])
    ended = restore(archive, tmp_path / "restored", tmp_path)
    assert ended.code in (1, 3), ended
    assert ended.err.strip()
    assert not (tmp_path / "restored").exists()


@pytest.mark.engine
def test_with_postgres_the_log_is_saved_and_the_tables_are_named_as_missing(postgres, archive, tmp_path):
    storage = PostgresFlash(postgres.start())
    souk = Souk.start(rate_limit_rps=0, **storage.settings)
    try:
        flash = FlashClient(souk)
        flash.stocked("p", 5)
        order = flash.confirmed(flash.accepted("p"))
        ended = backup(souk, archive)
        assert ended.code == 0 and "pg_dump" in ended.out
        souk.kill()
        shutil.rmtree(souk.data_dir)
        ended = restore(archive, souk.data_dir, tmp_path, database_url=storage.url)
        assert ended.code == 0 and "--flash-take-over" in ended.out
        souk.settings["take_over"] = "true"
        souk.restart()
        again = FlashClient(souk)
        again.confirmed(order)
        assert again.stock("p") == 4
    finally:
        souk.kill()
        souk.discard()
        storage.discard()


def test_a_backup_with_tables_is_not_restored_beside_others(start_embedded, archive, tmp_path):
    souk = start_embedded()
    assert backup(souk, archive).code == 0
    ended = restore(archive, tmp_path / "restored", tmp_path, database_url="postgres://nobody@127.0.0.1:1/nothing")
    assert ended.code == 1 and "FLASH_DATABASE_URL" in ended.err
    assert not (tmp_path / "restored").exists()
