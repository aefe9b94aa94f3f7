# The commands that write, with the n-th system call of each kind failing, for every n: strace makes it
# fail in the real program, so the SQLite library and every file are the usual ones.
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from support.flash import FlashClient
from support.souk import Souk, binary, clean_environment

# What makes and changes files, each with what it says on a disk that fails or is full.
FAULTS = [("mkdir", "EIO"), ("openat", "EMFILE"), ("pwrite64", "ENOSPC"), ("ftruncate", "ENOSPC"), ("fsync", "EIO"),
          ("fdatasync", "EIO"), ("link", "EIO")]
CALLS_MAX = 200


def can_trace():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


pytestmark = [pytest.mark.slow, pytest.mark.skipif(not can_trace(), reason="strace may not trace here")]


def run(arguments, cwd, *options):
    """The command, under strace with these options if there are any; gives it and strace's log."""
    log = cwd / "strace.log"
    traced = ["strace", "-f", "-o", str(log), *options] if options else []
    ended = subprocess.run([*traced, binary(), *map(str, arguments)], env=clean_environment(), cwd=cwd,
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return ended, log.read_text() if options else ""


def failing(call, error, arguments, cwd):
    """Runs with the first, the second, ... call of this kind failing; gives each ended run."""
    for n in range(1, CALLS_MAX):
        ended, log = run(arguments, cwd, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={n}")
        assert ended.returncode >= 0, f"{call} {n} failed, and it crashed: {ended.stderr}"
        if ended.returncode != 0:
            assert ended.stderr.strip(), f"{call} {n} failed, and it said nothing"
        yield n, ended
        if "INJECTED" not in log:
            assert ended.returncode == 0, ended.stderr
            return
    raise AssertionError(f"still failing after {CALLS_MAX} calls")


@pytest.fixture(scope="module")
def sold(tmp_path_factory):
    """Data of a program that sold three of five, and ended."""
    data = tmp_path_factory.mktemp("sold") / "data"
    with Souk.start(data_dir=data, rate_limit_rps=0) as souk:
        flash = FlashClient(souk)
        flash.stocked("p", 5)
        for order in [flash.accepted("p") for _ in range(3)]:
            flash.confirmed(order)
    souk.discard()
    return data


def stock_and_orders(data):
    with closing(sqlite3.connect(f"file:{data / 'flash.db'}?mode=ro", uri=True)) as rows:
        return rows.execute("SELECT (SELECT stock FROM products), (SELECT count(*) FROM orders)").fetchone()


@pytest.mark.parametrize(("call", "error"), FAULTS)
def test_tables_are_made_or_not_and_the_next_try_makes_them(call, error, tmp_path):
    data = tmp_path / "above" / "data"
    arguments = ["migrate", "--data-dir", data]
    for n, ended in failing(call, error, arguments, tmp_path):
        if ended.returncode != 0:
            again, _ = run(arguments, tmp_path)
            assert again.returncode == 0, f"{call} {n}: {again.stderr}"
        assert stock_and_orders(data) == (None, 0), f"{call} {n}"
        shutil.rmtree(data.parent)


@pytest.mark.parametrize(("call", "error"), FAULTS)
def test_a_backup_is_whole_or_not_there(call, error, sold, tmp_path):
    archive = tmp_path / "archive"
    arguments = ["backup", archive, "--data-dir", sold]
    for n, ended in failing(call, error, arguments, tmp_path):
        if ended.returncode != 0:
            left = [path.name for path in tmp_path.iterdir() if path.name != "strace.log"]
            assert left in ([], ["archive"]), f"{call} {n}"
            archive.unlink(missing_ok=True)  # its name may not be on the disk: that is what it said
            again, _ = run(arguments, tmp_path)
            assert again.returncode == 0, f"{call} {n}: {again.stderr}"
        restored, _ = run(["restore", archive, "--data-dir", tmp_path / "restored"], tmp_path)
        assert restored.returncode == 0, f"{call} {n}: {restored.stderr}"
        assert stock_and_orders(tmp_path / "restored") == (2, 3)
        archive.unlink()
        shutil.rmtree(tmp_path / "restored")


@pytest.mark.parametrize(("call", "error"), FAULTS)
def test_what_is_restored_is_whole_or_refused_and_can_be_restored_again(call, error, sold, tmp_path):
    archive, data = tmp_path / "archive", tmp_path / "above" / "data"
    saved, _ = run(["backup", archive, "--data-dir", sold], tmp_path)
    assert saved.returncode == 0, saved.stderr
    arguments = ["restore", archive, "--data-dir", data]
    for n, ended in failing(call, error, arguments, tmp_path):
        if ended.returncode != 0:
            assert not list(data.glob("*.part*")), f"{call} {n}"
            again, _ = run(arguments, tmp_path)
            if again.returncode != 0:  # the failed try has got so far that it would be overwritten
                assert "flash" in again.stderr, f"{call} {n}: {again.stderr}"
                shutil.rmtree(data)
                again, _ = run(arguments, tmp_path)
            assert again.returncode == 0, f"{call} {n}: {again.stderr}"
        assert stock_and_orders(data) == (2, 3), f"{call} {n}"
        shutil.rmtree(data.parent)
