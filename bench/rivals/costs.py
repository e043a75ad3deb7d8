"""What a connection costs each side, the bare pair's and ours: CPU time, and instructions outside of the kernel.

The instructions are callgrind's: a count, so that what else the machine does is not in it.  A run is made with SHORT
connections and one with twice as many: the difference has no start and no end.  Of twstorm the threads that serve are
counted; what counts the sockets works by the second, and not by the connection.  callgrind has no vDSO: a look at the
clock counts as the call alone, so how many there were is told beside."""
import glob
import os
import re

from one_run import PORTS, Unfit, floor_client, floor_server, twstorm_client, twstorm_server

SHORT = 2000
STRATEGIES = ("client-fin", "server-fin", "client-rst")


def under_callgrind(path):
    return ["valgrind", "-q", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={path}"]


def clock_looks(text):
    """How often clock_gettime() was called; names are written once, and are numbers after that."""
    number = re.search(r"fn=\((\d+)\) (?:__)?clock_gettime", text)
    if not number:
        return 0
    calls = re.findall(rf"^cfn=\({number[1]}\).*\ncalls=(\d+) ", text, re.M)
    return sum(map(int, calls))


def counted(path):
    """(instructions, looks at the clock) of the threads that serve."""
    texts = []
    for name in glob.glob(path + "-*"):
        with open(name) as f:
            texts.append(f.read())
        os.unlink(name)
    serving = [t for t in texts if re.search(r"fn=\(\d+\) worker_thread", t)] or texts
    if not serving:
        raise Unfit("callgrind has written nothing")
    return [sum(int(re.search(r"^(?:totals|summary): (\d+)", t, re.M)[1]) for t in serving),
            sum(clock_looks(t) for t in serving)]


def count(bench, strategy, ours, connections):
    """[client, server]: what each counted."""
    paths = [os.path.join(bench.scratch, side) for side in ("client", "server")]
    under = [under_callgrind(path) for path in paths]
    if ours:
        server = twstorm_server(bench, under=under[1])
        twstorm_client(bench, PORTS, "--close", strategy, "-n", str(connections), "--duration", "100s", under=under[0])
    else:
        server = floor_server(bench, strategy, under=under[1])
        floor_client(bench, strategy, most=connections, under=under[0])
    server.stop()
    return [counted(path) for path in paths]


def instructions(bench, strategy, ours):
    """What each side of a pair costs: (figures of the client, of the server)."""
    short, long = (count(bench, strategy, ours, n) for n in (SHORT, 2 * SHORT))
    return [{"figure": (b[0] - a[0]) / SHORT, "note": f"{(b[1] - a[1]) / SHORT:.1f} looks at the clock"}
            for a, b in zip(short, long)]


def cpu_time(bench, strategy, ours):
    """The same in microseconds of CPU time."""
    if ours:
        server = twstorm_server(bench)
        r = twstorm_client(bench, PORTS, "--close", strategy)
        connections, cpu = r["totals"]["connects_ok"], (r["cpu"]["client"]["user_s"], r["cpu"]["client"]["system_s"])
    else:
        server = floor_server(bench, strategy)
        rate, cpu = floor_client(bench, strategy)
        connections = rate * bench.seconds
    return [{"figure": 1e6 * sum(times) / connections, "note": f"{1e6 * times[0] / connections:.1f} us outside of the kernel"}
            for times in (cpu, server.stop())]


def of_all(measure):
    """{"floor client-fin, client": figures, "client-fin, client": ...}."""
    def run(bench, turn):
        made = {}
        for strategy in STRATEGIES:
            for ours in (False, True) if turn % 2 == 0 else (True, False):
                for side, got in zip(("client", "server"), measure(bench, strategy, ours)):
                    made[f"{'' if ours else 'floor '}{strategy}, {side}"] = got
        return made
    return run


def rows():
    """Each row's, with those of the bare pair before it."""
    for strategy in STRATEGIES:
        for side in "client", "server":
            yield f"floor {strategy}, {side}"
            yield f"{strategy}, {side}"
