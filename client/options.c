#include "client/options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/admin/admin.h"
#include "common/base/clock.h"
#include "common/base/wrap.h"
#include "common/cli/opt_rows.h"
#include "common/cli/rank_env.h"
#include "common/kernel/admin_addr.h"
#include "common/loop/pacer.h"
#include "common/talk/closing.h"
#include "common/talk/proto_raw.h"

static const char *const arrivals_names[] = { "uniform", "poisson", NULL };
static const char *const bind_names[] = { "auto", "early", "late", "port", NULL };
static const char *const spread_names[] = { "round-robin", "random", "least", NULL };
static const char *const exhaustion_names[] = { "backoff", "stop", "spin", NULL };
static const char *const failover_names[] = { "auto", "on", "off", NULL };
static const char *const method_names[] = { "GET", "POST", NULL };
static const char *const format_names[] = { "text", "json", "csv", "none", NULL };
#define X(id, name) #name,
static const char *const proto_names[] = { PROTOS(X) "https", NULL };
#undef X
#define X(id, name) name,
static const char *const version_names[] = { TLS_VERSIONS(X) NULL };
#undef X

static void offer_closings(const struct complete *c)
{
	for (unsigned i = 1; i < n_closings; i++)
		complete_name(c, closings[i].name, closings[i].what);
}

static const struct complete_values close_values = { offer_closings, true, NULL };

#define OPT_FIELDS struct client_options

/* clang-format off */
static const struct opt rows[] = {
	GROUP("load"),
	{ "target", 't', TEXT(target), NULL, "HOST:PORT[,...]", "where to connect; PORT may be a range", NULL },
	{ "concurrency", 'c', COUNT(concurrency), "64", "N", "connections in flight at most", NULL },
	{ "rate", 'r', RATE(rate), NULL, "R", "open loop: arrivals a second, 500/s; 500/s..20k/s ramps; else closed loop", NULL },
	{ "arrivals", 0, CHOICE(arrivals), "uniform", NULL, "spacing of the open loop's arrivals", arrivals_names },
	{ "duration", 'd', DURATION(duration_ns), "10s", "T", "how long to start connections", NULL },
	{ "connections", 'n', COUNT(connections), "0", "N", "how many arrivals; 0 = as many as --duration gives", NULL },
	{ "workers", 'w', COUNT(workers), "1", "N", "threads, each with its own event base", NULL },
	{ "spread", 0, CHOICE(spread), "round-robin", NULL, "which target is next", spread_names },
	{ "failover", 0, CHOICE(failover), "auto", NULL, "set a failing target aside, probe it, take it back; auto: if there are several", failover_names },
	{ "seed", 0, COUNT(seed), "1", "N", "for poisson and random", NULL },
	GROUP("talk"),
	{ "proto", 0, CHOICE(proto), "raw", NULL, "raw: to twstorm server; http: HTTP/1.1, to any; https: the same with --tls", proto_names },
	{ "path", 0, TEXT(path), "/", "PATH", "http: what to ask for", NULL },
	{ "method", 0, CHOICE(method), "GET", NULL, "http: POST has --request-size bytes of content", method_names },
	{ "header", 0, TEXTS(header), NULL, "'NAME: VALUE'", "http: a field of each request; repeatable", NULL },
	{ "requests", 0, COUNT(requests), "1", "K", "transactions a connection; 0 = connect and close", NULL },
	{ "request-size", 0, SIZE(request_size), "1", "SIZE", "bytes of a request, after its header", NULL },
	{ "response-size", 0, SIZE(response_size), "1", "SIZE", "bytes of a response", NULL },
	{ "fastopen", 0, FLAG(fastopen), NULL, NULL, "TCP Fast Open: the first request goes in the SYN", NULL },
	{ "keepalive", 0, TEXT(keepalive), NULL, "IDLE,INTERVAL,COUNT", "TCP keepalive: first probe, then each, how many unanswered", NULL },
	{ "no-quickack", 0, FLAG(no_quickack), NULL, NULL, "TCP_QUICKACK off: ACKs ride on requests and FINs", NULL },
	{ "hold", 0, DURATION(hold_ns), "0", "T", "stay open so long before closing", NULL },
	{ "think", 0, DURATION(think_ns), "0", "T", "wait so long between the requests of a connection", NULL },
	{ "timeout", 0, DURATION(timeout_ns), "5s", "T", "give up a connect or a transaction after so long", NULL },
	GROUP("tls"),
	{ "tls", 0, FLAG(tls.on), NULL, NULL, "speak TLS", NULL },
	{ "cacert", 0, TEXT(tls.cacert), NULL, "FILE", "trust the certificates of this PEM file and no others", NULL },
	{ "insecure", 'k', FLAG(tls.insecure), NULL, NULL, "trust any certificate", NULL },
	{ "pin", 0, TEXT(tls.pin), NULL, "FINGERPRINT", "trust the one certificate with this SHA-256; twstorm server prints its own", NULL },
	{ "cert", 0, TEXT(tls.cert), NULL, "FILE", "our own certificate, in PEM", NULL },
	{ "key", 0, TEXT(tls.key), NULL, "FILE", "the key of --cert, if that file has none", NULL },
	{ "sni", 0, TEXT(tls.sni), NULL, "NAME", "the server's name, if --target does not say", NULL },
	{ "alpn", 0, TEXT(tls.alpn), NULL, "NAME[,...]", "protocols to offer, as in http/1.1", NULL },
	{ "tls-min", 0, CHOICE(tls.min), "1.2", NULL, "the lowest version", version_names },
	{ "tls-max", 0, CHOICE(tls.max), "1.3", NULL, "the highest", version_names },
	{ "ciphers", 0, TEXT(tls.ciphers), NULL, "LIST", "cipher suites of TLS 1.2, in OpenSSL's words", NULL },
	{ "tls13-ciphers", 0, TEXT(tls.tls13_ciphers), NULL, "LIST", "... of TLS 1.3", NULL },
	{ "groups", 0, TEXT(tls.groups), NULL, "LIST", "groups of the key exchange, as in X25519:P-256", NULL },
	{ "resume", 0, FLAG(tls.resume), NULL, NULL, "resume sessions: each ticket once", NULL },
	GROUP("close"),
	{ "close", 0, TEXT(close), "client-fin", "STRATEGY[:WEIGHT,...]", "who closes first, and how", &close_values },
	{ "fin-with-data", 0, FLAG(fin_with_data), NULL, NULL, "the FIN goes in one segment with the last data", NULL },
	{ "linger", 0, DURATION(linger_ns), "0", "T", "SO_LINGER{1,T} on the closing side, whole seconds", NULL },
	{ "linger2", 0, TEXT(linger2), NULL, "T|-1", "TCP_LINGER2 on the closing side, whole seconds", NULL },
	GROUP("pool"),
	{ "pool", 0, COUNT(pool), "0", "N", "keep N connections and run the arrivals over them", NULL },
	{ "prefill", 0, FLAG(prefill), NULL, NULL, "open all N at the start, before an arrival wants them", NULL },
	{ "max-requests", 0, COUNT(max_requests), "0", "N", "retire a pooled connection after N transactions", NULL },
	{ "max-age", 0, DURATION(max_age_ns), "0", "T", "... when it is so old", NULL },
	{ "idle-timeout", 0, DURATION(idle_timeout_ns), "0", "T", "... when it was idle so long", NULL },
	GROUP("ports"),
	{ "source", 0, TEXT(source), NULL, "ADDR[,CIDR...]", "local addresses, taken in turn", NULL },
	{ "source-ports", 0, TEXT(source_ports), NULL, "LO-HI|all", "the ports to use: IP_LOCAL_PORT_RANGE, or with --bind port our own", NULL },
	{ "bind", 0, CHOICE(bind), "auto", NULL, "early: bind() picks the port; late: connect() does; port: we do", bind_names },
	{ "reuseaddr", 0, FLAG(reuseaddr), NULL, NULL, "SO_REUSEADDR on our sockets", NULL },
	{ "on-exhaustion", 0, CHOICE(on_exhaustion), "backoff", NULL, "what to do when no port is left", exhaustion_names },
	GROUP("result"),
	{ "server-stats", 0, TEXT(server_stats), NULL, ADMIN_ADDR_FORM, "the server's --admin address: its side enters the result", NULL },
	{ "admin", 0, TEXT(admin), NULL, ADMIN_ADDR_FORM, "HTTP: the run's live page, /metrics, /result.json", NULL },
	{ "admin-token-file", 0, TEXT(admin_token_file), NULL, "FILE", "the token that either address asks for", NULL },
	{ "sample-budget", 0, PERCENT(sample_budget), "1%", "PERCENT", "of one core, to count sockets", NULL },
	{ "expect", 0, TEXTS(expect), NULL, "'CONDITION'", "fail (exit 3) unless true of the result; repeatable", NULL },
	{ "output", 'o', TEXT(output), NULL, "FILE", "write the result as JSON; - = stdout; of a rank DIR/", NULL },
	{ "html", 0, TEXT(html), NULL, "FILE", "write the result as one HTML page with charts; - = stdout", NULL },
	{ "format", 0, CHOICE(format), "text", NULL, "what to print on stdout", format_names },
	{ "interval", 0, DURATION(interval_ns), "0", "T", "a plain progress line this often", NULL },
	{ "quiet", 'q', FLAG(quiet), NULL, NULL, "no progress", NULL },
	GROUP("other"),
	{ "i-own-this-target", 0, FLAG(own_target), NULL, NULL, "allow a public target address", NULL },
	{ "rank", 0, COUNT(rank), "0", "R", "this machine's number among --ranks, from 0; else as Slurm, MPI say", NULL },
	{ "ranks", 0, COUNT(ranks), "1", "N", "machines that share the load; else as Slurm, MPI say", NULL },
	{ "start-at", 0, TEXT(start_at), NULL, "TIME", "wait until then: epoch seconds or RFC 3339; late = refuse", NULL },
	{ 0 },
};
/* clang-format on */

static void print_strategies(FILE *out)
{
	char text[160];

	fputs("\nclose strategies:\n", out);
	for (unsigned i = 1; i < n_closings; i++) {
		snprintf(text, sizeof(text), "%s; TIME_WAIT: %s", closings[i].what,
			 closings[i].time_wait);
		wrap_words(out, fprintf(out, "  %-14s  ", closings[i].name), 8, text);
	}
}

static int check_sizes(const struct client_options *o, struct err *err)
{
	if (o->concurrency < 1 || o->concurrency > 1000000)
		return err_usage(err, "--concurrency must be from 1 to 1000000");
	if (o->workers < 1 || o->workers > 1024)
		return err_usage(err, "--workers must be from 1 to 1024");
	if (o->workers > o->concurrency)
		return err_usage(err,
				 "--workers %llu needs a --concurrency at least as high",
				 (unsigned long long)o->workers);
	if (o->request_size > UINT32_MAX || o->response_size > UINT32_MAX)
		return err_usage(err, "--request-size and --response-size end at 4G - 1");
	if (o->hold_ns / NS_PER_MS > RAW_HOLD_MAX_MS)
		return err_usage(err, "--hold ends at %u ms", RAW_HOLD_MAX_MS);
	if (o->think_ns && o->requests < 2)
		return err_usage(err, "--think is the time between the requests of a "
				      "connection, so it needs --requests 2 or more");
	if (o->timeout_ns == 0)
		return err_usage(err, "--timeout must be more than 0, as in 5s");
	return 0;
}

static int check_run(const struct client_options *o, struct err *err)
{
	if (!o->target || !*o->target)
		return err_usage(err,
				 "no target: say where to connect with -t HOST:PORT");
	if (o->duration_ns == 0)
		return err_usage(err, "--duration must be more than 0, as in 10s");
	if (o->arrivals != ARRIVALS_UNIFORM && o->rate.from == 0)
		return err_usage(err, "--arrivals poisson needs a --rate");
	if (o->linger_ns && o->linger2)
		return err_usage(err, "--linger and --linger2 exclude each other");
	if (o->linger_ns % NS_PER_S || o->linger_ns > 127 * NS_PER_S)
		return err_usage(err,
				 "--linger takes whole seconds up to 127s, as the kernel "
				 "does");
	if (o->interval_ns && o->interval_ns < 100 * NS_PER_MS)
		return err_usage(err, "--interval must be at least 100ms");
	if (o->output && o->html && strcmp(o->output, o->html) == 0)
		return err_usage(err, "--output and --html are the same file");
	if (o->admin_token_file && !o->server_stats && !o->admin)
		return err_usage(err, "--admin-token-file needs --server-stats ADDR:PORT "
				      "or --admin ADDR:PORT");
	if (o->admin)
		return admin_check(o->admin, o->admin_token_file, err);
	if (o->ranks > 1000000)
		return err_usage(err, "--ranks ends at 1000000");
	if (o->ranks < 1 || o->rank >= o->ranks)
		return err_usage(err,
				 "--rank must be below --ranks (ranks count from 0): "
				 "%llu (%s) of %llu (%s)",
				 (unsigned long long)o->rank, o->rank_from,
				 (unsigned long long)o->ranks, o->ranks_from);
	return 0;
}

static int check_economy(const struct client_options *o, struct err *err)
{
	if (o->fastopen && o->requests == 0)
		return err_usage(err, "--fastopen sends a request in the SYN, so "
				      "--requests must not be 0");
	if (o->fin_with_data && o->requests == 0)
		return err_usage(err, "--fin-with-data needs data, so --requests must "
				      "not be 0");
	if (o->fin_with_data && o->hold_ns)
		return err_usage(err, "--fin-with-data leaves no time for a --hold");
	return 0;
}

static int check_pool(const struct client_options *o, struct err *err)
{
	if (o->pool == 0 && (o->max_requests || o->max_age_ns || o->idle_timeout_ns))
		return err_usage(err,
				 "--max-requests, --max-age and --idle-timeout retire "
				 "pooled connections, so they need --pool N");
	if (o->prefill && !o->pool)
		return err_usage(err, "--prefill opens the connections of a pool, so it "
				      "needs --pool N");
	if (o->pool && o->requests == 0)
		return err_usage(
			err, "--pool needs transactions, so --requests must not be 0");
	if (o->pool > 1000000)
		return err_usage(err, "--pool ends at 1000000");
	if (o->pool && o->pool < o->workers)
		return err_usage(err, "--pool must be at least --workers");
	return 0;
}

/* With several machines each has a file of its own in the directory that -o names. */
static int name_rank_file(struct client_options *o, struct err *err)
{
	size_t len = o->output ? strlen(o->output) : 0;
	struct stat st;

	if (len == 0 || strcmp(o->ranks_from, RANK_FROM_DEFAULT) == 0)
		return 0;
	if (o->output[len - 1] != '/' &&
	    (stat(o->output, &st) == -1 || !S_ISDIR(st.st_mode)))
		return 0;
	while (len > 1 && o->output[len - 1] == '/')
		len--;
	if (snprintf(o->rank_file, sizeof(o->rank_file), "%.*s/rank-%04llu.json",
		     (int)len, o->output,
		     (unsigned long long)o->rank) >= (int)sizeof(o->rank_file))
		return err_usage(err, "--output: the directory's name is too long");
	o->output = o->rank_file;
	return 0;
}

/* One word may stand for two options, and what the command line has not said may be in the environment. */
static int complete(void *options, const struct opt_result *parsed, struct err *err)
{
	bool own_rank = opt_given(&client_command, parsed, "rank");
	bool own_ranks = opt_given(&client_command, parsed, "ranks");
	struct client_options *o = options;
	const char *start_at = getenv(RANK_ENV_START_AT);
	struct rank_env r = {
		.rank = o->rank,
		.ranks = o->ranks,
		.rank_from = own_rank ? NULL : RANK_FROM_DEFAULT,
		.ranks_from = own_ranks ? NULL : RANK_FROM_DEFAULT,
	};
	int n = rank_env_read(&r, err);

	if (o->proto == PROTO_HTTPS) {
		o->proto = PROTO_HTTP;
		o->tls.on = true;
	}
	o->rank = r.rank;
	o->ranks = r.ranks;
	o->rank_from = r.rank_from;
	o->ranks_from = r.ranks_from;
	o->start_at_from = o->start_at ? RANK_FROM_OPTION : RANK_FROM_DEFAULT;
	if (!o->start_at && start_at && *start_at) {
		o->start_at = start_at;
		o->start_at_from = RANK_ENV_START_AT;
	}
	return n < 0 ? n : name_rank_file(o, err);
}

static int check_tls(const struct client_options *o, const struct opt_result *parsed,
		     struct err *err)
{
	const char *needs_tls = opt_group_given(&client_command, parsed, "tls");
	const struct tls_options *t = &o->tls;
	int r = tls_options_check(t, err);

	if (needs_tls && !t->on)
		return err_usage(err, "--%s needs --tls or --proto https", needs_tls);
	if (r < 0)
		return r;
	if (!!t->cacert + t->insecure + !!t->pin > 1)
		return err_usage(err,
				 "--cacert, --insecure and --pin exclude each other");
	if (t->on && (o->fastopen || o->fin_with_data))
		return err_usage(err, "--%s does not go with TLS",
				 o->fastopen ? "fastopen" : "fin-with-data");
	return 0;
}

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct client_options *o = options;
	int r = check_sizes(o, err);

	if (r == 0)
		r = check_tls(o, parsed, err);
	if (r == 0)
		r = check_run(o, err);
	if (r == 0)
		r = check_economy(o, err);
	return r < 0 ? r : check_pool(o, err);
}

const struct opt_command client_command = {
	.name = "client",
	.usage = "-t HOST:PORT[,...] [options]",
	.about = "Opens and closes connections, and reports states, ports, errors, "
		 "latency.",
	.examples = "  twstorm client -t 127.0.0.1:9000 -d 5s --close server-fin\n"
		    "  twstorm client -t 198.18.0.1:9000 --source-ports 40000-40999 -r "
		    "500/s\n"
		    "  twstorm client -t 127.0.0.1:9000 --pool 10 -n 2000 -o pool.json\n",
	.rows = rows,
	.more = print_strategies,
	.complete = complete,
	.check = check,
};
