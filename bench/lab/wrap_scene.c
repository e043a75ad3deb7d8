#include <stdlib.h>
#include <string.h>
#include "bench/lab/cast.h"
#include "bench/lab/wrap.h"
#include "common/base/clock.h"
#include "common/kernel/port.h"

#define RANGE        "net.ipv4.ip_local_port_range"
#define TIMEOUT_MOST 3600

static bool parse_ports(const char *text, struct port_range *out)
{
	const char *end = port_range_scan(text, out);

	return end && !*end && out->lo >= 1 && out->lo <= out->hi;
}

int wrap_scene_check(const struct wrap_options *o, struct err *err)
{
	struct port_range range;
	int r = cast_check_sysctls(&o->sysctl, err);

	if (r == 0 &&
	    (o->timeout_ns % NS_PER_S || o->timeout_ns / NS_PER_S > TIMEOUT_MOST))
		r = err_usage(err, "--timeout: expected whole seconds, at most %d",
			      TIMEOUT_MOST);
	if (r < 0 || !o->ports)
		return r;
	if (!parse_ports(o->ports, &range))
		return err_usage(
			err, "--ports: expected LO-HI, such as 40000-40999, not '%.40s'",
			o->ports);
	return cast_has_sysctl(&o->sysctl, RANGE)
		       ? err_usage(err,
				   "--ports and --sysctl " RANGE
				   " both say the range of ports: expected one of them")
		       : 0;
}

/* Only COMMAND's host has few ports, and is watched for a connect() that finds none. */
static char *host_text(const struct wrap_options *o, const char *name)
{
	char *sysctls = cast_sysctls(&o->sysctl), ports[80] = "", *text;
	bool connects = strcmp(name, "client") == 0;
	struct port_range range;

	if (o->ports && connects && parse_ports(o->ports, &range))
		snprintf(ports, sizeof(ports), "sysctl." RANGE " = %u %u\n", range.lo,
			 range.hi);
	text = text_printf("[host %s]\nobserve = all\nobserve-failures = %s\n%s%s", name,
			   connects ? "yes" : "no", ports, sysctls);
	free(sysctls);
	return text;
}

/* The commands are put in later, as they are: braces of theirs are no placeholders. */
static char *scene_text(const struct wrap_options *o)
{
	char *client = host_text(o, "client"), *server = host_text(o, "server"), *text;
	char limit[24] = "none", user[40] = "";

	if (o->timeout_ns)
		snprintf(limit, sizeof(limit), "%llu",
			 (unsigned long long)(o->timeout_ns / NS_PER_S));
	if (o->user)
		snprintf(user, sizeof(user), "user = %llu\n",
			 (unsigned long long)o->user);
	text = text_printf(
		"[scenario]\nabout = what a program does to its ports\nseconds = %s\n"
		"%s%s[%s server]\nhost = server\n%s%s"
		"[process " WRAP_COMMAND "]\nhost = client\nafter = %s server\n"
		"counts = yes\nexit-code = any\ncommand = command\n%s",
		limit, client, server, o->server ? "process" : "server",
		o->server ? "command = server\nready = listen 1\n"
			  : "args = --listen {server}:9000\n",
		o->server ? user : "", o->server ? "process" : "server", user);
	free(client);
	free(server);
	return text;
}

static int cast(const struct wrap_options *o, struct words *command, struct plan *p,
		struct err *err)
{
	struct plan_proc *load = plan_proc(p, SECTION_PROCESS, WRAP_COMMAND);

	cast_command(p, load, command);
	load->shown = !o->quiet;
	return o->server ? cast_server(p, plan_proc(p, SECTION_PROCESS, "server"),
				       o->server, err)
			 : 0;
}

int wrap_scene(const struct wrap_options *o, struct words *command, const char *variant,
	       struct scenario *sc, struct plan *out, struct err *err)
{
	char *text = scene_text(o);
	int r = scenario_read(text, strlen(text), "wrap", sc, err);

	free(text);
	if (r < 0)
		return r;
	r = plan_build(sc, sc->variants[0], o->quiet, out, err);
	if (r == 0) {
		out->variant = variant ? variant : out->variant;
		r = cast(o, command, out, err);
		if (r < 0)
			plan_done(out);
	}
	if (r < 0)
		scenario_done(sc);
	return r;
}
