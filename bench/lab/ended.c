#include "bench/lab/ended.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/base/utf8.h"
#include "common/kernel/tcp_state.h"
#include "common/result/result.h"

#define LINE_SHOWN 400 /* bytes of one line */

/* ---- what it said */

/* The last lines that are not empty, an array; of a server its last line on stderr. */
static json_t *last_lines(const struct stage *s, size_t proc)
{
	json_t *lines = json_array();
	size_t len;
	char *text = stage_said(s, proc, &len), *rest = text, *line;

	for (char *nul = text; (nul = memchr(nul, '\0', len - (size_t)(nul - text)));)
		*nul = '?';
	while ((line = strsep(&rest, "\n"))) {
		line = shown_as_left(line);
		line[strnlen(line, LINE_SHOWN)] = '\0';
		utf8_tame(line, true);
		if (!line[strspn(line, " \t")])
			continue;
		json_array_append_new(lines, utf8_json(line));
		if (json_array_size(lines) > ENDED_LINES)
			json_array_remove(lines, 0);
	}
	free(text);
	return lines;
}

/* Its text, as most programs print it, or its name as a word. */
static bool names(const char *line, int error)
{
	const char *name = result_errno_name((unsigned)error), *at = line;
	size_t len = strlen(name);

	for (; (at = strstr(at, name)); at += len)
		if ((at == line || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[len]))
			return true;
	return strcasestr(line, strerror(error));
}

/* The first errno that a line names; NULL if it names none. */
static const char *named_in(const char *line)
{
	for (int error = 1; error < 134; error++) {
		const char *name = result_errno_name((unsigned)error);

		if (strcmp(name, "UNKNOWN") != 0 && names(line, error))
			return name;
	}
	return NULL;
}

/* The errno that the last line on stderr to name any names; if none there does, the last line of all. */
static json_t *errno_of(const struct last_words *complaints, json_t *lines)
{
	const char *name = NULL;

	for (unsigned i = last_words_kept(complaints); !name && i-- > 0;)
		name = named_in(last_words_at(complaints, i));
	for (size_t i = json_array_size(lines); !name && i-- > 0;)
		name = named_in(json_string_value(json_array_get(lines, i)));
	return name ? json_string(name) : json_null();
}

/* ---- who has the port */

char *ended_port(const struct stage_proc *end, char buf[ENDED_PORT])
{
	const struct port_holder *h = &end->holder;
	char from[ADDR_TEXT], to[ADDR_TEXT];

	buf[0] = '\0';
	if (!end->port || strstr(end->last, "has the port"))
		return buf;
	addr_print(&h->local, from, sizeof(from));
	addr_print(&h->remote, to, sizeof(to));
	if (addr_port(&h->remote))
		snprintf(buf, ENDED_PORT,
			 "; port %u is held by the connection %s to %s (%s)", end->port,
			 from, to, tcp_state_name(h->state));
	else
		snprintf(buf, ENDED_PORT, "; port %u is held by a socket that %s %s",
			 end->port,
			 h->state == STATE_LISTEN ? "listens at" : "is bound to", from);
	return buf;
}

static json_t *address_json(const struct addr *a)
{
	char text[ADDR_TEXT];

	return json_string(addr_print(a, text, sizeof(text)));
}

/* A socket that is bound alone is in none of the eleven that have a name of their own here. */
static const char *state_of(const struct port_holder *h)
{
	const char *name = tcp_state_name(h->state);

	return name ? name : "CLOSE";
}

static json_t *holder_json(const struct stage_proc *end)
{
	const struct port_holder *h = &end->holder;

	if (!end->port)
		return json_null();
	return json_pack("{s:i, s:o, s:o, s:s, s:o, s:i, s:i}", "port", (int)end->port,
			 "local", address_json(&h->local), "remote",
			 addr_port(&h->remote) ? address_json(&h->remote) : json_null(),
			 "state", state_of(h), "expires_s",
			 h->state == STATE_TIME_WAIT ? json_real(h->expires_ms / 1e3)
						     : json_null(),
			 "connections", (int)h->connections, "others", (int)h->others);
}

/* ---- the whole */

static void put_code(json_t *o, const struct stage_proc *end)
{
	bool known = end->by_itself;

	put(o, "exit_code",
	    known && WIFEXITED(end->status) ? json_integer(WEXITSTATUS(end->status))
					    : json_null());
	put(o, "signal",
	    known && WIFSIGNALED(end->status) ? json_integer(WTERMSIG(end->status))
					      : json_null());
}

static void put_cost(json_t *o, const struct stage_proc *end)
{
	double user_s = (double)end->user_us / 1e6,
	       system_s = (double)end->system_us / 1e6;

	put(o, "wall_s",
	    end->ended ? json_real((double)end->wall_ns / NS_PER_S) : json_null());
	put(o, "cpu_s", end->ended ? json_real(user_s + system_s) : json_null());
	put(o, "user_s", end->ended ? json_real(user_s) : json_null());
	put(o, "system_s", end->ended ? json_real(system_s) : json_null());
	put(o, "max_rss_kb",
	    end->ended ? json_integer((json_int_t)end->most_kb) : json_null());
}

json_t *ended_json(const struct stage *s, size_t proc)
{
	const struct stage_proc *end = &s->report->procs[proc];
	json_t *o = json_object(), *lines = last_lines(s, proc);
	json_t *last = json_array_get(lines, json_array_size(lines) - 1);

	put_code(o, end);
	put_cost(o, end);
	put(o, "errno", errno_of(&end->complaints, lines));
	put(o, "last",
	    *end->last ? utf8_json(end->last)
	    : last     ? json_incref(last)
		       : json_null());
	put(o, "lines", lines);
	put(o, "said_bytes",
	    s->said_fd[proc] != -1 ? json_integer((json_int_t)end->said) : json_null());
	put_count(o, "left_behind", end->left);
	put(o, "killed", json_boolean(end->stubborn));
	put(o, "held_by", holder_json(end));
	return o;
}

json_t *ended_skeleton(void)
{
	return json_pack("{s:n, s:n, s:n, s:n, s:n, s:n, s:n, s:n, s:n, s:[], s:n, s:n, "
			 "s:{s:n, s:n, "
			 "s:n, s:n, s:n, s:n, s:n}}",
			 "left_behind", "exit_code", "signal", "wall_s", "cpu_s",
			 "user_s", "system_s", "max_rss_kb", "errno", "last", "lines",
			 "said_bytes", "killed", "held_by", "port", "local", "remote",
			 "state", "expires_s", "connections", "others");
}

json_t *ended_processes(const struct stage *s)
{
	json_t *all = NULL;

	for (size_t i = 0; i < s->plan->n_procs; i++) {
		if (s->plan->procs[i].kind != SECTION_PROCESS ||
		    !s->report->procs[i].started)
			continue;
		all = all ? all : json_object();
		json_object_set_new(all, s->plan->procs[i].name, ended_json(s, i));
	}
	return all;
}
