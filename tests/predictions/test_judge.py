#!/usr/bin/env python3
"""test_judge.py - what judge.py says of made-up results."""
import unittest

import judge
from case import Case
from machine import Disturbance

OPEN = Case("", 5, (1000, 1000))
CLOSED = Case("", 5)
QUIET, BUSY = Disturbance(0.001, 0.1), Disturbance(0.030, 0.1)


def result(said, seen, due=None, reason="the ports run out within the run", at=0, most=None, connect_us=20, missed=0):
    return {
        "ports": {
            "predicted_exhaustion_s": said,
            "predicted_at_s": at,
            "predicted_max_rate": most,
            "prediction": {"reason": reason},
            "exhausted": seen is not None,
            "first_exhausted_s": seen,
            "first_exhausted_due_s": due,
        },
        "totals": {"connects_ok": 1000, "missed_starts": missed},
        "connect_by_fill": {"0": {"count": 100, "p50": 20}, "90": {"count": 100, "p50": connect_us}, "50": None},
        "series": [{"t": 1.0, "connects_ok": 900}],
    }


class JudgeTest(unittest.TestCase):
    def says(self, kind, case, *args, **more):
        self.assertEqual(judge.judge(case, result(*args, **more)).kind, kind)

    def test_moment_in_an_open_loop(self):
        self.says(judge.RIGHT, OPEN, 2.03, 2.0, 2.0)
        self.says(judge.WRONG, OPEN, 2.05, 2.0, 2.0)
        self.says(judge.RIGHT, OPEN, 0.115, 0.1, 0.1)
        self.says(judge.WRONG, OPEN, 0.125, 0.1, 0.1)

    def test_moment_in_a_closed_loop(self):
        self.says(judge.RIGHT, CLOSED, 2.15, 2.0)
        self.says(judge.WRONG, CLOSED, 2.25, 2.0)

    def test_due_moment_excuses_a_late_client_and_no_slow_connect(self):
        self.says(judge.RIGHT, OPEN, 2.0, 2.5, 2.0)
        self.says(judge.WRONG, OPEN, 2.0, 2.5, 2.0, connect_us=800)
        self.says(judge.RIGHT, OPEN, 2.4, 2.5, 2.0, connect_us=800)

    def test_moment_said_too_late(self):
        self.says(judge.WRONG, CLOSED, 2.0, 2.0, at=1.0)
        self.says(judge.RIGHT, CLOSED, 2.0, 2.0, at=0.5)

    def test_moment_that_never_came(self):
        self.says(judge.WRONG, OPEN, 2.0, None)
        self.says(judge.RIGHT, OPEN, 4.99, None)

    def test_no_moment(self):
        self.says(judge.NOT_SAID, OPEN, None, 2.0, 2.0, reason="too close to say")
        self.says(judge.NOT_SAID, OPEN, None, None, reason="too close to say")
        self.says(judge.NEVER, OPEN, None, None, reason="the run ends before the ports do")

    def test_false_reassurance(self):
        for reason in (
            "the rate is below what the ports sustain",
            "the run ends before the ports do",
            "a pool keeps its connections, so it takes no new ports",
            "tcp_max_tw_buckets is reached, so TIME_WAIT is skipped before the ports run out",
            "this way of closing leaves no TIME_WAIT on the client, so its ports are free at once",
        ):
            self.says(judge.REASSURED, OPEN, None, 2.0, 2.0, reason=reason)
        self.says(judge.REASSURED, OPEN, None, 2.0, 2.0, reason="too close to say", most=1000)
        self.says(judge.NOT_SAID, OPEN, None, 2.0, 2.0, reason="too close to say", most=999)

    def test_what_a_busy_machine_may_have_done(self):
        self.assertFalse(judge.may_be_late(CLOSED, result(2.5, 2.0), QUIET))
        self.assertTrue(judge.may_be_late(CLOSED, result(2.5, 2.0), BUSY))
        self.assertFalse(judge.may_be_late(OPEN, result(2.5, 2.0, 2.0), BUSY))
        self.assertTrue(judge.may_be_late(OPEN, result(2.1, 2.0, 2.0), BUSY))
        self.assertTrue(judge.may_be_late(OPEN, result(2.5, 2.0, 2.0, missed=100), BUSY))
        self.assertTrue(judge.may_be_late(OPEN, result(2.5, 2.0, 2.0, connect_us=800), BUSY))


if __name__ == "__main__":
    unittest.main()
