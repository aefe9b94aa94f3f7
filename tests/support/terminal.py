# A shell on a terminal of its own, and somebody who types there.
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\r\x07\x08\x0f]")
PROMPT = "ready> "
PATIENCE = 20  # seconds


class Terminal:
    def __init__(self, *command, cwd):
        names = {"PATH": os.environ["PATH"], "HOME": str(cwd), "TERM": "dumb", "LANG": "C.UTF-8", "PS1": PROMPT}
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(command[0], command, names)
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 300, 0, 0))
        self.marks = 0
        self.seen = b""
        self.until(PROMPT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.screen)

    def type(self, text):
        os.write(self.screen, text.encode())

    def until(self, end):
        """What is shown before these words, in plain text; they are taken off the screen with it."""
        deadline = time.monotonic() + PATIENCE
        while end.encode() not in self.seen:
            assert time.monotonic() < deadline, f"no {end!r} in {self.seen!r}"
            if select.select([self.screen], [], [], 0.1)[0]:
                self.seen = CONTROL.sub(b"", self.seen + os.read(self.screen, 65_536))
        shown, _, self.seen = self.seen.partition(end.encode())
        return shown.decode(errors="replace")

    def run(self, line):
        """Waits for the end of the command and the prompt behind it, without which a shell does not read keys as it
        should; gives what is shown."""
        self.marks += 1
        self.type(f"{line}; echo mark-$(({self.marks}+0))-here\n")
        shown = self.until(f"mark-{self.marks}-here")
        self.until(PROMPT)
        return shown

    def complete(self, line):
        """What is shown after a tab at the end of the line; the line is then thrown away."""
        self.type(line + "\t\x15")  # Control-U
        return self.run("true")
