"""screen.py: a program on a pseudo-terminal, and what is on its screen."""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import threading
import time


def wait(ready, said):
    """Until ready(); the test fails with what said() is after a minute."""
    end = time.monotonic() + 60
    while not ready():
        if time.monotonic() > end:
            sys.exit("FAIL: %s" % (said() if callable(said) else said))
        time.sleep(0.02)


class Screen:
    def __init__(self, argv, lines, columns, term="xterm"):
        self.raw, self.lock, self.gone = b"", threading.Lock(), False
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.environ["TERM"] = term
            os.execv(argv[0], argv)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while not self.gone:
            try:
                more = select.select([self.master], [], [], 0.02)[0] and os.read(self.master, 65536)
            except OSError:  # the last one has closed its end
                return
            with self.lock:
                self.raw += more or b""
        os.close(self.master)

    def lines(self):
        """Of the newest picture that is whole: each ends where the next one begins, or with what clears the rest."""
        with self.lock:
            whole = self.raw.rpartition(b"\x1b[J")[0].rpartition(b"\x1b[H")[2]
        return [line.rstrip() for line in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", whole).decode().split("\n")]

    def text(self):
        return "\n".join(self.lines())

    def key(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, lines, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def kill(self, signo):
        os.kill(self.pid, signo)

    def hang_up(self):
        self.gone = True

    def wait_stopped(self):
        pid, status = os.waitpid(self.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), status

    def wait_end(self):
        """Its exit code."""
        status = os.waitpid(self.pid, 0)[1]
        assert os.WIFEXITED(status), status
        time.sleep(0.05)  # for what it wrote last
        return os.WEXITSTATUS(status)

    def is_taken(self):
        return not termios.tcgetattr(self.master)[3] & termios.ICANON

    def is_given_back(self):
        modes = termios.tcgetattr(self.master)[3]
        assert modes & termios.ICANON and modes & termios.ECHO, modes
        wait(lambda: self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h") and
             self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l"), "the screen is not as it was")
