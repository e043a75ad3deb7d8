/* result_label - short names for several results, so that they can be told apart. */
#ifndef TWSTORM_COMMON_RESULT_RESULT_LABEL_H
#define TWSTORM_COMMON_RESULT_RESULT_LABEL_H

#include <jansson.h>

/* One text for each result, all different, new reference.  The first of these under which
 * they differ: the lab's variant; variant/client; scenario/variant; the file's name without ".json"; its
 * path; run.id.  What a result does not have is passed over; what is still the same gets a
 * number, "storm (2)".  `paths`, one for each result, may be NULL. */
json_t *result_labels(const json_t *results, const char *const *paths);

#endif
