#include "client/sysctl_watch.h"

#include <stdlib.h>
#include <string.h>

#include "common/kernel/host.h"

#define NET "net."

static const char *const names[] = {
	NET "ipv4.ip_local_port_range", /* the first: see sysctl_watch_range_changed() */
	NET "ipv4.ip_local_reserved_ports", NET "ipv4.tcp_tw_reuse",
	NET "ipv4.tcp_tw_reuse_delay",      NET "ipv4.tcp_timestamps",
	NET "ipv4.tcp_fin_timeout",         NET "ipv4.tcp_max_tw_buckets",
	NET "ipv4.ip_autobind_reuse",
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

struct readings {
	char text[N_NAMES][200]; /* "" = none, or longer than that */
};

struct sysctl_watch {
	struct readings before, after;
};

static void read_all(struct readings *r)
{
	for (unsigned i = 0; i < N_NAMES; i++)
		if (host_sysctl("/proc", names[i] + strlen(NET), r->text[i],
				sizeof(r->text[i])) < 0)
			r->text[i][0] = '\0';
}

struct sysctl_watch *sysctl_watch_begin(void)
{
	struct sysctl_watch *w = calloc(1, sizeof(*w));

	if (w) {
		read_all(&w->before);
		w->after = w->before;
	}
	return w;
}

void sysctl_watch_end(struct sysctl_watch *w)
{
	if (w)
		read_all(&w->after);
}

static bool changed(const struct sysctl_watch *w, unsigned i)
{
	return strcmp(w->before.text[i], w->after.text[i]) != 0;
}

bool sysctl_watch_change(const struct sysctl_watch *w, unsigned nth,
			 struct sysctl_change *out)
{
	unsigned i = 0;

	while (w && i < N_NAMES && (!changed(w, i) || nth-- > 0))
		i++;
	if (!w || i == N_NAMES)
		return false;
	*out = (struct sysctl_change){ names[i], w->before.text[i], w->after.text[i] };
	return true;
}

bool sysctl_watch_range_changed(const struct sysctl_watch *w)
{
	return w && changed(w, 0);
}
