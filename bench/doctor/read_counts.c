/* read_counts - numbers of sockets: by state or by end from awk or uniq -c, the summary of ss -s, sockstat. */
#include <string.h>
#include "bench/doctor/any_state.h"
#include "bench/doctor/reading.h"

/* "TIME_WAIT 41", "  41 TIME_WAIT", also "TIME_WAIT: 41".  Entries of conntrack's table are no sockets. */
bool read_counts(struct reading *r, const struct line *l, bool last)
{
	char name[24];
	uint64_t n;
	unsigned state, word;
	size_t len;

	(void)last;
	if (l->n != 2 || r->command.tool == TOOL_CONNTRACK)
		return false;
	word = word_number(l->word[0], &n) ? 1 : 0;
	if (!word && !word_number(l->word[1], &n))
		return false;
	len = strcspn(l->word[word], ":");
	if (!len || len >= sizeof(name))
		return false;
	memcpy(name, l->word[word], len);
	name[len] = '\0';
	state = any_state(name, &r->windows);
	if (!state)
		return false;
	r->counted[state] = maybe_of(n);
	r->counted_part = r->counted_part || r->command.filtered || r->command.part;
	return true;
}

/* "  24021 10.0.0.7:5432", "  311 10.0.0.8" of uniq -c: the end that most of the sockets have.  A number and an address without a port
 * may be anything, unless a list of sockets was counted. */
bool read_ends(struct reading *r, const struct line *l, bool last)
{
	const struct command_line *c = &r->command;
	bool counts = c->counts && (c->tool == TOOL_SS || c->tool == TOOL_NETSTAT);
	struct endpoint end = { 0 };
	uint64_t n;

	(void)last;
	if (l->n != 2 || !word_number(l->word[0], &n) ||
	    (!counts && c->tool != TOOL_NONE) ||
	    !(endpoint_read_host(l->word[1], &end) ||
	      endpoint_read(l->word[1], &r->names, &end)) ||
	    (!counts && !end.port))
		return false;
	if (end.kind != HOST_ANY && (!r->most_have.n.known || n > r->most_have.n.n)) {
		r->most_have.n = maybe_of(n);
		r->most_have.end = end;
	}
	return true;
}

/* The number behind `key`, in "... (estab 15, closed 119, timewait 26/0)"; the key is a whole word. */
static struct maybe number_behind(const char *text, const char *key)
{
	char digits[20];
	const char *at = text;
	size_t n;
	uint64_t number;

	while ((at = strstr(at, key)) && at > text && !strchr(" \t(", at[-1]))
		at++;
	if (!at)
		return (struct maybe){ 0 };
	at += strlen(key);
	at += strspn(at, " =:");
	n = strspn(at, "0123456789");
	if (!n || n >= sizeof(digits))
		return (struct maybe){ 0 };
	memcpy(digits, at, n);
	digits[n] = '\0';
	return word_number(digits, &number) ? maybe_of(number) : (struct maybe){ 0 };
}

/* Sets the numbers of a line that begins with "TCP:". */
struct key {
	const char *name;
	struct maybe *to;
};

static bool read_keys(struct reading *r, const struct line *l, const char *sign,
		      const struct key *keys, size_t n)
{
	if (strcmp(l->word[0], "TCP:") != 0 || !strstr(l->text, sign))
		return false;
	for (size_t i = 0; i < n; i++)
		*keys[i].to = number_behind(l->text, keys[i].name);
	r->linux_seen = true;
	return true;
}

bool read_summary(struct reading *r, const struct line *l, bool last)
{
	const struct key keys[] = {
		{ "estab ", &r->summary.estab },
		{ "closed ", &r->summary.closed },
		{ "orphaned ", &r->summary.orphaned },
		{ "synrecv ", &r->summary.synrecv },
		{ "timewait ", &r->summary.timewait },
	};

	(void)last;
	return read_keys(r, l, "estab", keys, sizeof(keys) / sizeof(keys[0]));
}

bool read_sockstat(struct reading *r, const struct line *l, bool last)
{
	const struct key keys[] = {
		{ "inuse ", &r->sockstat.inuse }, { "orphan ", &r->sockstat.orphan },
		{ "tw ", &r->sockstat.tw },       { "alloc ", &r->sockstat.alloc },
		{ "mem ", &r->sockstat.mem },
	};

	(void)last;
	return read_keys(r, l, "inuse", keys, sizeof(keys) / sizeof(keys[0]));
}

static void add(struct maybe *to, struct maybe what)
{
	if (what.known) {
		to->n = to->known ? to->n + what.n : what.n;
		to->known = true;
	}
}

/* conntrack -S: a line a CPU, "cpu=0 found=1 insert_failed=2 ...". */
bool read_conntrack(struct reading *r, const struct line *l, bool last)
{
	(void)last;
	if (strncmp(l->word[0], "cpu=", 4) != 0 || !strstr(l->text, "insert"))
		return false;
	if (strcmp(l->word[0], "cpu=0") == 0) /* a new look */
		memset(&r->conntrack, 0, sizeof(r->conntrack));
	add(&r->conntrack.found, number_behind(l->text, "found="));
	add(&r->conntrack.insert, number_behind(l->text, "insert="));
	add(&r->conntrack.insert_failed, number_behind(l->text, "insert_failed="));
	add(&r->conntrack.drop, number_behind(l->text, "drop="));
	add(&r->conntrack.early_drop, number_behind(l->text, "early_drop="));
	r->linux_seen = true;
	return true;
}
