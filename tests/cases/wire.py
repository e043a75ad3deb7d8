"""wire.py TWSTORM WIRE_PROBE DIRECTORY ROUNDS - measures a cable of the lab, for tests/cases/wire.sh.

Datagrams carry the moment at which they were sent, and the receiving kernel stamps their arrival; a timer that only sleeps runs
in the same seconds.  Rounds alternate between bridge and cable."""
import json
import os
import resource
import statistics
import subprocess
import sys

TWSTORM, PROBE, TMP, ROUNDS = sys.argv[1:4] + [int(sys.argv[4])]
DELAY_US = 10000
# A cable that carries each frame at once.
AT_ONCE = "loss = 0.000001%"

SCENARIO = """[scenario]
about = {name}
seconds = 30
[host server]
[host client]
{host}
sysctl.net.ipv4.tcp_rfc1337 = 1
sysctl.net.ipv4.ip_local_port_range = 1024 65535
[server main]
host = server
args = --listen {{server}}:9000
[client main]
host = client
args = --target {{server}}:9000 {args}
"""
WITH_DATAGRAMS = """{client_after}
[process receive]
host = server
command = {probe} receive {{server}} {tmp}/{name}.datagrams
ready = line ready
[process send]
host = client
command = {probe} send {{server}} {n} {rate}
after = process receive
[process timer]
host = server
command = {probe} timer {tmp}/{name}.timer
"""


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * q))]


def read(path):
    with open(path, encoding="ascii") as lines:
        return [float(line.split()[1]) for line in lines]


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def lab(name, host, args, more=""):
    """Runs it: the result, and the CPU time of all its processes."""
    path = os.path.join(TMP, name + ".ini")
    with open(path, "w", encoding="ascii") as out:
        out.write(SCENARIO.format(name=name, host=host, args=args) + more)
    before = cpu_s()
    subprocess.run([TWSTORM, "lab", "run", "-q", path, "-o", os.path.join(TMP, name)], check=True,
                   stdout=subprocess.DEVNULL)
    used = cpu_s() - before
    with open(os.path.join(TMP, name, name + ".json"), encoding="utf-8") as result:
        return json.load(result), used


def with_datagrams(name, n, rate, after="after = process receive"):
    return WITH_DATAGRAMS.format(name=name, probe=PROBE, tmp=TMP, n=n, rate=rate, client_after=after)


ROWS = {}   # what: its figures, one a round
FAULTS = []


def note(what, value):
    ROWS.setdefault(what, []).append(value)


def must(holds, what):
    if not holds:
        FAULTS.append(what)


def delay_round(name, host):
    doc, _ = lab(name, host, "--rate 2k/s --duration 3s --close client-rst", with_datagrams(name, 1500, 500))
    came = read("%s/%s.datagrams" % (TMP, name))
    asked = DELAY_US if "delay" in host else 0
    timer = read("%s/%s.timer" % (TMP, name))
    note(name + " datagram p50", quantile(came, 0.5) - asked)
    note(name + " datagram p99", quantile(came, 0.99) - asked)
    note(name + " timer p50", quantile(timer, 0.5))
    note(name + " timer p99", quantile(timer, 0.99))
    note(name + " connect p50", doc["latency_us"]["connect"]["p50"] - 2 * asked)
    note(name + " connect p99", doc["latency_us"]["connect"]["p99"] - 2 * asked)
    if host:
        note(name + " over timer p99", ROWS[name + " datagram p99"][-1] - ROWS[name + " timer p99"][-1])
        must(doc["lab"]["wire"]["refused"] == 0, name + ": frames were refused")
    must(doc["ledger"]["balanced"], name + ": the ledger does not balance")


def loss_round(nth, percent, n=10000):
    name = "loss%g-%d" % (percent, nth)
    # Its client is on the server's host: its connection is not to be lost.
    lab(name, "loss = %g%%\nseed = %d" % (percent, nth), "--connections 1",
        with_datagrams(name, n, 4000, "after = process send ended"))
    path = "%s/%s.datagrams" % (TMP, name)
    with open(path + ".full", encoding="ascii") as full:
        lost = n - len(read(path)) - int(full.read())
    p = percent / 100
    note("loss %g lost" % percent, lost)
    must(abs(lost - n * p) < 5 * (n * p * (1 - p)) ** 0.5, "%s: %d of %d were lost" % (name, lost, n))


def carry_round(name, host):
    doc, used = lab(name, host, "-c 64 --duration 2s --close client-rst")
    made = doc["totals"]["connects_ok"]
    note(name + " per s", made / doc["run"]["duration_s"])
    note(name + " CPU", used * 1e6 / made)
    if host:
        wire = doc["lab"]["wire"]
        note(name + " frames", wire["frames"] / doc["run"]["duration_s"])
        note(name + " frames a connection", wire["frames"] / made)
        note(name + " CPU a frame", wire["cpu_us_per_frame"])
        note(name + " busiest", wire["busiest"])
        note(name + " refused", wire["refused"])


for i in range(1, ROUNDS + 1):
    delay_round("bridge", "")
    delay_round("at-once", AT_ONCE)
    delay_round("delayed", "delay = %dus" % DELAY_US)
    carry_round("bridge-full", "")
    carry_round("at-once-full", AT_ONCE)
    carry_round("delayed-full", "delay = 5ms")
    loss_round(i, 1)
    loss_round(i, 10)
    print("round %d of %d" % (i, ROUNDS), flush=True)


def figures(what, decimals=0):
    if what not in ROWS:
        return "-"
    return "{:,.{d}f} ({:,.{d}f}..{:,.{d}f})".format(statistics.median(ROWS[what]), min(ROWS[what]), max(ROWS[what]), d=decimals)


def table(title, columns, rows):
    print("\n| %s | %s |\n|%s" % (title, " | ".join(words for _, words in columns), "---|" * (len(columns) + 1)))
    for row, words, decimals in rows:
        print("| %s | %s |" % (words, " | ".join(figures("%s %s" % (name, row), decimals) for name, _ in columns)))


def print_tables():
    table("2,000 connections a second: us", (("bridge", "bridge"), ("at-once", "cable, nothing asked for"),
                                             ("delayed", "cable, 10 ms each way")),
          (("datagram p50", "a datagram is later than asked for by, half of them", 0), ("datagram p99", "99 of 100", 0),
           ("timer p50", "a bare timer in the same seconds, half", 0), ("timer p99", "99 of 100", 0),
           ("over timer p99", "99 of 100: datagram over timer", 0),
           ("connect p50", "connect() takes longer than asked for by, half", 0), ("connect p99", "99 of 100", 0)))
    table("64 connections at a time", (("bridge-full", "bridge"), ("at-once-full", "cable, nothing asked for"),
                                       ("delayed-full", "cable, 5 ms each way")),
          (("per s", "connections a second", 0), ("frames", "frames a second", 0),
           ("CPU", "CPU of all processes, us a connection", 0), ("CPU a frame", "of the one that carries, us a frame", 1),
           ("busiest", "its part of a core, in its busiest 100 ms", 2), ("refused", "frames refused", 0)))
    table("loss asked for", (("loss 1", "1 %"), ("loss 10", "10 %")), (("lost", "lost of 10,000 datagrams", 0),))


print_tables()
# Of the machine's noise only the least is the cable's own.
must(min(ROWS["delayed datagram p50"]) <= 200, "half of the datagrams are late by more than 0.2 ms")
must(min(ROWS["delayed over timer p99"]) <= 1000, "99 of 100: more than 1 ms later than a bare timer")
for fault in FAULTS:
    print("FAULT:", fault)
sys.exit(1 if FAULTS else 0)
