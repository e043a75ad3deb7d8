"""looked(pid) waits until `twstorm states -- COMMAND` with that pid has looked at sockets again, at least ten times: each
look ends in a rest, so the looks are counted by how often it has rested."""
import time


def rests(pid):
    return int(open(f"/proc/{pid}/status").read().split("\nvoluntary_ctxt_switches:")[1].split()[0])


def looked(pid):
    begin = rests(pid)
    while rests(pid) < begin + 10:
        time.sleep(0.01)
