/* story - what is said of a result: the rows of claims.def whose conditions hold. */
#ifndef TWSTORM_COMMON_RESULT_STORY_H
#define TWSTORM_COMMON_RESULT_STORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* A claim has that name? */
bool story_is_claim(const char *name);
/* Makes `story` of a result that is complete except for the story: [{claim, place, sentence, evidence{PATH: figure}, cure?}],
 * instead of one that is there. */
void story_tell(json_t *result);
/* The same, unless it has one: of results that an older twstorm wrote. */
void story_of_old(json_t *result);
/* `ledger.explanation` by `ledger.found`, which is borrowed; new reference. */
json_t *story_of_ledger(json_t *found);
/* Each sentence, and its cure, behind `indent` blanks. */
void story_print(FILE *to, const json_t *result, int indent);

#endif
