#include "bench/doctor/reading.h"

#include <stdlib.h>
#include <string.h>
#include "bench/doctor/tally.h"
#include "common/base/utf8.h"

/* The order matters: what only one reader can mean comes first. */
static reader *const readers[] = {
	read_proc_tcp,  read_list,      read_powershell, read_lsof,
	read_conntrack, read_command,   read_number,     read_counts,
	read_summary,   read_sockstat,  read_sysctl,     read_limits,
	read_counters,  read_netstat_s, read_log,        read_ends,
};

/* "...", "[...]", "(snip)": the person who pasted has left something out. */
static bool is_left_out(const struct line *l)
{
	const char *text = l->n == 1 ? l->word[0] : "";

	while (*text == '.' || *text == '[' || *text == '(' || *text == '<' ||
	       strncmp(text, "\xe2\x80\xa6", 3) == 0) {
		bool dots = *text == '.' || *text == '\xe2';

		if (dots && (text[1] == '.' || *text == '\xe2'))
			return true;
		text++;
	}
	return strncmp(text, "snip", 4) == 0;
}

static void read_line(struct reading *r, const struct line *l, bool last)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		bool is_list = i < 4;

		if (!readers[i](r, l, last))
			continue;
		r->understood++;
		r->last_was_list = is_list;
		r->cut = r->cut || (is_list && l->too_long);
		return;
	}
}

/* ---- rows that a terminal or a mail has broken */

void reading_hold(struct reading *r, const struct line *l)
{
	r->lost = r->lost || l->len >= sizeof(r->held);
	r->held_len = l->len < sizeof(r->held) ? l->len : 0;
	memcpy(r->held, l->text, r->held_len);
}

/* Is the line the end of the row that is held?  It was broken inside a word, or between two. */
static bool ends_row(struct reading *r, const struct line *l)
{
	char text[2 * sizeof(r->held) + 1];
	const char *end = line_from(l, 0);
	size_t len = r->held_len, more = strlen(end);
	bool found = false;
	struct line joined;
	uint64_t n;

	r->held_len = 0;
	if (!len)
		return false;
	memcpy(text, r->held, len);
	for (unsigned blank = 0; blank < 2 && !found && more < sizeof(r->held); blank++) {
		text[len] = ' ';
		memcpy(text + len + blank, end, more);
		line_set(&joined, text, len + blank + more, l->ended);
		found = !(l->n > 1 && word_number(l->word[1], &n)) &&
			reading_row(r, &joined);
	}
	r->lost = r->lost || !found;
	return found;
}

void reading_line(struct reading *r, const char *bytes, size_t len, bool ended, bool last)
{
	struct line l;

	line_set(&l, bytes, len, ended);
	r->lines++;
	if (!l.n)
		return;
	if (is_left_out(&l)) {
		r->cut = r->cut || r->sockets_listed > 0;
		return;
	}
	if (ends_row(r, &l))
		r->understood++;
	else
		read_line(r, &l, last);
}

void reading_begin(struct reading *r)
{
	memset(&r->command, 0, sizeof(r->command));
	r->last_was_list = false;
	r->lost = r->lost || r->held_len;
	r->held_len = 0;
	r->newest = NULL;
	r->block++;
}

void reading_traffic(struct reading *r, const struct endpoint *remote, enum traffic kind)
{
	struct tally_key key;

	memset(&key, 0, sizeof(key));
	memcpy(key.a, remote->host, sizeof(key.a));
	key.a_kind = remote->kind;
	key.port = remote->port;
	key.extra = kind;
	if (!r->failing.by)
		r->failing.by = calloc(1, sizeof(*r->failing.by));
	if (r->failing.by)
		tally_add(r->failing.by, &key, 1);
}

void reading_forget_kept(struct reading *r)
{
	struct tally_table *by = r->failing.by;

	for (size_t i = 0; by && i < by->n; i++)
		if (by->at[i].key.extra == TRAFFIC_KEPT_USED ||
		    by->at[i].key.extra == TRAFFIC_KEPT_IDLE)
			by->at[i].n = 0;
}

void reading_done(struct reading *r)
{
	if (r->failing.by)
		tally_done(r->failing.by);
	free(r->failing.by);
	free(r->holder);
	names_done(&r->names);
	noted_done(&r->seen);
}
