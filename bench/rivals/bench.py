#!/usr/bin/env python3
"""bench - twstorm beside its peers, on this machine, in one run.

Each measurement is made in a private network namespace of its own (no TIME_WAIT left from
the one before), server and client on a core each where there are two, peers and twstorm
taking turns.  Only runs without an error count.  Ratios are made within a round, because the
machine's speed drifts; what is printed is their median, with the lowest and the highest.

    bench.py TWSTORM FLOOR [--rounds N] [--seconds S] [--only GROUP,...] [-o FILE] [--markdown FILE]
    bench.py --list

Tools that are not installed are left out, by name."""
import argparse
import datetime
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import time

import tables
from groups import GROUPS
from one_run import CONCURRENCY, CPUS, SYSCTLS, isolated

PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"


class Bench:
    """What the contenders are told, and what they answered."""

    def __init__(self, args):
        self.twstorm, self.floor = os.path.abspath(args.twstorm), os.path.abspath(args.floor)
        self.seconds, self.rounds = args.seconds, args.rounds
        self.scratch = None
        self.runs, self.unfit, self.missing = [], [], set()

    def measure(self, run):
        """One measurement in a namespace of its own, in a child process."""
        with tempfile.TemporaryDirectory(prefix="twstorm-bench.") as self.scratch:
            answer, back = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(answer)
                with os.fdopen(back, "w") as f:
                    json.dump(isolated(run), f)
                os._exit(0)
            os.close(back)
            with os.fdopen(answer) as f:
                text = f.read()
            os.waitpid(pid, 0)
        time.sleep(0.3)  # the kernel frees the namespace's TIME_WAIT in the background
        return json.loads(text) if text else {"unfit": "the measurement died"}

    def note(self, group, turn, name, r):
        where = {"group": group, "round": turn, "name": name}
        if "figure" in r:
            self.runs.append({**where, **r})
        else:
            self.unfit.append({**where, "why": r["unfit"]})
        print(f"  {group:12} round {turn + 1}  {name:22} {r.get('figure', 0):10,.1f}{GROUPS[group].unit}"
              f"  {r.get('note', '')}{r.get('unfit', '')}", file=sys.stderr, flush=True)

    def round(self, name, turn):
        group = GROUPS[name]
        if turn >= group.most_rounds or not self.have(group.tools):
            return
        if group.together:
            got = self.measure(lambda: group.together(self, turn))
            for contender in group.contenders:
                self.note(name, turn, contender, got if "unfit" in got else got[contender])
            return
        contenders = [n for n, (_, tools) in group.contenders.items() if self.have(tools)]
        if contenders:
            contenders = contenders[turn % len(contenders):] + contenders[:turn % len(contenders)]
        for contender in contenders:
            run = group.contenders[contender][0]
            self.note(name, turn, contender, self.measure(lambda: run(self)))

    def have(self, tools):
        missing = [t for t in tools if not shutil.which(t, path=PATH)]
        self.missing.update(missing)
        return not missing


def about_machine(bench):
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*:\s*(.*)", f.read())
    return {"date": datetime.date.today().isoformat(), "kernel": platform.release(),
            "cpus": len(CPUS), "cpu": model.group(1) if model else platform.machine(), "sysctls": SYSCTLS,
            "rounds": bench.rounds, "seconds": bench.seconds, "in_flight": CONCURRENCY, "command": "make bench",
            "stolen_pct": None}


def cpu_ticks():
    """(all, stolen by the hypervisor) of every CPU since boot."""
    with open("/proc/stat") as f:
        ticks = [int(n) for n in f.readline().split()[1:9]]
    return sum(ticks), ticks[7]


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("twstorm", nargs="?")
    p.add_argument("floor", nargs="?")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=int, default=3)
    p.add_argument("--only", help="groups, with commas between")
    p.add_argument("-o", "--output", help="JSON")
    p.add_argument("--markdown", help="page whose marked part is written anew")
    p.add_argument("--list", action="store_true", help="the groups")
    args = p.parse_args()
    if not args.list and (not args.twstorm or not args.floor):
        p.error("expected TWSTORM and FLOOR")
    args.groups = args.only.split(",") if args.only else list(GROUPS)
    unknown = [g for g in args.groups if g not in GROUPS]
    if unknown:
        p.error(f"there is no group {', '.join(unknown)}; see --list")
    return args


def main():
    args = arguments()
    if args.list:
        for name, group in GROUPS.items():
            print(f"{name:12} {group.title}: {', '.join(group.contenders)}")
        return
    bench = Bench(args)
    before = cpu_ticks()
    for turn in range(bench.rounds):
        for group in args.groups:
            bench.round(group, turn)
    after = cpu_ticks()
    machine = about_machine(bench)
    machine["stolen_pct"] = round(100 * (after[1] - before[1]) / (after[0] - before[0]), 1)
    made = [tables.table(bench.runs, g) for g in args.groups]
    print("\n".join([*tables.lines(made), *(miss for t in made for miss in tables.misses(t))]))
    for miss in sorted(bench.missing):
        print(f"left out, not installed: {miss}")
    for u in bench.unfit:
        print(f"did not count: {u['group']} {u['name']}, round {u['round'] + 1}: {u['why']}")
    if args.output:
        with open(args.output, "w") as f:
            json.dump({"schema": "twstorm.bench/2", "machine": machine, "tables": made, "runs": bench.runs,
                       "unfit": bench.unfit, "missing": sorted(bench.missing)}, f, indent=1)
    if args.markdown:
        tables.markdown(args.markdown, machine, made, bench.missing)


if __name__ == "__main__":
    main()
