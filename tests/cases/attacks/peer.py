"""peer.py - a server that is no twstorm, and serves HTTP in its own way.

    peer.py ADDR PORT MANNER [N]    the first N connections (0) are answered well, later ones in that manner, and each of those
                                    is a line "did" on stdout; it waits until the port is free
"""
import socket
import struct
import sys
import threading
import time

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
RESET = struct.pack("ii", 1, 0)


def well(c):
    c.sendall(GOOD)
    while c.recv(4096):
        pass


def silent(c):
    while c.recv(4096):
        pass


def garbage(c):
    c.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    silent(c)


def eof(c):
    pass


def cut(c):
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
    time.sleep(0.02)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def busy(c):
    c.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 1\r\n\r\nx")
    silent(c)


def serve(c, manner):
    try:
        while b"\r\n\r\n" not in c.recv(4096):
            pass
        manner(c)
    except OSError:
        pass
    c.close()


def listen(addr, port):
    while True:
        try:
            return socket.create_server((addr, port), backlog=999)
        except OSError:
            time.sleep(0.01)


def main(addr, port, manner, first="0"):
    s = listen(addr, int(port))
    print("ready", flush=True)
    n = 0
    while True:
        c, _ = s.accept()
        n += 1
        if n > int(first):
            print("did", flush=True)
        threading.Thread(target=serve, args=(c, globals()[manner] if n > int(first) else well), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
