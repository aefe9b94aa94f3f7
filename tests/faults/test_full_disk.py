# A disk that is really full, and one that cannot be written at all. Unlike tests/flash/test_disk.py,
# where each write of the process is refused, here the file system itself has no room.
import subprocess

from support.command import run
from support.eventually import eventually
from support.flash import ORDER_FAILED, SUCCESS, FlashClient, expect, new_key
from support.souk import Souk

LONG_USER = "u" * 250  # fills a disk sooner


def order_until_refused(flash, product, orders_max=20_000):
    """Accepted orders by key, until the first 500; gives them and the key that was refused."""
    accepted = {}
    for _ in range(orders_max):
        key = new_key()
        answer = flash.order(product, key, LONG_USER)
        if answer.status_code == 500:
            assert answer.text == ORDER_FAILED
            return accepted, key
        accepted[key] = expect(answer, 200, SUCCESS).headers["x-order-id"]
    raise AssertionError("the disk was never full")


def completed(flash, product, key):
    return eventually(lambda: flash.order(product, key, LONG_USER).status_code == 200, 20)


def test_a_full_disk_costs_no_accepted_order_and_room_is_enough_to_go_on(small_disk, start_embedded):
    disk = small_disk("3m")
    storage = disk.storage()
    souk = start_embedded(storage=storage)
    flash = FlashClient(souk)
    flash.stocked("p", 100_000)

    accepted, refused = order_until_refused(flash, "p")
    eventually(lambda: flash.get("/health").status_code == 503, 10, "/health tells of it")
    assert "full" in souk.stderr or "cannot be written" in souk.stderr
    assert flash.stock("p") <= 100_000 - len(accepted)

    disk.remount("size=64m")
    completed(flash, "p", refused)
    eventually(lambda: flash.get("/health").status_code == 200, 20, "/health is well again")
    for order in accepted.values():
        flash.confirmed(order, 30)
    eventually(lambda: storage.order_count("p") == len(accepted) + 1, 20)
    assert flash.stock("p") == 100_000 - len(accepted) - 1

    souk.kill()
    souk.restart()
    assert storage.order_count("p") == len(accepted) + 1
    assert flash.stock("p") == 100_000 - len(accepted) - 1


def test_a_kill_on_a_full_disk_loses_nothing(small_disk, start_embedded):
    disk = small_disk("3m")
    storage = disk.storage()
    souk = start_embedded(storage=storage)
    flash = FlashClient(souk)
    flash.stocked("p", 100_000)
    accepted, _ = order_until_refused(flash, "p")
    souk.kill()
    disk.remount("size=64m")
    souk.launch()

    for order in accepted.values():
        flash.confirmed(order, 30)
    rows = storage.order_count("p")
    assert len(accepted) <= rows <= len(accepted) + 1  # the undecided one may be in the log
    assert flash.stock("p") == 100_000 - rows


def test_a_program_does_not_start_on_a_full_disk_and_says_why(small_disk):
    disk = small_disk("1m")
    disk.fill()
    souk = Souk(data_dir=disk.path / "data").launch(wait_for=None)
    try:
        code, said = souk.expect_exit()
        assert code not in (0, None)
        assert "disk" in said or "space" in said
        (disk.path / "filler").unlink()
        souk.launch().stop()
    finally:
        souk.kill()
        souk.discard()


def test_a_read_only_data_directory_is_refused_with_what_to_do(small_disk):
    disk = small_disk("4m")
    souk = Souk(data_dir=disk.path / "data").launch()
    try:
        FlashClient(souk).stocked("p", 5)
        souk.stop()
        disk.remount("ro")
        code, said = souk.launch(wait_for=None).expect_exit()
        assert code == 1
        assert "Read-only file system" in said
        assert "Make it writable" in said and "--data-dir" in said

        settings = run("config", cwd=souk.owned, data_dir=souk.data_dir)
        assert settings.code == 0 and str(souk.data_dir) in settings.out

        disk.remount("rw")
        souk.launch()
        assert FlashClient(souk).stock("p") == 5
        souk.stop()
    finally:
        souk.kill()
        souk.discard()


def test_rows_can_be_read_on_a_read_only_disk_after_an_orderly_end(small_disk):
    disk = small_disk("4m")
    souk = Souk(data_dir=disk.path / "data").launch()
    try:
        flash = FlashClient(souk)
        flash.stocked("p", 5)
        flash.confirmed(flash.accepted("p"))
        souk.stop()
        disk.remount("ro")
        address = f"file:{souk.data_dir}/flash.db?immutable=1"
        read = subprocess.run(
            ["python3", "-c", "import sqlite3, sys; print(sqlite3.connect(sys.argv[1], uri=True)"
             ".execute('SELECT stock FROM products').fetchone()[0])", address],
            check=True, capture_output=True, text=True)
        assert read.stdout.strip() == "4"
    finally:
        souk.kill()
        souk.discard()
