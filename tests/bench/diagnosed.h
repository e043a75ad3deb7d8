/* diagnosed - the document that `twstorm doctor` makes of a text, for tests. */
#ifndef TWSTORM_TESTS_BENCH_DIAGNOSED_H
#define TWSTORM_TESTS_BENCH_DIAGNOSED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/doc.h"
#include "bench/doctor/findings.h"
#include "common/result/condition.h"

#define SS "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
#define NETSTAT                                                                          \
	"Active Internet connections (servers and established)\n"                        \
	"Proto Recv-Q Send-Q Local Address Foreign Address State\n"

static inline void read_text(struct reading *r, const char *text)
{
	reading_begin(r);
	while (*text) {
		size_t len = strcspn(text, "\n");
		bool ended = text[len] == '\n';

		reading_line(r, text, len, ended, !text[len] || !text[len + 1]);
		text += len + ended;
	}
}

/* New reference. */
static inline json_t *diagnosed(const char *text)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct facts *f = calloc(1, sizeof(*f));
	struct err err;
	json_t *doc;

	read_text(r, text);
	ck_assert_int_eq(facts_of(r, f, &err), 0);
	doc = doc_of(f);
	findings_add(doc);
	reading_done(r);
	free(r);
	free(f);
	return doc;
}

static inline void check_holds(json_t *doc, const char *what, const char *condition)
{
	struct condition c;

	condition_eval(condition, doc, &c);
	ck_assert_msg(c.holds, "%s: %s (%s)", what, c.reason ? condition : c.shown,
		      json_string_value(json_object_get(doc, "says")));
}

#endif
