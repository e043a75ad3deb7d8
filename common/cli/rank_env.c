#include "common/cli/rank_env.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/units.h"

#define RANKS_OF_INDEX "TWSTORM_RANKS"

/* run, step: what all ranks of one start have in common; NULL = nothing. */
static const struct engine {
	const char *rank, *ranks, *run, *step;
} engines[] = {
	{ "SLURM_PROCID", "SLURM_NTASKS", "SLURM_JOB_ID", "SLURM_STEP_ID" },
	{ "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", NULL, NULL },
	{ "PMI_RANK", "PMI_SIZE", NULL, NULL },
	{ "JOB_COMPLETION_INDEX", RANKS_OF_INDEX, NULL, NULL },
};
#define N_ENGINES (sizeof(engines) / sizeof(engines[0]))

/* The value of a variable; an empty one is none. */
static const char *value_of(const char *name)
{
	const char *value = name ? getenv(name) : NULL;

	return value && *value ? value : NULL;
}

static const struct engine *find_engine(void)
{
	for (size_t i = 0; i < N_ENGINES; i++)
		if (value_of(engines[i].rank))
			return &engines[i];
	return NULL;
}

static int read_number(const char *name, const char *other, uint64_t *out,
		       struct err *err)
{
	const char *value = value_of(name);

	if (!value)
		return err_usage(err,
				 "%s is set but %s is not: say how many ranks there are, "
				 "by %s or --ranks (--ranks 1: this is no rank)",
				 other, name, name);
	return err_prefix(units_parse_count(value, out, err), err, "%s", name);
}

/* Wants `mine` unless it was given. */
static int fill(uint64_t *mine, const char **from, const char *name, const char *other,
		uint64_t otherwise, struct err *err)
{
	if (!*from) {
		*from = RANK_FROM_OPTION;
		return 0;
	}
	*from = name ? name : RANK_FROM_DEFAULT;
	*mine = otherwise;
	return name ? read_number(name, other, mine, err) : 0;
}

int rank_env_read(struct rank_env *r, struct err *err)
{
	bool alone = !r->ranks_from && r->ranks == 1;
	const struct engine *e = alone ? NULL : find_engine();
	int n = fill(&r->rank, &r->rank_from, e ? e->rank : NULL, NULL, 0, err);

	if (n < 0)
		return n;
	return fill(&r->ranks, &r->ranks_from, e ? e->ranks : NULL, e ? e->rank : NULL, 1,
		    err);
}

const char *rank_env_run(char *buf, unsigned size)
{
	const struct engine *e = find_engine();
	const char *run = value_of(RANK_ENV_RUN), *step = NULL;

	if (!run && e) {
		run = value_of(e->run);
		step = value_of(e->step);
	}
	if (!run)
		return NULL;
	snprintf(buf, size, "%s%s%s", run, step ? "." : "", step ? step : "");
	return buf;
}

void rank_env_forget(void)
{
	for (size_t i = 0; i < N_ENGINES; i++) {
		unsetenv(engines[i].rank);
		unsetenv(engines[i].ranks);
	}
	unsetenv(RANK_ENV_START_AT);
	unsetenv(RANK_ENV_RUN);
}
