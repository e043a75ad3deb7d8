"""Memory that an open connection takes in its client and in its server: HELD of them over PROCESSES pairs, because a process
may have no more descriptors than its hard limit.  What the processes have with FEW connections is taken off.

Idle: connections that have had a response, or, of a client that cannot hold one, that wait for it.  Busy: each makes one
request after the other."""
import contextlib
import os
import subprocess
import time

from one_run import NGINX_PORT, PORT, Server, Unfit, nginx, on_cpu

HELD, FEW, PROCESSES = 100000, 96, 6
SIDES = "client", "server"
WAIT = "/?delay=500s"
TWSTORM_HTTP = ("--proto", "http")


def resident(pid):
    """Bytes of a process and its children."""
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        own = sum(resident(child) for child in f.read().split())
    with open(f"/proc/{pid}/status") as f:
        return own + 1024 * sum(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def established():
    """Ends of connections in this namespace."""
    done = subprocess.run(["ss", "-Htn", "state", "established"], stdout=subprocess.PIPE, check=True)
    return done.stdout.count(b"\n")


def twstorm(*more):
    def argv(bench, port, n):
        return [bench.twstorm, "client", "-t", f"127.0.0.1:{port}", "-c", str(n), "-d", "600s", "-q", "-o", "/dev/null",
                *(word.replace("N", str(n)) if word == "N" else word for word in more)]
    return argv


def wrk(path):
    return lambda bench, port, n: ["wrk", "-t1", f"-c{n}", "-d600s", "--timeout", "600s", f"http://127.0.0.1:{port}{path}"]


def h2load(path):
    return lambda bench, port, n: ["h2load", "--h1", "-t1", f"-c{n}", "-n", str(10000 * n), f"http://127.0.0.1:{port}{path}"]


def on_twstorm(bench, _, port):
    return Server([bench.twstorm, "server", "-q", "-l", f"127.0.0.1:{port}", "--idle-timeout", "600s"], ready="listening",
                  cpu=None)


def on_nginx(bench, nth, port):
    directory = os.path.join(bench.scratch, str(nth))
    os.makedirs(directory, exist_ok=True)
    return nginx(directory, port=port, cpu=None)


def measured(bench, serve, argv, connections):
    """Bytes of (all clients, all servers) while so many connections are open."""
    with contextlib.ExitStack() as ends:
        each = connections // PROCESSES
        ports = [(NGINX_PORT if serve is on_nginx else PORT) + i for i in range(PROCESSES)]
        servers = [serve(bench, f"{connections}.{i}", port) for i, port in enumerate(ports)]
        for s in servers:
            ends.callback(s.stop)
        clients = [subprocess.Popen(argv(bench, port, each), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                    preexec_fn=on_cpu(None)) for port in ports]
        for c in clients:
            ends.callback(c.wait)
            ends.callback(c.kill)
        until = time.monotonic() + 240
        while established() < 2 * each * PROCESSES * 0.999:
            if time.monotonic() > until:
                raise Unfit(f"only {established() // 2} connections came about")
            time.sleep(1)
        time.sleep(2)
        return [sum(resident(p.pid) for p in clients), sum(resident(s.process.pid) for s in servers)]


PAIRS = {
    "raw, idle": (on_twstorm, twstorm("-n", "N", "--hold", "500s")),
    "raw, busy": (on_twstorm, twstorm("--pool", "N", "--prefill")),
    "HTTP, idle": (on_twstorm, twstorm("-n", "N", "--hold", "500s", *TWSTORM_HTTP)),
    "HTTP, busy": (on_twstorm, twstorm("--pool", "N", "--prefill", *TWSTORM_HTTP)),
    "nginx, idle": (on_nginx, twstorm("-n", "N", "--hold", "500s", *TWSTORM_HTTP)),
    "nginx, busy": (on_nginx, twstorm("--pool", "N", "--prefill", *TWSTORM_HTTP)),
    "wrk, idle": (on_twstorm, wrk(WAIT)),
    "wrk, busy": (on_twstorm, wrk("/")),
    "h2load, idle": (on_twstorm, h2load(WAIT)),
    "h2load, busy": (on_twstorm, h2load("/")),
}


def memory(bench, _):
    """{"raw, idle, client": bytes a connection, ...}: of each pair what the client's side and what the server's takes."""
    made = {}
    for pair, (serve, argv) in PAIRS.items():
        try:
            few, many = (measured(bench, serve, argv, n) for n in (FEW, HELD))
        except Unfit as e:  # the others may be measured all the same
            made.update({f"{pair}, {side}": {"unfit": str(e)} for side in SIDES})
            continue
        for side, a, b in zip(SIDES, few, many):
            made[f"{pair}, {side}"] = {"figure": (b - a) / (HELD - FEW)}
    return made
