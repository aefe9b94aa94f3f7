# Free TCP ports for servers under test.
#
# They are taken from below the range the kernel gives to outgoing connections, since a server that
# is stopped and started again on its old port must not find a client's socket sitting there.
import random
import socket
from pathlib import Path

_given = set()
_random = random.SystemRandom()


def _first_ephemeral_port():
    return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def _is_free(port):
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            probe = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            continue  # the machine has no IPv6
        with probe:
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def free_port():
    """A port nobody listens on, given out once per test session."""
    top = max(12000, _first_ephemeral_port())
    for _ in range(1000):
        port = _random.randrange(10240, top)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise RuntimeError("no free port found")
