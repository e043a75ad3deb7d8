"""judge.py - a prediction held against what happened.

A moment that was predicted is right if it is within 2 % of the moment the ports ran out, or 20 ms if that is more; in a
closed loop, whose rate the machine decides, within 10 % or 20 ms.  For an open loop the moment that the first
connection without a port was due counts as well, for being late is the machine's affair.  Not where connect() held the
client up, which is what the ports do and so the prediction's affair: where in one tenth of the filling half of the
connect() calls took more than BUSY of the time between two starts of a worker.  Such a loop is judged as a closed one.

A wrong draw is drawn again where a bare timer beside it was more than LATE_S late, or others had more than half of the
CPUs' time, if that can be why (may_be_late()).

A moment counts as a prediction only if it was said before MADE_BY of the connections until then were made.
"""
import re
from dataclasses import dataclass

OPEN_WITHIN, CLOSED_WITHIN, WITHIN_S = 0.02, 0.10, 0.020
BUSY = 0.5
MADE_BY = 0.60
LATE_S, LATE_TIMES, OTHERS = 0.010, 4, 0.5

RIGHT, NOT_SAID, NEVER, WRONG, REASSURED = "right", "n/a", "never", "wrong", "false reassurance"
FAULTS = (WRONG, REASSURED)

# Reasons by which a person knows that the ports will last.
REASSURING = re.compile(
    r"below what the ports sustain|takes no new ports|is skipped|at once|free again|run ends before|never run out"
)


@dataclass
class Verdict:
    kind: str
    why: str
    predicted_s: float = None
    made_at_s: float = None
    seen_s: float = None
    due_s: float = None


def made_at(ports):
    at = ports.get("predicted_at_s")
    return ports["prediction"]["made_at_s"] if at is None else at


def allowed_s(moment_s, open_loop):
    return max(WITHIN_S, (OPEN_WITHIN if open_loop else CLOSED_WITHIN) * moment_s)


def near(predicted_s, moment_s, open_loop):
    return moment_s is not None and abs(predicted_s - moment_s) <= allowed_s(moment_s, open_loop)


def connections_at(result, t):
    """How many were made until `t`, between two rows of the series in a straight line."""
    ports = result["ports"]
    last = (ports["first_exhausted_s"], result["totals"]["connects_ok"])
    points = [(0, 0)] + [(row["t"], row["connects_ok"]) for row in result["series"]] + [last]
    points = sorted(p for p in points if p[0] <= last[0])
    for (t0, n0), (t1, n1) in zip(points, points[1:]):
        if t0 <= t <= t1:
            return n0 + (n1 - n0) * (t - t0) / (t1 - t0) if t1 > t0 else n1
    return points[-1][1] if t > points[-1][0] else 0


def too_late_to_say(result):
    """Which share of the connections was made when the prediction was, if that is too much; or 0."""
    at, all_of_them = made_at(result["ports"]), result["totals"]["connects_ok"]
    if at <= 0 or all_of_them == 0:
        return 0
    share = connections_at(result, at) / all_of_them
    return share if share > MADE_BY else 0


def rate_at(case, t):
    low, high = case.rate
    return low + (high - low) * t / case.duration_s


def connect_held_up(case, result):
    """Did connect() take so long that a worker could not start connections at the rate asked for?"""
    if not case.open_loop:
        return False
    due = result["ports"]["first_exhausted_due_s"]
    per_worker = rate_at(case, case.duration_s if due is None else due) / case.workers
    medians = [band["p50"] for band in result["connect_by_fill"].values() if band and band["count"] > 1]
    return max(medians, default=0) * 1e-6 * per_worker > BUSY


def sustained(case, ports, seen_s):
    """Is the rate at which they ran out one that was said to go on for ever?"""
    most = ports["predicted_max_rate"]
    return case.open_loop and most is not None and most >= max(case.rate)


def judge_nothing_said(case, result):
    ports = result["ports"]
    reason = ports["prediction"]["reason"]
    reassuring = REASSURING.search(reason) is not None
    if not ports["exhausted"]:
        return (NEVER if reassuring else NOT_SAID), reason
    if reassuring:
        return REASSURED, reason
    if sustained(case, ports, ports["first_exhausted_s"]):
        return REASSURED, "%.4g/s is said to be sustained; %s" % (ports["predicted_max_rate"], reason)
    return NOT_SAID, reason


def judge_moment(case, result):
    ports = result["ports"]
    said, seen, due = (ports[k] for k in ("predicted_exhaustion_s", "first_exhausted_s", "first_exhausted_due_s"))
    if not ports["exhausted"]:
        if said + allowed_s(said, case.open_loop) >= case.duration_s:
            return RIGHT, "just where the run ended"
        return WRONG, "they did not run out"
    late = too_late_to_say(result)
    if late:
        return WRONG, "said when %.0f %% of the connections were made" % (100 * late)
    if near(said, seen, case.open_loop):
        return RIGHT, ""
    if connect_held_up(case, result):
        if near(said, seen, False):
            return RIGHT, "connect() held the client up"
    elif case.open_loop and near(said, due, True):
        return RIGHT, "when due; the client was late"
    return WRONG, "%+.1f %%" % (100 * (said - seen) / seen) if seen else "not at once"


def error_s(case, result):
    """How far off the prediction was, at least."""
    ports = result["ports"]
    said = ports["predicted_exhaustion_s"]
    seen = [ports["first_exhausted_s"]] if ports["exhausted"] else [case.duration_s]
    seen += [ports["first_exhausted_due_s"]] if ports["first_exhausted_due_s"] is not None else []
    return min(abs(said - s) for s in seen)


def judge(case, result):
    ports = result["ports"]
    said = ports["predicted_exhaustion_s"]
    kind, why = judge_nothing_said(case, result) if said is None else judge_moment(case, result)
    return Verdict(kind, why, said, made_at(ports), ports["first_exhausted_s"], ports["first_exhausted_due_s"])


def may_be_late(case, result, disturbance):
    """May this machine have made the prediction wrong?  It cannot change an open loop's timetable, so there only by a few
    times as much as a bare timer was late, or by arrivals that were missed."""
    if disturbance.late_s <= LATE_S and disturbance.others <= OTHERS:
        return False
    if not case.open_loop or connect_held_up(case, result) or result["totals"]["missed_starts"]:
        return True
    said = result["ports"]["predicted_exhaustion_s"]
    return error_s(case, result) <= allowed_s(said, True) + LATE_TIMES * disturbance.late_s
