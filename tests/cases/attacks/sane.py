"""sane.py - what must be so in every result, whatever was done to the run.

    sane.py RESULT TEXT EXIT DIR    DIR has what the kernels of both hosts counted: client.before, client.after, server.before
                                    and server.after, each /proc/net/netstat and /proc/net/snmp, taken around the run

A line for each fault, on stdout.  Exit 1 when there is one.
"""
import json
import re
import sys

MOST = 2**53  # what a JSON number holds exactly, in any language
NOT_WHOLE = ("interrupted", "never_connected", "no_response", "server_lost", "server_stats_lost", "incomplete", "process_ended")
LOSSES = NOT_WHOLE + ("failed", "missed_arrivals", "no_port", "no_source_address", "collision", "self_connected", "port_held")


def figures(value, path=""):
    """Every number of a document, with its path."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from figures(below, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, below in enumerate(value):
            yield from figures(below, f"{path}.{i}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


def at(value, words):
    """The value at a path cut into words; a key may have dots in it, a list goes by number or by address."""
    if not words:
        return value
    for n in range(len(words), 0, -1):
        key, rest = ".".join(words[:n]), words[n:]
        if isinstance(value, dict) and key in value:
            return at(value[key], rest)
        if isinstance(value, list):
            for i, below in enumerate(value):
                if key == str(i) or (isinstance(below, dict) and key in (below.get("address"), below.get("claim"))):
                    return at(below, rest)
    return None


def are_counts(r):
    for path, n in figures(r):
        if path.startswith("config."):
            continue
        if n < 0:
            yield f"{path} is {n}"
        if n > MOST:
            yield f"{path} is {n}, more than 2^53"


def totals(r):
    t, o = r["totals"], r["outcomes"]
    started, served = t["connects_started"], o["completed"] + o["leaked"]
    if sum(o.values()) != started:
        yield f"outcomes are {sum(o.values())} together, of {started} started"
    for less, more in (("connects_ok", "connects_started"), ("syns", "connects_started"), ("connects_ok", "syns"),
                       ("closes", "connects_ok")):
        if t[less] > t[more]:
            yield f"{less} {t[less]} > {more} {t[more]}"
    if served > t["connects_ok"]:
        yield f"{served} completed or leaked of {t['connects_ok']} that connected"
    for key, whole in (("started", started), ("ok", served)):
        told = sum(target[key] for target in r["targets"])
        if told != whole:
            yield f"targets have {told} {key}, the totals {whole}"
    yield from errnos(r)


def errnos(r):
    """By target, and by the call that failed, they are the same."""
    by_call, by_target = {}, {}
    for call in ("socket", "bind", "connect", "transfer"):
        for name, n in r["errors"][call].items():
            by_call[name] = by_call.get(name, 0) + n
    late = sum(r["errors"]["timeout"].values())
    if late:
        by_call["ETIMEDOUT"] = by_call.get("ETIMEDOUT", 0) + late
    for target in r["targets"]:
        for name, n in target["failed"].items():
            by_target[name] = by_target.get(name, 0) + n
    if by_call != by_target:
        yield f"errors by call {by_call}, by target {by_target}"


def failures(r):
    f, o, t = r["failures"], r["outcomes"], r["totals"]
    told = sum(kind["n"] for kind in f["kinds"])
    if f["lost"] not in (told, told + f["others"]):
        yield f"failures.lost is {f['lost']}, its kinds {told} and {f['others']} others"
    if f["lost"] > f["of"]:
        yield f"{f['lost']} of {f['of']} failed"
    if len({kind["name"] for kind in f["kinds"]}) != len(f["kinds"]):
        yield f"two kinds of failures have one name: {f['kinds']}"
    if f["arrivals"] != t["connects_started"] + t["missed_starts"]:
        yield f"{f['arrivals']} arrivals are not {t['connects_started']} started and {t['missed_starts']} missed"
    answered = any(kind["name"].isdigit() for kind in f["kinds"])
    if f["what"] == "connections" and not answered and not r["config"]["hold"]:
        rest = o["completed"] + o["leaked"] + o["no_port"] + f["lost"]
        if rest != t["connects_started"]:
            yield f"served, without a port and failed are {rest}, of {t['connects_started']} started"


def ports(r):
    p, peak = r["ports"], r["ports"]["peak_in_use"]
    if p["exhausted"] != (r["outcomes"]["no_port"] > 0):
        yield f"exhausted is {p['exhausted']}, {r['outcomes']['no_port']} found no port"
    if p["exhausted"] != (p["first_exhausted_s"] is not None):
        yield f"exhausted is {p['exhausted']}, first at {p['first_exhausted_s']}"
    if peak is None:
        if not p.get("peak_in_use_reason"):
            yield "peak_in_use is null without a reason"
        return
    if peak > p["budget"]:
        yield f"{peak} ports in use, of {p['budget']}"
    client = r["states"]["client"]
    for state, n in (client["peak"] if client else {}).items():
        if state not in ("LISTEN", "CLOSE") and n > peak:
            yield f"{n} sockets in {state}, and at most {peak} ports in use"


def states(r):
    for side in ("client", "server"):
        s = r["states"][side]
        for state, n in ((s or {}).get("end") or {}).items():
            if n > s["peak"][state]:
                yield f"{side}: {n} in {state} at the end, at most {s['peak'][state]}"


def series(r):
    before = {"t": 0, "connects_ok": 0, "transactions_ok": 0, "errors": 0}
    for row in r["series"]:
        for key, n in before.items():
            if row[key] < n:
                yield f"series: {key} goes from {n} to {row[key]}"
            before[key] = row[key]
        for key in ("connects_ok", "transactions_ok"):
            if row[key] > r["totals"][key]:
                yield f"series: {key} {row[key]}, in all {r['totals'][key]}"
        peak, now = r["ports"]["peak_in_use"], row["ports_in_use"]
        if peak is not None and now is not None and now > peak:
            yield f"series: {now} ports in use, at most {peak}"


def latency(r):
    for name, timer in r["latency_us"].items():
        if not isinstance(timer, dict) or not timer.get("count"):
            continue
        row = [timer[key] for key in ("min", "p50", "p90", "p99", "p999", "max")]
        if any(b < 0.999 * a for a, b in zip(row, row[1:])):
            yield f"latency_us.{name}: {row}"
    if r["latency_us"]["connect"]["count"] != r["totals"]["connects_ok"]:
        yield f"{r['latency_us']['connect']['count']} connects timed, {r['totals']['connects_ok']} made"


def ledger(r):
    book = r["ledger"]
    bad = [check for check in book["checks"] if not check["ok"]]
    if book["balanced"] != (not bad):
        yield f"balanced is {book['balanced']}, and of the checks {bad} fail"
    for check in book["not_compared"]:
        if not check["reason"]:
            yield f"not compared without a reason: {check['what']}"
    for sentence in book["explanation"]:
        first = re.match(r"\d+", sentence)
        if first and int(first[0]) == 0:
            yield f"explains nothing: {sentence}"


def words(text):
    return " ".join(text.split())


def odd_words(sentence):
    return re.search(r"\{|\}|\bnull\b|\bnan\b|\binf\b|-\d|\d{16}|\b1 (times|connections|sockets|arrivals)\b", sentence)


def story(r, text, code):
    told, names = r["story"], [row["claim"] for row in r["story"]]
    if [row["place"] for row in told] != list(range(1, len(told) + 1)) or len(set(names)) != len(names):
        yield f"places: {[(row['place'], row['claim']) for row in told]}"
    for row in told:
        if words(row["sentence"]) not in words(text):
            yield f"the text has not: {row['sentence']}"
        if odd_words(row["sentence"]):
            yield f"odd: {row['sentence']}"
        for path, value in row["evidence"].items():
            if at(r, path.split(".")) != value:
                yield f"{row['claim']}: {path} is {at(r, path.split('.'))}, the evidence {value}"
    if ("failed" in names) != (r["failures"]["lost"] > 0) and not r["error_is_whole"]:
        yield f"failures.lost is {r['failures']['lost']}, told: {names}"
    if ("not_balanced" in names) == r["ledger"]["balanced"]:
        yield f"balanced is {r['ledger']['balanced']}, told: {names}"
    lost = r["failures"]["lost"] + r["outcomes"]["no_port"] + r["totals"]["missed_starts"]
    if 2 * lost > r["failures"]["arrivals"] and (not names or names[0] not in LOSSES):
        yield f"{lost} of {r['failures']['arrivals']} were lost, and the story begins with {names[:1]}"
    if (code == 4) == r["complete"] or code not in (0, 3, 4):
        yield f"exit code {code}, complete is {r['complete']}"
    if not r["complete"] and (not names or names[0] not in NOT_WHOLE):
        yield f"incomplete ({r['error']['code']}), and the story begins with {names[:1]}"


def counted(path):
    found = {}
    rows = open(path, encoding="ascii").read().splitlines()
    for names, values in zip(rows[::2], rows[1::2]):
        group, *names = names.split()
        found.update({group[:-1] + "." + name: int(n) for name, n in zip(names, values.split()[1:])})
    return found


def kernels(r, folder):
    """What the result says of a kernel's counters was counted within the time that we looked at them, too."""
    for host, key in (("client", "counters"), ("server", "server_counters")):
        first, last = counted(f"{folder}/{host}.before"), counted(f"{folder}/{host}.after")
        for name, n in (r[key] or {}).items():
            if n is not None and name in last and n > last[name] - first[name]:
                yield f"{key}.{name} is {n}, by the kernel {last[name] - first[name]}"
        if host == "client" and r["totals"]["syns"] > last["Tcp.ActiveOpens"] - first["Tcp.ActiveOpens"]:
            yield f"{r['totals']['syns']} SYNs, more than the kernel's Tcp.ActiveOpens"


def main(result, text, code, folder):
    with open(result, encoding="utf-8") as f:
        r = json.load(f)
    r["error_is_whole"] = r.get("error", {}).get("code") in ("never_connected", "no_response")
    with open(text, encoding="utf-8") as f:
        text = f.read()
    faults = []
    for check in (are_counts, totals, failures, ports, states, series, latency, ledger):
        faults += check(r)
    faults += story(r, text, int(code))
    faults += kernels(r, folder)
    for fault in faults:
        print(fault)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
