"""The contenders: each returns a function of the bench that makes one run and returns its figure,
and what else it saw: {"figure": F, "note": TEXT, "client_cpu": (user_s, system_s), "server_cpu": ...}."""
import os
import re
import subprocess

from one_run import (CLIENT_CPU, CONCURRENCY, NGINX_PORT, PORT, PORTS, SERVER_CPU, Server, Unfit, a_second, client,
                     floor_client, floor_server, nginx, number, twstorm_client, twstorm_server)


def client_cpu(r):
    return r["cpu"]["client"]["user_s"], r["cpu"]["client"]["system_s"]


def floor_pair(strategy, in_flight=CONCURRENCY, cpus=(SERVER_CPU, CLIENT_CPU)):
    def run(bench):
        server = floor_server(bench, strategy, cpus[0])
        rate, _ = floor_client(bench, strategy, in_flight, cpu=cpus[1])
        server.stop()
        return {"figure": rate}
    return run


def raw_pair(strategy, server_more=(), client_more=(), cpus=(SERVER_CPU, CLIENT_CPU), ports=PORTS, listens=PORTS):
    """cpus: (None, None) = both sides on all cores."""
    def run(bench):
        server = twstorm_server(bench, *server_more, cpu=cpus[0], ports=listens)
        r = twstorm_client(bench, ports, "--close", strategy, *client_more, cpu=cpus[1])
        return {"figure": a_second(r, "connects_ok"), "client_cpu": client_cpu(r), "server_cpu": server.stop()}
    return run


def shared_pair(workers):
    more = ("-w", str(workers))
    return raw_pair("client-fin", more, more, cpus=(None, None))


def calls_of(path, least):
    """The calls that `strace -c` counted, without those of which there were fewer than `least`: the start."""
    with open(path) as f:
        rows = [line.split() for line in f]
    counts = [int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total"]
    return sum(n for n in counts if n >= least)


def calls(strategy, in_flight, ours):
    """System calls a connection, client and server, under strace -f -c."""
    def run(bench):
        traces = [os.path.join(bench.scratch, name) for name in ("server", "client")]
        traced = [["strace", "-f", "-c", "-o", path] for path in traces]
        if ours:
            server = twstorm_server(bench, under=traced[0])
            r = twstorm_client(bench, PORTS, "--close", strategy, "-c", str(in_flight), under=traced[1])
            connections = r["totals"]["connects_ok"]
        else:
            server = floor_server(bench, strategy, under=traced[0])
            rate, _ = floor_client(bench, strategy, in_flight, under=traced[1])
            connections = rate * bench.seconds
        server.stop_child()
        made = [calls_of(path, connections / 100) / connections for path in reversed(traces)]
        return {"figure": sum(made), "note": f"client {made[0]:.1f} + server {made[1]:.1f}"}
    return run


def timer(rate):
    """How late a bare sleeper wakes up, p99 in us: what this machine can do."""
    def run(bench):
        code, out, _ = client([bench.floor, "timer", str(rate), str(bench.seconds)])
        if code != 0:
            raise Unfit(out)
        return {"figure": float(out)}
    return run


def open_loop(rate, arrivals):
    """How late connections start, p99 in us."""
    def run(bench):
        server = twstorm_server(bench)
        r = twstorm_client(bench, PORTS, "--close", "server-fin", "--rate", f"{rate}/s", "--arrivals", arrivals,
                           "-c", "4096")
        server.stop()
        due, made = rate * bench.seconds, r["totals"]["connects_ok"]
        return {"figure": r["latency_us"]["start_lag"]["p99"],
                "note": f"{made:,} of {due:,} arrivals" if arrivals == "uniform" else f"{made:,} arrivals"}
    return run


HELD = 500000
HOLD_RUN_S = 6


def hold(bench):
    """HELD sockets in TIME_WAIT: towards other ports, on an address that is not loopback, where
    tcp_tw_reuse=2 would take them back."""
    subprocess.run(["ip", "address", "add", "198.18.0.1/32", "dev", "lo"], check=True)
    other = Server([bench.twstorm, "server", "--listen", "198.18.0.1:9100-9109"], ready="listening on", cpu=None)
    code, out, _ = client([bench.twstorm, "client", "--target", "198.18.0.1:9100-9109", "-n", str(HELD), "-c", "128",
                        "--source-ports", "all", "--duration", "40s", "-q"], cpu=None)
    other.stop()
    if code != 0:
        raise Unfit(f"could not make {HELD} TIME_WAIT: {out[-200:]}")


def beside_time_wait(budgets):
    """One hold, and a run with each budget beside it, one after the other: {NAME: figures}."""
    def run(bench, turn):
        hold(bench)
        server = twstorm_server(bench)
        names = list(budgets)
        got = {}
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            r = twstorm_client(bench, PORTS, "--close", "server-fin", "--duration", f"{HOLD_RUN_S}s",
                               "--sample-budget", budgets[name])
            if (r["states"]["sockstat_tw"] or 0) < HELD:
                got[name] = {"unfit": f"only {r['states']['sockstat_tw']} TIME_WAIT were left"}
                continue
            got[name] = {"figure": a_second(r, "connects_ok"), "counting_s": r["sampler"]["cpu_s"],
                         "note": f"{r['sampler']['full_dumps']} counts of every socket, "
                                 f"{r['sampler']['cpu_s']:.2f} s of CPU"}
        server.stop()
        return got
    return run


def against(start, port, load):
    def run(bench):
        server = start(bench)
        try:
            r = load(bench, port)
        finally:
            cpu = server.stop()
        return {**r, "used": {"client": r.get("used"), "server": cpu}}
    return run


def on_nginx(load, *listen):
    return against(lambda bench: nginx(bench.scratch, *listen), NGINX_PORT, load)


def on_twstorm(load, *more):
    """A quiet server, which counts no states."""
    return against(lambda bench: twstorm_server(bench, "-q", *more), PORT, load)


def cpu_of(side, run):
    """Microseconds of CPU time a request, of one side of an HTTP run."""
    def measure(bench):
        r = run(bench)
        return {**r, "figure": 1e6 * sum(r["used"][side]) / r["requests"], "note": f"{r['figure']:,.0f} requests a second"}
    return measure


def http_client(*more, what="connects_ok", proto="http"):
    def load(bench, port):
        r = twstorm_client(bench, port, "--proto", proto, *more)
        return {"figure": a_second(r, what), "client_cpu": client_cpu(r), "used": client_cpu(r),
                "requests": r["totals"]["transactions_ok"]}
    return load


def wrk(*more, proto="http"):
    def load(bench, port):
        _, out, cpu = client(["wrk", "-t1", f"-c{CONCURRENCY}", f"-d{bench.seconds}s", *more, f"{proto}://127.0.0.1:{port}/"])
        if re.search(r"Socket errors|Non-2xx", out):
            raise Unfit(out.strip().splitlines()[-3:])
        return {"figure": number(r"Requests/sec:\s*([\d.]+)", out), "used": cpu,
                "requests": number(r"(\d+) requests in", out)}
    return load


def ab(*more, proto="http", each_second=15000):
    """each_second: how many requests it makes, for each second that the others have."""
    def load(bench, port):
        requests = int(each_second * bench.seconds)
        code, out, cpu = client(["ab", "-q", "-n", str(requests), "-c", str(CONCURRENCY), *more, f"{proto}://127.0.0.1:{port}/"])
        if code != 0 or number(r"Failed requests:\s*(\d+)", out) > 0:
            raise Unfit(out[-200:])
        return {"figure": number(r"Requests per second:\s*([\d.]+)", out), "used": cpu, "requests": requests}
    return load


def h2load(*more, proto="http", each_second=15000):
    def load(bench, port):
        requests = int(each_second * bench.seconds)
        _, out, cpu = client(["h2load", "--h1", "-t1", f"-c{CONCURRENCY}", "-n", str(requests), *more,
                              f"{proto}://127.0.0.1:{port}/"])
        if number(r"(\d+) failed", out) > 0:
            raise Unfit(out[-200:])
        return {"figure": number(r"finished in [\d.]+m?s, ([\d.]+) req/s", out), "used": cpu, "requests": requests}
    return load


def httperf(bench, port):
    # At most 1,024 descriptors: more than one in flight at a time only by rate, so it is asked
    # for what it can do, from below.
    _, out, _ = client(["httperf", "--server", "127.0.0.1", "--port", str(port), "--uri", "/", "--num-conns",
                     str(int(8000 * bench.seconds)), "--num-calls", "1", "--rate", "12000", "--timeout", "2", "--hog"])
    if number(r"Errors: total (\d+)", out) > 0:
        raise Unfit(out[-200:])
    return {"figure": number(r"Connection rate: ([\d.]+)", out)}


def siege(bench, port):
    rc = os.path.join(bench.scratch, "siegerc")
    with open(rc, "w") as f:
        f.write("verbose = false\nconnection = close\nlimit = 255\nlogging = false\nshow-logfile = false\n")
    _, out, _ = client(["siege", "-R", rc, "-b", "-q", f"-c{CONCURRENCY}", f"-t{bench.seconds}S", "-j",
                     f"http://127.0.0.1:{port}/"])
    if number(r'"failed_transactions":\s*(\d+)', out) > 0:
        raise Unfit(out[-200:])
    return {"figure": number(r'"transaction_rate":\s*([\d.]+)', out)}


def hey(bench, port):
    _, out, _ = client(["hey", "-z", f"{bench.seconds}s", "-c", str(CONCURRENCY), "-disable-keepalive", "-cpus", "1",
                     f"http://127.0.0.1:{port}/"])
    if "Error distribution" in out:
        raise Unfit(out[-200:])
    return {"figure": number(r"Requests/sec:\s*([\d.]+)", out)}
