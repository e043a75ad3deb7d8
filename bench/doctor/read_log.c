/* read_log - messages of programs and of the kernel that say what failed. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/reading.h"

static const struct {
	const char *words, *others;
} messages[DOCTOR_LOG_MAX] = {
#define X(id, a, b) [DL_##id] = { a, b },
	DOCTOR_LOG(X)
#undef X
};

static void lower(const char *text, char *buf, size_t size)
{
	size_t n = 0;

	for (; n < size - 1 && text[n]; n++)
		buf[n] = (char)tolower((unsigned char)text[n]);
	buf[n] = '\0';
}

/* "failed to bind to 127.0.0.6:0: Address already in use": no port is left for that address. */
static bool read_bind(struct reading *r, const struct line *l, const char *text)
{
	if (!strstr(text, "address already in use") || !strstr(text, "bind"))
		return false;
	for (unsigned i = 0; i < l->n; i++) {
		char word[ENDPOINT_TEXT];
		struct endpoint e;
		size_t len = strlen(l->word[i]);

		while (len && strchr(":,;)", l->word[i][len - 1]))
			len--;
		if (len < 3 || len >= sizeof(word))
			continue;
		memcpy(word, l->word[i], len);
		word[len] = '\0';
		if (strcmp(word + len - 2, ":0") != 0)
			continue;
		word[len - 2] = '\0';
		if (!endpoint_read_host(word, &e))
			continue;
		r->bind_no_port++;
		memcpy(r->bind_address, word, len - 1);
		return true;
	}
	return false;
}

bool read_log(struct reading *r, const struct line *l, bool last)
{
	char text[LINE_BYTES + 1];
	const char *at;
	bool found = false;

	(void)last;
	lower(l->text, text, sizeof(text));
	if (read_bind(r, l, text))
		return true;
	for (unsigned i = 0; i < DOCTOR_LOG_MAX; i++) {
		if (!strstr(text, messages[i].words) &&
		    !(messages[i].others && strstr(text, messages[i].others)))
			continue;
		r->log[i]++;
		found = true;
	}
	at = strstr(text, " callbacks suppressed");
	if (at) {
		while (at > text && isdigit((unsigned char)at[-1]))
			at--;
		r->log_suppressed += strtoull(at, NULL, 10);
	}
	return found;
}
