#!/usr/bin/env python3
"""bench - twstorm beside its peers, on this machine, in one run.

Each measurement is made in a private network namespace of its own (no TIME_WAIT left from
the one before), server and client on a core each where there are two, peers and twstorm
taking turns.  Only runs without an error count.  Ratios are made within a round, because the
machine's speed drifts; what is printed is their median, with the lowest and the highest.

    bench.py TWSTORM FLOOR [--rounds N] [--seconds S] [--only GROUP,...] [-o FILE] [--markdown FILE]
    bench.py --list

Tools that are not installed are left out, by name."""
import argparse
import datetime
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

PORT, NGINX_PORT = 9000, 9080
CONCURRENCY = 64
SYSCTLS = {
    "net.ipv4.ip_local_port_range": "1024 65535",
    "net.ipv4.ip_local_reserved_ports": "9000-9200",
    "net.ipv4.tcp_max_tw_buckets": "2000000",
    "net.core.somaxconn": "65535",
    "net.ipv4.tcp_max_syn_backlog": "65535",
    "net.ipv4.tcp_fastopen": "0x607",
}
CPUS = sorted(os.sched_getaffinity(0))
SERVER_CPU, CLIENT_CPU = CPUS[0], CPUS[-1]


class Unfit(Exception):
    """This run does not count: an error, or no figure."""


def on_cpu(cpu):
    """To be called in the child; None: where the kernel likes."""
    return lambda: os.sched_setaffinity(0, CPUS if cpu is None else {cpu})


# ---- one measurement, inside its namespace


class Server:
    """A server started for one measurement, ready when its line or its port says so."""

    def __init__(self, argv, ready=None, port=None, cpu=SERVER_CPU):
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        preexec_fn=on_cpu(cpu), text=True)
        if ready:
            line = self.process.stdout.readline()
            if ready not in line:
                raise Unfit(f"{argv[0]} said '{line.strip()}'")
        else:
            wait_listening(port)

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        out, _ = self.process.communicate(timeout=20)
        return out


def wait_listening(port):
    want = f":{port:04X}"
    for _ in range(200):
        with open("/proc/net/tcp") as f:
            if any(line.split()[1].endswith(want) and line.split()[3] == "0A" for line in list(f)[1:]):
                return
        time.sleep(0.01)
    raise Unfit(f"nothing listens on port {port}")


def client(argv, cpu=CLIENT_CPU):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                          preexec_fn=on_cpu(cpu), check=False)
    return done.returncode, done.stdout


def number(pattern, text, default=None):
    found = re.search(pattern, text)
    if not found:
        if default is None:
            raise Unfit(f"no /{pattern}/ in the output: {text[-300:]}")
        return default
    return float(found.group(1))


NGINX_CONF = """daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log; {user}
events {{ worker_connections 8192; multi_accept on; }}
http {{
    access_log off; keepalive_requests 100000000;
    client_body_temp_path {dir}/a; proxy_temp_path {dir}/b; fastcgi_temp_path {dir}/c;
    uwsgi_temp_path {dir}/d; scgi_temp_path {dir}/e;
    server {{ listen 127.0.0.1:{port} reuseport backlog=65535; location / {{ return 200 "x"; }} }}
}}
"""


def nginx(directory):
    conf = os.path.join(directory, "nginx.conf")
    with open(conf, "w") as f:
        f.write(NGINX_CONF.format(dir=directory, port=NGINX_PORT, user="user root;" if os.geteuid() == 0 else ""))
    return Server(["nginx", "-c", conf, "-p", directory], port=NGINX_PORT)


def twstorm_server(bench, *more, cpu=SERVER_CPU):
    return Server([bench.twstorm, "server", "--listen", f"127.0.0.1:{PORT}", *more], ready="listening on", cpu=cpu)


def twstorm_client(bench, port, *more, cpu=CLIENT_CPU):
    path = os.path.join(bench.scratch, "result.json")
    code, out = client([bench.twstorm, "client", "--target", f"127.0.0.1:{port}", "-c", str(CONCURRENCY),
                        "--duration", f"{bench.seconds}s", "-q", "-o", path, *more], cpu)
    if code != 0:
        raise Unfit(f"twstorm client ended with code {code}: {out[-300:]}")
    with open(path) as f:
        r = json.load(f)
    errors = sum(r["errors"]["connect"].values()) + sum(r["errors"]["transfer"].values())
    if errors:
        raise Unfit(f"{errors} errors")
    cpu = r["cpu"]["client"]
    return {"dumps": (r["sampler"] or {"full_dumps": 0})["full_dumps"],
            "time_wait": r["states"]["sockstat_tw"] or 0,
            "connections": r["totals"]["connects_ok"] / r["run"]["duration_s"],
            "transactions": r["totals"]["transactions_ok"] / r["run"]["duration_s"],
            "user_share": cpu["user_s"] / max(cpu["user_s"] + cpu["system_s"], 1e-9)}


# ---- the contenders: each returns connections (or transactions) a second


def floor_pair(strategy):
    def run(bench):
        server = Server([bench.floor, "server", str(PORT), strategy], ready="listening")
        code, out = client([bench.floor, "client", str(PORT), strategy, str(CONCURRENCY), str(bench.seconds)])
        server.stop()
        if code != 0:
            raise Unfit(out)
        return {"rate": float(out)}
    return run


def raw_pair(strategy, server_more=(), client_more=()):
    def run(bench):
        server = twstorm_server(bench, *server_more)
        r = twstorm_client(bench, PORT, "--close", strategy, *client_more)
        server.stop()
        return {"rate": r["connections"], "user_share": r["user_share"]}
    return run


def shared_pair(workers):
    """Both sides on all cores."""
    def run(bench):
        server = twstorm_server(bench, "-w", str(workers), cpu=None)
        r = twstorm_client(bench, PORT, "-w", str(workers), "--close", "client-fin", cpu=None)
        server.stop()
        return {"rate": r["connections"], "user_share": r["user_share"]}
    return run


HELD = 500000


def beside_time_wait(*client_more):
    """With HELD sockets in TIME_WAIT: towards other ports, on an address that is not loopback, where
    tcp_tw_reuse=2 would take them back."""
    def run(bench):
        subprocess.run(["ip", "address", "add", "198.18.0.1/32", "dev", "lo"], check=True)
        other = Server([bench.twstorm, "server", "--listen", "198.18.0.1:9100-9109"], ready="listening on", cpu=None)
        code, out = client([bench.twstorm, "client", "--target", "198.18.0.1:9100-9109", "-n", str(HELD), "-c", "128",
                            "--source-ports", "all", "--duration", "40s", "-q"], cpu=None)
        other.stop()
        if code != 0:
            raise Unfit(f"could not make {HELD} TIME_WAIT: {out[-200:]}")
        server = twstorm_server(bench)
        r = twstorm_client(bench, PORT, "--close", "server-fin", "--duration", "10s", *client_more)
        server.stop()
        if r["time_wait"] < HELD:
            raise Unfit(f"only {r['time_wait']} TIME_WAIT were left")
        return {"rate": r["connections"], "note": f"{r['dumps']} counts of every socket in 10 s"}
    return run


def against(start, port, load):
    def run(bench):
        server = start(bench)
        try:
            return load(bench, port)
        finally:
            server.stop()
    return run


def on_nginx(load):
    return against(lambda bench: nginx(bench.scratch), NGINX_PORT, load)


def on_twstorm(load, *more):
    return against(lambda bench: twstorm_server(bench, *more), PORT, load)


def http_client(*more, what="connections"):
    def load(bench, port):
        r = twstorm_client(bench, port, "--proto", "http", *more)
        return {"rate": r[what], "user_share": r["user_share"]}
    return load


def wrk(*more):
    def load(bench, port):
        _, out = client(["wrk", "-t1", f"-c{CONCURRENCY}", f"-d{bench.seconds}s", *more, f"http://127.0.0.1:{port}/"])
        if re.search(r"Socket errors|Non-2xx", out):
            raise Unfit(out.strip().splitlines()[-3:])
        return {"rate": number(r"Requests/sec:\s*([\d.]+)", out)}
    return load


def requests_for(bench):
    return int(15000 * bench.seconds)


def ab(bench, port):
    code, out = client(["ab", "-q", "-n", str(requests_for(bench)), "-c", str(CONCURRENCY), f"http://127.0.0.1:{port}/"])
    if code != 0 or number(r"Failed requests:\s*(\d+)", out) > 0:
        raise Unfit(out[-200:])
    return {"rate": number(r"Requests per second:\s*([\d.]+)", out)}


def h2load(bench, port):
    _, out = client(["h2load", "--h1", "-t1", f"-c{CONCURRENCY}", "-n", str(requests_for(bench)),
                     "-H", "Connection: close", f"http://127.0.0.1:{port}/"])
    if number(r"(\d+) failed", out) > 0:
        raise Unfit(out[-200:])
    return {"rate": number(r"finished in [\d.]+m?s, ([\d.]+) req/s", out)}


def httperf(bench, port):
    # At most 1,024 descriptors: more than one in flight at a time only by rate, so it is asked
    # for what it can do, from below.
    _, out = client(["httperf", "--server", "127.0.0.1", "--port", str(port), "--uri", "/", "--num-conns",
                     str(int(8000 * bench.seconds)), "--num-calls", "1", "--rate", "12000", "--timeout", "2", "--hog"])
    if number(r"Errors: total (\d+)", out) > 0:
        raise Unfit(out[-200:])
    return {"rate": number(r"Connection rate: ([\d.]+)", out)}


def siege(bench, port):
    rc = os.path.join(bench.scratch, "siegerc")
    with open(rc, "w") as f:
        f.write("verbose = false\nconnection = close\nlimit = 255\nlogging = false\nshow-logfile = false\n")
    _, out = client(["siege", "-R", rc, "-b", "-q", f"-c{CONCURRENCY}", f"-t{bench.seconds}S", "-j",
                     f"http://127.0.0.1:{port}/"])
    if number(r'"failed_transactions":\s*(\d+)', out) > 0:
        raise Unfit(out[-200:])
    return {"rate": number(r'"transaction_rate":\s*([\d.]+)', out)}


def hey(bench, port):
    _, out = client(["hey", "-z", f"{bench.seconds}s", "-c", str(CONCURRENCY), "-disable-keepalive", "-cpus", "1",
                     f"http://127.0.0.1:{port}/"])
    if "Error distribution" in out:
        raise Unfit(out[-200:])
    return {"rate": number(r"Requests/sec:\s*([\d.]+)", out)}


CLOSE = ("-H", "Connection: close")
FASTOPEN = (("--fastopen", "4096"), ("--fastopen",))
QUICKACK = (("--no-quickack",), ("--no-quickack",))
ALL = (FASTOPEN[0] + QUICKACK[0], FASTOPEN[1] + QUICKACK[1])

# Each group: what its ratios are made against comes first; goal = the least median ratio, and
# whose.  NAME: (function, tools it needs).
GROUPS = {
    "client-fin": ("raw protocol, the client closes first", "floor", 0.97, {
        "floor": (floor_pair("client-fin"), []), "twstorm": (raw_pair("client-fin"), [])}),
    "server-fin": ("raw protocol, the server closes first", "floor", 0.97, {
        "floor": (floor_pair("server-fin"), []), "twstorm": (raw_pair("server-fin"), [])}),
    "client-rst": ("raw protocol, the client resets", "floor", 0.97, {
        "floor": (floor_pair("client-rst"), []), "twstorm": (raw_pair("client-rst"), [])}),
    "cheapest": ("the same transaction, client-fin, with fewer packets", "floor", 1.15, {
        "floor": (floor_pair("client-fin"), []),
        "plain": (raw_pair("client-fin"), []),
        "defer-accept": (raw_pair("client-fin", ["--defer-accept"]), []),
        "no-quickack": (raw_pair("client-fin", *QUICKACK), []),
        "fastopen": (raw_pair("client-fin", *FASTOPEN), []),
        "twstorm": (raw_pair("client-fin", *ALL), [])}),
    "fewest": ("the fewest packets there can be: server-fin, and passive-rst", "floor", 1.15, {
        "floor": (floor_pair("server-fin"), []),
        "plain": (raw_pair("server-fin"), []),
        "passive-rst": (raw_pair("passive-rst", ALL[0], (*ALL[1], "--fin-with-data")), []),
        "twstorm": (raw_pair("server-fin", ALL[0], (*ALL[1], "--fin-with-data")), [])}),
    "http-client": ("HTTP clients against nginx, Connection: close", "wrk", 1.05, {
        "wrk": (on_nginx(wrk(*CLOSE)), ["nginx", "wrk"]),
        "twstorm": (on_nginx(http_client("--close", "server-fin")), ["nginx"])}),
    "http-server": ("HTTP servers under wrk, Connection: close", "nginx", 1.05, {
        "nginx": (on_nginx(wrk(*CLOSE)), ["nginx", "wrk"]),
        "plain": (on_twstorm(wrk(*CLOSE)), ["wrk"]),
        "twstorm": (on_twstorm(wrk(*CLOSE), "--defer-accept"), ["wrk"])}),
    "clients": ("HTTP clients against the twstorm server, Connection: close", None, 1.15, {
        "twstorm": (on_twstorm(http_client("--close", "server-fin")), []),
        "wrk": (on_twstorm(wrk(*CLOSE)), ["wrk"]),
        "ab": (on_twstorm(ab), ["ab"]), "h2load": (on_twstorm(h2load), ["h2load"]),
        "httperf": (on_twstorm(httperf), ["httperf"]), "siege": (on_twstorm(siege), ["siege"]),
        "hey": (on_twstorm(hey), ["hey"])}),
    "keep-alive": ("HTTP clients against nginx, keep-alive: requests a second", "wrk", 1.0, {
        "wrk": (on_nginx(wrk()), ["nginx", "wrk"]),
        "twstorm": (on_nginx(http_client("--pool", str(CONCURRENCY), what="transactions")), ["nginx"])}),
    "workers": ("-w 1 and -w 2, both sides on all cores", "one", 1.0, {
        "one": (shared_pair(1), []), "twstorm": (shared_pair(2), [])}),
    "sampling": (f"beside {HELD:,} TIME_WAIT: counting states as seldom as can be, and as it is by default",
                 "seldom", 0.99, {
        "seldom": (beside_time_wait("--sample-budget", "0.01%"), []), "twstorm": (beside_time_wait(), [])}),
}


# ---- rounds


class Bench:
    def __init__(self, args):
        self.twstorm, self.floor = os.path.abspath(args.twstorm), os.path.abspath(args.floor)
        self.seconds, self.rounds = args.seconds, args.rounds
        self.scratch = None
        self.runs, self.unfit, self.missing = [], [], set()

    def measure(self, group, name):
        """One measurement in a namespace of its own, in a child process."""
        run = GROUPS[group][3][name][0]
        with tempfile.TemporaryDirectory(prefix="twstorm-bench.") as self.scratch:
            answer, back = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(answer)
                with os.fdopen(back, "w") as f:
                    json.dump(isolated(lambda: run(self)), f)
                os._exit(0)
            os.close(back)
            with os.fdopen(answer) as f:
                text = f.read()
            os.waitpid(pid, 0)
        result = json.loads(text) if text else {"unfit": "the measurement died"}
        time.sleep(0.3)  # the kernel frees the namespace's TIME_WAIT in the background
        return result

    def round(self, group, turn):
        names = [n for n, (_, tools) in GROUPS[group][3].items() if self.have(tools)]
        names = names[turn % len(names):] + names[:turn % len(names)] if names else []
        for name in names:
            r = self.measure(group, name)
            if "rate" in r:
                self.runs.append({"group": group, "round": turn, "name": name, **r})
            else:
                self.unfit.append({"group": group, "round": turn, "name": name, "why": r["unfit"]})
            print(f"  {group:12} round {turn + 1}  {name:14} {r.get('rate', 0):10,.0f}/s  {r.get('unfit', '')}",
                  file=sys.stderr, flush=True)

    def have(self, tools):
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        missing = [t for t in tools if not shutil.which(t, path=path)]
        self.missing.update(missing)
        return not missing

    # ---- what it comes to

    def rates(self, group, name):
        return {r["round"]: r["rate"] for r in self.runs if r["group"] == group and r["name"] == name}

    def ratios(self, group, above, below):
        a, b = self.rates(group, above), self.rates(group, below)
        return [a[i] / b[i] for i in sorted(a.keys() & b.keys())]

    def row(self, group, name, base):
        rates, r = list(self.rates(group, name).values()), self.ratios(group, name, base)
        notes = [x["note"] for x in self.runs if x["group"] == group and x["name"] == name and "note" in x]
        return {"name": name, "rounds": len(rates), "note": sorted(notes)[len(notes) // 2] if notes else "", "rate": statistics.median(rates),
                "ratio": statistics.median(r) if r else None, "low": min(r) if r else None,
                "high": max(r) if r else None}

    def table(self, group):
        title, base, goal, contenders = GROUPS[group]
        base = base or "twstorm"
        rows = [self.row(group, n, base) for n in contenders if self.rates(group, n)]
        if GROUPS[group][1]:
            mine = next((r["ratio"] for r in rows if r["name"] == "twstorm"), None)
        else:  # twstorm against the best of the peers that are named, wrk apart
            peers = [self.ratios(group, "twstorm", n) for n in contenders if n not in ("twstorm", "wrk")]
            mine = min((statistics.median(p) for p in peers if p), default=None)
        shares = [r["user_share"] for r in self.runs if r["group"] == group and "user_share" in r]
        return {"group": group, "title": title, "base": base, "goal": goal, "reached": mine, "rows": rows,
                "user_share": statistics.median(shares) if shares else None}


def isolated(run):
    """Runs it in a network namespace made for it; {"unfit": why} if it does not count."""
    try:
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        enter_namespace()
        return run()
    except (Unfit, OSError, subprocess.SubprocessError, ValueError, KeyError) as e:
        return {"unfit": str(e)[:300]}


def enter_namespace():
    libc = __import__("ctypes").CDLL(None, use_errno=True)
    clone_newnet = 0x40000000
    if libc.unshare(clone_newnet) != 0:
        raise Unfit("no network namespace: run as root, or in `unshare -Ur`")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, value in SYSCTLS.items():
        with open("/proc/sys/" + name.replace(".", "/"), "w") as f:
            f.write(value)


# ---- output


def about_machine(bench):
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*:\s*(.*)", f.read())
    return {"date": datetime.date.today().isoformat(), "kernel": platform.release(),
            "cpus": len(CPUS), "cpu": model.group(1) if model else platform.machine(), "sysctls": SYSCTLS,
            "rounds": bench.rounds, "seconds": bench.seconds, "in_flight": CONCURRENCY,
            "command": "make bench"}


def lines(tables):
    for t in tables:
        yield f"### {t['group']}: {t['title']}"
        yield ""
        yield f"| | rate, median | against {t['base']} | lowest..highest | rounds |"
        yield "|---|---|---|---|---|"
        for r in t["rows"]:
            ratio = f"{r['ratio']:.2f}" if r["ratio"] is not None else ""
            spread = f"{r['low']:.2f}..{r['high']:.2f}" if r["ratio"] is not None else ""
            yield f"| {r['name']}{': ' + r['note'] if r['note'] else ''} | {r['rate']:,.0f}/s | {ratio} | {spread} | {r['rounds']} |"
        yield ""
        if t["reached"] is not None:
            yield f"Goal: at least {t['goal']:.2f}; reached: {t['reached']:.2f}."
            yield ""


def markdown(path, machine, tables, missing):
    """Writes the part between the two marks of an existing page anew."""
    begin, end = "<!-- bench: begin -->", "<!-- bench: end -->"
    with open(path) as f:
        page = f.read()
    if begin not in page or end not in page:
        sys.exit(f"bench: {path} has no '{begin}' ... '{end}'")
    head = [f"{machine['date']}, Linux {machine['kernel']}, {machine['cpus']} CPUs ({machine['cpu']}), "
            f"{machine['rounds']} rounds of {machine['seconds']} s, {machine['in_flight']} in flight; "
            f"by `{machine['command']}`.", "",
            "Sysctls: " + ", ".join(f"`{k} = {v}`" for k, v in machine["sysctls"].items()) + ".", ""]
    if missing:
        head += ["Not installed, so left out: " + ", ".join(sorted(missing)) + ".", ""]
    body = "\n".join(head + list(lines(tables)))
    with open(path, "w") as f:
        f.write(page[:page.index(begin) + len(begin)] + "\n" + body + page[page.index(end):])


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("twstorm", nargs="?")
    p.add_argument("floor", nargs="?")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=int, default=3)
    p.add_argument("--only", help="groups, with commas between")
    p.add_argument("-o", "--output", help="JSON")
    p.add_argument("--markdown", help="page whose marked part is written anew")
    p.add_argument("--list", action="store_true", help="the groups")
    args = p.parse_args()
    if args.list:
        for name, group in GROUPS.items():
            print(f"{name:12} {group[0]}: {', '.join(group[3])}")
        return
    if not args.twstorm or not args.floor:
        p.error("expected TWSTORM and FLOOR")
    groups = args.only.split(",") if args.only else list(GROUPS)
    unknown = [g for g in groups if g not in GROUPS]
    if unknown:
        p.error(f"there is no group {', '.join(unknown)}; see --list")
    bench = Bench(args)
    for turn in range(bench.rounds):
        for group in groups:
            bench.round(group, turn)
    tables, machine = [bench.table(g) for g in groups], about_machine(bench)
    print("\n".join(lines(tables)))
    for miss in sorted(bench.missing):
        print(f"left out, not installed: {miss}")
    for u in bench.unfit:
        print(f"did not count: {u['group']} {u['name']}, round {u['round'] + 1}: {u['why']}")
    if args.output:
        with open(args.output, "w") as f:
            json.dump({"schema": "twstorm.bench/1", "machine": machine, "tables": tables, "runs": bench.runs,
                       "unfit": bench.unfit, "missing": sorted(bench.missing)}, f, indent=1)
    if args.markdown:
        markdown(args.markdown, machine, tables, bench.missing)


if __name__ == "__main__":
    main()
