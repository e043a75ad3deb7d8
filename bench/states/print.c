#include "bench/states/print.h"

#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/base/units.h"

#define BAR_WIDTH 25

static bool wanted(const struct states_view *v, unsigned state)
{
	return v->want->states >> state & 1;
}

static uint64_t groups_shown(const struct states_view *v)
{
	return v->shot->groups->n < v->top ? v->shot->groups->n : v->top;
}

/* ---- text, one shot */

static void print_title(const struct states_view *v, FILE *to)
{
	const struct states_source *s = v->source;
	char when[32];

	clock_rfc3339(v->shot->wall_ns, when, sizeof(when));
	fprintf(to, "%s  netns %ju  by %s in %.1f ms\n", when, (uintmax_t)s->host.netns,
		s->method, v->shot->cost_ms);
	if (!s->diag)
		fprintf(to, "no sock_diag: %s\n", s->why_no_diag.text);
	if (v->ports_text)
		fprintf(to, "only ports %s\n", v->ports_text);
	if (v->states_text)
		fprintf(to, "only states %s\n", v->states_text);
}

static void format_share(uint64_t n, uint64_t of, char *buf, size_t size)
{
	if (of)
		snprintf(buf, size, "%.1f %%", 100.0 * (double)n / (double)of);
	else
		snprintf(buf, size, "-");
}

/* One row of the left table per line: the states but LISTEN, their total, LISTEN. */
struct left_lines {
	char at[TCP_STATE_MAX + 1][64];
	unsigned n;
};

static void add_state(struct left_lines *l, const char *name, uint64_t n, uint64_t of)
{
	char share[16];

	format_share(n, of, share, sizeof(share));
	snprintf(l->at[l->n++], sizeof(l->at[0]), "%-12s %11s %8s", name,
		 units_grouped(n), share);
}

static void fill_states(const struct states_view *v, struct left_lines *l)
{
	const struct tcp_states *s = &v->shot->states;
	uint64_t total = tcp_states_total(s);

	l->n = 0;
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (i != STATE_LISTEN && wanted(v, i))
			add_state(l, tcp_state_name(i), s->n[i], total);
	add_state(l, "total", total, total);
	if (wanted(v, STATE_LISTEN))
		add_state(l, "LISTEN", s->n[STATE_LISTEN], 0);
}

static void print_left(const struct states_shot *shot, unsigned bucket, FILE *to)
{
	static const char bar[BAR_WIDTH + 1] = "#########################";
	uint64_t most = 1, n = shot->left[bucket];
	int width;

	for (unsigned i = 0; i < STATES_LEFT_BUCKETS; i++)
		if (shot->left[i] > most)
			most = shot->left[i];
	width = (int)((n * BAR_WIDTH + most - 1) / most); /* one # at least if any */
	fprintf(to, "   %-7s %9s%s%.*s", states_left_name(bucket), units_grouped(n),
		width ? " " : "", width, bar);
}

/* The states on the left, the time TIME_WAIT has left on the right: one small screen. */
static void print_tables(const struct states_view *v, FILE *to)
{
	bool times = v->shot->states.n[STATE_TIME_WAIT] > 0;
	struct left_lines left;
	unsigned lines;

	fill_states(v, &left);
	lines = times && left.n < STATES_LEFT_BUCKETS ? STATES_LEFT_BUCKETS : left.n;
	fprintf(to, "\n%-12s %11s %8s%s\n", "STATE", "COUNT", "SHARE",
		times ? "   TIME_WAIT: seconds left" : "");
	for (unsigned i = 0; i < lines; i++) {
		if (i < left.n)
			fputs(left.at[i], to);
		else
			fprintf(to, "%33s", "");
		if (times && i < STATES_LEFT_BUCKETS)
			print_left(v->shot, i, to);
		fputc('\n', to);
	}
}

static void print_footer(const struct states_view *v, FILE *to)
{
	const struct states_shot *shot = v->shot;

	if (shot->left[0])
		fputs("expired: its time is over, and the kernel takes it within 2 s\n",
		      to);
	if (shot->has_sockstat)
		fprintf(to,
			"sockstat: inuse %s, tw %s (TIME_WAIT, and FIN_WAIT2 after "
			"close)\n",
			units_grouped(shot->sockstat.inuse),
			units_grouped(shot->sockstat.tw));
}

/* ---- text, by peer or port */

static int key_width(const struct states_view *v)
{
	char text[STATES_KEY_TEXT];
	size_t width = 12;

	for (uint64_t i = 0; i < groups_shown(v); i++) {
		size_t len = strlen(states_key_print(&v->shot->groups->at[i].key, text));

		width = len > width ? len : width;
	}
	return (int)width;
}

static void print_group(const struct states_group *g, int width, FILE *to)
{
	char text[STATES_KEY_TEXT];
	const uint32_t *n = g->n;

	fprintf(to, "%-*s %7u %6u %8u %8u %7u\n", width, states_key_print(&g->key, text),
		g->total, n[STATE_ESTABLISHED], n[STATE_TIME_WAIT], n[STATE_CLOSE_WAIT],
		g->total - n[STATE_ESTABLISHED] - n[STATE_TIME_WAIT] -
			n[STATE_CLOSE_WAIT]);
}

static void print_groups(const struct states_view *v, FILE *to)
{
	const struct states_groups *g = v->shot->groups;
	static const char *const titles[] = { "", "PEER", "PORT/SIDE", "END" };
	const char *title = titles[v->want->by], *what = states_by_names[v->want->by];
	int width = key_width(v);
	uint64_t rest = 0;
	uint64_t shown = groups_shown(v);

	fprintf(to, "\n%-*s %7s %6s %8s %8s %7s\n", width, title, "TOTAL", "ESTAB",
		"TIME_W", "CLOSE_W", "OTHER");
	for (uint64_t i = 0; i < shown; i++)
		print_group(&g->at[i], width, to);
	for (uint64_t i = shown; i < g->n; i++)
		rest += g->at[i].total;
	if (rest)
		fprintf(to, "and %ju sockets of %ju more %ss\n", (uintmax_t)rest,
			(uintmax_t)(g->n - shown), what);
	if (g->over_limit)
		fprintf(to, "and %ju others, not told apart: more than %d %ss\n",
			(uintmax_t)g->over_limit, STATES_GROUPS_MAX, what);
}

/* ---- text, a line a round */

static const struct {
	unsigned state;
	int width;
	const char *head;
} columns[] = {
	{ STATE_ESTABLISHED, 8, "estab" }, { STATE_SYN_SENT, 7, "synsnt" },
	{ STATE_SYN_RECV, 7, "synrcv" },   { STATE_FIN_WAIT1, 7, "finwt1" },
	{ STATE_FIN_WAIT2, 7, "finwt2" },  { STATE_TIME_WAIT, 9, "timewait" },
	{ STATE_CLOSE_WAIT, 7, "closwt" }, { STATE_LAST_ACK, 7, "lstack" },
	{ STATE_CLOSING, 6, "closg" },     { STATE_LISTEN, 6, "listn" },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* CLOSE has no column: such a socket is no connection, and the line would not fit. */
static void print_line(const struct states_view *v, FILE *to)
{
	time_t s = (time_t)(v->shot->wall_ns / NS_PER_S);
	char when[16];
	struct tm tm;

	localtime_r(&s, &tm);
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	if (v->header) {
		if (!v->source->diag)
			fprintf(to, "from /proc/net/tcp; no sock_diag: %s\n",
				v->source->why_no_diag.text);
		fprintf(to, "%8s", "time");
		for (unsigned i = 0; i < COLUMNS; i++)
			fprintf(to, "%*s", columns[i].width, columns[i].head);
		fputc('\n', to);
	}
	fputs(when, to);
	for (unsigned i = 0; i < COLUMNS; i++) {
		if (wanted(v, columns[i].state))
			fprintf(to, " %*ju", columns[i].width - 1,
				(uintmax_t)v->shot->states.n[columns[i].state]);
		else
			fprintf(to, " %*s", columns[i].width - 1, "-");
	}
	fputc('\n', to);
}

void states_print_text(const struct states_view *v, FILE *to)
{
	if (v->rounds && v->want->by == STATES_BY_STATE) {
		print_line(v, to);
		return;
	}
	print_title(v, to);
	if (v->want->by == STATES_BY_STATE) {
		print_tables(v, to);
		print_footer(v, to);
	} else {
		print_groups(v, to);
	}
	if (v->rounds)
		fputc('\n', to);
}

/* ---- CSV: a row a round, or a row a round and group; what was not asked for is empty */

static void csv_head(const struct states_view *v, FILE *to)
{
	fprintf(to, "taken_at,method,%stotal",
		v->want->by == STATES_BY_STATE ? "" : "key,");
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		fprintf(to, ",%s", tcp_state_name(i));
	fputs(v->want->by == STATES_BY_STATE ? ",sockstat_tw,sockstat_inuse,cost_ms\n"
					     : "\n",
	      to);
}

static void csv_count(const struct states_view *v, unsigned state, uint64_t n, FILE *to)
{
	if (wanted(v, state))
		fprintf(to, ",%ju", (uintmax_t)n);
	else
		fputc(',', to);
}

static void csv_state_row(const struct states_view *v, const char *when, FILE *to)
{
	const struct states_shot *shot = v->shot;

	fprintf(to, "%s,%s,%ju", when, v->source->method,
		(uintmax_t)tcp_states_total(&shot->states));
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		csv_count(v, i, shot->states.n[i], to);
	if (shot->has_sockstat)
		fprintf(to, ",%ju,%ju", (uintmax_t)shot->sockstat.tw,
			(uintmax_t)shot->sockstat.inuse);
	else
		fputs(",,", to);
	fprintf(to, ",%.3f\n", shot->cost_ms);
}

static void csv_group_row(const struct states_view *v, const char *when,
			  const struct states_group *g, FILE *to)
{
	char text[STATES_KEY_TEXT];

	fprintf(to, "%s,%s,%s,%u", when, v->source->method,
		states_key_print(&g->key, text), g->total);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		csv_count(v, i, g->n[i], to);
	fputc('\n', to);
}

void states_print_csv(const struct states_view *v, FILE *to)
{
	char when[32];

	clock_rfc3339(v->shot->wall_ns, when, sizeof(when));
	if (v->header)
		csv_head(v, to);
	if (v->want->by == STATES_BY_STATE) {
		csv_state_row(v, when, to);
		return;
	}
	for (uint64_t i = 0; i < groups_shown(v); i++)
		csv_group_row(v, when, &v->shot->groups->at[i], to);
}

/* ---- netstat's lines */

static int compare_names(const void *a, const void *b)
{
	return strcmp(tcp_state_netstat_name(*(const unsigned *)a),
		      tcp_state_netstat_name(*(const unsigned *)b));
}

void states_print_netstat(const struct states_view *v, FILE *to)
{
	unsigned order[TCP_STATE_MAX] = { 0 }, n = 0;

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (i != STATE_LISTEN && v->shot->states.n[i])
			order[n++] = i;
	qsort(order, n, sizeof(order[0]), compare_names);
	for (unsigned i = 0; i < n; i++)
		fprintf(to, "%s %ju\n", tcp_state_netstat_name(order[i]),
			(uintmax_t)v->shot->states.n[order[i]]);
	if (v->rounds)
		fputc('\n', to);
}
