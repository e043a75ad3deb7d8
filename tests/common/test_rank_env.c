/* Which rank of how many the environment says this is, and that shares of a whole come out even. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/rng.h"
#include "common/base/share.h"
#include "common/cli/rank_env.h"
#include "tests/check_main.h"

/* clang-format off */
static const struct said {
	const char *what;
	const char *set; /* NAME=VALUE, one blank between */
	int rank, ranks;       /* typed; -1 = not */
	uint64_t is, of;
	const char *rank_from, *ranks_from; /* NULL: refused */
	const char *sentence;
} rows[] = {
	{ "nothing", "", -1, -1, 0, 1, "default", "default", NULL },
	{ "Slurm", "SLURM_PROCID=3 SLURM_NTASKS=8", -1, -1, 3, 8, "SLURM_PROCID", "SLURM_NTASKS", NULL },
	{ "Open MPI", "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2", -1, -1, 1, 2, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", NULL },
	{ "PMI", "PMI_RANK=0 PMI_SIZE=1", -1, -1, 0, 1, "PMI_RANK", "PMI_SIZE", NULL },
	{ "Kubernetes", "JOB_COMPLETION_INDEX=7 TWSTORM_RANKS=10", -1, -1, 7, 10, "JOB_COMPLETION_INDEX", "TWSTORM_RANKS", NULL },
	{ "Kubernetes, and how many is typed", "JOB_COMPLETION_INDEX=7", -1, 9, 7, 9, "JOB_COMPLETION_INDEX", "option", NULL },
	{ "how many alone is no rank", "TWSTORM_RANKS=10", -1, -1, 0, 1, "default", "default", NULL },
	{ "the first pair wins", "PMI_RANK=1 PMI_SIZE=2 SLURM_PROCID=3 SLURM_NTASKS=8", -1, -1, 3, 8, "SLURM_PROCID", "SLURM_NTASKS", NULL },
	{ "typed wins", "SLURM_PROCID=3 SLURM_NTASKS=8", 1, 2, 1, 2, "option", "option", NULL },
	{ "typed wins over nonsense", "SLURM_PROCID=x SLURM_NTASKS=y", 1, 2, 1, 2, "option", "option", NULL },
	{ "--ranks 1 is no rank", "SLURM_PROCID=3 SLURM_NTASKS=8", -1, 1, 0, 1, "default", "option", NULL },
	{ "an empty one is not set", "SLURM_PROCID= SLURM_NTASKS=8", -1, -1, 0, 1, "default", "default", NULL },
	{ "no number", "SLURM_PROCID=three SLURM_NTASKS=8", -1, -1, 0, 0, NULL, NULL, "SLURM_PROCID: " },
	{ "negative", "SLURM_PROCID=3 SLURM_NTASKS=-8", -1, -1, 0, 0, NULL, NULL, "SLURM_NTASKS: " },
	{ "too large", "PMI_RANK=99999999999999999999999 PMI_SIZE=8", -1, -1, 0, 0, NULL, NULL, "PMI_RANK: " },
	{ "its other is not set", "JOB_COMPLETION_INDEX=7", -1, -1, 0, 0, NULL, NULL, "JOB_COMPLETION_INDEX is set but TWSTORM_RANKS is not" },
};
/* clang-format on */

static void set(const struct said *row)
{
	char all[200], *next;

	snprintf(all, sizeof(all), "%s", row->set);
	rank_env_forget();
	for (char *word = strtok_r(all, " ", &next); word;
	     word = strtok_r(NULL, " ", &next)) {
		char *value = strchr(word, '=');

		*value++ = '\0';
		setenv(word, value, 1);
	}
}

TEST_ROWS(reads_the_environment, rows)
{
	struct rank_env r = {
		.rank = row->rank < 0 ? 0 : (uint64_t)row->rank,
		.ranks = row->ranks < 0 ? 1 : (uint64_t)row->ranks,
		.rank_from = row->rank < 0 ? RANK_FROM_DEFAULT : NULL,
		.ranks_from = row->ranks < 0 ? RANK_FROM_DEFAULT : NULL,
	};
	struct err err = { 0 };
	int n;

	set(row);
	n = rank_env_read(&r, &err);
	if (!row->rank_from) {
		ck_assert_msg(n < 0, "%s", row->what);
		ck_assert_int_eq(err.exit, EXIT_USAGE);
		ck_assert_msg(strstr(err.text, row->sentence) == err.text, "%s: %s",
			      row->what, err.text);
		return;
	}
	ck_assert_msg(n == 0, "%s: %s", row->what, err.text);
	ck_assert_msg(r.rank == row->is && r.ranks == row->of, "%s: %llu of %llu",
		      row->what, (unsigned long long)r.rank, (unsigned long long)r.ranks);
	ck_assert_str_eq(r.rank_from, row->rank_from);
	ck_assert_str_eq(r.ranks_from, row->ranks_from);
}

TEST(the_run_has_the_name_that_its_engine_gives)
{
	char buf[64];

	rank_env_forget();
	ck_assert_ptr_null(rank_env_run(buf, sizeof(buf)));
	setenv("SLURM_PROCID", "3", 1);
	setenv("SLURM_JOB_ID", "17", 1);
	setenv("SLURM_STEP_ID", "2", 1);
	ck_assert_str_eq(rank_env_run(buf, sizeof(buf)), "17.2");
	setenv("TWSTORM_RUN", "mine", 1);
	ck_assert_str_eq(rank_env_run(buf, sizeof(buf)), "mine");
	rank_env_forget();
	ck_assert_ptr_null(rank_env_run(buf, sizeof(buf)));
}

TEST(shares_add_up_to_the_whole)
{
	struct rng rng;

	rng_seed(&rng, 27);
	for (int i = 0; i < 2000; i++) {
		uint64_t whole = rng_next(&rng) >> rng_next(&rng) % 64, sum = 0;
		unsigned parts = (unsigned)(rng_next(&rng) % 2000) + 1, uneven = 0;

		for (unsigned nth = 0; nth < parts; nth++) {
			uint64_t share = share_of(whole, nth, parts);

			uneven += share < whole / parts || share > whole / parts + 1;
			sum += share;
		}
		ck_assert_uint_eq(sum, whole);
		ck_assert_uint_eq(uneven, 0);
	}
}

CHECK_MAIN("rank_env")
