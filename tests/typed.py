#!/usr/bin/env python3
"""typed.py READY SHELL...: types at a shell on a terminal of its own, as a person does.

Types READY, and waits until it has printed "IS-READY".  Then, for each line of standard input, types the
line, TAB and Enter, waits for "GOT-END", and prints what the shell has made of the line: all
between the last "GOT" and "GOT-END".
"""
import os
import pty
import re
import select
import sys

PATIENCE_S = 30


class Terminal:
    def __init__(self, argv):
        self.seen = b""
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execvp(argv[0], argv)

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait(self, mark, since):
        while mark not in self.seen[since:]:
            if not select.select([self.fd], [], [], PATIENCE_S)[0]:
                sys.exit(f"the shell says nothing more: {self.seen!r}")
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                sys.exit(f"the shell has ended: {self.seen!r}")


def main():
    terminal = Terminal(sys.argv[2:])
    terminal.type(sys.argv[1] + "\r")
    terminal.wait(b"IS-READY\r\n", 0)
    for line in sys.stdin.read().splitlines():
        since = len(terminal.seen)
        terminal.type(line + "\t\r")
        terminal.wait(b"GOT-END", since)
        print(re.findall(rb"GOT(.*?)GOT-END", terminal.seen[since:], re.S)[-1].decode())


main()
