"""One measurement: a network namespace of its own, a server and a client on a core each where there
are two, and the CPU time that each of them took."""
import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import time

PORT, NGINX_PORT = 9000, 9080
# Of the raw pairs, in turn: with one port a fast client fills the range with TIME_WAIT in two seconds,
# and connect() searches longer the fuller it is.
PORTS = f"{PORT}-{PORT + 7}"
CONCURRENCY = 64
SYSCTLS = {
    "net.ipv4.ip_local_port_range": "1024 65535",
    "net.ipv4.ip_local_reserved_ports": "9000-9999",
    "net.ipv4.tcp_max_tw_buckets": "2000000",
    "net.core.somaxconn": "65535",
    "net.ipv4.tcp_max_syn_backlog": "65535",
    "net.ipv4.tcp_fastopen": "0x607",
}
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
CPUS = sorted(os.sched_getaffinity(0))
SERVER_CPU, CLIENT_CPU = CPUS[0], CPUS[-1]


class Unfit(Exception):
    """This run does not count: an error, or no figure."""


def on_cpu(cpu):
    """To be called in the child, which may also have all descriptors that it can; None: where the kernel likes."""
    def prepare():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a measurement that is unfit leaves no server behind
        os.sched_setaffinity(0, CPUS if cpu is None else {cpu})
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return prepare


class Server:
    """A server started for one measurement, ready when its line or its port says so."""

    def __init__(self, argv, ready=None, port=None, cpu=SERVER_CPU):
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        preexec_fn=on_cpu(cpu), text=True)
        if ready is not None:
            line = self.process.stdout.readline()
            if ready not in line:
                raise Unfit(f"{argv[0]} said '{line.strip()}'")
        else:
            wait_listening(port)

    def stop(self):
        """Ends it; the CPU time it took, (user, system) in seconds."""
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.read()
        self.process.stdout.close()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime, usage.ru_stime

    def stop_child(self):
        """Ends what strace runs, and lets strace write its table."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as f:
            for pid in f.read().split():
                os.kill(int(pid), signal.SIGTERM)
        self.process.communicate(timeout=20)


def wait_listening(port):
    want = f":{port:04X}"
    for _ in range(200):
        with open("/proc/net/tcp") as f:
            if any(line.split()[1].endswith(want) and line.split()[3] == "0A" for line in list(f)[1:]):
                return
        time.sleep(0.01)
    raise Unfit(f"nothing listens on port {port}")


def client(argv, cpu=CLIENT_CPU):
    """(exit code, output, CPU time as (user, system) in seconds); no server is waited for meanwhile."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                          preexec_fn=on_cpu(cpu), check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.returncode, done.stdout, (after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime)


def number(pattern, text, default=None):
    found = re.search(pattern, text)
    if not found:
        if default is None:
            raise Unfit(f"no /{pattern}/ in the output: {text[-300:]}")
        return default
    return float(found.group(1))


NGINX_CONF = """daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log; {user}
events {{ worker_connections 19000; multi_accept on; }}
http {{
    {http} keepalive_timeout 300s; keepalive_requests 100000000;
    client_body_temp_path {dir}/a; proxy_temp_path {dir}/b; fastcgi_temp_path {dir}/c;
    uwsgi_temp_path {dir}/d; scgi_temp_path {dir}/e;
    server {{ listen 127.0.0.1:{port} reuseport backlog=65535{more}; location / {{ return 200 "x"; }} }}
}}
"""


def nginx(directory, *listen, http="access_log off;", port=NGINX_PORT, cpu=SERVER_CPU):
    """listen: more words of nginx.conf's `listen`; http: more lines of its `http`."""
    conf = os.path.join(directory, "nginx.conf")
    with open(conf, "w") as f:
        f.write(NGINX_CONF.format(dir=directory, http=http, port=port, more="".join(f" {word}" for word in listen),
                                  user="user root;" if os.geteuid() == 0 else ""))
    return Server(["nginx", "-c", conf, "-p", directory], port=port, cpu=cpu)


def floor_server(bench, strategy, cpu=SERVER_CPU, under=(), ports=PORTS):
    return Server([*under, bench.floor, "server", ports, strategy], ready="listening", cpu=cpu)


def floor_client(bench, strategy, in_flight=CONCURRENCY, most=None, cpu=CLIENT_CPU, under=(), ports=PORTS):
    """(connections a second, CPU time). most: so many connections, however long they take."""
    code, out, used = client([*under, bench.floor, "client", ports, strategy, str(in_flight),
                              *([str(bench.seconds)] if most is None else ["100", str(most)])], cpu)
    if code != 0:
        raise Unfit(out)
    return float(out), used


def twstorm_server(bench, *more, cpu=SERVER_CPU, ports=PORTS, under=()):
    return Server([*under, bench.twstorm, "server", "--listen", f"127.0.0.1:{ports}", *more], ready=" on ", cpu=cpu)


def twstorm_client(bench, port, *more, cpu=CLIENT_CPU, under=()):
    """Its result. under: the beginning of a command that runs it."""
    path = os.path.join(bench.scratch, "result.json")
    code, out, _ = client([*under, bench.twstorm, "client", "--target", f"127.0.0.1:{port}", "-c", str(CONCURRENCY),
                        "--duration", f"{bench.seconds}s", "-q", "-o", path, *more], cpu)
    if code != 0:
        raise Unfit(f"twstorm client ended with code {code}: {out[-300:]}")
    with open(path) as f:
        r = json.load(f)
    errors = sum(r["errors"]["connect"].values()) + sum(r["errors"]["transfer"].values())
    if errors:
        raise Unfit(f"{errors} errors")
    return r


def a_second(r, what):
    """connects_ok or transactions_ok a second."""
    return r["totals"][what] / r["run"]["duration_s"]


def isolated(run):
    """Runs it in a network namespace made for it; {"unfit": why} if it does not count."""
    try:
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        enter_namespace()
        return run()
    except (Unfit, OSError, subprocess.SubprocessError, ValueError, KeyError) as e:
        return {"unfit": str(e)[:300]}


def enter_namespace():
    clone_newnet = 0x40000000
    if LIBC.unshare(clone_newnet) != 0:
        raise Unfit("no network namespace: run as root, or in `unshare -Ur`")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, value in SYSCTLS.items():
        with open("/proc/sys/" + name.replace(".", "/"), "w") as f:
            f.write(value)
