#include "client/plan.h"

#include <stdio.h>
#include <string.h>

#include "client/plan_ends.h"
#include "client/plan_http.h"
#include "client/plan_tls.h"
#include "common/admin/admin.h"
#include "common/base/clock.h"
#include "common/base/share.h"
#include "common/kernel/host.h"
#include "common/kernel/sock.h"
#include "common/talk/transport.h"
#include "common/tls/tls.h"

/* NULL and "all" are the sysctl's range. */
static int parse_port_range(const char *text, const struct host_ports *host,
			    struct port_range *out, struct err *err)
{
	const char *end;

	*out = (struct port_range){ host->lo, host->hi };
	if (!text || strcmp(text, "all") == 0)
		return 0;
	end = port_range_scan(text, out);
	if (!end || *end || !strchr(text, '-') || out->lo < 1 || out->lo > out->hi)
		return err_usage(
			err,
			"--source-ports: '%s' is no range of ports; say LO-HI, as in "
			"40000-40999, or all",
			text);
	return 0;
}

/* The kernel ignores a bound outside the sysctl's range without a word
 * (docs/kernel-facts.md#own-range). */
static int set_port_range(struct client_plan *p, const char *text,
			  const struct host_ports *host, struct err *err)
{
	struct port_range range;
	int r = parse_port_range(text, host, &range, err);

	if (r < 0)
		return r;
	if (range.lo < host->lo || range.hi > host->hi)
		return err_usage(
			err,
			"--source-ports %s is not inside net.ipv4.ip_local_port_range "
			"(%u-%u), and the kernel would silently ignore it",
			text, host->lo, host->hi);
	p->port_range = range.lo | (uint32_t)range.hi << 16;
	return sock_probe_port_range(err);
}

/* Each source (or tuple) has its own turn through the ports, so it may be named only once. */
static int set_own_ports(struct client_plan *p, const char *text,
			 const struct host_ports *host, struct err *err)
{
	struct port_range range;
	int r = parse_port_range(text, host, &range, err);

	if (r == 0)
		r = own_ports_make(&p->own_ports, host, range.lo, range.hi, err);
	if (r < 0)
		return r;
	if (p->own_ports.n < p->workers)
		return err_usage(err,
				 "--bind port: %u ports in %u-%u are not enough for "
				 "--workers %u",
				 p->own_ports.n, range.lo, range.hi, p->workers);
	if (addr_list_distinct(&p->targets) < p->targets.n ||
	    (p->sources.n && addr_list_distinct(&p->sources) < p->sources.n))
		return err_usage(err, "--bind port: a target or source is named twice");
	return 0;
}

static int set_ports(const struct client_options *o, struct client_plan *p,
		     struct err *err)
{
	struct host_ports host;
	int r;

	if (!o->source_ports && p->o.bind != BIND_PORT)
		return 0;
	r = host_ports("/proc", &host, err);
	if (r < 0)
		return r;
	return p->o.bind == BIND_PORT ? set_own_ports(p, o->source_ports, &host, err)
				      : set_port_range(p, o->source_ports, &host, err);
}

static int parse_linger2(const char *text, int *out, struct err *err)
{
	uint64_t ns;
	int r;

	if (strcmp(text, "-1") == 0) {
		*out = -1;
		return 0;
	}
	r = units_parse_duration(text, &ns, err);
	if (r == 0 && (ns % NS_PER_S || ns > 60 * NS_PER_S))
		r = err_usage(err, "takes whole seconds up to 60s, or -1");
	if (r == 0)
		*out = (int)(ns / NS_PER_S);
	return err_prefix(r, err, "--linger2");
}

static bool whole_seconds(uint64_t ns, int *out)
{
	*out = (int)(ns / NS_PER_S);
	return ns % NS_PER_S == 0 && ns >= NS_PER_S &&
	       ns <= SOCK_KEEPALIVE_MAX_S * NS_PER_S;
}

/* IDLE,INTERVAL,COUNT */
static int set_keepalive(const char *text, struct client_plan *p, struct err *err)
{
	char idle[24], interval[24], more;
	uint64_t idle_ns, interval_ns;
	int n = sscanf(text, "%23[^,],%23[^,],%d%c", idle, interval, &p->keepalive.probes,
		       &more);

	if (n == 3 && units_parse_duration(idle, &idle_ns, NULL) == 0 &&
	    units_parse_duration(interval, &interval_ns, NULL) == 0 &&
	    whole_seconds(idle_ns, &p->keepalive.idle_s) &&
	    whole_seconds(interval_ns, &p->keepalive.interval_s) &&
	    p->keepalive.probes >= 1 && p->keepalive.probes <= SOCK_KEEPALIVE_MAX_PROBES)
		return 0;
	return err_usage(
		err,
		"--keepalive '%.60s' is not IDLE,INTERVAL,COUNT: whole seconds from 1s "
		"to %ds twice, then 1 to %d probes, as in 30s,5s,3",
		text, SOCK_KEEPALIVE_MAX_S, SOCK_KEEPALIVE_MAX_PROBES);
}

static int set_linger(const struct client_options *o, struct client_plan *p,
		      struct err *err)
{
	if (o->linger_ns) {
		p->linger = LINGER_CLOSE;
		p->linger_seconds = (int)(o->linger_ns / NS_PER_S);
	}
	if (o->linger2) {
		p->linger = LINGER_FIN_WAIT2;
		return parse_linger2(o->linger2, &p->linger_seconds, err);
	}
	return 0;
}

/* The raw protocol has one request at a time on a connection, and it is the response that says
 * when the next may go. */
static int check_empty_response(const struct client_plan *p, struct err *err)
{
	bool several = p->o.requests > 1 || (p->o.pool && p->o.max_requests != 1);

	if (p->o.proto != PROTO_RAW || p->o.response_size > 0 || !several)
		return 0;
	return err_usage(err,
			 "--response-size 0 leaves nothing to tell %s when it may send "
			 "its next request; say 1 or more",
			 p->o.pool ? "a connection of the --pool"
				   : "a connection with --requests of 2 or more");
}

static bool is_connect_only(const struct closing *c)
{
	return c->connect_only;
}

static int check_mix(const struct client_plan *p, struct err *err)
{
	char others[256];

	closing_list(is_connect_only, " and ", others, sizeof(others));
	for (unsigned i = 0; i < p->mix.n; i++) {
		const struct closing *c = p->mix.part[i].closing;

		if (p->o.requests == 0 && !c->connect_only)
			return err_usage(
				err,
				"--close %s needs a request that tells the server so; "
				"--requests 0 goes with %s",
				c->name, others);
		if (c->needs_farewell && p->transport == &transport_tcp)
			return err_usage(err, "--close %s is of TLS, so it needs --tls",
					 c->name);
		if (p->o.response_size == 0 && c->needs_response)
			return err_usage(
				err, "--close %s needs a --response-size of 1 or more",
				c->name);
	}
	return 0;
}

static bool fin_may_ride(const struct closing *c)
{
	return closing_request_may_fin(c) || closing_response_may_fin(c);
}

/* An option that could not do anything is refused. */
static int check_economy(const struct client_plan *p, struct err *err)
{
	bool raw = p->o.proto == PROTO_RAW; /* else the server's FIN is its own affair */
	bool (*rides)(const struct closing *) =
		raw ? fin_may_ride : closing_request_may_fin;
	bool any = false;
	char others[256];

	for (unsigned i = 0; i < p->mix.n; i++)
		any |= rides(p->mix.part[i].closing);
	closing_list(rides, " and ", others, sizeof(others));
	if (p->o.fin_with_data && !any)
		return err_usage(err,
				 "--fin-with-data: with --close %s no FIN follows data "
				 "directly; it goes with %s%s",
				 p->mix.part[0].closing->name, others,
				 raw ? "" : " alone in HTTP");
	return 0;
}

/* What does not go together, whatever the host. */
static int check_talk(const struct client_options *o, struct client_plan *p,
		      struct err *err)
{
	int r = check_mix(p, err);

	r = r ? r : check_empty_response(p, err);
	r = r ? r : plan_http(o, p, err);
	return r ? r : check_economy(p, err);
}

static int check_fastopen(const struct client_plan *p, struct err *err)
{
	return p->o.fastopen ? sock_fastopen_allowed(
				       host_sysctl_int("/proc", "ipv4.tcp_fastopen", 0),
				       SOCK_CLIENT, err)
			     : 0;
}

static int check_descriptors(const struct client_plan *p, bool admin, struct err *err)
{
	uint64_t busy = p->o.pool ? p->o.pool : p->o.concurrency;
	uint64_t need = busy + 8 * p->workers + 32 + (admin ? ADMIN_CONNECTIONS : 0),
		 have = host_raise_nofile();

	if (have < need)
		return err_support(
			err,
			"%llu connections in flight need %llu descriptors, but "
			"`ulimit -n` allows %llu",
			(unsigned long long)busy, (unsigned long long)need,
			(unsigned long long)have);
	host_reserve_descriptors(need);
	return 0;
}

static void copy_options(const struct client_options *o, struct client_plan *p)
{
	double share = 1.0 / (double)o->ranks;

	p->o = *o;
	p->rank = (unsigned)o->rank;
	p->ranks = (unsigned)o->ranks;
	p->rate = (struct rate){ .from = o->rate.from * share, .to = o->rate.to * share };
	p->limited = o->connections > 0;
	p->arrivals_limit = share_of(o->connections, p->rank, p->ranks);
	p->workers = (unsigned)o->workers;
	p->seed = o->seed + o->rank;
}

/* What the options say, whatever the host: all but addresses. */
static int resolve_words(const struct client_options *o, struct client_plan *out,
			 struct err *err)
{
	int r;

	memset(out, 0, sizeof(*out));
	copy_options(o, out);
	out->transport = o->tls.on ? &transport_tls : &transport_tcp;
	r = err_prefix(closing_mix_parse(o->close, &out->mix, err), err, "--close");
	r = r ? r : plan_http_no_url(o->target, err);
	if (r == 0 && o->keepalive)
		r = set_keepalive(o->keepalive, out, err);
	return r == 0 ? set_linger(o, out, err) : r;
}

static int resolve_addresses(const struct client_options *o, struct client_plan *out,
			     struct err *err)
{
	int r = err_prefix(addr_parse_targets(o->target, &out->targets, err), err,
			   "--target");

	if (r == 0)
		r = plan_check_targets(out, err);
	if (r == 0 && o->source)
		r = err_prefix(addr_parse_sources(o->source, &out->sources, err), err,
			       "--source");
	out->failover =
		o->failover == FAILOVER_ON ||
		(o->failover == FAILOVER_AUTO && addr_list_distinct(&out->targets) > 1);
	out->early_bind = out->o.bind == BIND_EARLY;
	out->late_bind =
		!out->early_bind && out->o.bind != BIND_PORT && out->sources.n > 0;
	return r;
}

int client_plan_elsewhere(const struct client_options *o, struct client_plan *out,
			  struct err *err)
{
	const struct host_ports any = { .lo = 1, .hi = 65535 };
	struct port_range range;
	int r = resolve_words(o, out, err);

	r = r ? r : parse_port_range(o->source_ports, &any, &range, err);
	if (r == 0 && addr_list_has_name(o->target))
		r = err_support(err, "a name may mean another address there");
	r = r ? r : resolve_addresses(o, out, err);
	r = r ? r : check_talk(o, out, err);
	if (r < 0)
		client_plan_done(out);
	else
		plan_share_sources(out);
	return r;
}

int client_plan_make(const struct client_options *o, struct client_plan *out,
		     struct err *err)
{
	int r = resolve_words(o, out, err);

	r = r ? r : resolve_addresses(o, out, err);
	if (r == 0)
		r = plan_check_sources(out, err);
	if (r == 0) {
		plan_share_sources(out);
		r = set_ports(o, out, err);
	}
	if (r == 0)
		r = targets_make(&out->books, &out->targets, err);
	if (r == 0)
		r = check_talk(o, out, err);
	if (r == 0)
		r = check_fastopen(out, err);
	if (r == 0)
		r = check_descriptors(out, o->admin, err);
	if (r == 0 && o->tls.on)
		r = plan_tls(o, out, err);
	if (r < 0)
		client_plan_done(out);
	return r;
}

/* How long a connection stays open beside its transactions. */
static uint64_t open_ns(const struct client_plan *p)
{
	uint64_t thinks = p->o.requests > 1 ? p->o.requests - 1 : 0;

	return p->o.hold_ns + thinks * p->o.think_ns;
}

struct load client_plan_load(const struct client_plan *p)
{
	return (struct load){
		.pick = {
			.n_targets = p->targets.n,
			.n_sources = p->sources.n ? p->sources.n : 1,
			.mix = p->mix,
			.own_ports = p->own_ports,
			.spread = p->o.spread,
			.reuseaddr = p->o.reuseaddr,
			.seed = p->seed,
			.workers = p->workers,
		},
		.rate = p->rate,
		.arrivals = p->o.arrivals,
		.rank = p->rank,
		.ranks = p->ranks,
		.duration_ns = p->o.duration_ns,
		.limit = p->arrivals_limit,
		.limited = p->limited,
		.concurrency = p->o.concurrency,
		.hold_ns = open_ns(p),
		.pool = p->o.pool,
		.requests = p->o.requests,
		.max_requests = p->o.max_requests,
		.max_age_ns = p->o.max_age_ns,
		.idle_timeout_ns = p->o.idle_timeout_ns,
	};
}

void client_plan_done(struct client_plan *p)
{
	addr_list_done(&p->targets);
	addr_list_done(&p->sources);
	targets_done(&p->books);
	own_ports_done(&p->own_ports);
	http_requests_done(&p->http);
	tls_free(p->tls);
}
