/* deal_ranks WHOLE.json RANKS DIR [SEED]: the result of one run as RANKS files in DIR (deal.h). */
#include <stdlib.h>
#include "tests/tools/deal.h"

int main(int argc, char **argv)
{
	unsigned ranks = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	json_t *whole = argc > 3 ? json_load_file(argv[1], 0, NULL) : NULL;
	json_t **docs = calloc(ranks + 1, sizeof(*docs));
	char path[4096];
	struct rng rng;

	if (!whole || !docs || !ranks || ranks > DEAL_MOST) {
		fprintf(stderr, "usage: deal_ranks WHOLE.json RANKS DIR [SEED]\n");
		return 2;
	}
	rng_seed(&rng, argc > 4 ? strtoull(argv[4], NULL, 10) : 1);
	deal(&rng, whole, ranks, docs);
	for (unsigned r = 0; r < ranks; r++) {
		snprintf(path, sizeof(path), "%s/rank-%04u.json", argv[3], r);
		if (json_dump_file(docs[r], path,
				   JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == -1)
			return 5;
		json_decref(docs[r]);
	}
	json_decref(whole);
	free(docs);
	return 0;
}
