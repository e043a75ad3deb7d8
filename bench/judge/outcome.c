#include "bench/judge/outcome.h"

void run_outcome_done(struct run_outcome *o)
{
	json_decref(o->doc);
	json_decref(o->row);
	json_decref(o->files);
	*o = (struct run_outcome){ 0 };
}
