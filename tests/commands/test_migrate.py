# `souk migrate`: makes the tables without starting the services.
import sqlite3

from support.command import run
from support.souk import Souk


def migrate(storage, cwd):
    return run("migrate", cwd=cwd, **storage.settings)


def test_it_makes_the_tables_of_every_service(new_storage, tmp_path):
    storage = new_storage()
    ended = migrate(storage, tmp_path)
    assert ended.code == 0, ended
    for table in ("products", "orders", "worker_position", "dead_letters"):
        assert storage.one(f"SELECT count(*) FROM {table}") == 0
    for service in ("flash", "store"):
        assert f"{service}: " in ended.out


def test_only_the_named_services_are_touched(tmp_path):
    ended = run("migrate", "store", cwd=tmp_path, data_dir=tmp_path / "data")
    assert ended.code == 0, ended
    assert (tmp_path / "data/store.db").exists() and not (tmp_path / "data/flash.db").exists()
    with sqlite3.connect(tmp_path / "data/store.db") as tables:
        names = {name for name, in tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"users", "products", "reviews", "cart", "contact_messages", "jobs"} <= names


def test_a_second_run_changes_nothing_and_says_so(new_storage, tmp_path):
    storage = new_storage()
    assert migrate(storage, tmp_path).code == 0
    again = migrate(storage, tmp_path)
    assert again.code == 0
    assert again.said.strip()


def test_a_program_starts_on_what_it_made(new_storage, tmp_path):
    storage = new_storage()
    assert migrate(storage, tmp_path).code == 0
    with Souk.start(**storage.settings) as souk:
        assert souk.running
    souk.discard()


def test_a_database_that_is_away_is_exit_code_3(tmp_path):
    ended = run("migrate", cwd=tmp_path, data_dir=tmp_path / "data",
                database_url="postgres://nobody@127.0.0.1:1/nothing")
    assert ended.code == 3
    assert ended.err.strip()


def test_data_in_use_by_a_running_program_is_exit_code_1(start_embedded, tmp_path):
    souk = start_embedded()
    ended = run("migrate", cwd=tmp_path, data_dir=souk.data_dir)
    assert ended.code == 1
    assert str(souk.data_dir) in ended.err
