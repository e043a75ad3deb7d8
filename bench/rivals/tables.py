"""What the runs come to: a table for each group, as data and as markdown."""
import statistics
import sys

from groups import GROUPS

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def figures(runs, group, name):
    return {r["round"]: r["figure"] for r in runs if r["group"] == group and r["name"] == name}


def ratios(runs, group, above, below):
    a, b = figures(runs, group, above), figures(runs, group, below)
    return [a[i] / b[i] for i in sorted(a.keys() & b.keys()) if b[i]]


def user_share(runs, group, name, side):
    """Per cent of its CPU time that it spent outside of the kernel, over all rounds."""
    times = [r[side] for r in runs if r["group"] == group and r["name"] == name and side in r]
    whole = sum(map(sum, times))
    return 100 * sum(t[0] for t in times) / whole if whole else None


def row(runs, group, name):
    of = list(figures(runs, group, name).values())
    base = (GROUPS[group].base or "")
    base = base.format(name.removeprefix(base.partition("{}")[0]))
    r = ratios(runs, group, name, base) if base else []
    notes = sorted(x["note"] for x in runs if x["group"] == group and x["name"] == name and "note" in x)
    return {"name": name, "rounds": len(of), "note": notes[len(notes) // 2] if notes else "",
            "figure": statistics.median(of), "lowest": min(of), "highest": max(of),
            "ratio": statistics.median(r) if r else None, "low": min(r) if r else None, "high": max(r) if r else None,
            "user_pct": {side: user_share(runs, group, name, side + "_cpu") for side in ("client", "server")}}


def reached(runs, name, rows):
    """What the goal is held against: the worst of the rows that are judged."""
    group = GROUPS[name]
    if group.best_of:
        each = [statistics.median(r) for r in (ratios(runs, name, "twstorm", n) for n in group.best_of) if r]
        return min(each, default=None)
    each = [r["figure"] if group.by_figure else r["ratio"] for r in rows if r["name"] in group.judged]
    each = [x for x in each if x is not None]
    if not each:
        return None
    return max(each) if group.less_is_better else min(each)


def table(runs, name):
    group = GROUPS[name]
    rows = [row(runs, name, n) for n in group.contenders if figures(runs, name, n)]
    return {"group": name, "title": group.title, "base": group.base, "goal": group.goal,
            "less_is_better": group.less_is_better, "unit": group.unit, "rows": rows,
            "reached": reached(runs, name, rows)}


def quantity(x, unit):
    return f"{x:,.0f}{unit}" if x >= 100 else f"{x:.1f}{unit}"


def row_line(r, unit):
    name = r["name"] + (": " + r["note"] if r["note"] else "")
    shares = [f"{side} {pct:.1f} %" for side, pct in r["user_pct"].items() if pct is not None]
    if r["name"] == "twstorm" and shares:
        name += f" ({', '.join(shares)})"
    if r["ratio"] is None:
        return f"| {name} | {quantity(r['figure'], unit)} | | {quantity(r['lowest'], '')}..{quantity(r['highest'], '')} | {r['rounds']} |"
    return f"| {name} | {quantity(r['figure'], unit)} | {r['ratio']:.2f} | {r['low']:.2f}..{r['high']:.2f} | {r['rounds']} |"


def goal_of(t):
    if not t["goal"] or t["reached"] is None:
        return ""
    least = "most" if t["less_is_better"] else "least"
    by_figure = GROUPS[t["group"]].by_figure
    goal, got = (f"{x:,.0f}{t['unit']}" if by_figure else f"{x:.2f}" for x in (t["goal"], t["reached"]))
    return f"; goal: at {least} {goal}, reached: {got}"


def misses(t):
    """What does not reach the goal: a sentence for each judged row, or for the group."""
    group = GROUPS[t["group"]]
    each = ({t["group"]: t["reached"]} if group.best_of else
            {f"{t['group']} {r['name']}": r["figure"] if group.by_figure else r["ratio"]
             for r in t["rows"] if r["name"] in group.judged})
    for name, x in each.items():
        if x is not None and (x > t["goal"] if t["less_is_better"] else x < t["goal"]):
            yield f"falls short: {name}: {x:,.2f}, not {t['goal']:,.2f}"


def lines(all_tables):
    yield "| | median | against | lowest..highest | rounds |"
    yield "|---|---|---|---|---|"
    for t in all_tables:
        base = (t["base"] or "").replace("{}", "").strip()
        yield f"| **{t['group']}**: {t['title']}{goal_of(t)} | **{GROUPS[t['group']].what}** | {base} | | |"
        for r in t["rows"]:
            yield row_line(r, t["unit"])


def markdown(path, machine, all_tables, missing):
    """Writes the part between the two marks of an existing page anew."""
    with open(path) as f:
        page = f.read()
    if BEGIN not in page or END not in page:
        sys.exit(f"bench: {path} has no '{BEGIN}' ... '{END}'")
    head = [f"{machine['date']}, Linux {machine['kernel']}, {machine['cpus']} CPUs ({machine['cpu']}), "
            f"{machine['rounds']} rounds of {machine['seconds']} s, {machine['in_flight']} in flight; "
            f"by `{machine['command']}`. The hypervisor took {machine['stolen_pct']} % of the CPUs' time.", "",
            "Sysctls: " + ", ".join(f"`{k} = {v}`" for k, v in machine["sysctls"].items()) + ".",
            "In brackets: the CPU time that was spent outside of the kernel.", ""]
    if missing:
        head += ["Not installed, so left out: " + ", ".join(sorted(missing)) + ".", ""]
    body = "\n".join(head + list(lines(all_tables))) + "\n"
    with open(path, "w") as f:
        f.write(page[:page.index(BEGIN) + len(BEGIN)] + "\n" + body + page[page.index(END):])
