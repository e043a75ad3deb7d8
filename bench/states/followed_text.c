#include "bench/states/followed.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/base/wrap.h"

static void say_states(struct wrap *w, const struct tcp_states *now,
		       const struct tcp_states *peak)
{
	char text[96], number[32];

	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		if (!peak->n[i] || i == STATE_LISTEN)
			continue;
		snprintf(number, sizeof(number), "%s", units_grouped(now->n[i]));
		snprintf(text, sizeof(text), "%s %s (peak %s)", tcp_state_name(i), number,
			 units_grouped(peak->n[i]));
		wrap_text(w, text);
	}
}

static void say_end(FILE *to, const struct seen_end *e)
{
	char host[INET6_ADDRSTRLEN] = "?", line[200];
	struct wrap w;

	inet_ntop(e->at.family, e->at.host, host, sizeof(host));
	if (e->others)
		snprintf(line, sizeof(line), "other ends");
	else if (e->accepted)
		snprintf(line, sizeof(line), "accepted at port %u", e->at.port);
	else
		snprintf(line, sizeof(line),
			 e->at.family == AF_INET6 ? "to [%s]:%u" : "to %s:%u", host,
			 e->at.port);
	wrap_begin(&w, to, fprintf(to, "  "));
	snprintf(line + strlen(line), sizeof(line) - strlen(line), ": %s connection%s;",
		 units_grouped(e->connections), e->connections == 1 ? "" : "s");
	wrap_text(&w, line);
	say_states(&w, &e->now, &e->peak);
	fputc('\n', to);
	if (!e->accepted && !e->others && e->time_wait_of_all > e->now.n[STATE_TIME_WAIT])
		fprintf(to, "    (TIME_WAIT to it on this host: %s, whoever's)\n",
			units_grouped(e->time_wait_of_all));
}

static void say_ending(const struct followed *f, FILE *to)
{
	double s = (double)f->took_ns / NS_PER_S;
	const char *program = f->argv[0];

	if (WIFSIGNALED(f->status))
		fprintf(to, "%s was killed by signal %d after %.2f s.\n", program,
			WTERMSIG(f->status), s);
	else
		fprintf(to, "%s ended with code %d after %.2f s.\n", program,
			WEXITSTATUS(f->status), s);
	if (f->left_behind)
		fprintf(to, "%zu process%s that it had started ran on.\n", f->left_behind,
			f->left_behind == 1 ? "" : "es");
}

static void say_counter(struct wrap *w, const struct followed *f, enum kernel_counter c,
			const char *what)
{
	char text[96];

	if (!(f->counters.known >> c & 1))
		return;
	snprintf(text, sizeof(text), "%s %s (%s)", what, units_grouped(f->counters.n[c]),
		 kernel_counter_name(c));
	wrap_text(w, text);
}

void followed_text(const struct followed *f, FILE *to)
{
	struct wrap w;

	say_ending(f, to);
	fprintf(to, "\nIts own sockets, by the descriptors of its processes:\n");
	for (unsigned i = 0; i < f->seen->n_ends; i++)
		say_end(to, &f->seen->end[i]);
	if (!f->seen->n_ends)
		fprintf(to, "  none was seen\n");
	if (f->seen->beyond)
		fprintf(to, "  and more than %d, which were not kept\n", SEEN_MOST);
	fprintf(to,
		"They were looked at %s times; a connection that began and ended between "
		"two "
		"looks is\nnot among them, but among those of this host.\n",
		units_grouped(f->looks));
	fprintf(to, "\nOn this host meanwhile, whoever's:\n");
	wrap_begin(&w, to, fprintf(to, "  "));
	say_counter(&w, f, KC_ActiveOpens, "connections opened");
	say_counter(&w, f, KC_PassiveOpens, "accepted");
	say_counter(&w, f, KC_TW, "TIME_WAIT entered");
	fputc('\n', to);
	if (tcp_states_total(&f->peak)) {
		wrap_begin(&w, to, fprintf(to, "  "));
		say_states(&w, &f->end, &f->peak);
		fputc('\n', to);
	}
	fprintf(to, "  TIME_WAIT before: %s\n",
		units_grouped(f->before.n[STATE_TIME_WAIT]));
}
