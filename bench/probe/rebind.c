/* rebind - a server restarts: can it bind() its port when nothing but TIME_WAIT is left
 * of the old one?  That depends on SO_REUSEADDR of the new listener and of the old one, whose
 * connections inherited it (inet_csk_bind_conflict()). */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/result.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/base/clock.h"
#include "common/cli/opt_rows.h"

#define PATIENCE (5 * NS_PER_S)

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
static int serve_one(struct probe_run *run, int listener, const struct addr *at,
		     struct err *err)
{
	struct addr client = run->address;
	struct probe_pair p;
	int r = probe_pair_open(run, listener, at, &client, false, clock_ns() + PATIENCE,
				&p, err);

	if (r > 0) {
		errno = r;
		r = err_sys(err, "connecting to the server");
	}
	if (r == 0)
		r = probe_exchange(run, p.client, p.server, err);
	probe_close(&p.server);
	if (r == 0)
		r = probe_wait_eof(run, p.client, err);
	probe_pair_close(&p);
	return r;
}

/* Leaves nothing on the port but TIME_WAIT. */
static int old_server(struct probe_run *run, struct addr *at, struct err *err)
{
	const struct options *o = run->options;
	int listener = probe_listen(at, o->old_reuseaddr, err), r = 0;
	uint64_t time_wait;

	if (listener < 0)
		return listener;
	probe_set_count(run, "port", addr_port(at));
	for (uint64_t i = 0; r == 0 && i < o->connections; i++)
		r = serve_one(run, listener, at, err);
	probe_close(&listener);
	if (r == 0)
		r = probe_wait_settled(run, addr_port(at), 0, &time_wait, err);
	if (r == 0)
		probe_set_count(run, "time_wait", time_wait);
	return r;
}

static void say(struct probe_run *run, const char *call, int no)
{
	if (no)
		probe_finding(run, "The new server does not start: %s fails with %s, %s.",
			      call, strerrorname_np(no), strerror(no));
	else
		probe_finding(run, "The new server starts, and serves.");
}

static int new_server(struct probe_run *run, const struct addr *at, struct err *err)
{
	const struct options *o = run->options;
	int fd = probe_socket(at, o->new_reuseaddr, err), r = 0, no;
	const char *call = "bind()";

	if (fd < 0)
		return fd;
	no = bind(fd, &at->sa, at->len) == -1 ? errno : 0;
	probe_set_errno(run, "bind", no);
	if (no == 0) {
		call = "listen()";
		no = listen(fd, SOMAXCONN) == -1 ? errno : 0;
		probe_set_errno(run, "listen", no);
	}
	if (no == 0)
		r = serve_one(run, fd, at, err);
	if (r == 0) {
		probe_set_bool(run, "serves", no == 0);
		say(run, call, no);
	}
	probe_close(&fd);
	return r;
}

static int measure(struct probe_run *run, struct err *err)
{
	struct addr at = run->address;
	int r;

	probe_step(run, "the old server leaves TIME_WAIT");
	r = old_server(run, &at, err);
	if (r < 0)
		return r;
	probe_step(run, "the new server binds its port");
	return new_server(run, &at, err);
}

const struct probe probe_rebind = {
	PROBE_PARTS("rebind", "[options]",
		    "A server restarts on a port of which TIME_WAIT is left.",
		    "  twstorm lab probe rebind --old-reuseaddr no\n"
		    "  twstorm lab probe rebind --old-reuseaddr yes\n"),
};
