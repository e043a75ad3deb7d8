"""draw.py - a case drawn at random: what the options and sysctls that concern ports may be, the usual ones most often.

Draw K of a seed is the same whatever else is drawn.  A draw begins as a plain run; then some spices are added, none,
one or a few, each a thing that differs from the usual; then the rate is chosen so that the ports are gone soon.
"""
import math, os, random

from case import Case, Earlier, LISTEN

LONG_FROM, LONG_EVERY = 300, 40  # draws that last a minute
MOST_S = 8
MOST_CONNECTIONS = 9000  # of one draw, more or less
HIGHEST_PORT = 60999

CLOSES = {
    "server-leak": 6,
    "client-leak": 4,
    "client-half": 3,
    "both": 3,
    "server-fin": 2,
    "client-rst": 2,
    "server-half": 1,
    "server-rst": 1,
    "passive-rst": 1,
    "client-unread": 1,
}


def weighted(rng, table):
    return rng.choices(list(table), list(table.values()))[0]


def log_uniform(rng, lo, hi):
    return math.exp(rng.uniform(math.log(lo), math.log(hi)))


class Draw:
    """What is being put together."""

    def __init__(self, rng):
        self.rng = rng
        self.case = Case("", 0)
        self.options = []
        self.targets, self.sources, self.named = 1, 0, 1  # different ones; targets as often as they are named
        self.bind, self.close, self.reuseaddr, self.pool = "auto", "client-fin", False, False
        self.hold_s = self.concurrency = 0
        self.life_s = None  # of a port, where it is so short that the ports may last
        self.n_earlier = 0

    # ---- ports

    def choose_ports(self):
        rng = self.rng
        kinds = {"few": 3, "round": 5, "any": 4, "many": 2 if self.load != "closed" else 6}
        n = {
            "few": lambda: rng.randint(20, 120),
            "round": lambda: rng.choice((100, 200, 500, 1000, 2000)),
            "any": lambda: int(log_uniform(rng, 20, 8000)),
            "many": lambda: rng.randint(3000, 8000),
        }[weighted(rng, kinds)]()
        self.ports = max(20, min(n, MOST_CONNECTIONS // self.tuples()))
        self.lo = min(rng.choice((40000, 40000, 32768, rng.randint(20000, 50000))), HIGHEST_PORT - self.ports)
        self.hi = self.lo + self.ports - 1
        how = weighted(rng, {"sysctl": 12, "all": 2, "own": 3})
        outside = rng.randint(10, 500) if how == "own" else 0
        self.case.client["ip_local_port_range"] = "%d %d" % (self.lo - outside, self.hi + outside)
        if how != "sysctl":
            self.options.append("--source-ports " + ("all" if how == "all" else "%d-%d" % (self.lo, self.hi)))
        self.no_cliff = how != "sysctl"

    def some_ports(self, most):
        """A few of the range, in no order."""
        n = self.rng.randint(1, max(1, min(most, self.ports // 2)))
        return sorted(self.rng.sample(range(self.lo, self.hi + 1), n))

    def tuples(self):
        shared = self.bind in ("auto", "late") or (self.bind == "port" and self.reuseaddr)
        return max(1, self.sources) * (self.targets if shared else 1)

    # ---- spices; each returns nothing

    def several_targets(self):
        rng = self.rng
        self.targets = self.named = rng.randint(2, 4)
        if rng.random() < 0.25 and self.bind != "port":
            self.named += 1
        self.options.append("--spread " + rng.choice(("round-robin", "random", "least")))

    def several_sources(self):
        self.sources = self.rng.choice((1, 2, 2, 3, 4))
        self.case.addresses = max(self.sources, self.rng.randint(1, 4))

    def binding(self):
        rng = self.rng
        self.bind = weighted(rng, {"early": 5, "port": 5, "late": 1})
        self.reuseaddr = rng.random() < 0.4
        if self.reuseaddr and self.bind == "early" and rng.random() < 0.5:
            self.case.client["ip_autobind_reuse"] = 1

    def closing(self):
        rng = self.rng
        self.close = weighted(rng, CLOSES)
        if rng.random() < 0.35:
            parts = {"client-fin": rng.choice((10, 50, 90))}
            for _ in range(rng.randint(1, 2)):
                parts.setdefault(weighted(rng, CLOSES), rng.choice((1, 10, 50)))
            self.close = ",".join("%s:%d" % part for part in parts.items())
        if "server-leak" in self.close and rng.random() < 0.85:
            self.life_s = rng.randint(1, 3)
            if rng.random() < 0.3:
                self.options.append("--linger2 %ds" % self.life_s)
            else:
                self.case.client["tcp_fin_timeout"] = self.life_s

    def holding(self):
        self.hold_s = round(log_uniform(self.rng, 0.05, 3), 2)
        self.concurrency = self.rng.choice((0, 16, 200, 1000, 5000))

    def pooling(self):
        rng = self.rng
        self.pool = True
        self.options.append("--pool %d" % rng.randint(4, 30))
        retires = weighted(rng, {"--max-requests %d": 4, "--max-age %dms": 3, "--idle-timeout %dms": 2, "": 2})
        if retires:
            self.options.append(retires % (rng.randint(1, 4) if "requests" in retires else rng.choice((20, 50, 200))))

    def reuse(self):
        rng = self.rng
        self.case.client["tcp_tw_reuse"] = rng.choice((0, 1, 1, 1, 2))
        delay = rng.choice((200, 500, 1500, 2500)) if rng.random() < 0.5 else None
        if delay and os.path.exists("/proc/sys/net/ipv4/tcp_tw_reuse_delay"):  # not before Linux 6.14
            self.case.client["tcp_tw_reuse_delay"] = delay
        if self.case.client["tcp_tw_reuse"] == 1:
            self.life_s = self.case.client.get("tcp_tw_reuse_delay", 1000) / 1000
        if rng.random() < 0.25:
            self.no_timestamps()

    def no_timestamps(self):
        side = self.case.client if self.rng.random() < 0.5 else self.case.server
        side["tcp_timestamps"] = 0

    def nearer(self):
        self.case.place = weighted(self.rng, {"loopback": 3, "own": 1})
        self.case.server = {}

    def earlier_run(self):
        rng = self.rng
        self.n_earlier = max(1, int(self.ports * rng.choice((0.1, 0.3, 0.5, 0.9, 1))))
        port = LISTEN if rng.random() < 0.5 else LISTEN + 9
        bind = weighted(rng, {"auto": 3, "early": 1, "port": 1})
        close = weighted(rng, {"client-fin": 5, "server-leak": 1})
        self.case.earlier.append(
            Earlier("--target {target}:%d -n %d -c 4 -q --bind %s --close %s --duration 5s --on-exhaustion stop"
                % (port, self.n_earlier, bind, close))
        )
        if port != LISTEN and bind == "auto":
            self.n_earlier = 0
        if close == "server-leak":
            self.case.client.setdefault("tcp_fin_timeout", rng.randint(1, 3))
        self.case.delay_ms = rng.choice((0, 0, 300, 1200, 2000))

    def reserved(self):
        ports = self.some_ports(50)
        self.case.client["ip_local_reserved_ports"] = ",".join(map(str, ports))

    def buckets(self):
        self.case.client["tcp_max_tw_buckets"] = self.rng.choice(
            (0, 1, self.ports // 4, self.ports // 2, self.ports - 1, self.ports, self.ports * 2)
        )

    def others(self):
        if self.rng.random() < 0.5:
            self.case.bound = self.some_ports(60)
        else:
            self.case.listening = self.some_ports(60)

    def short_fin_wait(self):
        self.case.client["tcp_fin_timeout"] = self.rng.randint(1, 3)
        if self.rng.random() < 0.3:
            self.options.append("--linger2 %s" % self.rng.choice(("1s", "3s", "-1")))

    def requests(self):
        allowed = all(part.split(":")[0] in ("client-fin", "client-half", "client-rst") for part in self.close.split(","))
        self.options.append("--requests %d" % self.rng.choice((0, 2, 5) if allowed and not self.pool else (2, 5)))

    def several_workers(self):
        self.case.workers = self.rng.choice((2, 2, 3))

    def server_asked(self):
        self.case.stats = True

    # ---- load

    def choose_load(self):
        self.load = weighted(self.rng, {"uniform": 50, "closed": 20, "ramp": 13, "poisson": 17})

    def set_duration(self, gone_s):
        """The ports are thought to last `gone_s`."""
        rng = self.rng
        if rng.random() < 0.08:
            wanted = gone_s * rng.uniform(0.4, 0.95)
        else:
            wanted = gone_s * rng.uniform(1.3, 2.2) + 0.2
        if self.life_s:
            wanted = max(wanted, self.life_s * 2 + 2)
        self.case.duration_s = round(min(MOST_S, max(0.3, wanted)), 1)

    def set_rate(self):
        rng, capacity = self.rng, max(1, self.ports * self.tuples() - self.n_earlier)
        gone_s = min(5, log_uniform(rng, 0.3, 5.5))
        rate = capacity / gone_s
        if self.life_s and rng.random() < 0.7:
            rate = capacity / self.life_s * rng.uniform(0.6, 1.3)
        highest = log_uniform(rng, 1000, 5000)
        rate = max(5, min(rate, highest))
        self.set_duration(capacity / rate)
        if self.load == "ramp":
            self.set_ramp(rate, min(capacity / rate, self.case.duration_s))
        else:
            self.case.rate = (round(rate, 1), round(rate, 1))
        self.options.append("--rate " + "..".join("%g/s" % r for r in sorted(set(self.case.rate))))
        if self.load == "poisson":
            self.options.append("--arrivals poisson --seed %d" % rng.randint(1, 999))

    def set_ramp(self, mean, gone_s):
        """As many until `gone_s` as at `mean` a second."""
        low = max(1, mean * self.rng.uniform(0.1, 0.8))
        high = low + (mean - low) * 2 * self.case.duration_s / gone_s
        self.case.rate = (round(low), max(round(low) + 1, round(high)))

    def limit_connections(self):
        capacity = self.ports * self.tuples()
        self.options.append("-n %d" % max(1, int(capacity * self.rng.choice((0.7, 1, 1.2))) + self.rng.choice((0, 1))))

    def finish(self):
        rng, case = self.rng, self.case
        if self.load == "closed":
            case.duration_s = rng.choice((2, 3, 5, 8))
        else:
            self.set_rate()
        if rng.random() < 0.06:
            self.limit_connections()
        if not self.pool and (self.concurrency or rng.random() < 0.2):
            self.options.append("-c %d" % (self.concurrency or rng.choice((4, 20, 200, 500))))
        if case.workers > 1:
            self.options.append("-w %d" % case.workers)
        case.args = " ".join(self.main_options() + self.options)
        case.light = case.open_loop and max(case.rate) <= 1200 and (self.no_cliff or self.ports <= 2000)

    def named_targets(self):
        ports = "%d-%d" % (LISTEN, LISTEN + self.targets - 1) if self.targets > 1 else str(LISTEN)
        names = ["{target}:" + ports]
        names += ["{target}:%d" % LISTEN] * (self.named - self.targets)
        return ",".join(names)

    def named_sources(self):
        if self.case.place == "loopback":
            return ",".join("127.0.0.%d" % (i + 1) for i in range(self.sources))
        return ",".join("198.18.0.%d" % (11 + i) for i in range(self.sources))

    def main_options(self):
        options = ["--target " + self.named_targets()]
        options += ["--source " + self.named_sources()] if self.sources else []
        options += ["--bind " + self.bind] if self.bind != "auto" else []
        options += ["--reuseaddr"] if self.reuseaddr else []
        options += ["--close " + self.close] if self.close != "client-fin" else []
        options += ["--hold %dms" % round(self.hold_s * 1000)] if self.hold_s else []
        return options + ["--duration %gs" % self.case.duration_s, "--on-exhaustion stop"]


# Weight, what is added, and whether it has to know the ports.
SPICES = [
    (10, Draw.several_targets, False),
    (8, Draw.several_sources, False),
    (12, Draw.binding, False),
    (14, Draw.closing, True),
    (10, Draw.holding, True),
    (8, Draw.pooling, True),
    (10, Draw.reuse, True),
    (5, Draw.no_timestamps, True),
    (9, Draw.nearer, False),
    (14, Draw.earlier_run, True),
    (5, Draw.reserved, True),
    (7, Draw.buckets, True),
    (7, Draw.others, True),
    (4, Draw.short_fin_wait, True),
    (4, Draw.requests, True),
    (10, Draw.several_workers, True),
    (5, Draw.server_asked, True),
]


def choose_spices(rng):
    left = list(SPICES)
    for _ in range(weighted(rng, {0: 16, 1: 26, 2: 26, 3: 18, 4: 10, 5: 4})):
        spice = rng.choices(left, [weight for weight, _, _ in left])[0]
        left.remove(spice)
        yield spice


def sustained_draw(rng):
    """A minute of TIME_WAIT, around the rate that the ports sustain."""
    ports, part = rng.choice((100, 300, 600)), rng.choice((0.9, 0.95, 0.97, 0.99, 1.05))
    rate = round(ports / 60 * part, 2)
    args = "--target {target}:%d --duration 66s --on-exhaustion stop --rate %g/s" % (LISTEN, rate)
    sysctls = {"ip_local_port_range": "40000 %d" % (39999 + ports)}
    return Case(args, 66, (rate, rate), light=True, client=sysctls)


def ending_draw(rng):
    """Some of the ports are in TIME_WAIT that ends meanwhile."""
    ports, rate = rng.choice((100, 300, 1000)), rng.randint(20, 150)
    args = "--target {target}:%d --duration 8s --on-exhaustion stop --rate %d/s" % (LISTEN, rate)
    earlier = Earlier("--target {target}:%d -n %d -c 4 -q --duration 5s" % (LISTEN, ports * rng.choice((3, 6, 9)) // 10))
    sysctls = {"ip_local_port_range": "40000 %d" % (39999 + ports)}
    wait_ms = rng.randint(54000, 60500)
    return Case(args, 8, (rate, rate), light=True, client=sysctls, earlier=[earlier], delay_ms=wait_ms)


def default_draw(rng):
    """The ports that every host has, as fast as it goes."""
    return Case("--target {target}:%d --duration 40s --on-exhaustion stop -c %d" % (LISTEN, rng.choice((64, 64, 200))), 40)


def long_draw(rng):
    return weighted(rng, {sustained_draw: 5, ending_draw: 3, default_draw: 2})(rng)


def draw(seed, number):
    rng = random.Random("%s:%d" % (seed, number))
    if number >= LONG_FROM and number % LONG_EVERY == 0:
        return long_draw(rng)
    d = Draw(rng)
    spices = sorted(choose_spices(rng), key=lambda spice: spice[2])
    d.choose_load()
    for _, add, needs_ports in spices:
        if not needs_ports:
            add(d)
    d.choose_ports()
    for _, add, needs_ports in spices:
        if needs_ports:
            add(d)
    d.finish()
    if d.case.place != "wire":
        d.case.server = {}
    return d.case
