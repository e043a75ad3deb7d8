/* What is told of an observed host: when its ports were all in use, and of how many ends. */
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "bench/observe/conntrack.h"
#include "bench/observe/document.h"
#include "bench/observe/observed.h"
#include "common/base/clock.h"
#include "common/result/result.h"
#include "tests/check_main.h"

#define MS NS_PER_MS
#define T0 (1000 * NS_PER_S)

/* ---- fullness */

/* clang-format off */
static const struct row {
	const char *what;
	struct look { unsigned at_ms, waiting, open, first_ms, last_ms; } look[4]; /* of 100 ports */
	int full_ms, within_ms;    /* -1 = never */
	int expected_ms;           /* -1 = no prediction, then the reason has this word: */
	const char *reason;
} rows[] = {
	{ "a rate that is known at a quarter",
	  { { 100, 10, 0, 10, 100 }, { 300, 30, 0, 10, 300 }, { 1100, 100, 0, 10, 1000 } }, 1000, 10, 1000, NULL },
	{ "connections that last: the last had its port before it closed",
	  { { 900, 60, 5, 60, 650 }, { 1100, 100, 0, 60, 1050 } }, 1050, 60, 1250, NULL },
	{ "and had it after the last count that found one free",
	  { { 900, 50, 40, 60, 650 }, { 1100, 100, 0, 60, 1050 } }, 1050, 150, 1020, NULL },
	{ "a port free at every count", { { 100, 10, 0, 10, 100 }, { 2000, 99, 0, 10, 990 } }, -1, -1, 2010, NULL },
	{ "full at the first count", { { 100, 100, 0, 1, 90 } }, 90, 10, -1, "before they had been counted twice" },
	{ "some were open then, and in TIME_WAIT later",
	  { { 900, 10, 0, 100, 900 }, { 1000, 98, 2, 100, 985 }, { 1100, 100, 0, 100, 995 } }, 995, 10, -1, "before" },
	{ "that TIME_WAIT came after the count", { { 900, 10, 0, 0, 800 }, { 1000, 98, 2, 0, 985 }, { 1100, 100, 0, 0, 1050 } },
	  1000, 100, -1, "before" },
	{ "open connections", { { 500, 0, 30, 0, 0 }, { 600, 0, 100, 0, 0 } }, 600, 100, -1, "open connections" },
	{ "few", { { 500, 20, 0, 1, 400 } }, -1, -1, -1, "less than a quarter" },
	{ "each port returns in time", { { 40000, 30, 0, 1000, 39000 } }, -1, -1, -1, "free again" },
	{ "taken again", { { 400, 30, 0, 1, 390 }, { 1500, 80, 0, 900, 1400 } }, -1, -1, -1, "TWRecycled" },
};
/* clang-format on */

TEST_ROWS(tells_when_ports_were_full, rows)
{
	struct fullness f = { 0 };

	for (const struct look *l = row->look; l < row->look + 4 && l->at_ms; l++) {
		struct fullness_look look = { .t_ns = T0 + l->at_ms * MS,
					      .budget = 100,
					      .first_birth_ns = T0 + l->first_ms * MS,
					      .last_birth_ns = T0 + l->last_ms * MS,
					      .taken_again = row->reason &&
							     strcmp(row->reason,
								    "TWRecycled") == 0 &&
							     l > row->look };

		look.in_range.n[STATE_TIME_WAIT] = l->waiting;
		look.in_range.n[STATE_ESTABLISHED] = l->open;
		fullness_note(&f, &look);
	}
	ck_assert_msg(f.full == (row->full_ms >= 0), "%s", row->what);
	if (f.full) {
		ck_assert_msg(f.full_ns == T0 + (unsigned)row->full_ms * MS, "%s: %llu",
			      row->what, (f.full_ns - T0) / MS);
		ck_assert_msg(f.within_ns == (unsigned)row->within_ms * MS, "%s: %llu",
			      row->what, (unsigned long long)f.within_ns);
	}
	if (row->expected_ms < 0) {
		const char *reason = fullness_reason(f.why);

		ck_assert_msg(reason && strstr(reason, row->reason), "%s: %s", row->what,
			      reason);
		return;
	}
	ck_assert_msg(f.why == FULLNESS_KNOWN, "%s: %s", row->what,
		      fullness_reason(f.why));
	ck_assert_msg(f.expected_ns / MS == T0 / MS + (unsigned)row->expected_ms,
		      "%s: %llu", row->what, (f.expected_ns - T0) / MS);
}

/* Open connections: the count comes late, a connection that found no port is earlier. */
TEST(a_lack_of_ports_tells_when_they_were_full)
{
	struct fullness f = { 0 };
	struct fullness_look look = { .t_ns = T0 + 900 * MS, .budget = 10 };

	look.in_range.n[STATE_ESTABLISHED] = 9;
	fullness_note(&f, &look);
	fullness_no_port(&f, T0 + 950 * MS); /* another end's: this one has a port left */
	ck_assert(!f.full);
	look.in_range.n[STATE_ESTABLISHED] = 10;
	look.t_ns = T0 + 1400 * MS;
	fullness_note(&f, &look);
	ck_assert(f.full && f.full_ns == look.t_ns);
	fullness_no_port(&f, T0 + 800 * MS);
	ck_assert(f.full_ns == look.t_ns);
	fullness_no_port(&f, T0 + 1000 * MS);
	ck_assert_uint_eq(f.full_ns, T0 + 1000 * MS);
	ck_assert_uint_eq(f.within_ns, 100 * MS);
	fullness_no_port(&f, T0 + 1200 * MS);
	ck_assert_uint_eq(f.full_ns, T0 + 1000 * MS);
}

/* ---- many ends */

static struct ends_key key_of(unsigned i, enum ends_kind kind)
{
	unsigned char host[4] = { 198, 18, (unsigned char)(i >> 8), (unsigned char)i };

	return (struct ends_key){ .end = endpoint_make(AF_INET, host, 80), .kind = kind };
}

static const struct observe_host here = { .name = "here" };

/* i + 1 sockets each, counted in a dump; then half as many. */
static void count_ends(struct counted *c, unsigned n)
{
	for (unsigned part = 1; part <= 2; part++) {
		ends_clear(&c->ends, true);
		for (unsigned i = 0; i < n; i++) {
			struct ends_key key = key_of(i, ENDS_TO);
			struct ends_row *row = ends_row(&c->ends, &key);

			if (row)
				row->now.n[STATE_TIME_WAIT] = (i + 1) / part;
			else
				c->ends.beyond.n[STATE_TIME_WAIT] += (i + 1) / part;
		}
		ends_peaks(&c->ends, true);
	}
}

static json_t *document_of(unsigned n)
{
	struct counted *c = calloc(1, sizeof(*c));
	json_t *doc;

	c->host = &here;
	ck_assert(ends_init(&c->ends, NULL) == 0);
	count_ends(c, n);
	doc = document_host(c, 0);
	ends_done(&c->ends);
	free(c);
	return doc;
}

static long figure(const json_t *doc, const char *path)
{
	const json_t *found = result_at(doc, path);

	ck_assert_msg(json_is_integer(found), "%s", path);
	return (long)json_integer_value(found);
}

TEST(keeps_the_largest_ends_and_sums_the_rest)
{
	const unsigned sizes[] = { 0, 1, 64, 65, 5000, ENDS_MAX, ENDS_MAX + 1000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned n = sizes[i], known = n < ENDS_MAX ? n : ENDS_MAX;
		json_t *doc = document_of(n), *to = json_object_get(doc, "to"), *one;
		long all = figure(doc, "others.states.peak.TIME_WAIT");
		unsigned least = known > OBSERVE_KEPT ? known - OBSERVE_KEPT + 1 : 1;
		const char *address;

		ck_assert_int_eq(json_object_size(to),
				 n < OBSERVE_KEPT ? n : OBSERVE_KEPT);
		ck_assert_int_eq(figure(doc, "others.ends"),
				 known > OBSERVE_KEPT ? known - OBSERVE_KEPT : 0);
		json_object_foreach (to, address, one) {
			long peak = figure(one, "states.peak.TIME_WAIT");

			ck_assert_int_ge(peak, least);
			ck_assert_int_eq(figure(one, "states.end.TIME_WAIT"), peak / 2);
			all += peak;
		}
		ck_assert_int_eq(all, (long)n * (n + 1) / 2);
		json_decref(doc);
	}
}

/* A count of the open ones alone: who was in TIME_WAIT at the last count of all may be one of them now. */
TEST(a_port_that_is_taken_again_counts_once)
{
	struct counted *c = calloc(1, sizeof(*c));
	struct ends_key key = key_of(1, ENDS_TO);
	struct ends_row *row;

	ck_assert(ends_init(&c->ends, NULL) == 0);
	row = ends_row(&c->ends, &key);
	row->now.n[STATE_TIME_WAIT] = 300;
	ends_peaks(&c->ends, true);
	ends_clear(&c->ends, false);
	row->now.n[STATE_ESTABLISHED] = 2;
	ends_peaks(&c->ends, false);
	ck_assert_uint_eq(row->sockets_peak, 300);
	ck_assert_uint_eq(row->outside_peak, 300);
	ck_assert_uint_eq(row->peak.n[STATE_TIME_WAIT], 300);
	ends_clear(&c->ends, false);
	row->now.n[STATE_ESTABLISHED] = 301;
	ends_peaks(&c->ends, false);
	ck_assert_uint_eq(row->sockets_peak, 301);
	ends_done(&c->ends);
	free(c);
}

/* ---- the run's own time, and its clients' word */

#define DOC                                                                              \
	"{'begin_wall_ns': 1796039993500000000, 'hosts': {'a': {'failures': null,"       \
	" 'to': {'198.18.0.11:80': {'ports': {'full_at_s': 1.0, 'held': 7}}},"           \
	" 'series': [{'t': 0.25}]}}}"
#define RESULT                                                                           \
	"{'run': {'started_at': '2026-11-30T11:59:53.750Z'}, 'ports': {'exhausted': "    \
	"true},"                                                                         \
	" 'targets': [{'address': '198.18.0.11:80', 'failed': {'EADDRNOTAVAIL': 3}}]}"

static json_t *read_json(const char *text)
{
	char copy[1000];
	json_t *doc;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = copy; (at = strchr(at, '\''));)
		*at = '"';
	doc = json_loads(copy, 0, NULL);
	ck_assert(doc);
	return doc;
}

static double real(const json_t *doc, const char *path)
{
	const json_t *found = result_at(doc, path);

	ck_assert_msg(json_is_number(found), "%s", path);
	return json_number_value(found);
}

TEST(moments_are_of_the_result)
{
	json_t *doc = read_json(DOC), *result = read_json(RESULT);
	json_t *hosts = observed_hosts(doc, result);
	const json_t *reason;

	ck_assert_double_eq_tol(real(hosts, "a.to.198.18.0.11:80.ports.full_at_s"), 0.75,
				1e-6);
	ck_assert_double_eq_tol(real(hosts, "a.series.0.t"), 0, 1e-6);
	ck_assert_int_eq(figure(hosts, "a.to.198.18.0.11:80.ports.held"), 7);
	ck_assert(json_is_null(result_at(hosts, "a.to.198.18.0.11:80.ports.exhausted")));
	reason = result_at(hosts, "a.to.198.18.0.11:80.ports.exhausted_reason");
	ck_assert(strstr(json_string_value(reason), "observe-failures"));
	json_decref(hosts);
	observed_client(doc, "b", "c", result);
	observed_client(doc, "a", "main", result);
	hosts = observed_hosts(doc, result);
	ck_assert(json_is_true(result_at(hosts, "a.to.198.18.0.11:80.ports.exhausted")));
	ck_assert_str_eq(json_string_value(result_at(
				 hosts, "a.to.198.18.0.11:80.ports.exhausted_by")),
			 "client main");
	json_decref(hosts);
	json_decref(result);
	json_decref(doc);
}

/* ---- connection tracking */

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[400];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *at = path + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		mkdir(path, 0700);
	}
	f = fopen(path, "w");
	ck_assert_msg(f, "%s", path);
	fputs(text, f);
	fclose(f);
}

/* A header of some kernel, a line for each CPU, in base 16. */
TEST(connection_tracking_is_summed_over_cpus)
{
	char dir[] = "/tmp/twstorm-conntrack-XXXXXX", none[80];
	struct conntrack c;

	ck_assert(mkdtemp(dir));
	snprintf(none, sizeof(none), "%s/none", dir);
	conntrack_open(&c, none);
	ck_assert(!conntrack_is_there(&c));
	conntrack_read(&c, 4, 7);
	ck_assert(!c.now.max && !c.last_ns);
	write_file(dir, "sys/net/netfilter/nf_conntrack_count", "3\n");
	write_file(dir, "sys/net/netfilter/nf_conntrack_max", "65536\n");
	write_file(dir, "thread-self/net/stat/nf_conntrack",
		   "entries  found insert_failed new drop early_drop\n"
		   "00000003  00000001 0000000a 00000000 00000010 00000002\n"
		   "00000003  00000002 00000000 00000000 00000001 00000000\n");
	conntrack_open(&c, dir);
	ck_assert(conntrack_is_there(&c));
	ck_assert_uint_eq(c.first.stat.insert_failed, 10);
	ck_assert_uint_eq(c.first.stat.drop, 17);
	ck_assert_uint_eq(c.first.stat.found, 3);
	ck_assert_uint_eq(c.first.stat.early_drop, 2);
	conntrack_read(&c, 4, 7);
	ck_assert_uint_eq(c.now.count, 3);
	ck_assert_uint_eq(c.count_peak, 3);
	ck_assert_uint_eq(c.now.max, 65536);
	conntrack_close(&c);
	write_file(dir, "sys/net/netfilter/nf_conntrack_count", "0\n");
	conntrack_open(&c, dir);
	conntrack_read(&c, 1, 9);
	ck_assert(!c.last_ns && !c.count_peak);
	conntrack_close(&c);
}

/* ---- destroyed sockets */

static void found_none(struct no_port *p, int family, unsigned i)
{
	struct ends_key key = key_of(i, ENDS_TO);
	struct endpoint host = endpoint_make(family, key.end.host, 0);
	struct no_port_peer *peer = p->peer;

	while (peer < p->peer + p->n && endpoint_compare(&peer->host, &host) != 0)
		peer++;
	p->n += peer == p->peer + p->n;
	peer->host = host;
	peer->exact = family == AF_INET;
	peer->waiting += 5;
	peer->first_ns = T0;
}

/* What a full dump found there, of 10 ports. */
static struct ends_row *end_at(struct ends *e, int family, unsigned i, uint16_t port,
			       unsigned in_use)
{
	struct ends_key key = key_of(i, ENDS_TO);
	struct fullness_look look = { .t_ns = T0, .budget = 10 };
	struct ends_row *row;

	key.end.family = (uint16_t)family;
	key.end.port = port;
	row = ends_row(e, &key);
	look.in_range.n[STATE_ESTABLISHED] = in_use;
	fullness_note(&row->full, &look);
	return row;
}

static unsigned unplaced_at(const struct no_port *p, const struct ends_row *row)
{
	return (unsigned)no_port_unplaced_at(p, &row->key.end);
}

TEST(a_lack_of_ports_is_the_end_s_that_has_none)
{
	struct no_port p = { 0 };
	struct ends e;
	struct ends_row *alone, *full, *six, *two;
	const struct ends_row *free_one;

	ck_assert(ends_init(&e, NULL) == 0);
	alone = end_at(&e, AF_INET, 1, 80, 3);
	full = end_at(&e, AF_INET, 2, 80, 10);
	free_one = end_at(&e, AF_INET, 2, 81, 9);
	six = end_at(&e, AF_INET6, 3, 80, 9);
	two = end_at(&e, AF_INET, 4, 80, 10);
	end_at(&e, AF_INET, 4, 81, 10);
	found_none(&p, AF_INET, 1);
	found_none(&p, AF_INET, 2);
	found_none(&p, AF_INET6, 3);
	found_none(&p, AF_INET, 4);
	found_none(&p, AF_INET, 9);
	no_port_settle(&p, &e);
	ck_assert_int_eq(alone->no_port, 5);
	ck_assert_int_eq(full->no_port, 5);
	ck_assert_int_eq(free_one->no_port, 0);
	ck_assert_int_eq(six->no_port, 0); /* a port was left: it failed otherwise */
	ck_assert_int_eq(p.others, 5);
	ck_assert_int_eq(no_port_unplaced(&p), 10); /* both are full; nobody is there */
	ck_assert_int_eq(unplaced_at(&p, two), 5);
	ck_assert_int_eq(unplaced_at(&p, alone), 0); /* those were for other addresses */
	end_at(&e, AF_INET6, 3, 80, 10);
	found_none(&p, AF_INET6, 3);
	no_port_settle(&p, &e);
	ck_assert_int_eq(six->no_port, 5);
	ends_done(&e);
}

/* A port came back meanwhile: what failed before the dump was for the end that had none at the one before. */
TEST(a_port_that_came_back_does_not_hide_whose_lack_it_was)
{
	struct no_port p = { 0 };
	struct ends_row *was, *other;
	struct ends e;

	ck_assert(ends_init(&e, NULL) == 0);
	end_at(&e, AF_INET, 1, 80, 10);
	was = end_at(&e, AF_INET, 1, 80, 9);
	other = end_at(&e, AF_INET, 1, 81, 9);
	found_none(&p, AF_INET, 1);
	no_port_settle(&p, &e);
	ck_assert_int_eq(was->no_port, 5);
	/* Both had none between these dumps; that one alone has none later tells nothing. */
	end_at(&e, AF_INET, 1, 80, 10);
	end_at(&e, AF_INET, 1, 81, 10);
	found_none(&p, AF_INET, 1);
	no_port_settle(&p, &e);
	for (int dump = 0; dump < 2; dump++)
		end_at(&e, AF_INET, 1, 80, 9);
	no_port_settle(&p, &e);
	ck_assert_int_eq(was->no_port, 5);
	ck_assert_int_eq(other->no_port, 0);
	ck_assert_int_eq(unplaced_at(&p, other), 5);
	ends_done(&e);
}

CHECK_MAIN("observe")
