#include "client/rank.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/cli/output.h"
#include "common/cli/rank_env.h"

int rank_name(const struct client_options *o, int r, struct err *err)
{
	return o->ranks > 1 ? err_prefix(r, err, "rank %llu of %llu",
					 (unsigned long long)o->rank,
					 (unsigned long long)o->ranks)
			    : r;
}

int rank_make_dir(const struct client_options *o, struct err *err)
{
	char dir[PATH_MAX];

	if (o->output != o->rank_file)
		return 0;
	snprintf(dir, sizeof(dir), "%s", o->output);
	*strrchr(dir, '/') = '\0';
	return *dir ? output_dirs(dir, err) : 0;
}

void rank_tell(const struct client_options *o)
{
	if (o->quiet || o->ranks == 1 || strcmp(o->ranks_from, RANK_FROM_OPTION) == 0)
		return;
	fprintf(stderr, "twstorm client: rank %llu of %llu (%s, %s)\n",
		(unsigned long long)o->rank, (unsigned long long)o->ranks, o->rank_from,
		o->ranks_from);
}
