#!/usr/bin/python3
"""paths.py - what common/result/paths.def says, for documents, schemas and tests.

    paths.py write   writes docs/*.schema.json and the tables of docs/*.md
    paths.py check   names those that are not what it would write
"""
import copy, glob, json, os, re, sys, textwrap

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TABLE = "common/result/paths.def"
CLAIMS = "common/result/claims.def"
WIDTH = 110


def whole(least):
    return {"type": "integer", "minimum": least}


def two(*items):
    return {"type": "array", "items": items[0] if len(items) == 1 else list(items), "minItems": 2, "maxItems": 2}


PORT = {"type": "integer", "minimum": 0, "maximum": 65535}
# A type's schema, and its name in the documents if that is another.
TYPES = {
    "any": ({}, None),
    "bool": ({"type": "boolean"}, None),
    "count": (whole(0), None),
    "positive": (whole(1), "count"),
    "int": ({"type": "integer"}, None),
    "number": ({"type": "number", "minimum": 0}, None),
    "real": ({"type": "number"}, "number"),
    "percent": ({"type": "number", "exclusiveMinimum": 0, "maximum": 100}, "number"),
    "figure": ({"type": ["number", "boolean", "null"]}, "number or bool?"),
    "text": ({"type": "string"}, None),
    "word": ({"type": "string", "minLength": 1}, "text"),
    "time": ({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"}, "text"),
    "errno": ({"type": "string", "pattern": "^(ok|E[A-Z0-9]+|UNKNOWN)$"}, "text"),
    "made": ({"type": "string", "pattern": "^(made|E[A-Z0-9]+|UNKNOWN)$"}, "text"),
    "timer": ({"enum": ["none", "retransmit", "keepalive", "TIME_WAIT", "probe", "unknown"]}, "text"),
    "port": (PORT, "count"),
    "ports": (two(PORT), "pair"),
    "worth": ({"enum": ["exact", "lower bound", "estimate", "counts only", "nothing"]}, "text"),
    "state": ({"type": "string", "pattern": "^[A-Z_0-9]+$"}, "text"),
    "pair": (two(whole(0)), None),
    "buckets": ({"type": "array", "items": two(whole(0), whole(1))}, "pairs"),
    "span": ({"anyOf": [whole(0), two(whole(0))]}, "count or pair"),
}
VERBS = ("if", "iff", "not-null")  # a condition follows
NAMES = {"*": ([], ".")}  # of a word in capitals: those that are always there, the pattern of others


# ---- the table


class Row:
    def __init__(self, path, type="", unit="", what="", null=""):
        self.path, self.unit, self.what, self.null = path, unit, what, null
        self.type, *self.words = type.split() or [""]

    def there(self):
        """When the path is there: the verb, and its conditions."""
        words = [w for w in self.words if w not in ("some", "unique")]
        verb = words[0] if words else "always"
        return verb, tuple(words[1::2]) if verb in VERBS else ()

    def shown_type(self):
        """In the documents: the type and the unit."""
        name = self.type.rstrip("?")
        name = "text" if "|" in name or name[:1] == "=" else (TYPES.get(name) or ({}, None))[1] or name
        name += "?" * self.type.endswith("?")
        return ", ".join(filter(None, (name, self.unit)))


class Node:
    """A place in a document: its row if it has one, and what is below it."""

    def __init__(self):
        self.row = self.items = None
        self.keys, self.sets = {}, {}
        self.found = False  # run/schema's

    def children(self):
        return [*self.keys.values(), *self.sets.values()] + ([self.items] if self.items else [])

    def child(self, key):
        """What is at a key of a real document, and whether only a pattern says that the key may be there."""
        if key in self.keys:
            return self.keys[key], False
        for named in True, False:
            for word, node in self.sets.items():
                names, pattern = NAMES[word]
                if key in names if named else pattern and re.search(pattern, key):
                    return node, not named
        return None, False

    def there(self):
        row = self.row or self.items and self.items.row
        return row.there() if row else ("always", ())


class Document:
    def __init__(self, name, description):
        self.name, self.description, self.root = name, description, Node()
        self.rows, self.sections, self.of_others = [], {}, []

    def put(self, row, node, path):
        key, _, rest = path.partition(".")
        name = key.replace("[]", "")
        if name.isupper() and name not in NAMES:
            for group in [n for n in node.keys.values() if n.row and n.row.type.startswith("object")]:
                self.put(row, group, rest)
            return
        node = (node.sets if name in NAMES else node.keys).setdefault(name, Node())
        if key != name:
            node.items = node = node.items or Node()
        if rest:
            return self.put(row, node, rest)
        if node.row:
            sys.exit("%s: %s has two rows in %s" % (TABLE, row.path, self.name))
        node.row = row


def calls():
    """The macros of the table: (name, arguments)."""
    text = re.sub(r"/\*.*?\*/", "", open(os.path.join(ROOT, TABLE)).read(), flags=re.S)
    text = re.sub(r"^#.*", "", text, flags=re.M)
    string = r'"(?:[^"\\]|\\.)*"'
    call = re.compile(r"^(\w+)\(((?:\w+, )?(?:\s*%s,?)*)\)$" % string, re.M)
    if call.sub("", text).strip():
        sys.exit("%s: what is this: %s" % (TABLE, call.sub("", text).strip()[:60]))
    for macro, arguments in call.findall(text):
        parts = [""]
        for token in re.findall(string + r"|,|\w+", arguments):
            if token == ",":
                parts.append("")
            else:
                parts[-1] += json.loads(token) if token[0] == '"' else token
        if macro in ("CLIENT_TOTAL", "SERVER_TOTAL"):
            macro, parts[0] = "PATH", "totals." + parts[0]
        elif macro == "LEDGER_FOUND":
            macro, parts[0] = "PATH", "ledger.found." + parts[0]
        elif macro in ("CLIENT_TIMER", "SERVER_END"):
            group = "latency_us." if macro == "CLIENT_TIMER" else "ended."
            macro, parts = "PATH", [group + parts[1]] + parts[2:]
        yield macro, parts


def below(path, prefix):
    return path.startswith(prefix if prefix[-1] == "." else (prefix + ".", prefix + "[")) or path == prefix


def copies(rows, paths, where, type):
    take = [p for p in paths.split() if p[0] != "-"]
    leave = [p[1:] for p in paths.split() if p[0] == "-"]
    for row in rows:
        if any(below(row.path, p) for p in take) and not any(below(row.path, p) for p in leave):
            again = copy.copy(row)
            again.path, again.type = where + row.path, type or row.type
            yield again


def read():
    """The documents of the table, by name."""
    documents, document, section, figures, of_hosts = {}, None, None, [], []
    for macro, a in calls():
        if macro == "NAMES":
            NAMES[a[0]] = a[1].split(), a[2]
        elif macro == "FIGURE":
            figures.append(a[0])
        elif macro in ("HOST_FIGURE", "END_FIGURE"):
            of_hosts.append(("" if macro == "HOST_FIGURE" else r"to\..+\.") + re.escape(a[0]))
        elif macro == "DOCUMENT":
            document = documents[a[0]] = Document(*a)
        elif macro == "SECTION":
            section = document.sections[a[0]] = []
        elif macro == "AS_IN":
            document.of_others.append((len(document.rows), a))
            if a[4] != "-":
                section.append(Row(" ".join(a[2] + p for p in a[1].split() if p[0] != "-"), what=a[4]))
        else:
            document.rows.append(Row(*a))
            if a[3] != "-":
                section.append(document.rows[-1])
    groups = "|".join(re.escape(f[:-2]) for f in figures if f[-1] == "*")
    NAMES["FIGURE"] = ([f for f in figures if f[-1] != "*"],
                       "^((%s)\\.[A-Za-z0-9_]+|hosts\\.[^.]+\\.(%s))$" % (groups, "|".join(of_hosts)))
    own = {name: list(d.rows) for name, d in documents.items()}
    for d in documents.values():
        for at, (source, paths, where, type, _) in reversed(d.of_others):
            d.rows[at:at] = copies(own[source], paths, where, type)
        for row in d.rows:
            d.put(row, d.root, row.path)
    return documents


# ---- schemas


def condition(text):
    path, sign, value = re.match(r"/?([\w.]+)(!=|=|~)?(.*)$", text).groups()
    *outer, key = path.split(".")
    if not sign:
        return {"required": [key]}
    value = {"null": None, "true": True, "false": False}.get(value, value)
    test = {"pattern": value} if sign == "~" else {"type": "null"} if value is None else {"const": value}
    test = {"properties": {key: {"not": test} if sign == "!=" else test}}
    for name in reversed(outer):
        test = {"properties": {name: {"type": "object", **test}}}
    return test


def any_of(tests):
    return tests[0] if len(tests) == 1 else {"anyOf": tests}


def rule(verb, conditions, keys, path):
    then = {"properties": {k: {"not": {"type": "null"}} for k in keys}} if verb == "not-null" else {"required": keys}
    parts = {"if": any_of([condition(c) for c in conditions]), "then": then}
    if verb == "iff":
        parts["else"] = {"not": any_of([{"required": [k]} for k in keys])}
    for key in reversed(path):
        parts.update({part: {"properties": {key: parts[part]}} for part in ("then", "else") if part in parts})
    return parts


def only(names, pattern):
    """The schema of a key that is one of these or fits the pattern."""
    others = [n for n in names if not re.search(pattern, n)]
    return {"anyOf": [{"enum": others}, {"pattern": pattern}]} if others else {"pattern": pattern}


def object_schema(node, path, root_rules):
    s = {"type": "object", "required": [], "properties": {}}
    more, rules, one_of = False, {}, []
    for key, child in node.keys.items():
        verb, conditions = child.there()
        s["properties"][key] = schema(child, path + [key], root_rules)
        if verb in ("always", "not-null"):
            s["required"].append(key)
        if verb in VERBS:
            rules.setdefault((verb, conditions), []).append(key)
        elif verb == "one-of":
            one_of.append({"required": [key]})
    for word, child in node.sets.items():
        names, pattern = NAMES[word]
        value = schema(child, path + [word], root_rules)
        if child.there()[0] == "always":
            s["required"] += names
        if pattern == ".":
            more = value or True
        elif pattern and len(node.children()) == 1:
            more, s["propertyNames"] = value, only(names, pattern)
        else:
            s["properties"].update(dict.fromkeys(names, value))
    same = list(s["properties"].values()) + ([more] if more else [])
    if len(same) > 4 and all(v == same[0] for v in same):
        if not more:
            s["propertyNames"] = {"enum": list(s["properties"])}
            if len(s["required"]) == len(same):
                s["propertyNames"], s["maxProperties"] = {}, len(same)
        s["properties"], more = {}, same[0]
    s["additionalProperties"], s["oneOf"] = more, one_of
    at_root = {r: keys for r, keys in rules.items() if r[1][0][0] == "/"}
    root_rules += [rule(*r, keys, path) for r, keys in at_root.items()]
    s["allOf"] = [rule(*r, keys, []) for r, keys in rules.items() if r not in at_root]
    return {k: v for k, v in s.items() if v or k == "additionalProperties"}


def schema(node, path, root_rules):
    row = node.row or Row("", "object")
    name, null = row.type.rstrip("?"), row.type.endswith("?")
    if node.items:
        words = node.items.row.words if node.items.row else []
        limits = {"minItems": 1} if "some" in words else {}
        limits.update({"uniqueItems": True} if "unique" in words else {})
        return {"type": "array", "items": schema(node.items, path, root_rules), **limits}
    if node.keys or node.sets:
        s = object_schema(node, path, root_rules)
    elif name[0] == "=":
        s = {"const": name[1:]}
    elif "|" in name:
        s = {"enum": name.split("|")}
    else:
        s = dict(TYPES[name][0])
    if null and "enum" in s:
        s["enum"] = s["enum"] + [None]
    elif null:
        s["type"] = [s["type"], "null"]
    return s


def objects(s, name=""):
    """Every schema of an object inside, and those of names, with the key it is at."""
    if isinstance(s, dict):
        if "additionalProperties" in s or name == "propertyNames":
            yield "group_" + name if name.isdigit() else name, s
        for key, value in s.items():
            yield from objects(value, name if key == "items" else key)
    elif isinstance(s, list):
        for value in s:
            yield from objects(value, name)


def replaced(s, body, ref):
    if s == body:
        return ref
    if isinstance(s, dict):
        return {k: replaced(v, body, ref) for k, v in s.items()}
    return [replaced(v, body, ref) for v in s] if isinstance(s, list) else s


def shared(s):
    """The same schema, with what it has more than once among its definitions."""
    definitions = {}
    while True:
        seen = {}
        for name, body in objects([s, definitions]):
            text = json.dumps(body)
            seen.setdefault(text, [name, body, 0])[2] += 1
        twice = [(len(text), *rest) for text, rest in seen.items() if rest[2] > 1 and len(text) > WIDTH]
        if not twice:
            return {**s, "definitions": definitions} if definitions else s
        _, name, body, _ = max(twice, key=lambda t: t[0])
        while name in definitions:
            name += "_"
        ref = {"$ref": "#/definitions/" + name}
        s, definitions = replaced(s, body, ref), replaced(definitions, body, ref)
        definitions[name] = body


def document_schema(d):
    rules = []
    s = schema(d.root, [], rules)
    if rules:
        s["allOf"] = s.get("allOf", []) + rules
    title = d.root.keys["schema"].row.type[1:]
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, "description": d.description, **shared(s)}


def dump(value, indent=0, before=0):
    """JSON, each object and list on one line if it fits."""
    text = json.dumps(value)
    if not isinstance(value, (dict, list)) or indent + before + len(text) < WIDTH:
        return text
    pad = "\n" + " " * indent
    if isinstance(value, dict):
        parts = ["%s: %s" % (json.dumps(k), dump(v, indent + 2, len(k) + 4)) for k, v in value.items()]
    elif isinstance(value[0], str):
        parts = ["\n  ".join(textwrap.wrap(text[1:-1], WIDTH - indent - 2, break_on_hyphens=False)).replace("\n", pad)]
    else:
        parts = [dump(v, indent + 2) for v in value]
    return text[0] + pad + "  " + ("," + pad + "  ").join(parts) + pad + text[-1]


# ---- the tables of the documents


def lines_of(rows):
    """The rows of each line: a row that says nothing of its own shares the line above it."""
    lines = []
    for row in rows:
        if row.what or not lines:
            lines.append([])
        elif row.shown_type() != lines[-1][0].shown_type():
            sys.exit("%s: %s shares a line with another type" % (TABLE, row.path))
        lines[-1].append(row)
    return lines


def short(path, first):
    """`host.machine` beside `host.kernel` is `.machine`."""
    group = first.rpartition(".")[0]
    return path[len(group):] if group and path.startswith(group + ".") else path


def table(rows):
    lines, nulls = lines_of(rows), any(row.null for row in rows)
    yield "| path | type | what it is |" + " null, or absent |" * nulls
    yield "|---|---|---|" + "---|" * nulls
    for line in lines:
        paths = [p for row in line for p in row.path.split()]
        paths = ", ".join("`%s`" % (p if i == 0 else short(p, paths[0])) for i, p in enumerate(paths))
        cells = [paths, line[0].shown_type(), line[0].what] + [line[0].null] * nulls
        yield ("| " + " | ".join(cells) + " |").replace("|  |", "| |")


def with_tables(text, documents):
    def made(m):
        rows = documents[m[1]].sections[m[2]]
        return "<!-- paths %s/%s -->\n%s\n<!-- end -->" % (m[1], m[2], "\n".join(table(rows)))

    return re.sub(r"<!-- paths (\w+)/(\w+) -->\n.*?<!-- end -->", made, text, flags=re.S)


# ---- sentences


def has(node, path):
    """Whether there is a row for just this path, or for a pattern of names that is more than `*`."""
    if not path:
        return True
    parts = path.split(".")
    if node.items and parts[0].isdigit():
        return has(node.items, ".".join(parts[1:]))
    for n in range(1, len(parts) + 1):
        key, rest = ".".join(parts[:n]), ".".join(parts[n:])
        below = [node.keys[key]] if key in node.keys else []
        for word, child in node.sets.items():
            names, pattern = NAMES[word]
            if key in names or word != "*" and pattern and re.search(pattern, key):
                below.append(child)
        if any(has(child, rest) for child in below):
            return True
    return bool(node.row) and node.row.type == "ports" and path in "01"


def misspelt(document, doctor, told):
    """The paths in the sentences of C files that no result has; told: the documents that have a story."""
    for name in glob.glob("*/**/*.c", root_dir=ROOT, recursive=True):
        text = open(os.path.join(ROOT, name)).read()
        root = (doctor if name.startswith("bench/doctor/") else document).root
        for rows in re.findall(r"struct figure_line \w+\[\] = {(.*?)\n};", text, re.S):
            for path in re.findall(r"[a-z_]+(?:\.\w+)+", rows):
                if not has(root, path):
                    yield "%s: %s is in a sentence and not in %s" % (name, path, TABLE)
    claims = open(os.path.join(ROOT, CLAIMS)).read()
    names = re.findall(r"^(?:HOST_|END_)?CLAIM\((\w+),", claims, re.M)
    host = document.root.keys["hosts"].sets["*"]
    subjects = {"of_host": host, "of_end": host.keys["to"].sets["*"]}
    text = re.sub(r"/\*.*?\*/|#include.*", "", claims, flags=re.S)
    for path in re.findall(r"(?<![\w/-])[a-z_]+(?:\.\w+)+", re.sub(r'"\s*\w+\("(\d)"\)\s*"?', "", text)):
        first, _, rest = path.partition(".")
        known = rest in names if first == "story" else has(subjects[first], rest) if first in subjects else any(has(d.root, path) for d in told)
        if not known:
            yield "%s: no result has %s" % (CLAIMS, path)


def main(what):
    documents = read()
    files = {"docs/%s.schema.json" % name: dump(document_schema(d)) + "\n" for name, d in documents.items()}
    for name in sorted(glob.glob("docs/*.md", root_dir=ROOT)):
        files[name] = with_tables(open(os.path.join(ROOT, name)).read(), documents)
    faults = list(misspelt(documents["result"], documents["doctor"], (documents["result"], documents["process"])))
    print(*faults, sep="\n", end="\n" * bool(faults))
    differ = int(bool(faults))
    for name, text in files.items():
        place = os.path.join(ROOT, name)
        if os.path.exists(place) and open(place).read() == text:
            continue
        if what == "write":
            open(place, "w").write(text)
        else:
            print("%s is not what %s says: make docs" % (name, TABLE))
            differ = 1
    return differ


if __name__ == "__main__":
    if sys.argv[1:] not in (["write"], ["check"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
