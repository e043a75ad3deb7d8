"""GROUPS: which contenders are set against each other, and what is asked of twstorm."""
from dataclasses import dataclass, field

from contenders import (HELD, HOLD_RUN_S, ab, beside_time_wait, calls, cpu_of, floor_pair, h2load, hey, http_client,
                        httperf, on_nginx, on_twstorm, open_loop, raw_pair, shared_pair, siege, timer, wrk)
from costs import cpu_time, instructions, of_all, rows
from https import over_tls
from memory import HELD as HELD_OPEN, PAIRS, memory
from million import MILLION, floor, million, twstorm
from one_run import CONCURRENCY, CPUS, PORT
from watched import OBSERVERS, WATCHERS


@dataclass
class Group:
    title: str
    base: str          # the contender that ratios are made against, within a round
    goal: float        # at least; at most, where less is better
    contenders: dict   # NAME: (function of the bench, tools it needs)
    unit: str = "/s"
    what: str = "rate"
    less_is_better: bool = False
    judged: list = field(default_factory=lambda: ["twstorm"])  # the rows the goal is for
    by_figure: bool = False  # the goal is for the figure, not for the ratio
    best_of: list = field(default_factory=list)  # twstorm is judged by its ratio to the best of these
    together: object = None  # one function of (bench, turn) measures all of them: {NAME: figures}
    tools: list = field(default_factory=list)  # that this function needs
    most_rounds: int = 99  # of what differs little from round to round


CLOSE = ("-H", "Connection: close")
FASTOPEN = (("--fastopen", "4096"), ("--fastopen",))
QUICKACK = (("--no-quickack",), ("--no-quickack",))
ALL = (FASTOPEN[0] + QUICKACK[0], FASTOPEN[1] + QUICKACK[1])
PEERS = ["ab", "h2load", "httperf", "siege", "hey"]
LOADS = {"ab": ab(), "h2load": h2load(*CLOSE), "httperf": httperf, "siege": siege, "hey": hey}
HTTPS = {"proto": "https"}
POOLED = http_client("--pool", str(CONCURRENCY), what="transactions_ok")
TLS_POOLED = http_client("-k", "--pool", str(CONCURRENCY), what="transactions_ok", **HTTPS)
ONE_CORE = (CPUS[0], CPUS[0])
TARGETS = f"{PORT}-{PORT + 999}"
BUDGETS = {"seldom": "0.01%", "twstorm": "1%", "often": "20%"}


def floor_and(strategy, words):
    return Group(f"raw protocol, {words}", "floor", 1.0, {
        "floor": (floor_pair(strategy), []), "twstorm": (raw_pair(strategy), [])})


def https(title, goal, loads, resumed=False, best_of=()):
    """nginx over TLS under each of the loads: wrk, ab, h2load, twstorm."""
    return Group(f"HTTPS clients against nginx, {title}", "twstorm", goal, {
        name: (over_tls(load, resumed), ["nginx", "openssl", *([] if name == "twstorm" else [name])])
        for name, load in loads.items()}, best_of=list(best_of))


def in_flight(*numbers):
    rows = {}
    for n in numbers:
        rows[f"floor {n:,}"] = (floor_pair("client-rst", n), [])
        rows[f"{n:,}"] = (raw_pair("client-rst", client_more=("-c", str(n))), [])
    return rows


def counted(in_flight):
    """System calls of each strategy, the bare pair's and ours."""
    rows = {}
    for strategy in "client-fin", "server-fin", "client-rst":
        rows[f"floor {strategy}"] = (calls(strategy, in_flight, False), ["strace"])
        rows[strategy] = (calls(strategy, in_flight, True), ["strace"])
    return Group(f"system calls a connection, {in_flight} in flight", "floor {}", 1.02, rows, unit="", what="calls",
                 less_is_better=True, judged=["client-fin", "server-fin", "client-rst"])


def each_side(what, unit, title, goal, measure, tools):
    """What a connection costs the client and the server, the bare pair's and ours."""
    return Group(title, "floor {}", goal, {name: (None, []) for name in rows()}, unit=unit, what=what, less_is_better=True,
                 judged=[name for name in rows() if "floor" not in name], together=of_all(measure), tools=tools,
                 most_rounds=3)


def punctual():
    rows = {"a bare timer, 1,000/s": (timer(1000), [])}
    for rate in 100, 1000, 5000, 10000, 16000:
        for arrivals in "uniform", "poisson":
            rows[f"{rate:,}/s {arrivals}"] = (open_loop(rate, arrivals), [])
    return Group("open loop: how late connections start, 99 of 100 within", None, 500, rows, unit=" us", what="p99",
                 less_is_better=True, by_figure=True, judged=[n for n in rows if "bare" not in n and "16,000" not in n])


GROUPS = {
    "client-fin": floor_and("client-fin", "the client closes first"),
    "server-fin": floor_and("server-fin", "the server closes first"),
    "client-rst": floor_and("client-rst", "the client resets"),
    "instructions": each_side("instructions", "", f"instructions a connection outside of the kernel, {CONCURRENCY} in flight",
                              2.0, instructions, ["valgrind"]),
    "cpu": each_side("CPU time", " us", f"CPU time a connection, {CONCURRENCY} in flight; BENCH_SECONDS=60", 1.0, cpu_time, []),
    "calls-1": counted(1),
    "calls": counted(CONCURRENCY),
    "cheapest": Group("the same transaction, client-fin, with fewer packets; the floor has the options of the last row",
                      "floor", 1.0, {
        "floor": (floor_pair("cheapest"), []),
        "floor, plain": (floor_pair("client-fin"), []),
        "plain": (raw_pair("client-fin"), []),
        "defer-accept": (raw_pair("client-fin", ["--defer-accept"]), []),
        "no-quickack": (raw_pair("client-fin", *QUICKACK), []),
        "fastopen": (raw_pair("client-fin", *FASTOPEN), []),
        "twstorm": (raw_pair("client-fin", *ALL), [])}),
    "fewest": Group("the fewest packets there can be: server-fin, and passive-rst", "floor", 1.15, {
        "floor": (floor_pair("server-fin"), []),
        "plain": (raw_pair("server-fin"), []),
        "passive-rst": (raw_pair("passive-rst", ALL[0], (*ALL[1], "--fin-with-data")), []),
        "twstorm": (raw_pair("server-fin", ALL[0], (*ALL[1], "--fin-with-data")), [])}),
    "http-client": Group("HTTP clients against nginx, Connection: close", "wrk", 1.2, {
        "wrk": (on_nginx(wrk(*CLOSE)), ["nginx", "wrk"]),
        "twstorm": (on_nginx(http_client("--close", "server-fin")), ["nginx"])}),
    "http-server": Group("HTTP servers under wrk, Connection: close; ours is quiet", "nginx", 1.05, {
        "nginx": (on_nginx(wrk(*CLOSE)), ["nginx", "wrk"]),
        "plain": (on_twstorm(wrk(*CLOSE)), ["wrk"]),
        "twstorm": (on_twstorm(wrk(*CLOSE), "--defer-accept"), ["wrk"])}),
    "clients": Group("HTTP clients against the twstorm server, Connection: close", "twstorm", 1.2, {
        "twstorm": (on_twstorm(http_client("--close", "server-fin")), []),
        "wrk": (on_twstorm(wrk(*CLOSE)), ["wrk"]),
        **{name: (on_twstorm(load), [name]) for name, load in LOADS.items()}}, best_of=PEERS),
    "keep-alive": Group("HTTP clients against nginx, keep-alive: requests a second", "wrk", 1.0, {
        "wrk": (on_nginx(wrk()), ["nginx", "wrk"]),
        "twstorm": (on_nginx(POOLED), ["nginx"])}),
    "keep-alive-cpu": Group("HTTP clients against nginx, keep-alive: CPU time a request", "wrk", 0.9, {
        "wrk": (cpu_of("client", on_nginx(wrk())), ["nginx", "wrk"]),
        "twstorm": (cpu_of("client", on_nginx(POOLED)), ["nginx"])}, unit=" us", what="CPU time", less_is_better=True),
    "tls-clients": https("Connection: close, no session is resumed", 1.0, {
        "wrk": wrk(*CLOSE, **HTTPS),
        "ab": ab(**HTTPS, each_second=800),
        "h2load": h2load(*CLOSE, **HTTPS, each_second=800),
        "twstorm": http_client("-k", "--close", "server-fin", **HTTPS)}, best_of=["wrk", "ab", "h2load"]),
    "tls-resumed": https("Connection: close, sessions are resumed, which ab and h2load do not do", 1.0, {
        "wrk": wrk(*CLOSE, **HTTPS),
        "twstorm": http_client("-k", "--resume", "--close", "server-fin", **HTTPS)}, resumed=True, best_of=["wrk"]),
    "tls-keep-alive": https("keep-alive: requests a second", 1.0, {
        "wrk": wrk(**HTTPS),
        "ab": ab("-k", **HTTPS),
        "h2load": h2load(**HTTPS),
        "twstorm": TLS_POOLED},
                            best_of=["wrk", "ab", "h2load"]),
    # The one core of nginx is full with each of them.
    "tls-keep-alive-cpu": Group("HTTPS clients against nginx, keep-alive: CPU time a request", "wrk", 1.0, {
        "wrk": (cpu_of("client", over_tls(wrk(**HTTPS))), ["nginx", "openssl", "wrk"]),
        "ab": (cpu_of("client", over_tls(ab("-k", **HTTPS))), ["nginx", "openssl", "ab"]),
        "h2load": (cpu_of("client", over_tls(h2load(**HTTPS))), ["nginx", "openssl", "h2load"]),
        "twstorm": (cpu_of("client", over_tls(TLS_POOLED)), ["nginx", "openssl"])},
                                unit=" us", what="CPU time", less_is_better=True),
    "http-server-cpu": Group("HTTP servers under wrk, Connection: close: CPU time a request, accepting at once and when the "
                             "request is there; ours is quiet, as nginx has no log", "nginx {}", 1.0, {
        "nginx plain": (cpu_of("server", on_nginx(wrk(*CLOSE))), ["nginx", "wrk"]),
        "plain": (cpu_of("server", on_twstorm(wrk(*CLOSE))), ["wrk"]),
        "nginx deferred": (cpu_of("server", on_nginx(wrk(*CLOSE), "deferred")), ["nginx", "wrk"]),
        "deferred": (cpu_of("server", on_twstorm(wrk(*CLOSE), "--defer-accept")), ["wrk"])},
                             unit=" us", what="CPU time", less_is_better=True, judged=["plain", "deferred"]),
    "workers": Group(f"-w 1 and -w {len(CPUS)}, both sides on all cores", "one", 1.0, {
        "one": (shared_pair(1), []), "twstorm": (shared_pair(len(CPUS)), [])}),
    "one-core": Group("both sides on one core, client-fin", "floor", 1.0, {
        "floor": (floor_pair("client-fin", cpus=ONE_CORE), []),
        "twstorm": (raw_pair("client-fin", cpus=ONE_CORE), [])}),
    "in-flight": Group("connections in flight, client-rst: the bare pair's rate and ours", "floor {}", 1.0,
                       in_flight(1, 8, 64, 512, 4096, 18000), judged=["1", "8", "64", "512", "4,096", "18,000"]),
    "watched": Group("CPU time a connection of client and server: counting states as seldom as can be, by default (sampler), "
                     "asked for the result once a second as by the live page, asked for metrics, and beside `twstorm states`, "
                     "whose own CPU time is in it", "nothing", 1.05,
                     {name: (run, []) for name, run in WATCHERS.items()}, unit=" us", what="CPU time", less_is_better=True,
                     judged=[name for name in WATCHERS if name != "nothing"]),
    "observed": Group("CPU time a connection of a lab with a client and a server on a host each: no host observed, both, and "
                      "with `observe-failures`", "nobody", 1.05, {name: (run, []) for name, run in OBSERVERS.items()},
                      unit=" us", what="CPU time", less_is_better=True, judged=["hosts"]),
    "targets": Group("targets, client-rst: the rate with one and with more", "1", 0.95, {
        f"{n:,}": (raw_pair("client-rst", ports=f"{PORT}-{PORT + n - 1}", listens=TARGETS), [])
        for n in (1, 10, 100, 1000)}, judged=["10", "100", "1,000"]),
    "million": Group(f"{MILLION:,} connections, all in TIME_WAIT at once", "floor", 1.15, {
        "floor": (million(floor), []), "twstorm": (million(twstorm), [])}, unit=" s", what="time", less_is_better=True),
    "memory": Group(f"memory of an open connection, {HELD_OPEN:,} at a time over several processes", None, 0,
                    {f"{pair}, {side}": (None, []) for pair in PAIRS for side in ("client", "server")}, unit=" B",
                    what="memory", less_is_better=True, by_figure=True, judged=[], together=memory, most_rounds=1,
                    tools=["nginx", "wrk", "h2load"]),
    "open-loop": punctual(),
    "sampling": Group(f"beside {HELD:,} TIME_WAIT, {HOLD_RUN_S} s each: counting states as seldom as can be "
                      f"(--sample-budget {BUDGETS['seldom']}), by default ({BUDGETS['twstorm']}), and for a dose that "
                      f"shows ({BUDGETS['often']})", "seldom", 0.99,
                      {name: (None, []) for name in BUDGETS}, together=beside_time_wait(BUDGETS)),
}
