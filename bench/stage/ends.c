#include "bench/stage/ends.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/base/clock.h"

/* ---- who has the port */

static const char *in_use(const char *line)
{
	const char *text = strcasestr(line, "address already in use");

	return text ? text : strcasestr(line, "EADDRINUSE");
}

/* The port of the last ":PORT" in front of `said`, or the first behind it; 0 = there is none. */
static unsigned port_of(const char *line, const char *said)
{
	unsigned found = 0;

	for (const char *at = line; (at = strchr(at, ':')); at++) {
		char *end;
		unsigned long port = strtoul(at + 1, &end, 10);

		if (at > said && found)
			break;
		if (isdigit((unsigned char)at[1]) && port >= 1 && port <= 65535 &&
		    !(*end == ':' && isdigit((unsigned char)end[1])))
			found = (unsigned)port;
	}
	return found;
}

/* Who has the port; false if nobody has. */
static bool find_holder(unsigned port, struct stage_proc *to)
{
	struct addr any = { .len = sizeof(any.in6) };
	struct err ignored;

	any.in6.sin6_family = AF_INET6;
	addr_set_port(&any, (uint16_t)port);
	if (!port || port_holder_find(&any, NULL, false, &to->holder, &ignored) < 0 ||
	    to->holder.connections + to->holder.others == 0)
		return false;
	to->port = port;
	return true;
}

/* The port that the last line to speak of one names; what is taken for it may be the time of day,
 * so then nobody has it, and it is the port that the process should listen at. */
static void look(const struct part *part, size_t i, const struct netns *net,
		 struct stage *s)
{
	struct stage_proc *to = &s->report->procs[i];
	size_t host = (size_t)(part->proc->host - s->plan->hosts), len;
	char *text = s->said_fd[i] != -1 ? kept_read(s->said_fd[i], to->said, &len)
					 : text_dup(part->child->last);
	char *rest = text, *line;
	struct err ignored;
	unsigned port = 0;
	bool said = false;

	while ((line = strsep(&rest, "\n"))) {
		const char *at = in_use(line);

		said = said || at;
		port = at ? port_of(line, at) : port;
	}
	if (said && netns_enter(net, host, &ignored) == 0 && !find_holder(port, to))
		find_holder(part->proc->ready_port, to);
	free(text);
}

/* ---- who runs on */

static bool has_mark(const char *pid, const char *mark, size_t len)
{
	char path[64], text[32 << 10];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd == -1 ? -1 : read(fd, text, sizeof(text));
	if (fd != -1)
		close(fd);
	return n > 0 && memmem(text, (size_t)n, mark, len);
}

/* A load that forks away has ended, and its load goes on.  Its processes know whose they are, by
 * their environment, whatever session and parent they have. */
static unsigned still_running(const struct part *part)
{
	char *mark = text_printf(CHILD_MARK "=%s", part->label);
	DIR *all = opendir("/proc");
	struct dirent *one;
	unsigned n = 0;

	while (all && (one = readdir(all)))
		n += isdigit((unsigned char)*one->d_name) &&
		     has_mark(one->d_name, mark, strlen(mark) + 1);
	if (all)
		closedir(all);
	free(mark);
	return n;
}

void ends_look(struct part *parts, const struct netns *net, struct stage *s)
{
	for (size_t i = 0; i < s->plan->n_procs; i++) {
		struct part *part = &parts[i];

		if (part->looked_at || !part_has_ended(part))
			continue;
		part->looked_at = true;
		if (part->proc->counts)
			s->report->procs[i].left = still_running(part);
		if (!part->child->asked_to_end &&
		    !plan_ended_well(part->proc, part->child->status))
			look(part, i, net, s);
	}
}

/* ---- the whole */

void ends_report(const struct part *parts, struct stage *s)
{
	for (size_t i = 0; i < s->plan->n_procs; i++) {
		const struct child *c = parts[i].child;
		struct stage_proc *to = &s->report->procs[i];

		if (!c)
			continue;
		to->status = c->status;
		to->ended = c->ended;
		to->by_itself = c->ended && !c->asked_to_end;
		to->began_ns = clock_wall_ns() - (clock_ns() - parts[i].started_ns);
		to->ended_ns = c->ended_ns;
		to->words = c->words;
		to->complaints = c->complaints;
		to->wall_ns = c->ended ? c->ended_ns - parts[i].started_ns : 0;
		to->user_us = c->user_us;
		to->system_us = c->system_us;
		to->most_kb = c->most_kb;
		memcpy(to->last, c->last, sizeof(to->last));
	}
}
