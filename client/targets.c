#include "client/targets.h"

#include <stdlib.h>

/* The counters of a new address. */
static uint8_t new_entry(struct targets *t, uint32_t target)
{
	if (t->n < TARGETS_TOLD)
		t->first[t->n] = target;
	if (t->n <= TARGETS_TOLD)
		t->n++;
	return (uint8_t)(t->n - 1);
}

int targets_make(struct targets *t, const struct addr_list *list, struct err *err)
{
	uint32_t distinct, *number = addr_list_numbers(list, &distinct);
	uint8_t *entry = calloc(list->n + 1, sizeof(*entry));
	int *of = calloc(list->n + 1, sizeof(*of)); /* 1 + entry, by number */

	*t = (struct targets){ .entry = entry };
	for (size_t i = 0; number && entry && of && i < list->n; i++) {
		if (!of[number[i]])
			of[number[i]] = 1 + new_entry(t, (uint32_t)i);
		entry[i] = (uint8_t)(of[number[i]] - 1);
	}
	free(number);
	free(of);
	return number && entry && of ? 0 : err_memory(err);
}

void targets_done(struct targets *t)
{
	free(t->entry);
	t->entry = NULL;
}
