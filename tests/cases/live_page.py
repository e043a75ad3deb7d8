#!/usr/bin/python3
"""live_page.py PROFILE URL CLIENT_PID: opens URL in headless Chromium and reads it while the run goes on, and after it."""
import json
import os
import signal
import subprocess
import sys
import time

profile, url, client = sys.argv[1], sys.argv[2], int(sys.argv[3])


class Browser:
    """Chromium by --remote-debugging-pipe: JSON messages, each ended by NUL, on its descriptors 3 and 4."""

    def __init__(self):
        to_it, self.write = os.pipe()
        self.read, from_it = os.pipe()
        shell = 'exec "$@" 3<&%d 4>&%d' % (to_it, from_it)
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "-", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--user-data-dir=" + profile, "--remote-debugging-pipe", "about:blank"],
            pass_fds=(to_it, from_it), stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        os.close(to_it)
        os.close(from_it)
        self.got, self.last, self.session = b"", 0, None

    def ask(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.got:
                more = os.read(self.read, 1 << 20)
                assert more, "chromium is gone"
                self.got += more
            text, self.got = self.got.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == self.last:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, address):
        target = self.ask("Target.createTarget", url=address)["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def value(self, script):
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")


def wait(what, seconds, ready):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = ready()
        if value:
            return value
        time.sleep(0.02)
    sys.exit("after %d s: %s" % (seconds, what))


def ss(end):
    return len(subprocess.check_output(["ss", "-Htn", "state", "established", end + " = :9000"]).splitlines())


PAGE = """(() => { const live = document.getElementById('live'), slider = document.getElementById('moment');
    const n = side => { const e = document.querySelector('[data-state=ESTABLISHED][data-side=' + side + ']'); return e && Number(e.textContent); };
    return live && { state: live.dataset.state || '', h1: document.querySelector('h1').textContent, charts: charts.length,
        moments: slider ? Number(slider.max) : 0, client: n('client'), server: n('server') }; })()"""
browser = Browser()
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
