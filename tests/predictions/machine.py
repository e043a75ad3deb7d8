"""machine.py - what this machine does meanwhile: how late a timer is that does nothing else, one on each CPU, and which
share of the CPUs others take."""
import os, resource, signal, struct, threading, time
from dataclasses import dataclass

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


@dataclass
class Mark:
    at_s: float
    all_s: float  # of CPU time
    own_s: float


@dataclass
class Disturbance:
    late_s: float  # the latest of the bare timers
    others: float  # share of the CPUs


def cpu_time():
    """(spent by anybody, spent by us and by those of us that have ended)"""
    with open("/proc/stat") as f:
        user, nice, system, _, _, irq, softirq, steal, *_ = map(int, f.readline().split()[1:])
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    spent = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    return spent, sum(r.ru_utime + r.ru_stime for r in own)


class Machine:
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

    def mark(self):
        return Mark(time.monotonic(), *cpu_time())

    def since(self, mark):
        time.sleep(2 * STEP_S)  # a late timer has to tell so
        now = self.mark()
        late_s = max((late for at, late in self.notes if at >= mark.at_s), default=0)
        spent = (now.all_s - mark.all_s) - (now.own_s - mark.own_s)
        return Disturbance(late_s, max(0, spent) / (len(self.pids) * (now.at_s - mark.at_s)))

    def end(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
