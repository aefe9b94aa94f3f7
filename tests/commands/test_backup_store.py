# `souk backup` and `souk restore` with the tables of store in them, and beside those of flash.
import json
import sqlite3
import stat

import pytest

from support.command import run
from support.flash import FlashClient
from support.souk import Souk
from support.store import Store


def backup(souk, file, *words):
    names = {n: v for n, v in souk.environment().items() if n.startswith(("FLASH_", "STORE_", "SOUK_"))}
    return run("backup", file, *words, cwd=souk.owned, env=names, seconds=60)


def restore(file, data_dir, cwd, **options):
    return run("restore", file, cwd=cwd, data_dir=data_dir, **options)


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "souk.backup"


@pytest.fixture
def shop(start_embedded_store):
    """A shop with a product and a review."""
    shop = start_embedded_store(by=None)
    token = shop.souk.command("store", "token", "--email", "you@example.com").out.strip()
    shop.headers = {"Authorization": f"Bearer {token}"}
    mug = {"name": "Mug", "price": 1200, "description": "", "category": "Kitchen", "stock": 3, "image_url": ""}
    assert shop.post("/api/product", mug, headers=shop.headers).status_code == 201
    return shop


@pytest.fixture
def both(shop):
    """The data of both services, nobody running on it."""
    shop.souk.stop()
    with Souk.start(data_dir=shop.souk.data_dir, rate_limit_rps=0) as flash:
        FlashClient(flash).stocked("p", 10)
        FlashClient(flash).confirmed(FlashClient(flash).accepted("p"))
    flash.discard()
    return shop.souk


def names_in(data_dir):
    with sqlite3.connect(data_dir / "store.db") as tables:
        return [name for name, in tables.execute("SELECT name FROM products ORDER BY id")]


def test_what_was_saved_beside_a_running_shop_comes_back(shop, archive, tmp_path):
    ended = backup(shop.souk, archive, "--json")
    assert (ended.code, ended.err) == (0, ""), ended
    assert json.loads(ended.out)["services"] == ["store"]
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [archive.name], "nothing is left beside it"
    later = {"name": "Later", "price": 1, "description": "", "category": "Kitchen", "stock": 3, "image_url": ""}
    assert shop.post("/api/product", later, headers=shop.headers).status_code == 201

    ended = restore(archive, tmp_path / "restored", tmp_path)
    assert (ended.code, ended.err) == (0, ""), ended
    assert sorted(path.name for path in tmp_path.iterdir()) == ["restored", archive.name]
    with Store.start(data_dir=tmp_path / "restored") as again:
        answer = again.http.get(again.api + "/api/product")
        assert [product["name"] for product in answer.json()["data"]] == ["Mug"]
    again.discard()


def test_both_services_come_back_from_one_file(both, archive, tmp_path):
    ended = backup(both, archive)
    assert ended.code == 0 and "1 orders in the tables" in ended.out and "store" in ended.out, ended
    assert restore(archive, tmp_path / "restored", tmp_path).code == 0
    assert names_in(tmp_path / "restored") == ["Mug"]
    with Souk.start(data_dir=tmp_path / "restored", rate_limit_rps=0) as again:
        assert FlashClient(again).stock("p") == 9
    again.discard()


def test_a_backup_of_flash_alone_is_one_that_every_version_reads(both, archive):
    (both.data_dir / "store.db").unlink()
    assert backup(both, archive).code == 0
    with sqlite3.connect(archive) as saved:
        assert saved.execute("SELECT format FROM souk_backup").fetchall() == [(1,)]


def test_a_running_program_saves_what_it_serves(both, archive):
    with Souk.start(data_dir=both.data_dir, rate_limit_rps=0) as flash:
        ended = backup(flash, archive, "--json")
    flash.discard()
    assert json.loads(ended.out)["services"] == ["flash"]


@pytest.mark.parametrize("damage", ["cut", "letter", "end"])
def test_a_damaged_archive_changes_nothing(both, archive, tmp_path, damage):
    assert backup(both, archive).code == 0
    data = bytearray(archive.read_bytes())
    if damage == "cut":
        data = data[:len(data) // 2]
    elif damage == "end":
        data = data[:-4]
    else:
        data[data.index(b"Mug")] ^= 1
    archive.write_bytes(data)
    ended = restore(archive, tmp_path / "restored", tmp_path)
    assert ended.code == 1 and "damaged" in ended.err, ended
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]


def test_an_archive_of_a_newer_store_is_refused(both, archive, tmp_path):
    with sqlite3.connect(both.data_dir / "store.db") as tables:
        tables.execute("INSERT INTO souk_migrations (number, name, checksum, applied_at) "
                       "SELECT 999, 'later', checksum, applied_at FROM souk_migrations WHERE number = 1")
    tables.close()
    assert backup(both, archive).code == 0
    ended = restore(archive, tmp_path / "restored", tmp_path)
    assert ended.code == 1 and ended.err.strip()
    assert not (tmp_path / "restored").exists()


def test_tables_are_not_restored_beside_others(both, archive, tmp_path):
    assert backup(both, archive).code == 0
    ended = restore(archive, tmp_path / "restored", tmp_path,
                    env={"STORE_DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"})
    assert ended.code == 1 and "STORE_DATABASE_URL" in ended.err
    assert not (tmp_path / "restored").exists()


def test_nothing_is_overwritten(both, archive):
    archive.write_text("mine")
    ended = backup(both, archive)
    assert ended.code == 1 and "exists" in ended.err
    assert archive.read_text() == "mine"
