#include "client/own_counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "common/result/result.h"

/* Nobody else's: two runs may begin in the same nanosecond. */
void own_counts_key(char key[OWN_KEY])
{
	uint64_t random;

	key[0] = '\0';
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) == sizeof(random))
		snprintf(key, OWN_KEY, "%016" PRIx64, random);
}

void own_counts_take(json_t *answer)
{
	json_t *own = json_object_get(answer, "of_run");
	json_t *totals = json_object_get(own, "totals");
	json_t *all = json_object_get(answer, "totals");

	if (!totals || json_object_get(answer, "all"))
		return;
	json_object_set(totals, "accept_pauses", json_object_get(all, "accept_pauses"));
	json_object_set(answer, "all", all);
	json_object_set(answer, "totals", totals);
	json_object_set(answer, "ended", json_object_get(own, "ended"));
	if (!json_object_get(answer, "errors"))
		json_object_set_new(answer, "errors", json_object());
	json_object_set(json_object_get(answer, "errors"), "transfer",
			result_at(own, "errors.transfer"));
}

json_t *own_counts_alone(const json_t *answer)
{
	json_t *own = json_object_get(answer, "of_run");

	return own ? json_pack("{s:O, s:O?, s:O?}", "of_run", own, "run",
			       json_object_get(answer, "run"), "listen",
			       json_object_get(answer, "listen"))
		   : NULL;
}
