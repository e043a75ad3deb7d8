/* trace - what the files of `twstorm lab trace` share: its options; who plays, what the wire is to do, what is told. */
#ifndef TWSTORM_BENCH_LAB_TRACE_H
#define TWSTORM_BENCH_LAB_TRACE_H

#include "bench/scenario/plan.h"
#include "bench/stage/stage.h"
#include "bench/wire/wire.h"
#include "common/cli/complete.h"
#include "common/cli/opt.h"

#define TRACE_NOT_GIVEN UINT64_MAX

enum trace_format { TRACE_TEXT, TRACE_JSON };
enum trace_family { TRACE_IPV4, TRACE_IPV6 };
extern const char *const trace_proto_names[];

/* What is shown by more than a close strategy: a name for a scene and for what the wire does in it. */
struct trace_show {
	const char *name, *about;
	const char *close;       /* strategy; NULL = as --close says */
	const char *drop, *late; /* segments; or NULL */
	bool two_connections; /* one after the other, with the same addresses and ports */
	bool both_open;       /* both ends are active, and their SYNs cross */
};

struct trace_options {
	const char *close, *output, *pcap, *html, *server, *stop_at, *show_name, *expect;
	struct opt_texts drop, duplicate, reorder, late, sysctl;
	uint64_t requests, request_size, response_size, delay_ns, pace_ns, timeout_ns;
	int proto, format, family;
	bool fastopen, fin_with_data, verbose, step;
	/* Not options: */
	const struct trace_show *show; /* or NULL */
	char *const *
		command; /* borrowed: somebody else's client, ended by NULL; NULL = ours */
};

/* ---- trace_show.c */

/* EXIT_USAGE where there is none of this name. */
int trace_show_find(const char *name, const struct trace_show **out, struct err *err);
/* For a shell that completes. */
void trace_show_offer(const struct complete *c);
/* The names and what each shows, for --help=all. */
void trace_show_list(FILE *out);

/* ---- trace_scene.c: who plays */

/* The plan, and the scenario that it is made from; scenario_done() and plan_done(). */
int trace_scene(const struct trace_options *o, struct scenario *sc, struct plan *out,
		struct err *err);

/* ---- trace_order.c: what the wire is to do */

/* What is wrong with the options about it, with EXIT_USAGE. */
int trace_order_check(const struct trace_options *o, struct err *err);
void trace_order_give(struct trace_options *o, struct wire *w);

/* ---- trace_tell.c: what is told */

bool trace_prints_ladder(const struct trace_options *o);
/* Files that could not be written later. */
int trace_tell_check(const struct trace_options *o, struct err *err);
int trace_tell_begin(const struct trace_options *o, struct wire *w, struct err *err);
int trace_tell(const struct trace_options *o, const struct wire *w, struct err *err);

/* ---- trace_expect.c: an earlier ladder */

/* Its lines, of a text or JSON; EXIT_USAGE if there is no ladder in it. */
int trace_expect_read(const char *path, struct words *out, struct err *err);
/* Else the first step that differs is said on stderr, as it was expected and as it is. */
bool trace_expect_same(const struct words *expected, const struct wire_trace *t,
		       const char *path);

/* ---- trace_keys.c: a person at the terminal */

/* From now on keys are read one by one from stdin; until trace_keys_end(), which may be called again.  EXIT_USAGE if stdin
 * is no terminal. */
int trace_keys_begin(struct err *err);
void trace_keys_end(void);

#endif
