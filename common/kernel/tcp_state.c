#include "common/kernel/tcp_state.h"

#include <stddef.h>
#include <strings.h>

static const struct {
	const char *name, *ss, *netstat;
} states[TCP_STATE_MAX] = {
#define X(name, no, ss, netstat) [no] = { #name, ss, netstat },
	TCP_STATE_LIST(X)
#undef X
};

const char *tcp_state_name(unsigned state)
{
	return state < TCP_STATE_MAX ? states[state].name : NULL;
}

const char *tcp_state_netstat_name(unsigned state)
{
	return state < TCP_STATE_MAX ? states[state].netstat : NULL;
}

const char *tcp_state_ss_name(unsigned state)
{
	return state < TCP_STATE_MAX ? states[state].ss : NULL;
}

unsigned tcp_state_by_name(const char *name)
{
	unsigned i;

	for (i = 1; i < TCP_STATE_MAX; i++)
		if (strcasecmp(name, states[i].name) == 0 ||
		    strcasecmp(name, states[i].ss) == 0 ||
		    strcasecmp(name, states[i].netstat) == 0)
			return i;
	return 0;
}

void tcp_states_peak(struct tcp_states *peak, const struct tcp_states *now)
{
	unsigned i;

	for (i = 0; i < TCP_STATE_MAX; i++)
		if (peak->n[i] < now->n[i])
			peak->n[i] = now->n[i];
}

uint64_t tcp_states_total(const struct tcp_states *s)
{
	uint64_t total = 0;
	unsigned i;

	for (i = 1; i < TCP_STATE_MAX; i++)
		if (i != STATE_LISTEN)
			total += s->n[i];
	return total;
}
