#!/usr/bin/python3
"""figures.py - the table of remedies in docs/scenarios.md, from the summary of a run.

    figures.py SUMMARY.json DOCUMENT   writes what stands between <!-- remedies --> and <!-- end -->
"""
import json, re, sys


def cell(text):
    return (text or "").replace("|", "\\|")


def main():
    summary, document = sys.argv[1:]
    with open(summary) as f:
        rows = json.load(f)["rows"]
    lines = ["| variant | verdict | seen | price |", "|---|---|---|---|"]
    for row in rows:
        if row["verdict"]:
            row["seen"] = row["seen"] or row["figure"]
            lines.append("| %s | %s | %s | %s |" % tuple(cell(row[k]) for k in ("variant", "verdict", "seen", "price")))
    with open(document) as f:
        text = f.read()
    text, n = re.subn(r"(?s)(<!-- remedies[^\n]*-->\n).*?(<!-- end -->)", lambda m: m[1] + "\n".join(lines) + "\n" + m[2], text)
    if n != 1:
        sys.exit("%s has not one table of remedies but %d" % (document, n))
    with open(document, "w") as f:
        f.write(text)


main()
