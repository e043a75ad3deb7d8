#!/usr/bin/python3
"""metrics.py FILE DOCUMENT SAMPLE=PATH...: FILE is Prometheus text, or OpenMetrics if its last line is "# EOF".  It is
well formed, and each SAMPLE ("name" or 'name{a="b",...}') has the value at PATH of the JSON in DOCUMENT (PATH*F: times F);
PATH "absent": there is no such sample."""
import json
import re
import sys

NAME = re.compile(r"([a-z_]+)(?:\{((?:[a-z_]+=\"(?:[^\"\\\n]|\\[\"\\n])*\",?)*)\})? (\S+)$")
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


def parse(text):
    assert text.endswith("\n"), "the last line does not end"
    lines = text.splitlines()
    is_open = lines[-1] == "# EOF"
    kinds, samples, helped, now = {}, {}, None, None
    for line in lines[:-1] if is_open else lines:
        word = line.split(" ", 3)
        if word[:2] == ["#", "HELP"]:
            assert len(word) == 4 and word[3], line
            helped = word[2]
        elif word[:2] == ["#", "TYPE"]:
            assert word[2] == helped and word[2] not in kinds, "twice, or without help: " + line
            kinds[word[2]] = now_kind = word[3]
            now = word[2]
        else:
            m = NAME.match(line)
            assert m, "no sample: " + line
            suffixes = ("",) if now_kind == "counter" and not is_open else SUFFIXES[now_kind]
            assert any(m[1] == now + s for s in suffixes), line + " is not of " + now
            assert now_kind != "counter" or m[1].endswith("_total"), line
            labels = ",".join(sorted(re.findall(r'[a-z_]+="(?:[^"\\]|\\.)*"', m[2] or "")))
            key = m[1] + ("{" + labels + "}" if labels else "")
            assert key not in samples, "twice: " + line
            samples[key] = float(m[3])
            assert now_kind == "gauge" or samples[key] >= 0, line
    for name in [n for n, k in kinds.items() if k == "histogram"]:
        buckets = [v for k, v in samples.items() if k.startswith(name + "_bucket{")]
        assert buckets == sorted(buckets), name + " has a bucket with less than one below"
        assert buckets[-1] == samples[name + "_count"], name
    return samples


def value_at(node, path):
    if path == "":
        return node
    if isinstance(node, list):
        key, _, rest = path.partition(".")
        return value_at(node[int(key)], rest)
    for key in node:
        if path == key or path.startswith(key + "."):
            return value_at(node[key], path[len(key) + 1:])
    raise KeyError(path)


def main():
    samples = parse(open(sys.argv[1]).read())
    document = json.load(open(sys.argv[2]))
    for row in sys.argv[3:]:
        sample, _, path = row.rpartition("=")
        if path == "absent":
            assert sample not in samples, sample
            continue
        path, _, factor = path.partition("*")
        want = value_at(document, path) * float(factor or 1)
        got = samples.get(sample)
        assert got is not None and abs(got - want) <= 1e-9 * abs(want), "%s is %s, and %s is %s" % (sample, got, path, want)


try:
    main()
except AssertionError as fault:
    sys.exit("%s: %s" % (sys.argv[1], fault))
