/* wrap - what the files of `twstorm lab wrap` share: its options; who plays; what is told. */
#ifndef TWSTORM_BENCH_LAB_WRAP_H
#define TWSTORM_BENCH_LAB_WRAP_H

#include <jansson.h>
#include "bench/lab/page.h"
#include "bench/scenario/plan.h"
#include "common/cli/opt.h"

enum wrap_format { WRAP_TEXT, WRAP_JSON, WRAP_NONE };

#define WRAP_COMMAND "command" /* the process whose result it is */
#define WRAP_MOST    2         /* commands: with --compare */

struct wrap_options {
	const char *ports, *server, *compare, *output, *html, *admin, *admin_token_file;
	struct opt_texts sysctl, expect;
	uint64_t user, timeout_ns;
	int format;
	bool quiet;
	/* Not an option: */
	char *const *command; /* borrowed, ended by NULL */
	char *const *argv;    /* borrowed: all of it, from "wrap" on */
	struct lab_page page; /* embedded */
};

/* ---- wrap_scene.c: who plays */

/* What is wrong with --ports and the other options of the hosts; EXIT_USAGE. */
int wrap_scene_check(const struct wrap_options *o, struct err *err);
/* The plan for one command, whose words it takes, and the scenario that it is made from; scenario_done() and
 * plan_done(). */
int wrap_scene(const struct wrap_options *o, struct words *command, const char *variant,
	       struct scenario *sc, struct plan *out, struct err *err);

/* ---- wrap_tell.c: what is told of the results, of one or of two commands */

/* Files that could not be written later; EXIT_NOT_WRITTEN. */
int wrap_tell_check(const struct wrap_options *o, struct err *err);
/* Conditions on figures that no such result has; EXIT_USAGE.  `skeletons` has one for each command. */
int wrap_expect_check(const struct wrap_options *o, const json_t *skeletons,
		      struct err *err);
/* Answers --expect and prints, writes and draws what is asked for: 0, EXIT_EXPECTATION, or -errno.  *expected: that a
 * result is incomplete is what was expected. */
int wrap_tell(const struct wrap_options *o, json_t *results, const json_t *labels,
	      bool *expected, struct err *err);

#endif
