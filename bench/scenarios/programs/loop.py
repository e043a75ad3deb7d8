"""loop.py ADDRESS|URL HOW TIMES: a loop of short requests, as a script has it.

socket, kept    a connection to memcached for each command; the same one for all
get, session    requests.get(); a requests.Session
close           requests.get(), and the server is asked to close
urllib          urllib.request.urlopen()
"""
import socket
import sys
import urllib.request

ADDRESS, HOW, TIMES = sys.argv[1], sys.argv[2], int(sys.argv[3])
URL = ADDRESS if "://" in ADDRESS else f"http://{ADDRESS}:9000/"


def connect():
    return socket.create_connection((ADDRESS, 11211), 5)


def ask(connection):
    connection.sendall(b"version\r\n")
    assert connection.recv(100).startswith(b"VERSION ")


def ask_once():
    with connect() as connection:
        ask(connection)


def way():
    if HOW == "socket":
        return ask_once
    if HOW == "kept":
        connection = connect()
        return lambda: ask(connection)
    if HOW == "urllib":
        return lambda: urllib.request.urlopen(URL, timeout=5).read()
    import requests
    getter = requests.Session() if HOW == "session" else requests
    headers = {"Connection": "close"} if HOW == "close" else {}
    return lambda: getter.get(URL, timeout=5, headers=headers).raise_for_status()


request, done, failure = way(), 0, ""
for _ in range(TIMES):
    try:
        request()
        done += 1
    except OSError as error:
        failure = f"; {error}"
print(f"{done} of {TIMES} done{failure}")
sys.exit(done < TIMES)
