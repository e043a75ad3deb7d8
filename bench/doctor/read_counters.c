/* read_counters - the kernel's counters, as nstat and netstat -s print them.  A counter that comes
 * again is a later look. */
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/reading.h"

#define X(id, group, name) { group name, name },
static const struct {
	const char *nstat, *name; /* "TcpExtTW", "TW" */
} counters[] = { KERNEL_COUNTER_LIST(X) };
#undef X

/* nstat without -a tells what grew since it ran before: of the second time that is known. */
static void set(struct reading *r, unsigned i, uint64_t n)
{
	if (r->command.increments && r->counter_first[i].known)
		n += r->counter[i].n;
	if (!r->counter_first[i].known)
		r->counter_first[i] = maybe_of(n);
	r->counter[i] = maybe_of(n);
	r->linux_seen = true;
}

/* nstat: "TcpExtTCPTimeWaitOverflow 12 0.0"; "#kernel" is its header. */
bool read_counters(struct reading *r, const struct line *l, bool last)
{
	uint64_t n;

	(void)last;
	if (l->n < 2 || l->n > 3 || !word_number(l->word[1], &n))
		return false;
	for (unsigned i = 0; i < KERNEL_COUNTERS; i++)
		if (strcmp(l->word[0], counters[i].nstat) == 0) {
			set(r, i, n);
			return true;
		}
	return false;
}

/* Sentences of netstat -s, old and new wordings; the number is in front of them. */
static const struct {
	const char *words;
	enum kernel_counter counter;
} sentences[] = {
	{ "active connection", KC_ActiveOpens },
	{ "passive connection", KC_PassiveOpens },
	{ "failed connection attempt", KC_AttemptFails },
	{ "connection resets received", KC_EstabResets },
	{ "resets sent", KC_OutRsts },
	{ "TCP sockets finished time wait in fast timer", KC_TW },
	{ "time wait sockets recycled by time stamp", KC_TWRecycled },
	{ "TCP sockets finished time wait in slow timer", KC_TWKilled },
	{ "times the listen queue of a socket overflowed", KC_ListenOverflows },
	{ "SYNs to LISTEN sockets dropped", KC_ListenDrops },
	{ "SYNs to LISTEN sockets ignored", KC_ListenDrops },
	{ "SYN cookies sent", KC_SyncookiesSent },
	{ "SYN cookies received", KC_SyncookiesRecv },
	{ "connections reset due to unexpected data", KC_TCPAbortOnData },
	{ "connections reset due to early user close", KC_TCPAbortOnClose },
	{ "connections aborted due to memory pressure", KC_TCPAbortOnMemory },
	{ "connections aborted due to timeout", KC_TCPAbortOnTimeout },
};

bool read_netstat_s(struct reading *r, const struct line *l, bool last)
{
	uint64_t n;
	size_t len = l->n ? strlen(l->word[0]) : 0;

	(void)last;
	if (l->n < 2)
		return false;
	/* "    TCPTimeWaitOverflow: 27360" */
	if (l->n == 2 && len > 1 && l->word[0][len - 1] == ':' &&
	    word_number(l->word[1], &n)) {
		for (unsigned i = 0; i < KERNEL_COUNTERS; i++)
			if (strlen(counters[i].name) == len - 1 &&
			    strncmp(l->word[0], counters[i].name, len - 1) == 0) {
				set(r, i, n);
				return true;
			}
		return false;
	}
	if (!word_number(l->word[0], &n))
		return false;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strncmp(line_from(l, 1), sentences[i].words,
			    strlen(sentences[i].words)) == 0) {
			set(r, sentences[i].counter, n);
			return true;
		}
	return false;
}
