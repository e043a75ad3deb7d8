"""Makes a host sick in one way, says "ready" and stays until it is killed.

sick.py KIND [ADDRESS]   a server of its own unless KIND needs one at ADDRESS
"""
import os
import socket
import struct
import sys
import threading
import time

PORT = 9000
held = []


def listen(address="127.0.0.1", backlog=1024, port=PORT):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen(backlog)
    return s


def serve(address="127.0.0.1", reset=False, answer=False):
    """Closes second; or resets at once; or answers each request until the client closes."""
    s = listen(address)

    def one(c):
        while data := c.recv(100):
            c.sendall(data)
        c.close()

    def loop():
        while True:
            c, _ = s.accept()
            if reset:
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                c.close()
            elif answer:
                threading.Thread(target=one, args=(c,), daemon=True).start()
            else:
                c.recv(1)
                c.close()

    threading.Thread(target=loop, daemon=True).start()


def connect(address="127.0.0.1"):
    s = socket.socket()
    s.connect((address, PORT))
    return s


def closed_first(n):
    serve()
    for _ in range(n):
        s = connect()
        s.shutdown(socket.SHUT_WR)
        s.recv(1)
        s.close()


def ready():
    print("ready", flush=True)


def stay():
    ready()
    while True:
        time.sleep(1000)


def again(each_s, what):
    """For ever, so many times a second; what fails is what it is there for."""
    ready()
    while True:
        begin = time.monotonic()
        try:
            what()
        except OSError:
            pass
        time.sleep(max(0, begin + each_s - time.monotonic()))


def asleep(address, n):
    """n connects that nobody waits for."""
    for _ in range(n):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex((address, PORT))
        held.append(s)


def syns(n):
    """Half of a handshake each, from addresses that nobody has."""
    held.append(listen("198.18.0.1", 64))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    to = socket.inet_aton("198.18.0.1")

    def send(i):
        source = struct.pack("!I", 0xC6120100 + i % 60000)
        tcp = struct.pack("!HHIIBBHHH", 1024 + i % 60000, PORT, i, 0, 5 << 4, 2, 65535, 0, 0)
        words = struct.unpack("!16H", source + to + struct.pack("!HH", 6, 20) + tcp)
        total = sum(words)
        total = (total >> 16) + (total & 0xFFFF)
        total = ~(total + (total >> 16)) & 0xFFFF
        tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, i & 0xFFFF, 0, 64, 6, 0, source, to)
        raw.sendto(ip + tcp, ("198.18.0.1", 0))

    for i in range(n):
        send(i)
    number = iter(range(n, 1 << 30))
    again(0.01, lambda: send(next(number)))


def paced(rate, seconds):
    """Connections at fixed times, and when each was closed; to the end, or to the first that finds no port."""
    serve()
    ready()
    begin = time.time()
    for i in range(int(rate * seconds)):
        time.sleep(max(0, begin + i / rate - time.time()))
        try:
            s = connect()
        except OSError:
            print("failed", time.time(), flush=True)
            break
        s.shutdown(socket.SHUT_WR)
        s.recv(1)
        s.close()
        print("closed", time.time(), flush=True)
    while True:
        time.sleep(1000)


def pool():
    """One connection that is kept and used, and beside it one for each request."""
    serve(answer=True)
    kept = connect()

    def exchange(s):
        s.sendall(b"x")
        s.recv(1)

    def both():
        exchange(kept)
        s = connect()
        exchange(s)
        s.close()

    again(0.02, both)


def main(kind, address="127.0.0.1", number="0", *more):
    n = int(number)
    if kind == "ports":
        closed_first(n)
        stay()
    elif kind == "no_port_now":
        closed_first(n)
        again(0.02, lambda: held.append(connect()))
    elif kind == "resets":
        serve(reset=True)
        again(0.02, lambda: connect().recv(1))
    elif kind == "refused":
        again(0.02, lambda: connect(address))
    elif kind == "no_answer":
        asleep(address, n)
        stay()
    elif kind == "backlog":
        held.append(listen(backlog=5))
        asleep(address, n)
        time.sleep(0.2)
        stay()
    elif kind == "syn_queue":
        syns(n)
    elif kind == "descriptors":
        try:
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            stay()
    elif kind == "hold":  # accepts, and never closes
        s = listen(address)
        ready()
        while True:
            held.append(s.accept()[0])
    elif kind == "leave":  # closes, or keeps its end half open
        for _ in range(n):
            s = connect(address)
            s.shutdown(socket.SHUT_WR)
            if more:
                held.append(s)
            else:
                s.close()
        stay()
    elif kind == "echo":
        serve(address, answer=True)
        stay()
    elif kind == "short":  # one stays open, the others are closed here
        held.append(connect(address))
        for _ in range(n):
            s = connect(address)
            s.shutdown(socket.SHUT_WR)
            s.recv(1)
            s.close()
        stay()
    elif kind == "pool":
        pool()
    elif kind == "paced":
        paced(n, float(more[0]))
    elif kind == "healthy":
        serve(answer=True)
        for _ in range(n):
            s = connect()
            s.sendall(b"x")
            s.recv(1)
            held.append(s)
        stay()


main(*sys.argv[1:])
