#include "bench/lab/ending.h"

#include <string.h>
#include <sys/wait.h>
#include "common/base/clock.h"
#include "common/base/units.h"

static void tell_when(FILE *to, const struct stage_report *r,
		      const struct stage_proc *end)
{
	const char *sig = NULL;

	if (!end->by_itself || end->ended_ns < r->built_ns)
		return;
	if (WIFSIGNALED(end->status))
		sig = sigabbrev_np(WTERMSIG(end->status));
	fprintf(to, " (%s%s%s%.1f s into the run)", sig ? "SIG" : "", sig ? sig : "",
		sig ? ", " : "", (double)(end->ended_ns - r->built_ns) / NS_PER_S);
}

/* One line that stands in the sentence already is not said twice. */
static void tell_words(FILE *to, const struct stage_proc *end)
{
	const struct last_words *w = &end->words;
	unsigned kept = last_words_kept(w);

	if (kept == 0 || (kept == 1 && *end->last))
		return;
	if (w->n > kept)
		fprintf(to, "  the last %u of the %s lines that it said:\n", kept,
			units_grouped(w->n));
	else
		fputs("  it said:\n", to);
	for (unsigned i = 0; i < kept; i++)
		fprintf(to, "    %s\n", last_words_at(w, i));
}

void ending_tell(FILE *to, const struct stage *s, const struct stage_proc *end)
{
	size_t i = (size_t)(end - s->report->procs);

	tell_when(to, s->report, end);
	fputc('\n', to);
	if (s->plan->procs[i].kind == SECTION_PROCESS)
		tell_words(to, end);
}
