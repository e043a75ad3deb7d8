#include "server/options.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/cli/opt_rows.h"
#include "common/kernel/admin_addr.h"
#include "common/kernel/host.h"
#include "common/talk/proto_raw.h"
#include "common/talk/transport.h"

#define RESERVED_CONNECTIONS 65536 /* without --max-connections; half a megabyte */

#define X(id, name) name,
static const char *const version_names[] = { TLS_VERSIONS(X) NULL };
#undef X

#define OPT_FIELDS struct server_options

/* clang-format off */
static const struct opt rows[] = {
	GROUP("listen"),
	{ "listen", 'l', TEXT(listen), "127.0.0.1:9000", "ADDR:PORT[-PORT][,...]", "where to accept", NULL },
	{ "workers", 'w', COUNT(workers), "1", "N", "threads, each with its own SO_REUSEPORT listener", NULL },
	{ "backlog", 0, COUNT(backlog), "4096", "N", "accept queue (the kernel caps it at net.core.somaxconn)", NULL },
	{ "no-reuseaddr", 0, FLAG(no_reuseaddr), NULL, NULL, "listen without SO_REUSEADDR and SO_REUSEPORT", NULL },
	{ "reuseport", 0, FLAG(reuseport), NULL, NULL, "share the port with other servers that say so, too", NULL },
	{ "defer-accept", 0, FLAG(defer_accept), NULL, NULL, "TCP_DEFER_ACCEPT: accept only who has sent a request", NULL },
	{ "fastopen", 0, COUNT(fastopen), "0", "N", "TCP_FASTOPEN: take requests in the SYN, N at a time; 0 = none", NULL },
	{ "no-quickack", 0, FLAG(no_quickack), NULL, NULL, "TCP_QUICKACK off: ACKs ride on responses", NULL },
	GROUP("tls"),
	{ "tls", 0, FLAG(tls.on), NULL, NULL, "speak TLS to who begins so; the others are served as without", NULL },
	{ "cert", 0, TEXT(tls.cert), NULL, "FILE", "certificate and what signed it, in PEM; else one is made in memory", NULL },
	{ "key", 0, TEXT(tls.key), NULL, "FILE", "the key of --cert, if that file has none", NULL },
	{ "cacert", 0, TEXT(tls.cacert), NULL, "FILE", "ask clients for a certificate signed by one of this PEM file", NULL },
	{ "save-cert", 0, TEXT(tls.save_cert), NULL, "FILE", "write the certificate there, for other programs to trust", NULL },
	{ "tickets", 0, COUNT(tls.tickets), "2", "N", "tickets for each connection; 0 = sessions are not resumed", NULL },
	{ "tls-min", 0, CHOICE(tls.min), "1.2", NULL, "the lowest version", version_names },
	{ "tls-max", 0, CHOICE(tls.max), "1.3", NULL, "the highest", version_names },
	{ "handshake-timeout", 0, DURATION(handshake_timeout_ns), "10s", "T", "close a connection whose handshake is not over by then", NULL },
	GROUP("limits"),
	{ "idle-timeout", 0, DURATION(idle_timeout_ns), "60s", "T", "close a connection that is silent for so long", NULL },
	{ "max-connections", 0, COUNT(max_connections), "0", "N", "open at once; 0 = as descriptors allow", NULL },
	{ "max-request", 0, SIZE(max_request), "64M", "SIZE", "largest request a client may announce", NULL },
	{ "max-response", 0, SIZE(max_response), "64M", "SIZE", "largest response a client may ask for", NULL },
	{ "max-hold", 0, DURATION(max_hold_ns), "1h", "T", "longest hold a client may ask for", NULL },
	{ "max-linger", 0, DURATION(max_linger_ns), "10s", "T", "longest SO_LINGER a client may ask for", NULL },
	GROUP("admin"),
	{ "admin", 0, TEXT(admin), NULL, ADMIN_ADDR_FORM, "HTTP: a live page, /stats, /metrics, /healthz; off unless given", NULL },
	{ "admin-token-file", 0, TEXT(admin_token_file), NULL, "FILE", "all but /healthz needs this bearer token; required off loopback", NULL },
	GROUP("result"),
	{ "sample-budget", 0, PERCENT(sample_budget), "1%", "PERCENT", "of one core, to count sockets", NULL },
	{ "output", 'o', TEXT(output), NULL, "FILE", "write the server's own result as JSON at the end; - = stdout", NULL },
	{ "duration", 'd', DURATION(run_for_ns), "0", "T", "end by itself after so long; 0 = when signalled", NULL },
	{ "interval", 0, DURATION(interval_ns), "0", "T", "print a progress line this often", NULL },
	{ "quiet", 'q', FLAG(quiet), NULL, NULL, "no progress and no summary", NULL },
	{ 0 },
};
/* clang-format on */

static int check_tls(const struct server_options *o, const struct opt_result *parsed,
		     struct err *err)
{
	const char *needs_tls = opt_group_given(&server_command, parsed, "tls");

	if (needs_tls && !o->tls.on)
		return err_usage(err, "--%s needs --tls", needs_tls);
	if (o->tls.tickets > 100)
		return err_usage(err, "--tickets ends at 100");
	return tls_options_check(&o->tls, err);
}

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct server_options *o = options;
	int r = check_tls(o, parsed, err);

	if (r < 0)
		return r;
	if (o->workers < 1 || o->workers > 1024)
		return err_usage(err, "--workers must be from 1 to 1024");
	if (o->no_reuseaddr && o->workers > 1)
		return err_usage(
			err, "--no-reuseaddr needs --workers 1: several listen on one "
			     "port by SO_REUSEPORT");
	if (o->no_reuseaddr && o->reuseport)
		return err_usage(err,
				 "--reuseport and --no-reuseaddr exclude each other");
	if (o->backlog < 1 || o->backlog > 65535)
		return err_usage(err, "--backlog must be from 1 to 65535");
	if (o->fastopen > 65535)
		return err_usage(err, "--fastopen ends at 65535");
	if (o->max_request > UINT32_MAX || o->max_response > UINT32_MAX)
		return err_usage(err, "--max-request and --max-response end at 4G - 1");
	if (o->max_hold_ns / NS_PER_MS > RAW_HOLD_MAX_MS)
		return err_usage(err, "--max-hold ends at %u ms", RAW_HOLD_MAX_MS);
	if (o->max_linger_ns > 127 * NS_PER_S)
		return err_usage(err, "--max-linger ends at 127s");
	if (o->interval_ns && o->interval_ns < 100 * NS_PER_MS)
		return err_usage(err, "--interval must be at least 100ms");
	if (o->admin_token_file && !o->admin)
		return err_usage(err, "--admin-token-file needs --admin ADDR:PORT");
	if (o->max_connections && o->max_connections < o->workers)
		return err_usage(err, "--max-connections must be at least --workers");
	return 0;
}

const struct opt_command server_command = {
	.name = "server",
	.usage = "[options]",
	.about = "Accepts connections, answers, and closes each one as its client asks.",
	.examples =
		"  twstorm server                              on 127.0.0.1:9000\n"
		"  twstorm server -l 0.0.0.0:9000-9007 -w 2    eight ports, two threads\n"
		"  twstorm server --admin 127.0.0.1:9100       then curl "
		"127.0.0.1:9100/stats\n",
	.rows = rows,
	.check = check,
};

/* Each listener of each worker is a descriptor, and a server with none left is no use. */
static int check_descriptors(const struct server_options *o, size_t listens,
			     struct err *err)
{
	uint64_t need = listens * o->workers + 5 * o->workers + 22;
	uint64_t have = host_raise_nofile();

	if (have < need)
		return err_support(
			err,
			"%zu listeners for %llu workers need %llu descriptors, but "
			"`ulimit -n` allows %llu",
			listens, (unsigned long long)o->workers, (unsigned long long)need,
			(unsigned long long)have);
	host_reserve_descriptors(
		need + (o->max_connections ? o->max_connections : RESERVED_CONNECTIONS));
	return 0;
}

static int set_economy(const struct server_options *o, struct server_plan *p,
		       struct err *err)
{
	p->economy = (struct sock_economy){ .defer_accept = o->defer_accept,
					    .fastopen = (int)o->fastopen,
					    .no_quickack = o->no_quickack };
	return o->fastopen == 0
		       ? 0
		       : sock_fastopen_allowed(
				 host_sysctl_int("/proc", "ipv4.tcp_fastopen", 0),
				 SOCK_SERVER, err);
}

int server_plan_make(const struct server_options *o, struct server_plan *out,
		     struct err *err)
{
	int r;

	memset(out, 0, sizeof(*out));
	r = err_prefix(addr_parse_list(o->listen, true, &out->listens, err), err,
		       "--listen");
	if (r < 0)
		return r;
	out->transport = o->tls.on ? &transport_tls : &transport_tcp;
	out->workers = (unsigned)o->workers;
	out->backlog = (int)o->backlog;
	out->reuseaddr = !o->no_reuseaddr;
	out->shares = o->reuseport;
	out->idle_timeout_ns = o->idle_timeout_ns;
	out->handshake_timeout_ns = o->handshake_timeout_ns;
	out->max_connections = o->max_connections;
	out->max_request = o->max_request;
	out->max_response = o->max_response;
	out->max_hold_ms = o->max_hold_ns / NS_PER_MS;
	out->max_linger_s = (int)(o->max_linger_ns / NS_PER_S);
	out->books = o->admin;
	r = set_economy(o, out, err);
	if (r == 0)
		r = check_descriptors(o, out->listens.n, err);
	if (r == 0 && o->tls.on)
		r = tls_server_make(&o->tls, &out->listens, &out->tls, err);
	if (r < 0)
		addr_list_done(&out->listens);
	return r;
}
