#include "bench/doctor/reading.h"

#include <string.h>
#include "common/base/utf8.h"

/* The order matters: what only one reader can mean comes first. */
static reader *const readers[] = {
	read_proc_tcp, read_list,   read_powershell, read_lsof,      read_conntrack,
	read_command,  read_number, read_counts,     read_summary,   read_sockstat,
	read_sysctl,   read_limits, read_counters,   read_netstat_s, read_log,
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
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		bool is_list = i < 4;

		if (!readers[i](r, &l, last))
			continue;
		r->understood++;
		r->last_was_list = is_list;
		r->cut = r->cut || (is_list && l.too_long);
		return;
	}
}

void reading_begin(struct reading *r)
{
	memset(&r->command, 0, sizeof(r->command));
	r->last_was_list = false;
	r->newest = NULL;
	r->block++;
}

void reading_done(struct reading *r)
{
	names_done(&r->names);
	noted_done(&r->seen);
}
