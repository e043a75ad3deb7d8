#include "bench/wire/which.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	struct which which;
} kinds[] = {
	{ "syn+ack", { .with = SEGMENT_SYN | SEGMENT_ACK } },
	{ "syn", { .with = SEGMENT_SYN, .without = SEGMENT_ACK } },
	{ "fin", { .with = SEGMENT_FIN } },
	{ "rst", { .with = SEGMENT_RST } },
	{ "data", { .data = true } },
	{ "last ack", { .last_ack = true } },
	{ "ack",
	  { .with = SEGMENT_ACK, .without = SEGMENT_SYN | SEGMENT_FIN | SEGMENT_RST } },
	{ "any", { 0 } },
};

static const char *skip(const char *at)
{
	return at + strspn(at, " \t");
}

/* Steps over the word; false if another word stands there. */
static bool take(const char **at, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*at, word, len) != 0)
		return false;
	*at = skip(*at + len);
	return true;
}

static int parse_nth(const char **at, struct which *w)
{
	char *end;
	unsigned long n = strtoul(*at, &end, 10);

	if (end == *at || n < 1 || n > 1000000)
		return -EINVAL;
	if (strncmp(end, "st", 2) == 0 || strncmp(end, "nd", 2) == 0 ||
	    strncmp(end, "rd", 2) == 0 || strncmp(end, "th", 2) == 0)
		end += 2;
	w->nth = (unsigned)n;
	*at = skip(end);
	return 0;
}

static int parse(const char *at, struct which *w)
{
	size_t i = 0;

	while (i < sizeof(kinds) / sizeof(kinds[0]) && !take(&at, kinds[i].word))
		i++;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return -EINVAL;
	*w = kinds[i].which;
	w->from = -1;
	w->nth = 1;
	if (take(&at, "from client"))
		w->from = END_CLIENT;
	else if (take(&at, "from server"))
		w->from = END_SERVER;
	if (take(&at, ",") && parse_nth(&at, w) < 0)
		return -EINVAL;
	return *at ? -EINVAL : 0;
}

int which_parse(const char *text, struct which *out, struct err *err)
{
	if (parse(skip(text), out) == 0)
		return 0;
	return err_usage(err,
			 "expected syn, syn+ack, ack, data, fin, rst, any or last ack, "
			 "then perhaps 'from "
			 "client' or 'from server' and ', 2nd', not '%.60s'",
			 text);
}

static bool is_kind(const struct which *w, const struct step *s)
{
	const struct segment *seg = &s->segment;

	if (w->from >= 0 && w->from != (int)s->from)
		return false;
	if (w->last_ack)
		return s->acks_fin && s->state[!s->from] == STATE_LAST_ACK;
	if (w->data)
		return seg->len > 0;
	if (w->with == SEGMENT_ACK && seg->len > 0)
		return false;
	return (seg->flags & w->with) == w->with && !(seg->flags & w->without);
}

bool which_is(struct which *w, const struct step *s)
{
	if (!is_kind(w, s))
		return false;
	w->seen++;
	return w->nth == w->seen;
}
