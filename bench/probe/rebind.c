/* rebind - a server restarts: can it bind() its port when nothing but TIME_WAIT is left
 * of the old one?  That depends on SO_REUSEADDR of the new listener and of the old one, whose
 * connections inherited it: docs/kernel-facts.md#restart. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "bench/probe/result.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/cli/opt_rows.h"

struct options {
	struct probe_options common;
	uint64_t connections;
	int old_reuseaddr, new_reuseaddr;
};

static const char *const no_yes[] = { "no", "yes", NULL };

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	GROUP("probe"),
	{ "connections", 'n', COUNT(connections), "1", "N", "that the old server leaves in TIME_WAIT", NULL },
	{ "old-reuseaddr", 0, CHOICE(old_reuseaddr), "no", NULL, "SO_REUSEADDR on the old listener", no_yes },
	{ "new-reuseaddr", 0, CHOICE(new_reuseaddr), "yes", NULL, "SO_REUSEADDR on the new one", no_yes },
	PROBE_ROWS,
};
/* clang-format on */

static const char *const figures[] = { "port",   "time_wait", "bind",
				       "listen", "serves",    NULL };

static int check(const struct probe_run *run, struct err *err)
{
	const struct options *o = run->options;

	if (o->connections < 1 || o->connections > 1000)
		return err_usage(err, "--connections must be from 1 to 1000");
	return 0;
}

/* One connection that the server closes first. */
static void serve_one(struct probe_run *run)
{
	struct probe_pair p = probe_pair(run, false);

	probe_pair_need(run, &p, "connecting to the server");
	probe_exchange(run, &p);
	probe_close(&p.server);
	probe_wait_eof(run, p.client);
	probe_pair_close(&p);
}

/* Leaves nothing on the port but TIME_WAIT. */
static void old_server(struct probe_run *run)
{
	const struct options *o = run->options;
	uint16_t port;
	uint64_t time_wait;

	probe_listen(run, o->old_reuseaddr);
	if (run->r < 0)
		return;
	port = addr_port(&run->server);
	probe_set_count(run, "port", port);
	for (uint64_t i = 0; i < o->connections; i++)
		serve_one(run);
	probe_close(&run->listener);
	time_wait = probe_wait_settled(run, port, 0);
	if (run->r == 0)
		probe_set_count(run, "time_wait", time_wait);
}

static void say(struct probe_run *run, const char *call, int no)
{
	if (no)
		probe_finding(run, "The new server does not start: %s fails with %s, %s.",
			      call, strerrorname_np(no), strerror(no));
	else
		probe_finding(run, "The new server starts, and serves.");
}

static void new_server(struct probe_run *run)
{
	const struct options *o = run->options;
	const char *call = "bind()";
	int fd = run->listener = probe_socket(run, o->new_reuseaddr), no;

	if (run->r < 0)
		return;
	no = bind(fd, &run->server.sa, run->server.len) == -1 ? errno : 0;
	probe_set_errno(run, "bind", no);
	if (no == 0) {
		call = "listen()";
		no = listen(fd, SOMAXCONN) == -1 ? errno : 0;
		probe_set_errno(run, "listen", no);
	}
	if (no == 0)
		serve_one(run);
	if (run->r < 0)
		return;
	probe_set_bool(run, "serves", no == 0);
	say(run, call, no);
}

static void measure(struct probe_run *run)
{
	probe_step(run, "the old server leaves TIME_WAIT");
	old_server(run);
	probe_step(run, "the new server binds its port");
	new_server(run);
}

const struct probe probe_rebind = {
	PROBE_PARTS("rebind", "[options]",
		    "A server restarts on a port of which TIME_WAIT is left.",
		    "  twstorm lab probe rebind --old-reuseaddr no\n"
		    "  twstorm lab probe rebind --old-reuseaddr yes\n"),
};
