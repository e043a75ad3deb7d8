/* read_sysctl - settings and limits: `sysctl -a`, one file of /proc/sys, `ulimit -a`, /proc/PID/limits,
 * and the lines of the collector that no tool prints. */
#include <stdio.h>
#include <string.h>
#include "bench/doctor/reading.h"

static const char *const sysctl_names[DOCTOR_SYSCTL_MAX] = {
#define X(id, name) [DS_##id] = name,
	DOCTOR_SYSCTLS(X)
#undef X
};

/* Ports in "1000,2000-2010". */
static bool read_ports(const char *text, struct port_set *out)
{
	struct port_range range;

	memset(out, 0, sizeof(*out));
	while (*text) {
		text = port_range_scan(text, &range);
		if (!text || (*text && *text++ != ','))
			return false;
		port_set_add_range(out, range);
	}
	return true;
}

static bool set_range(struct reading *r, const char *first, const char *second)
{
	uint64_t lo, hi;

	if (!word_number(first, &lo) || !word_number(second, &hi) || lo > hi ||
	    hi > 65535)
		return false;
	r->range_lo = maybe_of(lo);
	r->range_hi = maybe_of(hi);
	return true;
}

/* `name` as sysctl(8) has it, with the words of its value. */
static bool set(struct reading *r, const char *name, const struct line *l, unsigned at)
{
	uint64_t n;
	unsigned values = l->n > at ? l->n - at : 0;

	if (strncmp(name, "net.", 4) != 0) {
		if (strcmp(name, "fs.file-nr") == 0 && values == 3 &&
		    word_number(l->word[at], &r->file_nr.n) &&
		    word_number(l->word[at + 2], &r->file_max.n))
			r->file_nr.known = r->file_max.known = true;
		return r->file_nr.known;
	}
	name += 4;
	if (strcmp(name, "ipv4.ip_local_port_range") == 0 && values >= 2)
		return set_range(r, l->word[at], l->word[at + 1]);
	if (strcmp(name, "ipv4.ip_local_reserved_ports") == 0) {
		r->reserved_known = read_ports(values ? l->word[at] : "", &r->reserved);
		return true;
	}
	if (strcmp(name, "ipv4.tcp_mem") == 0 && values == 3) {
		for (unsigned i = 0; i < 3; i++)
			r->tcp_mem[i].known =
				word_number(l->word[at + i], &r->tcp_mem[i].n);
		return true;
	}
	for (unsigned i = 0; i < DOCTOR_SYSCTL_MAX; i++)
		if (values == 1 && strcmp(name, sysctl_names[i]) == 0 &&
		    word_number(l->word[at], &n)) {
			r->sysctl[i] = maybe_of(n);
			return true;
		}
	return false;
}

/* The line is the value alone, of the file or the name in the command above it. */
static bool read_value(struct reading *r, const struct line *l)
{
	char name[sizeof(r->command.sysctl)];

	for (unsigned i = 0; i < l->n; i++)
		if (l->word[i][strspn(l->word[i], "0123456789,-")])
			return false;
	memcpy(name, r->command.sysctl, sizeof(name));
	*r->command.sysctl = '\0';
	r->linux_seen = true;
	return set(r, name, l, 0);
}

/* "net.ipv4.tcp_tw_reuse = 2", "...=2", "/proc/sys/net/...:2" of grep, and the line below
 * `cat /proc/sys/...`. */
bool read_sysctl(struct reading *r, const struct line *l, bool last)
{
	bool path = strncmp(l->word[0], "/proc/sys/", 10) == 0;
	char word[96], name[80];
	struct line again;
	size_t len;

	(void)last;
	if (*r->command.sysctl && read_value(r, l))
		return true;
	len = strcspn(l->word[0], path ? ":" : "=");
	if ((!path && strncmp(l->word[0], "net.", 4) != 0 &&
	     strncmp(l->word[0], "fs.", 3) != 0) ||
	    len >= sizeof(word))
		return false;
	memcpy(word, l->word[0], len);
	word[len] = '\0';
	if (!path)
		snprintf(name, sizeof(name), "%.79s", word);
	else if (!command_line_sysctl(word, name, sizeof(name)))
		return false;
	if (strncmp(name, "net.inet", 8) == 0) {
		r->bsd = true;
		return true;
	}
	r->linux_seen = true;
	if (!l->word[0][len])
		return l->n > 1 && strcmp(l->word[1], "=") == 0 && set(r, name, l, 2);
	if (!l->word[0][len + 1])
		return set(r, name, l, 1);
	/* "name=value": the value is a word of its own when it is split again. */
	line_set(&again, line_from(l, 0) + len + 1, strlen(line_from(l, 0) + len + 1),
		 l->ended);
	return set(r, name, &again, 0);
}

/* "Max open files  1024  4096  files"; "open files  (-n) 1024"; the collector's
 * "descriptors PID used N of M COMMAND" and "interval_ms N". */
bool read_limits(struct reading *r, const struct line *l, bool last)
{
	uint64_t used, of;

	(void)last;
	if (l->n >= 5 && strcmp(l->word[0], "Max") == 0 &&
	    strcmp(l->word[1], "open") == 0 && word_number(l->word[3], &of)) {
		r->open_files = maybe_of(of);
		return true;
	}
	if (l->n >= 4 && strcmp(l->word[0], "open") == 0 &&
	    strcmp(l->word[1], "files") == 0 && word_number(l->word[l->n - 1], &of)) {
		r->open_files = maybe_of(of);
		return true;
	}
	if (l->n == 2 && strcmp(l->word[0], "interval_ms") == 0 &&
	    word_number(l->word[1], &of)) {
		r->interval_ms = maybe_of(of);
		return true;
	}
	if (l->n < 6 || strcmp(l->word[0], "descriptors") != 0 ||
	    strcmp(l->word[2], "used") != 0 || !word_number(l->word[3], &used) ||
	    !word_number(l->word[5], &of) || !of)
		return false;
	if (!r->fd_used.known ||
	    (double)used / (double)of > (double)r->fd_used.n / (double)r->fd_limit.n) {
		r->fd_used = maybe_of(used);
		r->fd_limit = maybe_of(of);
		memset(r->fd_owner, 0, sizeof(r->fd_owner));
		if (l->n > 6)
			strncpy(r->fd_owner, l->word[6], sizeof(r->fd_owner) - 1);
	}
	return true;
}
