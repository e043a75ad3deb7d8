/* sysctl_watch - the sysctls that decide how long the ports last: as they were when the run began, and
 * which of them were others when it ended. */
#ifndef TWSTORM_CLIENT_SYSCTL_WATCH_H
#define TWSTORM_CLIENT_SYSCTL_WATCH_H

#include <stdbool.h>

struct sysctl_watch;

struct sysctl_change {
	const char *name;      /* net.ipv4... */
	const char *from, *to; /* "" = there was none, or it was too long to be kept */
};

/* Reads them; NULL = out of memory.  free() it. */
struct sysctl_watch *sysctl_watch_begin(void);
/* Reads them again; NULL-safe, as all of these. */
void sysctl_watch_end(struct sysctl_watch *w);
/* The nth that changed; false = so many did not. */
bool sysctl_watch_change(const struct sysctl_watch *w, unsigned nth,
			 struct sysctl_change *out);
/* Has the range of ports (net.ipv4.ip_local_port_range) changed? */
bool sysctl_watch_range_changed(const struct sysctl_watch *w);

#endif
