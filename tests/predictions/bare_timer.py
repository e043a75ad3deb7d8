"""bare_timer.py - a timer that does nothing else, one on each CPU: how late this machine lets anybody be."""
import os, signal, struct, threading, time

STEP_S = 0.005
NOTED_S = 0.002  # less is not worth a note
NOTE = struct.Struct("dd")  # the moment, how late


def tick(cpu, out, parent):
    """Sleeps in steps, and writes down each that was late, as long as the parent lives."""
    os.sched_setaffinity(0, {cpu})
    due = time.monotonic()
    while os.getppid() == parent:
        due += STEP_S
        time.sleep(max(0, due - time.monotonic()))
        now = time.monotonic()
        if now - due > NOTED_S:
            os.write(out, NOTE.pack(now, now - due))
            due = now
    os._exit(0)


class BareTimers:
    def __init__(self):
        self.notes, self.pids = [], []
        read_end, write_end = os.pipe()
        parent = os.getpid()
        for cpu in sorted(os.sched_getaffinity(0)):
            pid = os.fork()
            if pid == 0:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                os.close(read_end)
                tick(cpu, write_end, parent)
            self.pids.append(pid)
        os.close(write_end)
        self.reader = threading.Thread(target=self.read, args=(read_end,), daemon=True)
        self.reader.start()

    def read(self, read_end):
        while note := os.read(read_end, NOTE.size):
            self.notes.append(NOTE.unpack(note))

    def worst_s(self, begin_s, end_s):
        """How late the latest was between two moments of time.monotonic()."""
        return max((late for at, late in self.notes if begin_s <= at <= end_s + STEP_S), default=0)

    def end(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
