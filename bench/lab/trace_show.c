#include <string.h>
#include "bench/lab/trace.h"
#include "bench/text/text.h"

/* clang-format off */
static const struct trace_show shows[] = {
	{ .name = "lost-last-ack", .close = "client-fin", .drop = "last ack",
	  .about = "the last ACK is lost, so the FIN comes again, and TIME_WAIT answers it" },
	{ .name = "simultaneous-close", .close = "both",
	  .about = "both ends close before the other's FIN has come: CLOSING on both" },
	{ .name = "simultaneous-open", .close = "client-fin", .both_open = true,
	  .about = "both ends connect(), and their SYNs cross: no listener is needed" },
	{ .name = "rst-into-time-wait", .close = "client-fin", .late = "data from server",
	  .about = "old data comes after the close; what TIME_WAIT answers brings an RST, which ends it (RFC 1337), but not with "
		   "--sysctl net.ipv4.tcp_rfc1337=1" },
	{ .name = "old-duplicate", .close = "server-fin", .late = "data from client", .two_connections = true,
	  .about = "old data comes to the next connection that has the same addresses and ports" },
};
/* clang-format on */
#define SHOWS (sizeof(shows) / sizeof(shows[0]))

int trace_show_find(const char *name, const struct trace_show **out, struct err *err)
{
	char names[200] = "";
	size_t n = 0;

	for (size_t i = 0; i < SHOWS; i++) {
		if (strcmp(shows[i].name, name) == 0) {
			*out = &shows[i];
			return 0;
		}
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
				      i == 0           ? ""
				      : i == SHOWS - 1 ? " or "
						       : ", ",
				      shows[i].name);
	}
	return err_usage(err, "--show: expected %s, not '%.60s'", names, name);
}

void trace_show_offer(const struct complete *c)
{
	for (size_t i = 0; i < SHOWS; i++)
		complete_name(c, shows[i].name, shows[i].about);
}

void trace_show_list(FILE *out)
{
	fprintf(out, "\nwhat --show shows:\n");
	for (size_t i = 0; i < SHOWS; i++) {
		fprintf(out, "  %s\n", shows[i].name);
		text_wrap(out, 8, shows[i].about);
	}
}
