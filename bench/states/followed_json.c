#include "bench/states/followed.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/wait.h>
#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/base/utf8.h"
#include "common/result/result.h"

/* ---- how it ended */

/* Why it is not complete: {code, message}; NULL if it is. */
static json_t *error_json(const struct followed *f)
{
	char text[60];

	if (!f->caught && !WIFSIGNALED(f->status))
		return NULL;
	if (f->caught)
		snprintf(text, sizeof(text), "was interrupted by signal %d", f->caught);
	else
		snprintf(text, sizeof(text), "was killed by signal %d",
			 WTERMSIG(f->status));
	return json_pack("{s:s, s:s}", "code", f->caught ? "interrupted" : "failed",
			 "message", text);
}

static json_t *run_json(const struct followed *f)
{
	json_t *argv = json_array();
	char started[40];

	for (char *const *word = f->argv; *word; word++)
		json_array_append_new(argv, utf8_json(*word));
	clock_rfc3339(f->began_wall_ns, started, sizeof(started));
	return json_pack("{s:o, s:s, s:f}", "argv", argv, "started_at", started,
			 "duration_s", (double)f->took_ns / NS_PER_S);
}

static void put_code(json_t *o, int status)
{
	put(o, "exit_code",
	    WIFEXITED(status) ? json_integer(WEXITSTATUS(status)) : json_null());
	put(o, "signal",
	    WIFSIGNALED(status) ? json_integer(WTERMSIG(status)) : json_null());
}

/* ---- its own sockets */

static json_t *end_json(const struct seen_end *e)
{
	json_t *o = json_object();

	put_count(o, "connections", e->connections);
	put(o, "states",
	    json_pack("{s:o, s:o}", "peak", result_states(&e->peak), "end",
		      result_states(&e->now)));
	if (!e->accepted && !e->others)
		put_count(o, "time_wait_of_all", e->time_wait_of_all);
	return o;
}

static char *key_of(const struct seen_end *e, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";

	inet_ntop(e->at.family, e->at.host, host, sizeof(host));
	if (e->accepted)
		snprintf(buf, size, "%u", e->at.port);
	else
		snprintf(buf, size, e->at.family == AF_INET6 ? "[%s]:%u" : "%s:%u", host,
			 e->at.port);
	return buf;
}

static json_t *own_json(const struct followed *f)
{
	json_t *o = json_object(), *to = json_object(), *at = json_object();
	json_t *others = json_null();
	char key[INET6_ADDRSTRLEN + 10];

	for (unsigned i = 0; i < f->seen->n_ends; i++) {
		const struct seen_end *e = &f->seen->end[i];

		if (e->others)
			others = end_json(e);
		else
			put(e->accepted ? at : to, key_of(e, key, sizeof(key)),
			    end_json(e));
	}
	put_count(o, "looks", f->looks);
	put(o, "to", to);
	put(o, "at", at);
	put(o, "others", others);
	put_count(o, "not_kept", f->seen->beyond);
	return o;
}

/* ---- the whole */

json_t *followed_json(const struct followed *f)
{
	json_t *o = json_object(), *error = error_json(f);

	put_text(o, "schema", COMMAND_SCHEMA);
	put(o, "complete", json_boolean(!error));
	if (error)
		put(o, "error", error);
	put(o, "tool", result_tool());
	put(o, "run", run_json(f));
	put(o, "host",
	    json_pack("{s:s, s:I}", "kernel", f->host.kernel, "netns",
		      (json_int_t)f->host.netns));
	put_code(o, f->status);
	put_count(o, "left_behind", f->left_behind);
	put(o, "own", own_json(f));
	put(o, "meanwhile",
	    json_pack("{s:{s:o, s:o, s:o}, s:o}", "states", "before",
		      result_states(&f->before), "peak", result_states(&f->peak), "end",
		      result_states(&f->end), "counters", result_counters(&f->counters)));
	return o;
}
