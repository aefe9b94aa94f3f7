# Small file systems for the fault tests: real ones, in memory, that are really full.
import os
import subprocess
from pathlib import Path

import pytest

from support.flash_storage import SqliteFlash


class SmallDisk:
    """A tmpfs of `size`; it can grow, and be made read-only while nobody writes."""

    def __init__(self, place: Path, size: str):
        self.path = place
        self.path.mkdir()
        self.mounted = False
        self.storages = []
        self._mount(f"size={size}")
        self.mounted = True

    def _mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.path)],
                       check=True, capture_output=True, text=True)

    def remount(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.path)],
                       check=True, capture_output=True, text=True)

    def fill(self):
        """Takes every byte that is left; gives the file that does."""
        filler = self.path / "filler"
        with open(filler, "wb", buffering=0) as file:
            size = 1 << 20
            while size:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size //= 2
        return filler

    def storage(self):
        """A place for a program's data on this disk."""
        storage = SqliteFlash()
        storage.data_dir = self.path / "data"
        storage.settings = {"data_dir": storage.data_dir}
        self.storages.append(storage)
        return storage

    def discard(self):
        for storage in self.storages:
            storage.discard()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.path)], check=True)
            self.mounted = False


@pytest.fixture
def small_disk(tmp_path):
    """A function that mounts a disk of so many bytes ("4m")."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disks = []

    def make(size):
        try:
            disks.append(SmallDisk(tmp_path / f"disk-{len(disks)}", size))
        except subprocess.CalledProcessError as refused:
            pytest.skip(f"this system does not let us mount a tmpfs: {refused.stderr.strip()}")
        return disks[-1]

    yield make
    for disk in disks:
        disk.discard()
