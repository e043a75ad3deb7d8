#!/usr/bin/python3
"""lab_page.py PROFILE URL LAB_PID: opens URL in headless Chromium and reads it while the lab goes on, and after it."""
import os
import signal
import sys
import time

from browser import Browser, wait

profile, url, lab = sys.argv[1], sys.argv[2], int(sys.argv[3])
PAGE = """(() => { const live = document.getElementById('live'), text = q => [...document.querySelectorAll(q)].map(e => e.textContent);
    const tabs = [...document.querySelectorAll('nav.tabs button')], n = document.querySelector('[data-state=TIME_WAIT][data-side=client]');
    return { state: live ? live.dataset.state : '', h1: text('h1').join(), tabs: tabs.map(b => b.textContent),
        shown: tabs.filter(b => b.getAttribute('aria-pressed') === 'true').map(b => b.textContent).join(), said: text('.said').join(' '),
        lanes: text('h3').filter(t => t.startsWith('States on host')),
        waits: n && Number(n.textContent) || 0, rows: text('th').join(' ') }; })()"""
browser = Browser(profile)
browser.open(url)
page = {}


def until(what, ready, seconds=90):
    def look():
        page.update(browser.value(PAGE))
        return ready(page)
    wait(lambda: "%s: %s" % (what, page), seconds, look)


# The first variant has the page for itself, and moves.
until("the first variant does not move", lambda p: p["waits"] > 100 and p["lanes"] == ["States on host app"])
assert "goes on" in page["h1"], page
until("its connections are not counted on", lambda p, n=page["waits"]: p["waits"] > n)
# The second one gets a tab, and is shown as it comes; the first has its end, its sentence and its row.
until("the second variant has no tab", lambda p: p["tabs"] == ["client-first", "server-first"] and p["shown"] == "server-first")
assert "client-first" in page["rows"] and "Cannot assign requested address" in page["said"], page
until("the second variant has no lane", lambda p: p["state"] == "live" and p["lanes"] == ["States on host app"])
# What somebody chooses stays, though news of the other come.
browser.value("document.querySelector('nav.tabs button').click()")
until("the chosen tab is not shown", lambda p: p["shown"] == "client-first")
time.sleep(2.5)
until("what was chosen does not stay", lambda p: p["shown"] == "client-first")

os.kill(lab, signal.SIGINT)
until("the lab is over, and the page does not say so", lambda p: p["state"] == "over")
assert page["tabs"] == ["client-first", "server-first"] and page["shown"] == "client-first", page
assert "two" in page["h1"] and "server-first" in page["rows"], page
browser.process.terminate()
browser.process.wait()
