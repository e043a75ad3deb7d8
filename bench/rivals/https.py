"""HTTPS clients against nginx: TLS 1.3, a key on the curve P-256, no client looks at the certificate.

Some clients resume sessions without being asked to, others never do, and a full handshake costs twice as much.  So
they are only compared where the server makes them alike: it resumes nobody's, or it may resume everybody's.  What came of
that is in nginx's log, and a run in which it was not so does not count."""
import os
import subprocess

from contenders import against
from one_run import NGINX_PORT, Unfit, nginx

SESSIONS = {False: "ssl_session_tickets off; ssl_session_cache off;", True: "ssl_session_cache shared:sessions:10m;"}
# A line for the first request of each connection: r where its session was resumed.
TLS_CONF = """
    ssl_protocols TLSv1.3; ssl_certificate {dir}/cert; ssl_certificate_key {dir}/key; {sessions}
    map $connection_requests $first {{ 1 1; default 0; }}
    log_format resumed $ssl_session_reused; access_log {dir}/handshakes resumed buffer=64k if=$first;
"""


def nginx_tls(bench, resumed):
    where = bench.scratch
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=bench", "-keyout", f"{where}/key", "-out", f"{where}/cert"], check=True, capture_output=True)
    return nginx(where, "ssl", http=TLS_CONF.format(dir=where, sessions=SESSIONS[resumed]))


def over_tls(load, resumed=False):
    """resumed: sessions are, as far as there is one; else none is."""
    def run(bench):
        r = against(lambda bench: nginx_tls(bench, resumed), NGINX_PORT, load)(bench)
        with open(os.path.join(bench.scratch, "handshakes")) as f:
            seen = f.read().split()
        share = seen.count("r") / len(seen) if seen else 0
        if not seen or (share < 0.9 if resumed else share > 0):
            raise Unfit(f"{100 * share:.1f} % of {len(seen)} handshakes were resumed")
        if not r["requests"]:
            raise Unfit("no request was answered")
        cpu = 1e6 * sum(r["used"]["client"]) / r["requests"]
        return {**r, "note": f"{cpu:,.0f} us of CPU a request, {100 * share:.0f} % of {len(seen):,} handshakes resumed"}
    return run
