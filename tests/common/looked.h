/* looked - a look at what is taken, for a run from some sources to some targets that all differ. */
#ifndef TWSTORM_TESTS_COMMON_LOOKED_H
#define TWSTORM_TESTS_COMMON_LOOKED_H

#include "common/ports/taken_look.h"
#include "tests/check_main.h"

struct looked {
	struct addr_list targets, sources;
	struct addr kept;
	struct taken_plan plan;
	struct taken taken;
};

/* sources: NULL = the kernel chooses. */
static void looked_plan(struct looked *l, enum taken_way way, const char *targets,
			const char *sources)
{
	static const uint32_t in_order[] = { 0, 1, 2, 3 };
	struct err err;

	*l = (struct looked){ 0 };
	ck_assert_msg(addr_parse_list(targets, false, &l->targets, &err) == 0, "%s",
		      err.text);
	ck_assert_msg(!sources || addr_parse_sources(sources, &l->sources, &err) == 0,
		      "%s", err.text);
	l->plan = (struct taken_plan){
		.way = way,
		.targets = &l->targets,
		.sources = &l->sources,
		.target_id = in_order,
		.source_id = in_order,
		.target_ids = (uint32_t)l->targets.n,
		.source_ids = l->sources.n ? (uint32_t)l->sources.n : 1,
	};
}

static void looked_done(struct looked *l)
{
	taken_done(&l->taken);
	addr_list_done(&l->targets);
	addr_list_done(&l->sources);
}

#endif
