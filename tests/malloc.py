"""malloc.py - one allocation fails, and a command ends well all the same: with a documented exit
code and a sentence, or with a result that has every key it has otherwise.

    malloc.py PROGRAM SHIM MORE PLAN...

In each of the plans, "STEP OUTPUT SCHEMA COMMAND...", the allocations number 1, 1 + STEP,
1 + 2 STEP, ... fail one by one, and MORE after each; with =N for the STEP, number N alone does.
OUTPUT is the JSON file that the command writes ("-" = none), SCHEMA the file that describes it
("-" = none).  Two run at a time."""
import concurrent.futures
import glob
import json
import os
import shlex
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    jsonschema = None

program, shim, more = sys.argv[1:4]
LIMIT_S = 40
BAD = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion")
# A thread of AddressSanitizer's that gets no memory itself, before any of ours runs in it.
NOT_OURS = "GetThreadStackTopAndBottom"
# What is there only where there is something to tell, or as often as there was time for.
OPTIONAL = ("reason", ".connect_by_fill.", ".errors.", ".counters.", ".series", ".buckets", ".error", ".note")


def key_paths(doc, path=""):
    if isinstance(doc, dict):
        for key, value in doc.items():
            yield path + "." + key
            yield from key_paths(value, path + "." + key)
    elif isinstance(doc, list):
        for value in doc:
            yield from key_paths(value, path + ".*")


def null_paths(doc, path=""):
    if doc is None:
        yield path
    for key, value in doc.items() if isinstance(doc, dict) else ():
        yield from null_paths(value, path + "." + key)


def named(path):
    return not any(word in path + "." for word in OPTIONAL)


class Plan:
    def __init__(self, number, text):
        words = shlex.split(text)
        self.step, self.output, schema_file = words[:3]
        self.name = " ".join(words[3:])
        self.command = [program] + words[3:]
        self.number = number
        self.schema = None
        if schema_file != "-" and jsonschema:
            with open(schema_file) as f:
                schema = json.load(f)
            self.schema = jsonschema.validators.validator_for(schema)(schema)
        self.keys = self.all = None
        one, two = self.good(), self.good()
        self.all = one | two
        self.keys = set(filter(named, one & two))

    def here(self, k):
        path = os.path.join(os.getcwd(), "plan%d.%s" % (self.number, k))
        os.makedirs(path, exist_ok=True)
        return path

    def run(self, k):
        """Its directory, exit code, stdout, stderr, and whether there was a k-th allocation."""
        path = self.here(k)
        env = dict(os.environ)
        if k:
            env.update(LD_PRELOAD=shim, FAIL_MALLOC=str(k), FAIL_MALLOC_MORE=more,
                       FAIL_MALLOC_SEEN=path + "/seen")
        for name in "ASAN_OPTIONS", "UBSAN_OPTIONS":
            env[name] = env.get(name, "") + ":log_path=" + path + "/sanitizer"
        try:
            p = subprocess.run(self.command, cwd=path, env=env, stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=LIMIT_S)
            code, out, text = p.returncode, p.stdout, p.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired:
            code, out, text = "none: it does not end", b"", ""
        for name in glob.glob(path + "/sanitizer.*"):
            with open(name) as f:
                text += f.read()
        return path, code, out, text, os.path.exists(path + "/seen")

    def look(self, path):
        with open(os.path.join(path, self.output)) as f:
            doc = json.load(f)
        if self.schema:
            error = next(self.schema.iter_errors(doc), None)
            if error:
                return "at %s: %s" % (error.json_path, error.message[:200])
        here = set(key_paths(doc))
        if any(path.endswith("_reason") for path in here - (self.all or here)):
            return ""  # it says what is missing
        unknown = tuple(path + "." for path in null_paths(doc))  # and says so
        # What the ledger compares depends on what else is at the server just then: the last run's end.
        unknown += (".ledger.checks.",)
        missing = {path for path in (self.keys or set()) - here if not path.startswith(unknown)}
        return "without " + " ".join(sorted(missing)[:5]) if missing else ""

    def good(self):
        path, code, self.out, text, _ = self.run(0)
        if code != 0:
            sys.exit("%s: exit code %s with all memory: %s" % (self.name, code, text))
        if self.output == "-":
            return set()
        with open(os.path.join(path, self.output)) as f:
            return set(key_paths(json.load(f)))

    def judge(self, path, code, out, text):
        if NOT_OURS in text:
            return ""
        if not isinstance(code, int) or not 0 <= code <= 6:
            return "exit code %s" % code
        if any(word in text for word in BAD):
            return "exit code %d" % code
        if code != 0:
            return "" if text.strip() else "exit code %d without a sentence" % code
        if self.output == "-":
            return "" if out == self.out else "exit code 0, but stdout is not as it was"
        try:
            return self.look(path)
        except (OSError, ValueError) as e:
            return "exit code 0, but: %s" % e

    def try_one(self, k):
        """What is wrong, and whether that many allocations were made."""
        path, code, out, text, seen = self.run(k)
        why = self.judge(path, code, out, text)
        subprocess.run(["rm", "-rf", path], check=True)
        return ("%s: allocation %d: %s\n%s" % (self.name, k, why, text[-2000:]) if why else ""), seen


CHUNK = 8  # runs between two looks at whether there were so many allocations


def numbers(plan):
    """Lists of the allocations to fail, without end unless it is one alone."""
    if plan.step[0] == "=":
        yield [int(plan.step[1:])]
        return
    step, k = int(plan.step), 1
    while True:
        yield range(k, k + CHUNK * step, step)
        k += CHUNK * step


def main():
    bad = 0
    plans = [Plan(i, text) for i, text in enumerate(sys.argv[4:])]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for plan in plans:
            n = 0
            for wanted in numbers(plan):
                results = list(pool.map(plan.try_one, wanted))
                for why in (why for why, _ in results if why):
                    bad += 1
                    print(why, flush=True)
                seen = sum(seen for _, seen in results)
                n += seen
                if seen < len(results):
                    break
            print("%d allocations failed one by one: %s" % (n, plan.name), flush=True)
            if n == 0:
                bad += 1
    sys.exit(1 if bad else 0)


main()
