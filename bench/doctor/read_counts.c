/* read_counts - numbers of sockets: by state from awk or uniq -c, the summary of ss -s, sockstat. */
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/reading.h"

/* "TIME_WAIT 41", "  41 TIME_WAIT", also "TIME_WAIT: 41". */
bool read_counts(struct reading *r, const struct line *l, bool last)
{
	char name[24];
	uint64_t n;
	unsigned state, word;
	size_t len;

	(void)last;
	if (l->n != 2)
		return false;
	word = word_number(l->word[0], &n) ? 1 : 0;
	if (!word && !word_number(l->word[1], &n))
		return false;
	len = strcspn(l->word[word], ":");
	if (!len || len >= sizeof(name))
		return false;
	memcpy(name, l->word[word], len);
	name[len] = '\0';
	state = tcp_state_by_name(name);
	if (!state)
		return false;
	r->counted[state] = maybe_of(n);
	return true;
}

/* The number behind `key`, in "... (estab 15, closed 119, timewait 26/0)". */
static struct maybe number_behind(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	char *end;
	uint64_t n;

	if (!at)
		return (struct maybe){ 0 };
	at += strlen(key);
	at += strspn(at, " =:");
	if (*at < '0' || *at > '9')
		return (struct maybe){ 0 };
	n = strtoull(at, &end, 10);
	return maybe_of(n);
}

bool read_summary(struct reading *r, const struct line *l, bool last)
{
	(void)last;
	if (strncmp(l->word[0], "TCP:", 4) != 0 || !strstr(l->text, "estab"))
		return false;
	r->summary.estab = number_behind(l->text, "estab ");
	r->summary.closed = number_behind(l->text, "closed ");
	r->summary.orphaned = number_behind(l->text, "orphaned ");
	r->summary.synrecv = number_behind(l->text, "synrecv ");
	r->summary.timewait = number_behind(l->text, "timewait ");
	r->linux_seen = true;
	return true;
}

bool read_sockstat(struct reading *r, const struct line *l, bool last)
{
	(void)last;
	if (strncmp(l->word[0], "TCP:", 4) != 0 || !strstr(l->text, "inuse"))
		return false;
	r->sockstat.inuse = number_behind(l->text, "inuse ");
	r->sockstat.orphan = number_behind(l->text, "orphan ");
	r->sockstat.tw = number_behind(l->text, " tw ");
	r->sockstat.alloc = number_behind(l->text, "alloc ");
	r->sockstat.mem = number_behind(l->text, "mem ");
	r->linux_seen = true;
	return true;
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
	add(&r->conntrack.insert, number_behind(l->text, " insert="));
	if (!r->conntrack.insert.known)
		add(&r->conntrack.insert, number_behind(l->text, "\tinsert="));
	add(&r->conntrack.insert_failed, number_behind(l->text, "insert_failed="));
	add(&r->conntrack.drop, number_behind(l->text, " drop="));
	add(&r->conntrack.early_drop, number_behind(l->text, "early_drop="));
	r->linux_seen = true;
	return true;
}
