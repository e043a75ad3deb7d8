#include "bench/doctor/any_state.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "common/kernel/tcp_state.h"

#define LONGEST 20 /* "SCHLIESSEN_WARTEN" */

/* Compared without case, '_' and '-'. */
static const struct {
	const char *name;
	uint8_t state;
	bool windows;
} others[] = {
	{ "SYNRCVD", STATE_SYN_RECV, false },
	{ "SYNRECEIVED", STATE_SYN_RECV, true },
	{ "LISTENING", STATE_LISTEN, true },
	{ "CLOSED", STATE_CLOSE, false },
	{ "VERBUNDEN", STATE_ESTABLISHED, false },
	{ "ESTABELECIDA", STATE_ESTABLISHED, false },
	{ "ESTABLECIDO", STATE_ESTABLISHED, false },
	{ "ESCUCHAR", STATE_LISTEN, false },
	{ "HERGESTELLT", STATE_ESTABLISHED, true },
	{ "WARTEND", STATE_TIME_WAIT, true },
	{ "SCHLIESSENWARTEN", STATE_CLOSE_WAIT, true },
};

static bool same_name(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "_-");
		b += strspn(b, "_-");
		if (toupper((unsigned char)*a) != toupper((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

unsigned any_state(const char *word, bool *windows)
{
	size_t len = strnlen(word, LONGEST + 1);

	if (len < 4 || len > LONGEST || !isalpha((unsigned char)*word))
		return 0;
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (same_name(word, tcp_state_name(i)) ||
		    same_name(word, tcp_state_ss_name(i)))
			return i;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (same_name(word, others[i].name)) {
			if (windows && others[i].windows)
				*windows = true;
			return others[i].state;
		}
	return 0;
}

unsigned any_state_cut(const char *word)
{
	size_t len = strlen(word);
	unsigned found = 0;

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (len >= 3 && strncmp(word, tcp_state_netstat_name(i), len) == 0) {
			if (found)
				return 0;
			found = i;
		}
	return found;
}
