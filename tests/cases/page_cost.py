#!/usr/bin/python3
"""page_cost.py TWSTORM ROUNDS: runs clients of 127.0.0.1:9000 with and without who looks at them, and compares."""
import json
import os
import socket
import subprocess
import sys
import threading
import time

twstorm, rounds = sys.argv[1], int(sys.argv[2])


def client(rate, seconds):
    """Its page is at port 9200 when this returns."""
    run = subprocess.Popen(
        [twstorm, "client", "-q", "-t", "127.0.0.1:9000", "-r", "%d/s" % rate, "-d", "%ds" % seconds, "--close", "client-rst",
         "--server-stats", "127.0.0.1:9100", "--format", "none", "-o", "run.json", "--admin", "127.0.0.1:9200"],
        stderr=subprocess.PIPE, text=True)
    assert run.stderr.readline().startswith("admin on ")
    return run


def serving_s(pid):
    """CPU time of the thread that serves."""
    for tid in os.listdir("/proc/%d/task" % pid):
        base = "/proc/%d/task/%s/" % (pid, tid)
        if open(base + "comm").read() == "live\n":
            return int(open(base + "schedstat").read().split()[0]) / 1e9
    return 0


def result():
    run = json.load(open("run.json"))
    return {"missed": run["totals"]["missed_starts"], "start lag p99 ms": run["latency_us"]["start_lag"]["p99"] / 1e3,
            "CPU us a connection": run["cpu"]["client"]["us_per_connection"]}


def one(looked_at, seconds=8):
    run, spent = client(5000, seconds), 0
    page = looked_at and subprocess.Popen(["curl", "-sN", "http://127.0.0.1:9200/events", "-o", "events"])
    end = time.monotonic() + seconds - 0.5
    while time.monotonic() < end:
        if looked_at:
            subprocess.run(["curl", "-s", "-o", "metrics", "http://127.0.0.1:9200/metrics"], check=True)
        spent = serving_s(run.pid)
        time.sleep(1)
    run.wait()
    if page:
        page.wait()
    return dict(result(), **{"serving thread %": 100 * spent / seconds})


def show(what, all):
    for key in all[0]:
        print("%-12s %-22s %s" % (what, key, "  ".join("%.2f" % r[key] for r in all)))


def crowd(pages, seconds=26):
    """Pages of which the first 10 never read: the client's memory, how many events the others got, how many were closed."""
    run, most, got, socks = client(500, seconds), 0, [0] * pages, []
    for i in range(pages):
        socks.append(socket.socket())
        socks[i].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096 if i < 10 else 1 << 18)
        socks[i].connect(("127.0.0.1", 9200))
        socks[i].sendall(b"GET /events HTTP/1.0\r\n\r\n")

    def read(i):
        while more := socks[i].recv(1 << 20):
            got[i] += more.count(b"event: ")

    readers = [threading.Thread(target=read, args=(i,)) for i in range(10, pages)]
    for reader in readers:
        reader.start()
    while run.poll() is None:
        kb = [int(line.split()[1]) for line in open("/proc/%d/status" % run.pid) if line.startswith("VmHWM")]
        most = max([most] + kb)
        time.sleep(0.2)
    for reader in readers:
        reader.join()
    closed = 0
    for sock in socks[:10]:
        try:
            while sock.recv(1 << 20):
                pass
            closed += 1
        except ConnectionResetError:
            closed += 1
    return most, min(got[10:], default=0), closed, result()["missed"]


plain, looked_at = [], []
for i in range(rounds):
    for looks in ((False, True) if i % 2 else (True, False)):
        (looked_at if looks else plain).append(one(looks))
show("nobody looks", plain)
show("looked at", looked_at)
missed = [sum(r["missed"] for r in all) for all in (plain, looked_at)]
assert missed[1] <= missed[0] + 0.01 * rounds * 40000, "arrivals missed: %d, and %d where somebody looks" % tuple(missed)
assert max(r["serving thread %"] for r in looked_at) <= 1, "the serving thread takes more than 1 % of a core"

(none, _, _, missed), (all, events, closed, missed_by_all) = crowd(0), crowd(100)
print("memory: %d kB, with 100 pages %d kB; each of 90 readers got %d events or more; %d of 10 that never read were closed" % (
    none, all, events, closed))
assert all <= none + 16384 and closed == 10 and missed_by_all <= missed + 130, (missed, missed_by_all)
assert events >= 13, "readers got %d events in 26 s" % events
