#!/usr/bin/python3
"""live_page.py PROFILE URL CLIENT_PID: opens URL in headless Chromium and reads it while the run goes on, and after it."""
import os
import signal
import subprocess
import sys

from browser import Browser, wait

profile, url, client = sys.argv[1], sys.argv[2], int(sys.argv[3])


def ss(end):
    return len(subprocess.check_output(["ss", "-Htn", "state", "established", end + " = :9000"]).splitlines())


PAGE = """(() => { const live = document.getElementById('live'), slider = document.getElementById('moment');
    const n = side => { const e = document.querySelector('[data-state=ESTABLISHED][data-side=' + side + ']'); return e && Number(e.textContent); };
    return live && { state: live.dataset.state || '', h1: document.querySelector('h1').textContent, charts: charts.length,
        moments: slider ? Number(slider.max) : 0, client: n('client'), server: n('server') }; })()"""
browser = Browser(profile)
browser.open(url)


def moved(after):
    page = browser.value(PAGE)
    return page if page and page["state"] == "live" and page["moments"] > after else None


seen = wait("no event moved the page: %s" % browser.value(PAGE), 60, lambda: moved(0))
readings, older = 0, (0, 0)
for _ in range(10):
    before = ss("dport"), ss("sport")
    # What the next event says was counted after `before`: but for what had been counted when it was asked for, the one after it.
    for _ in range(2):
        seen = wait("the page stands still: %s" % browser.value(PAGE), 30, lambda: moved(seen["moments"]))
    after = ss("dport"), ss("sport")
    # The server counts by its own budget, and is asked for its newest count: that may be a second older.
    for side, low, high in zip(("client", "server"), (before[0], older[1]), after):
        if seen[side] is None:  # "?": not counted just then, as where counting is too expensive
            continue
        assert low <= seen[side] <= high, "the page has %s on the %s, ss %d before and %d after" % (seen[side], side, low, high)
        readings += high > low
    older = before
assert readings >= 6, "of 20 readings only %d were of counts that grew" % readings
assert seen["charts"] >= 4 and "goes on" in seen["h1"], seen

os.kill(client, signal.SIGINT)
page = wait("the run is over, and the page says: %s" % browser.value(PAGE), 30,
            lambda: (lambda p: p if p and p["state"] == "over" else None)(browser.value(PAGE)))
assert "goes on" not in page["h1"] and page["moments"] >= 2 and page["charts"] >= 4, page
browser.process.terminate()
browser.process.wait()
