#!/usr/bin/python3
"""cheapest - what a connection costs with each of the options that save packets: packets by the
kernel's count, system calls by strace, CPU time and connections a second.  It prints the table of
docs/performance.md.

    bench/rivals/cheapest.py [TWSTORM [STRATEGY ...]]      build/twstorm, all below

Each strategy's rows alternate, ROUNDS (5) times CONNECTIONS (8000), CONCURRENCY (64) at a time; a
row is the median, its ratios are to the same round's plain run.  Runs in a network namespace of
its own; needs root or user namespaces, ip, sysctl, and strace for the calls.
"""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROUNDS, CONNECTIONS, CONCURRENCY = (
    int(os.environ.get(name, default))
    for name, default in (("ROUNDS", 5), ("CONNECTIONS", 8000), ("CONCURRENCY", 64))
)
TARGET, ADMIN = "127.0.0.1:9000", "127.0.0.1:9100"
SYSCTLS = {
    "net.ipv4.ip_local_port_range": "1024 65535",
    "net.ipv4.tcp_tw_reuse": 1,
    "net.ipv4.tcp_rfc1337": 1,
    "net.ipv4.tcp_fastopen": 0x607,  # both sides, no cookie needed
}

# The calls of a connection's life; the sampler's are others (but a sendto() each time).
CALLS = ("socket,bind,connect,accept4,sendto,recvfrom,shutdown,setsockopt,getsockopt,poll,close,"
         "epoll_ctl,epoll_wait")

# What the server is given, what the client.
Q, F, D = "--no-quickack", "--fastopen", "--fin-with-data"
PLAIN = [
    ("", ""),
    ("--defer-accept", ""),
    ("--fastopen 4096", F),
    ("", Q),
    (Q, Q),
    (f"{Q} --fastopen 4096", f"{Q} {F}"),
]
RIDES = [
    ("", D),
    (Q, f"{Q} {D}"),
    (f"{Q} --fastopen 4096", f"{Q} {D} {F}"),
]
ROWS = {
    "client-fin": PLAIN,
    "server-fin": PLAIN + RIDES,
    "client-half": PLAIN + RIDES,
    "passive-rst": PLAIN + RIDES,
    "client-rst": PLAIN,
}


def run(twstorm, strategy, server_options, client_options, connections, trace=None):
    """One run; the client's result.  trace: a directory for strace's counts of either side."""
    with tempfile.TemporaryDirectory() as dir_:
        result = os.path.join(dir_, "result.json")
        wrap = lambda side: ["strace", "-f", "-c", "-e", f"trace={CALLS}", "-o",
                               f"{trace}/{side}"] if trace else []
        server = subprocess.Popen(
            wrap("server") + [twstorm, "server", "-l", TARGET, "--admin", ADMIN]
            + server_options.split(), stdout=subprocess.PIPE, text=True)
        while not server.stdout.readline().startswith("listening on"):
            if server.poll() is not None:
                sys.exit("the server did not start")
        subprocess.run(
            wrap("client") + [twstorm, "client", "-t", TARGET, "-q", "-d", "30s",
            "-n", str(connections), "-c", str(CONCURRENCY), "--close", strategy,
            "--server-stats", ADMIN, "-o", result] + client_options.split(),
            stdout=subprocess.DEVNULL, check=True)
        children = f"/proc/{server.pid}/task/{server.pid}/children"
        os.kill(int(open(children).read().split()[0]) if trace else server.pid, 15)
        server.wait()
        with open(result) as f:
            return json.load(f)


def figures(doc):
    ok = doc["totals"]["connects_ok"]
    cpu = {s: (doc["cpu"][s]["user_s"] + doc["cpu"][s]["system_s"]) * 1e6 / ok
           for s in ("client", "server")}
    if not doc["ledger"]["balanced"]:
        sys.exit("the ledger is not balanced: these figures are of something else")
    return {"packets": doc["counters"]["Tcp.InSegs"] / ok, "client": cpu["client"],
            "server": cpu["server"], "cpu": cpu["client"] + cpu["server"],
            "rate": doc["rate"]["connections_per_s"]}


def calls(twstorm, strategy, row):
    """System calls a connection of either side: the slope between a short and a long run, so
    that what a run begins and ends with is not in it."""
    n, counted = 1000, {}
    for times in (1, 3):
        with tempfile.TemporaryDirectory() as trace:
            run(twstorm, strategy, *row, n * times, trace)
            for side in ("client", "server"):
                text = open(os.path.join(trace, side)).read()
                total = re.search(r"^100\.00 +\S+ +\S+ +(\d+).* total$", text, re.M)
                counted.setdefault(side, []).append(int(total.group(1)))
    return {side: (two - one) / (2 * n) for side, (one, two) in counted.items()}


def measure(twstorm, strategy):
    rows = ROWS[strategy]
    got = [[] for _ in rows]
    for _ in range(ROUNDS):
        for row, into in zip(rows, got):
            into.append(figures(run(twstorm, strategy, *row, CONNECTIONS)))
    for row, runs in zip(rows, got):
        median = lambda of: statistics.median(r[of] for r in runs)
        ratio = lambda of: statistics.median(r[of] / p[of] for r, p in zip(runs, got[0]))
        c = calls(twstorm, strategy, row) if shutil.which("strace") else None
        print("| {} | {} | {} | {:.1f} | {} | {:.0f} + {:.0f} = x{:.2f} | x{:.2f} |".format(
            strategy, row[0] or "-", row[1] or "-", median("packets"),
            f"{c['client']:.1f} + {c['server']:.1f}" if c else "n/a",
            median("client"), median("server"), ratio("cpu"), ratio("rate")), flush=True)


def main():
    if "CHEAPEST_INSIDE" not in os.environ:
        userns = [] if os.getuid() == 0 else ["-r"]
        os.environ["CHEAPEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", *userns, "-n", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["sysctl", "-qw"] + [f"{k}={v}" for k, v in SYSCTLS.items()], check=True)
    twstorm = os.path.realpath(sys.argv[1] if len(sys.argv) > 1 else "build/twstorm")
    print("| strategy | server | client | packets | calls, client + server "
          "| CPU us, client + server | conn/s |\n|---|---|---|---|---|---|---|")
    for strategy in sys.argv[2:] or ROWS:
        measure(twstorm, strategy)


if __name__ == "__main__":
    main()
