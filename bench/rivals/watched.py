"""What being watched costs: CPU time a connection, client and server together, with nothing that looks, and with each of
what may."""
import contextlib
import glob
import http.client
import json
import os
import threading

from one_run import CONCURRENCY, CPUS, Server, Unfit, client, twstorm_client, twstorm_server

ADMINS = {"server": 9990, "client": 9991}  # among the reserved ports
STRATEGY = "client-fin"


@contextlib.contextmanager
def asked(path):
    """Both admin addresses are asked for it once a second, as the page and a scraper do; None: they are not."""
    over = threading.Event()

    def ask():
        while path and not over.wait(1):
            for port in ADMINS.values():
                with contextlib.suppress(OSError):
                    at = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    at.request("GET", path)
                    at.getresponse().read()
                    at.close()
    asker = threading.Thread(target=ask)
    asker.start()
    yield
    over.set()
    asker.join()


def watched(*more, path=None, beside=()):
    """more: options of both; beside: a command of twstorm's that looks on."""
    def run(bench):
        admin = {side: ("--admin", f"127.0.0.1:{port}") if path else () for side, port in ADMINS.items()}
        server = twstorm_server(bench, *more, *admin["server"])
        other = Server([bench.twstorm, *beside], ready="", cpu=CPUS[0]) if beside else None
        with asked(path):
            r = twstorm_client(bench, "9000-9007", "--close", STRATEGY, *more, *admin["client"])
        cpu = (r["cpu"]["client"]["user_s"], r["cpu"]["client"]["system_s"]), server.stop()
        if other:
            cpu += (other.stop(),)
        n = r["totals"]["connects_ok"]
        return {"figure": 1e6 * sum(map(sum, cpu)) / n, "note": f"{n / r['run']['duration_s']:,.0f} connections a second"}
    return run


SELDOM = ("--sample-budget", "0.01%")
WATCHERS = {
    "nothing": watched(*SELDOM),
    "sampler": watched(),
    "page": watched(path="/result.json"),
    "metrics": watched(path="/metrics"),
    "states": watched(beside=("states", "--interval", "1s")),
}


SCENARIO = """[scenario]
about = one client and one server, each on a host
[host a]
{observe}
[host b]
{observe}
[server main on a]
args = --listen {{a}}:9000-9007
[client main on b]
args = --target {{a}}:9000-9007 -c {in_flight} --duration {seconds}s --close {strategy}
"""


def in_lab(*observe):
    """observe: lines of each [host]; the CPU time is that of all processes of the lab, its start included."""
    def run(bench):
        path, results = os.path.join(bench.scratch, "observed.ini"), os.path.join(bench.scratch, "results")
        with open(path, "w") as f:
            f.write(SCENARIO.format(observe="\n".join(observe), in_flight=CONCURRENCY, seconds=bench.seconds,
                                    strategy=STRATEGY))
        code, out, cpu = client([bench.twstorm, "lab", "run", "-q", path, "-o", results], cpu=None)
        if code != 0:
            raise Unfit(out[-300:])
        with open(glob.glob(results + "/observed*.json")[0]) as f:
            r = json.load(f)
        n = r["totals"]["connects_ok"]
        return {"figure": 1e6 * sum(cpu) / n, "note": f"{n / r['run']['duration_s']:,.0f} connections a second"}
    return run


OBSERVERS = {
    "nobody": in_lab(),
    "hosts": in_lab("observe = all"),
    "hosts, failures": in_lab("observe = all", "observe-failures = yes"),
}
