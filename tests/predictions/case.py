"""case.py - one configuration of hosts, sysctls and a client, as a scenario of `twstorm lab run`; and its result."""
import glob, json, os, subprocess, tempfile
from dataclasses import dataclass, field

LISTEN = 9000  # the first target; the others follow
LAB_MARGIN_S = 25  # over the duration of the client: earlier clients, the set-up, the end
EXIT_NOT_HERE = 6

# Binds the ports of its first list, listens on those of its second, and stays.
OCCUPANT = (
    "import socket,time; b,l=%r,%r; k=[socket.socket() for p in b+l]; "
    '[s.bind(("",p)) for s,p in zip(k,b+l)]; [s.listen() for s in k[len(b):]]; '
    'print("ready",flush=True); time.sleep(300)'
)


@dataclass
class Earlier:
    """A client that has run, and ended, before the one that is judged."""

    args: str


@dataclass
class Case:
    args: str  # of the client that is judged; {target} is the host that the server is on
    duration_s: float
    rate: tuple = None  # connections a second, at the beginning and the end; None: a closed loop
    workers: int = 1
    client: dict = field(default_factory=dict)  # its sysctls below net.ipv4.
    server: dict = field(default_factory=dict)
    place: str = "wire"  # wire: a host of its own; loopback: 127.0.0.1; own: the client's host, by its address
    addresses: int = 1  # of the client's host
    earlier: list = field(default_factory=list)
    delay_ms: int = 0  # between the last of them and the client
    bound: list = field(default_factory=list)  # ports that another program has bound
    listening: list = field(default_factory=list)
    stats: bool = False  # the client asks the server for its side
    light: bool = False  # it leaves the CPUs idle enough for another one beside it

    @property
    def open_loop(self):
        return self.rate is not None


def target_host(case):
    return {"wire": "{server}", "loopback": "127.0.0.1", "own": "{client}"}[case.place]


def with_target(args, case):
    return args.replace("{target}", target_host(case))


def host_lines(name, sysctls, addresses):
    yield "[host %s]" % name
    yield "address = " + ",".join(addresses)
    for key, value in {"tcp_rfc1337": 1, **sysctls}.items():
        yield "sysctl.net.ipv4.%s = %s" % (key, value)
    yield ""


def client_lines(case):
    names = ["earlier-%d" % (i + 1) for i in range(len(case.earlier))] + ["main"]
    runs = [e.args for e in case.earlier] + [case.args]
    for i, (name, args) in enumerate(zip(names, runs)):
        yield "[client %s]" % name
        yield "host = client"
        yield "stats = " + ("main" if case.stats and name == "main" else "none")
        yield "args = " + with_target(args, case)
        if i:
            yield "after = client " + names[i - 1]
        if name == "main" and case.delay_ms:
            yield "delay = %dms" % case.delay_ms
        yield ""


def limit_s(case):
    return case.duration_s + case.delay_ms / 1000 + LAB_MARGIN_S


def scenario(case, about):
    """The text of the scenario; the judged client is the first that it names."""
    lines = ["[scenario]", "about = " + about, "seconds = %d" % limit_s(case), ""]
    if case.place == "wire":
        lines += host_lines("server", case.server, ["198.18.0.2/24"])
    addresses = ["198.18.0.%d/24" % (11 + i) for i in range(case.addresses)]
    lines += host_lines("client", case.client, addresses)
    where = target_host(case)
    lines += ["[server main]", "host = " + ("server" if case.place == "wire" else "client")]
    lines += ["args = --listen %s:%d-%d" % (where, LISTEN, LISTEN + 9), ""]
    if case.bound or case.listening:
        lines += ["[process occupant]", "host = client"]
        lines += ["command = python3 -c '%s'" % (OCCUPANT % (case.bound, case.listening)), "ready = line ready", ""]
    lines += client_lines(case)
    return "\n".join(lines)


def short(value):
    text = str(value).replace(" ", "-")
    return text if text.count(",") < 3 else "%d-of-them" % (text.count(",") + 1)


def command_line(case):
    """The case in a line, for a person: what is set, what ran before, the client."""
    parts = ["%s=%s" % (k, short(v)) for k, v in case.client.items()]
    parts += ["server:%s=%s" % (k, v) for k, v in case.server.items()]
    parts += ["on %s" % case.place] if case.place != "wire" else []
    parts += ["bound %d" % len(case.bound)] if case.bound else []
    parts += ["listening %d" % len(case.listening)] if case.listening else []
    parts += ["earlier {%s}" % e.args for e in case.earlier]
    parts += ["after %d ms" % case.delay_ms] if case.delay_ms else []
    parts += ["with --server-stats"] if case.stats else []
    return " ".join(parts + ["client", case.args])


class CannotRun(Exception):
    """The case gave no result; its text says why."""


class NotHere(CannotRun):
    """This machine lacks what the lab needs."""


def result_of(folder):
    """The judged client's result among those of `folder`, or None."""
    for name in glob.glob(os.path.join(folder, "*.json")):
        with open(name) as f:
            result = json.load(f)
        if result.get("lab", {}).get("client", "main") == "main" and "ports" in result:
            return result
    return None


labs = set()  # those that run


def end_labs():
    for lab in list(labs):
        lab.terminate()


def lab_run(command, limit_s):
    """(exit code, what it printed); raises CannotRun when `limit_s` is over."""
    lab = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    labs.add(lab)
    try:
        out, _ = lab.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        lab.terminate()
        lab.communicate()
        raise CannotRun("not over after %d s" % limit_s)
    finally:
        labs.discard(lab)
    return lab.returncode, out.decode(errors="replace").strip()


def run(case, program, about, scenario_path):
    """Writes the scenario to `scenario_path` and runs it: the client's result; raises CannotRun."""
    with open(scenario_path, "w") as f:
        f.write(scenario(case, about))
    with tempfile.TemporaryDirectory(dir=os.path.dirname(scenario_path)) as folder:
        code, out = lab_run(
            [program, "lab", "run", "-q", scenario_path, "-o", folder], limit_s(case) + LAB_MARGIN_S
        )
        result = result_of(folder)
        if not result:
            kind = NotHere if code == EXIT_NOT_HERE else CannotRun
            raise kind("exit code %d: %s" % (code, out[-400:]))
        return result
