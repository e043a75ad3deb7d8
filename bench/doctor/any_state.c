#include "bench/doctor/any_state.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "common/kernel/tcp_state.h"

#define NAME 24

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

/* Without '_' and '-', in capitals; "" where it does not fit. */
static void plain_name(const char *word, char buf[NAME])
{
	size_t n = 0;

	for (; *word && n < NAME - 1; word++)
		if (*word != '_' && *word != '-')
			buf[n++] = (char)toupper((unsigned char)*word);
	buf[*word ? 0 : n] = '\0';
}

unsigned any_state(const char *word, bool *windows)
{
	size_t len = strnlen(word, NAME);
	char name[NAME], known[NAME];
	unsigned state;

	if (len < 4 || len >= NAME || !isalpha((unsigned char)*word))
		return 0;
	state = tcp_state_by_name(word);
	if (state)
		return state;
	plain_name(word, name);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		plain_name(tcp_state_name(i), known);
		if (strcmp(known, name) == 0)
			return i;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i].name, name) == 0) {
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
