"""browser.py: headless Chromium, of which a test reads a page."""
import json
import os
import subprocess
import sys
import time


class Browser:
    """Chromium by --remote-debugging-pipe: JSON messages, each ended by NUL, on its descriptors 3 and 4."""

    def __init__(self, profile):
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
    """Until ready(), or the test ends with `what`, a text or what makes one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = ready()
        if value:
            return value
        time.sleep(0.02)
    sys.exit("after %d s: %s" % (seconds, what() if callable(what) else what))
