# Bytes behind the last commit of the order log's WAL: cut off, garbled or made up, as a power cut
# leaves them. Nothing that was answered with success may be lost by it.
import random
import struct

import pytest

from support.flash import DUPLICATE, FlashClient, expect, new_key

WAL_HEADER = 32
FRAME_HEADER = 24


def end_of_last_commit(wal):
    """Where the last frame ends that closes a transaction of this WAL's generation."""
    page, = struct.unpack_from(">I", wal, 8)
    salts = wal[16:24]
    end, at = WAL_HEADER, WAL_HEADER
    while at + FRAME_HEADER + page <= len(wal) and wal[at + 8:at + 16] == salts:
        size_after_commit, = struct.unpack_from(">I", wal, at + 4)
        at += FRAME_HEADER + page
        if size_after_commit:
            end = at
    return end


def nothing(wal, end, _):
    return wal[:end]


def garbage(wal, end, chance):
    return wal[:end] + chance.randbytes(10_000)


def torn_frame(wal, end, chance):
    """The first sectors of a frame whose page did not make it."""
    page, = struct.unpack_from(">I", wal, 8)
    header = struct.pack(">II", 2, 3) + wal[16:24] + chance.randbytes(8)
    return wal[:end] + header + chance.randbytes(page // 2)


def frame_with_a_wrong_checksum(wal, end, chance):
    page, = struct.unpack_from(">I", wal, 8)
    header = struct.pack(">II", 1, 1) + wal[16:24] + chance.randbytes(8)
    return wal[:end] + header + chance.randbytes(page)


def repeated_frames(wal, end, _):
    """Frames that were valid elsewhere in the file."""
    return wal[:end] + wal[WAL_HEADER:end]


@pytest.mark.parametrize("damage", [nothing, garbage, torn_frame, frame_with_a_wrong_checksum,
                                    repeated_frames])
def test_what_stands_behind_the_last_commit_costs_no_accepted_order(start_embedded, damage):
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("p", 100)
    with souk.storage.orders_stay_pending():  # the log is the only place where they are
        accepted = {key: flash.accepted("p", key) for key in (new_key() for _ in range(20))}
        souk.kill()

    path = souk.storage.data_dir / "flash-log.db-wal"
    wal = path.read_bytes()
    end = end_of_last_commit(wal)
    assert end > WAL_HEADER, "the WAL holds no commit"
    path.write_bytes(damage(wal, end, random.Random(1)))

    souk.launch()
    for key, order in accepted.items():
        assert expect(flash.order("p", key), 200, DUPLICATE).headers["x-order-id"] == order
    for order in accepted.values():
        flash.confirmed(order, 30)
    flash.confirmed(flash.accepted("p"))
    assert flash.stock("p") == 79
    assert souk.storage.order_count("p") == 21
