#!/usr/bin/env python3
"""known.py - cases whose right prediction is known: by reckoning, by --seed, or by what the kernel's timers do.

    known.py short|long|all [TEXT]     those (whose name contains TEXT); ends with 1 if one is not right, 77 if none can be
"""
import os, sys, tempfile, threading
from dataclasses import dataclass

import judge
from case import CannotRun, Case, Earlier, NotHere, end_labs, run
from lanes import Lanes

LANES = 4


@dataclass
class Known:
    name: str
    case: Case
    # What happens:
    due_s: float = None  # when the first connection without a port is due; None: see `gone`
    gone: bool = True  # they run out at all; None: as fast as this machine is
    connections: int = None  # that find a port
    # What is to be said of it:
    said_s: float = None  # None: the moment that it was due, or seen
    within: float = 0.02
    or_nothing: bool = False  # no moment is right, too, with a reason that does not reassure
    rate_below: float = None  # no such rate is called sustained
    taken: int = None  # at the start
    also: tuple = ()  # (text, what is true of the result)
    long: bool = False  # not for `make test`


def ports(n, lo=40000, **sysctls):
    return {"ip_local_port_range": "%d %d" % (lo, lo + n - 1), **sysctls}


def open_loop(rate, options, duration_s, client, target="{target}:9000", stop=True, **more):
    args = "--target %s --rate %g/s --duration %gs %s" % (target, rate, duration_s, options)
    args += " --on-exhaustion stop" if stop else ""
    return Case(args, duration_s, (rate, rate), client=client, light=rate <= 2000 and rate * duration_s < 15000, **more)


def closed_loop(options, duration_s, client, **more):
    args = "--target {target}:9000 --duration %gs %s --on-exhaustion stop" % (duration_s, options)
    return Case(args, duration_s, client=client, **more)


def after(n, port=9001, options=""):
    """A run before it, which leaves n connections in TIME_WAIT."""
    return [Earlier("--target {target}:%d -n %d -c 4 -q %s" % (port, n, options))]


EVERY_TENTH = list(range(40000, 41000, 10))
EIGHT_THOUSAND = ports(8000, 32768)
FILLED = "--duration 2s --on-exhaustion stop "

KNOWN = [
    # ---- what is taken
    Known(
        "bind() finds the ports of connections to another target taken",
        open_loop(500, "--bind early", 3, ports(1000), earlier=after(300)),
        due_s=1.4,
        connections=700,
    ),
    Known(
        "connect() passes over what an earlier run bound, whatever its target",
        open_loop(500, "", 3, ports(1000), earlier=after(300, options="--bind early")),
        due_s=1.4,
        connections=700,
    ),
    Known(
        "connect() passes over ports that another program has bound and does not listen on",
        open_loop(500, "", 3, ports(1000), bound=EVERY_TENTH),
        due_s=1.8,
        connections=900,
    ),
    Known(
        "--bind port passes over ports that another program has bound, until the first of its own comes up again",
        open_loop(500, "--bind port", 3, ports(1000), bound=EVERY_TENTH),
        due_s=2.002,
        connections=900,
    ),
    Known(
        "--bind port, and an earlier run has them all: a whole round shows it",
        open_loop(500, "--bind port", 1, ports(200), earlier=after(300, 9000, FILLED)),
        due_s=0.398,
        connections=0,
        taken=200,
    ),
    Known(
        "of two targets the half used one fails first, and the other's ports are no help",
        open_loop(500, "", 5, ports(1000), "{target}:9000-9001", earlier=after(500, 9000)),
        due_s=2.0,
        connections=1000,
    ),
    Known(
        "an earlier run's TIME_WAIT that may be reused is as good as free",
        open_loop(500, "", 3, ports(1000, tcp_tw_reuse=1), earlier=after(900, 9000), delay_ms=1500),
        gone=False,
    ),
    Known(
        "started again while all ports are in TIME_WAIT: at once",
        open_loop(10, "", 1, ports(200), earlier=after(300, 9000, FILLED)),
        due_s=0,
        connections=0,
        taken=200,
    ),
    Known(
        "started again while all ports are in TIME_WAIT: the first comes free after a minute",
        open_loop(10, "", 66, ports(200), earlier=after(300, 9000, FILLED), stop=False),
        due_s=0,
        taken=200,
        also=(("the first came free at 61 s", lambda r: abs(r["ports"]["recovered_at_s"] - 61) < 2),),
        long=True,
    ),
    Known(
        "after a storm another target has all ports",
        open_loop(100, "-n 10", 1, ports(500), earlier=after(600, options=FILLED)),
        gone=False,
        connections=10,
    ),
    Known(
        "after a storm with --bind early another target has none",
        open_loop(100, "-n 10", 1, ports(500), earlier=after(600, options=FILLED + "--bind early")),
        due_s=0,
        connections=0,
    ),
    # ---- connections that stay open
    Known(
        "--hold: the limit of open connections is not reached before the ports are gone",
        open_loop(2000, "-c 1000 --hold 2s", 6, ports(900)),
        due_s=0.45,
        connections=900,
    ),
    Known(
        "--hold: the second wave takes the last port",
        open_loop(2000, "-c 500 --hold 1s", 6, ports(900)),
        said_s=1.2,
        connections=900,
        also=(("the second wave took it", lambda r: r["ports"]["first_exhausted_s"] >= 1.19),),
    ),
    Known(
        "a closed loop with --hold: the first wave comes at once",
        closed_loop("-c 1000 --hold 2s", 6, ports(900), light=True),
        said_s=0.5,
        within=1,
        or_nothing=True,
        connections=900,
        also=(("before the first hold was over", lambda r: r["ports"]["first_exhausted_s"] < 1),),
    ),
    *(
        Known(
            "calls that stay open for %s with -c %d: the ports are gone all the same" % (hold, concurrency),
            open_loop(1000, "-c %d --hold %s" % (concurrency, hold), 5, ports(2000)),
            due_s=2.0,
            connections=2000,
            long=hold == "60s",
        )
        for hold, concurrency in (("1s", 3000), ("6s", 3000), ("60s", 3000), ("6s", 6000))
    ),
    # ---- pools
    Known(
        "a pool that retires each connection takes a port for each arrival",
        open_loop(50, "--pool 4 --max-requests 1", 4, ports(100)),
        due_s=2.0,
        connections=100,
    ),
    Known(
        "a pool whose connections are too old at the next arrival, too",
        open_loop(10, "--pool 4 --max-age 50ms", 5, ports(30)),
        due_s=3.0,
        connections=30,
    ),
    # ---- tcp_max_tw_buckets
    Known(
        "--bind port: the first turn's TIME_WAIT is there when the second begins, however few buckets",
        open_loop(1000, "--bind port", 3, ports(1000, tcp_max_tw_buckets=100)),
        due_s=1.0,
        connections=1000,
    ),
    Known(
        "open connections and TIME_WAIT together take all ports before the buckets are full",
        open_loop(600, "--hold 1s -c 5000", 4, ports(1000, tcp_max_tw_buckets=500)),
        due_s=1.667,
        connections=1000,
    ),
    Known(
        "the buckets are the namespace's: others' TIME_WAIT fills them, too",
        open_loop(500, "", 4, ports(1000, tcp_max_tw_buckets=1100), earlier=after(300)),
        gone=False,
        also=(("TIME_WAIT was skipped", lambda r: r["counters"]["TcpExt.TCPTimeWaitOverflow"] > 0),),
    ),
    Known(
        "no bucket is left, and a late ACK keeps the port all the same",
        open_loop(200, "--close server-leak", 1, ports(45, tcp_max_tw_buckets=40)),
        gone=None,
    ),
    # ---- chance
    Known(
        "--spread random: the first target that has had its ports, by the seed",
        open_loop(200, "--spread random", 3, ports(100), "{target}:9000-9003"),
        due_s=1.86,
        connections=372,
        or_nothing=True,
    ),
    Known(
        "Poisson arrivals and few ports, by the seed",
        open_loop(100, "--arrivals poisson", 3, ports(100)),
        due_s=1.087,
        connections=100,
        or_nothing=True,
    ),
    Known(
        "Poisson arrivals and a mix, by the seed",
        open_loop(
            26, "--arrivals poisson --seed 32 --requests 5 --close server-leak:50,client-fin:50", 4, ports(50)
        ),
        due_s=2.437,
        connections=50,
        or_nothing=True,
    ),
    Known(
        "--close both: who is first is a race, so more connections than ports are made",
        open_loop(500, "--close both", 8, ports(1000)),
        or_nothing=True,
        also=(("there were more", lambda r: r["totals"]["connects_ok"] > 1030),),
    ),
    # ---- what is sustained
    Known(
        "reuse that the server has no timestamps for is none",
        open_loop(500, "", 4, ports(1000, tcp_tw_reuse=1), server={"tcp_timestamps": 0}),
        due_s=2.0,
        connections=1000,
        or_nothing=True,
        rate_below=500,
    ),
    Known(
        "97 % of what FIN_WAIT2 lets go in 3 s is not sustained",
        open_loop(194, "--close server-leak", 7, ports(600, tcp_fin_timeout=3)),
        said_s=3.2,
        within=0.06,
        or_nothing=True,
        rate_below=194,
    ),
    Known(
        "98 % of what TIME_WAIT lets go in 60 s is not sustained",
        open_loop(9.8, "", 66, ports(600)),
        said_s=62.2,
        within=0.03,
        or_nothing=True,
        rate_below=9.8,
        long=True,
    ),
    Known(
        "a server that lets go while FIN_WAIT2 lasts makes TIME_WAIT of it",
        open_loop(60.5, "--close server-leak --hold 310ms", 5, ports(200, tcp_fin_timeout=2)),
        due_s=3.306,
        connections=200,
        rate_below=60,
    ),
    # ---- the cliff
    Known(
        "a closed loop over the cliff",
        closed_loop("", 15, EIGHT_THOUSAND),
        within=0.1,
        or_nothing=True,
        connections=8000,
        long=True,
    ),
    Known(
        "an open loop faster than connect() is past half",
        open_loop(4000, "", 20, EIGHT_THOUSAND),
        within=0.1,
        or_nothing=True,
        connections=8000,
        long=True,
    ),
    Known(
        "an open loop that connect() past half is too slow for, within the run or not",
        open_loop(1500, "-c 2000", 12, ports(12000)),
        gone=None,
        long=True,
    ),
]


def near(value, wanted, within):
    return abs(value - wanted) <= within * wanted  # of 0 s only 0 is near


def untrue_of_the_world(k, result):
    """What did not happen as the row says it does."""
    p, made = result["ports"], result["totals"]["connects_ok"]
    if k.gone is not None and p["exhausted"] != k.gone:
        yield "the ports ran out" if p["exhausted"] else "the ports did not run out"
    elif k.due_s is not None and not near(p["first_exhausted_due_s"], k.due_s, 0.02):
        yield "due %.3f s, not %.3f" % (p["first_exhausted_due_s"], k.due_s)
    if k.connections is not None and made != k.connections:
        yield "%d connections found a port, not %d" % (made, k.connections)
    if k.taken is not None and p["taken_at_start"] != k.taken:
        yield "%d taken at the start, not %d" % (p["taken_at_start"], k.taken)
    for text, is_true in k.also:
        if not is_true(result):
            yield "not so: " + text


def right_moments(k, p):
    if k.said_s is not None:
        return [k.said_s]
    return [s for s in (k.due_s, p["first_exhausted_s"]) if s is not None]


def wrongly_said(k, result):
    """What was said and is not right."""
    if k.gone is None:
        verdict = judge.judge(k.case, result)
        if verdict.kind in judge.FAULTS:
            yield verdict.why
        return
    p = result["ports"]
    said, reason = p["predicted_exhaustion_s"], p["prediction"]["reason"]
    if said is not None and not k.gone:
        yield "said %.3f s" % said
    elif said is not None and not any(near(said, s, k.within) for s in right_moments(k, p)):
        yield "said %.3f s, not %s" % (said, " or ".join("%.3f" % s for s in right_moments(k, p)))
    elif said is None and k.gone and not k.or_nothing:
        yield "no moment: " + reason
    elif said is None and k.gone and judge.REASSURING.search(reason):
        yield "untrue: " + reason
    most = p["predicted_max_rate"]
    if k.rate_below is not None and most is not None and most >= k.rate_below:
        yield "%.4g/s is said to be sustained" % most


def look(k, program, folder, number):
    """The row's faults, and what was said."""
    result = run(k.case, program, k.name, os.path.join(folder, "known-%d.ini" % number))
    p = result["ports"]
    said = p["predicted_exhaustion_s"]
    faults = list(untrue_of_the_world(k, result)) + list(wrongly_said(k, result))
    return faults, p["prediction"]["reason"] if said is None else "%.3f s" % said


class KnownRun:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.bad, self.not_here, self.telling = 0, None, threading.Lock()

    def one(self, number, k):
        if self.not_here:
            return
        try:
            faults, said = look(k, self.program, self.folder, number)
        except NotHere as e:
            self.not_here = str(e)
            return
        except CannotRun as e:
            faults, said = ["not run: %s" % e], ""
        with self.telling:
            self.bad += bool(faults)
            print("%-5s %s: %s" % ("wrong" if faults else "right", k.name, "; ".join(faults) or said), flush=True)


def main(argv):
    which, text = argv[0], argv[1] if len(argv) > 1 else ""
    rows = [k for k in KNOWN if text in k.name and which in ("all", "long" if k.long else "short")]
    with tempfile.TemporaryDirectory(prefix="twstorm-test-") as folder:
        known = KnownRun(os.environ.get("TWSTORM", "build/twstorm"), folder)
        try:
            Lanes(LANES).run((k.case.light, lambda i=i, k=k: known.one(i, k)) for i, k in enumerate(rows))
        finally:
            end_labs()
    if known.not_here:
        print(known.not_here)
        return 77
    print("%d of %d known predictions right" % (len(rows) - known.bad, len(rows)))
    return 1 if known.bad or not rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
