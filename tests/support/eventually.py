# Waiting in tests: a condition with a deadline, never a bare sleep.
import time


def eventually(check, seconds=10.0, what=None, pause=0.02):
    """Calls check() until it returns something true, and returns that; fails after the deadline.

    An AssertionError inside check counts as "not yet", and is shown when the time is up, so that
    a check may be written with plain asserts (ending in `return True`).
    """
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            value = check()
            if value:
                return value
            last = f"last value: {value!r}"
        except AssertionError as unmet:
            last = str(unmet)
        if time.monotonic() >= deadline:
            name = what or getattr(check, "__name__", "condition")
            raise AssertionError(f"{name} not reached within {seconds:g} s; {last}")
        time.sleep(pause)
