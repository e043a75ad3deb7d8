#!/usr/bin/env python3
"""campaign.py - draws configurations at random and holds each prediction against the kernel.

    campaign.py --seed S --count N     draws 1 to N of seed S; a line for each, then a table
    campaign.py --seed S --only K      draw K again, alone
    --show                             prints the draws and runs none

TWSTORM is the program (build/twstorm).  The scenario and the result of each draw that is not right go to --out.  Ends
with 1 if a prediction was wrong or a reassurance false, or a draw could not be run; with 77 where no draw can be.
"""
import argparse, collections, json, os, signal, sys, threading

import judge
from case import CannotRun, NotHere, command_line, end_labs, run
from draw import draw
from lanes import Lanes
from machine import Machine

TRIES = 4  # of a draw while this machine is late
LANES = 2  # draws side by side, where they leave the CPUs idle
BROKEN, LATE = "not run", "late machine"


class Campaign:
    def __init__(self, options):
        self.options, self.machine = options, Machine()
        self.telling = threading.Lock()
        self.verdicts, self.not_here = {}, None

    def paths(self, number):
        stem = os.path.join(self.options.out, "%s-%d" % (self.options.seed, number))
        return stem + ".ini", stem + ".json"

    def try_once(self, case, number):
        """(verdict, what may be why it is wrong, though this machine's, or None)"""
        scenario, kept = self.paths(number)
        mark = self.machine.mark()
        result = run(case, self.options.program, "draw %d of seed %s" % (number, self.options.seed), scenario)
        disturbance = self.machine.since(mark)
        verdict = judge.judge(case, result)
        with open(kept, "w") as f:
            json.dump(result, f)
        excused = verdict.kind == judge.WRONG and judge.may_be_late(case, result, disturbance)
        return verdict, disturbance if excused else None

    def judge_draw(self, case, number):
        for _ in range(TRIES):
            verdict, why = self.try_once(case, number)
            if not why:
                return verdict
            verdict.why += ", a bare timer was %.0f ms late, others took %.0f %% of the CPUs" % (
                why.late_s * 1000,
                why.others * 100,
            )
        verdict.kind = LATE
        return verdict

    def one(self, case, number):
        if self.not_here:
            return
        try:
            verdict = self.judge_draw(case, number)
        except NotHere as e:
            self.not_here, verdict = str(e), judge.Verdict(BROKEN, str(e))
        except CannotRun as e:
            verdict = judge.Verdict(BROKEN, str(e))
        self.tell(number, case, verdict)
        if verdict.kind in (judge.RIGHT, judge.NEVER):
            for path in self.paths(number):
                os.unlink(path)

    def tell(self, number, case, v):
        def moment(s):
            return "-" if s is None else "%.3f" % s

        with self.telling:
            self.verdicts[number] = v
            figures = "said %s at %s, seen %s" % (moment(v.predicted_s), moment(v.made_at_s), moment(v.seen_s))
            figures += ", due %s" % moment(v.due_s) if v.due_s is not None else ""
            line = "%4d  %-17s %s  %s  | %s" % (number, v.kind, figures, v.why, command_line(case))
            print(line, flush=True)

    def jobs(self, numbers):
        for number in numbers:
            case = draw(self.options.seed, number)
            yield case.light, lambda case=case, number=number: self.one(case, number)

    def run(self, numbers):
        try:
            Lanes(self.options.lanes).run(self.jobs(numbers))
        finally:
            end_labs()
            self.machine.end()


def print_summary(verdicts):
    total = len(verdicts)
    kinds = collections.Counter(v.kind for v in verdicts.values())
    print("\n%d draws" % total)
    for kind, n in kinds.most_common():
        print("%5d  %3.0f %%  %s" % (n, 100 * n / total, kind))
    for kind in (judge.NOT_SAID, judge.NEVER):
        reasons = collections.Counter(v.why for v in verdicts.values() if v.kind == kind)
        print("%s, by reason:" % kind if reasons else "", end="\n" if reasons else "")
        for reason, n in reasons.most_common():
            print("%5d  %s" % (n, reason))


def parse(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", default="1")
    p.add_argument("--count", type=int, default=500)
    p.add_argument("--only", type=int)
    p.add_argument("--show", action="store_true")
    p.add_argument("--lanes", type=int, default=LANES)
    p.add_argument("--out", default="build/predictions")
    p.add_argument("--program", default=os.environ.get("TWSTORM", "build/twstorm"))
    return p.parse_args(argv)


def main(argv):
    options = parse(argv)
    numbers = [options.only] if options.only else range(1, options.count + 1)
    if options.show:
        for number in numbers:
            print("%4d  %s" % (number, command_line(draw(options.seed, number))))
        return 0
    os.makedirs(options.out, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    campaign = Campaign(options)
    campaign.run(numbers)
    if campaign.not_here:
        print(campaign.not_here)
        return 77
    print_summary(campaign.verdicts)
    bad = {n: v for n, v in campaign.verdicts.items() if v.kind in (*judge.FAULTS, BROKEN)}
    for number in sorted(bad):
        print("draw %d: %s: make predictions SEED=%s ONLY=%d" % (number, bad[number].kind, options.seed, number))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
