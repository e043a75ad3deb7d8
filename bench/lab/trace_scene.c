#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "bench/lab/cast.h"
#include "bench/lab/trace.h"
#include "bench/text/text.h"
#include "common/base/clock.h"

#define SECOND "second" /* the client of the next connection */

/* ---- the scenario's text */

/* What each host needs beside what --sysctl says.  0x607: Fast Open without a cookie, which a first connection has not.
 * tcp_early_retrans: a segment that is held for some ms would be sent again as a tail loss probe. */
static char *host_text(const struct trace_options *o, const char *name, unsigned number)
{
	char *own = cast_sysctls(&o->sysctl), *text, address[40] = "";
	bool fast = o->fastopen && !cast_has_sysctl(&o->sysctl, "net.ipv4.tcp_fastopen");
	bool probes = cast_has_sysctl(&o->sysctl, "net.ipv4.tcp_early_retrans");
	bool one_port = o->show && (o->show->both_open || o->show->two_connections);

	if (o->family == TRACE_IPV6)
		snprintf(address, sizeof(address), "address = fd00:198:18::%u/64\n",
			 number);
	text = text_printf(
		"[host %s]\n%s%s%s%s%s", name, address,
		probes ? "" : "sysctl.net.ipv4.tcp_early_retrans = 0\n",
		fast ? "sysctl.net.ipv4.tcp_fastopen = 1543\n" : "",
		one_port ? "sysctl.net.ipv4.ip_local_port_range = 9000 9000\n" : "", own);
	free(own);
	return text;
}

static const char *close_of(const struct trace_options *o)
{
	return o->show && o->show->close ? o->show->close : o->close;
}

/* With both, the wire is to have carried all that comes before.  With a leak, the client is to stay when it is done. */
static const char *timing_of(const struct trace_options *o)
{
	if (strcmp(close_of(o), "client-leak") == 0)
		return "-n 2 -c 2 --rate 6/m";
	return strcmp(close_of(o), "both") == 0 ? "-n 1 -c 1 --hold 50ms" : "-n 1 -c 1";
}

/* With --step a person is slow, and nobody is to give up. */
static char *client_text(const struct trace_options *o, const char *name)
{
	return text_printf(
		"[client %s]\nhost = client\nstats = none\n"
		"args = --target {server}:9000 %s --close %s --proto "
		"%s --requests %llu\n"
		"  --request-size %llu --response-size %llu%s%s%s\n",
		name, timing_of(o), close_of(o), trace_proto_names[o->proto],
		(unsigned long long)o->requests, (unsigned long long)o->request_size,
		(unsigned long long)o->response_size, o->fastopen ? " --fastopen" : "",
		o->fin_with_data ? " --fin-with-data" : "",
		o->step ? " -d 1h --timeout 1h" : " -d 30s");
}

static const char both_open[] =
	"[client main]\nhost = client\nstats = none\n"
	"args = --target {server}:9000 -n 1 -c 1 -d 30s --requests 0 --hold 100ms\n"
	"[client peer]\nhost = server\nstats = none\n"
	"args = --target {client}:9000 -n 1 -c 1 -d 30s --requests 0 --hold 300ms\n";

static char *players_text(const struct trace_options *o)
{
	char *client, *again, *text;

	if (o->show && o->show->both_open)
		return text_dup(both_open);
	client = client_text(o, "main");
	again = o->show && o->show->two_connections ? client_text(o, SECOND)
						    : text_dup("");
	text = text_printf(
		"[server main]\nhost = server\nargs = --listen {server}:9000%s\n%s\n%s",
		o->fastopen ? " --fastopen 16" : "", client, again);
	free(client);
	free(again);
	return text;
}

static char *scenario_text(const struct trace_options *o)
{
	char *client = host_text(o, "client", 1), *server = host_text(o, "server", 2);
	char *players = players_text(o), limit[24] = "none", *text;

	if (o->timeout_ns != TRACE_NOT_GIVEN || !o->step)
		snprintf(limit, sizeof(limit), "%llu",
			 o->timeout_ns == TRACE_NOT_GIVEN
				 ? 60ull
				 : (unsigned long long)(o->timeout_ns / NS_PER_S));
	text = text_printf("[scenario]\nabout = one connection\nseconds = %s\n%s%s%s",
			   limit, client, server, players);
	free(client);
	free(server);
	free(players);
	return text;
}

/* ---- other people's programs */

static void play(struct plan *p, struct plan_proc *proc, struct words *argv)
{
	cast_command(p, proc, argv);
	proc->name = proc->argv.at[0];
	proc->foreign = true;
}

static int cast(const struct trace_options *o, struct plan *p, struct err *err)
{
	struct plan_proc *proc;
	struct words argv = { 0 };
	int r = 0;

	for (char *const *word = o->command; word && *word; word++)
		words_add(&argv, text_dup(*word));
	if (o->command)
		play(p, plan_proc(p, SECTION_CLIENT, "main"), &argv);
	if (!o->server)
		return 0;
	proc = plan_proc(p, SECTION_SERVER, "main");
	r = cast_server(p, proc, o->server, err);
	if (r < 0)
		return r;
	proc->name = proc->argv.at[0];
	proc->foreign = true;
	return 0;
}

int trace_scene(const struct trace_options *o, struct scenario *sc, struct plan *out,
		struct err *err)
{
	char *text = scenario_text(o);
	int r = scenario_read(text, strlen(text), "trace", sc, err);

	free(text);
	if (r < 0)
		return r;
	r = plan_build(sc, sc->variants[0], true, out, err);
	if (r < 0) {
		scenario_done(sc);
		return r;
	}
	if (plan_proc(out, SECTION_CLIENT, SECOND))
		plan_proc(out, SECTION_CLIENT, SECOND)->after_close = true;
	r = cast(o, out, err);
	if (r < 0) {
		plan_done(out);
		scenario_done(sc);
	}
	return r;
}
