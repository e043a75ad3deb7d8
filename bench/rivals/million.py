"""A million connections, all in TIME_WAIT at once: the seconds that the bare pair takes, and ours.  Each is in a namespace of its own.

40 ports, so that each leads to 25,000 connections: beyond 32,000 connect() searches longer the fuller it is, which is the kernel's
cost, and which --source-ports avoids for us alone."""
import re
import time

from one_run import PORT, Unfit, floor_client, floor_server, twstorm_client, twstorm_server

MILLION = 1_000_000
PORTS = f"{PORT}-{PORT + 39}"
STRATEGY = "client-fin"


def in_time_wait():
    """The kernel's count, of this namespace."""
    with open("/proc/net/sockstat") as f:
        return int(re.search(r"^TCP:.* tw (\d+)", f.read(), re.M)[1])


def in_time_wait_soon(expected):
    """That count, once the last close() has had its answer."""
    until = time.monotonic() + 1
    while in_time_wait() < expected and time.monotonic() < until:
        time.sleep(0.01)
    return in_time_wait()


def floor(bench):
    server = floor_server(bench, STRATEGY, ports=PORTS)
    rate, _ = floor_client(bench, STRATEGY, most=MILLION, ports=PORTS)
    return server, MILLION / rate, MILLION


def twstorm(bench):
    server = twstorm_server(bench, ports=PORTS)
    r = twstorm_client(bench, PORTS, "--close", STRATEGY, "-n", str(MILLION), "--duration", "100s")
    return server, r["run"]["duration_s"], r["states"]["client"]["end"]["TIME_WAIT"]


def million(pair):
    def run(bench):
        with open("/proc/sys/net/ipv4/tcp_tw_reuse", "w") as f:
            f.write("0")
        server, seconds, told = pair(bench)
        kernel = in_time_wait_soon(told)
        server.stop()
        if kernel < MILLION * 0.999:
            raise Unfit(f"{kernel:,} are in TIME_WAIT, not {MILLION:,}: it took {seconds:.0f} s, and they last 60")
        if told != kernel:
            raise Unfit(f"{told:,} in TIME_WAIT were told, and the kernel has {kernel:,}")
        return {"figure": seconds, "note": f"{kernel:,} in TIME_WAIT, by sockstat"}
    return run
