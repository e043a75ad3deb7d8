/* rank_env - which of many machines this one is, as the environment says that an engine which
 * starts many processes makes: Slurm, MPI, Kubernetes. */
#ifndef TWSTORM_COMMON_CLI_RANK_ENV_H
#define TWSTORM_COMMON_CLI_RANK_ENV_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"

#define RANK_ENV_START_AT "TWSTORM_START_AT"
#define RANK_ENV_RUN      "TWSTORM_RUN"

struct rank_env {
	uint64_t rank, ranks;
	/* Where each comes from, NULL = given on the command line: then it is left as it is. */
	const char *rank_from, *ranks_from;
};

#define RANK_FROM_DEFAULT "default"
#define RANK_FROM_OPTION  "option"

/* Fills in what the command line has not given (its rank_from or ranks_from is not NULL): from the
 * first pair of variables whose rank is set, else 0 of 1.  rank_from and ranks_from become a
 * variable's name, RANK_FROM_DEFAULT or RANK_FROM_OPTION.  --ranks 1 leaves rank 0 alone.
 * EXIT_USAGE with a sentence that names the variable where it has no number, or lacks its other. */
int rank_env_read(struct rank_env *r, struct err *err);
/* The name that the engine gives this run, the same for every rank; NULL = it gives none. */
const char *rank_env_run(char *buf, unsigned size);
/* Takes the variables out of the environment: what is started from here is no rank. */
void rank_env_forget(void);

#endif
