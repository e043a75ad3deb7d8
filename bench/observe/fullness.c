#include "bench/observe/fullness.h"

#include "common/base/clock.h"

#define TIME_WAIT_NS (60 * NS_PER_S) /* TCP_TIMEWAIT_LEN */
#define BIRTH_NS     (10 * NS_PER_MS) /* a timer is told in steps of 4 ms, of 10 at HZ=100 */
#define ENOUGH       10               /* births, to know a rate by */

static uint64_t waiting(const struct fullness_look *look)
{
	return look->in_range.n[STATE_TIME_WAIT];
}

/* Between the births of two in TIME_WAIT, on average; 0 of less than two. */
static double each_ns(const struct fullness_look *look)
{
	uint64_t n = waiting(look), took_ns = look->last_birth_ns - look->first_birth_ns;

	return n > 1 ? (double)took_ns / (double)(n - 1) : 0;
}

/* By the births of those in TIME_WAIT, most of them. */
static void expect(struct fullness *f, const struct fullness_look *look, uint64_t in_use)
{
	uint64_t n = waiting(look), took_ns = look->last_birth_ns - look->first_birth_ns;
	double each = each_ns(look);

	if (look->taken_again)
		f->why = FULLNESS_AGAIN;
	else if (2 * n < in_use)
		f->why = FULLNESS_OPEN;
	else if (n < ENOUGH || took_ns < BIRTH_NS)
		f->why = FULLNESS_SOON;
	else if (each * (double)look->budget > (double)TIME_WAIT_NS)
		f->why = FULLNESS_RETURNS;
	else
		f->why = FULLNESS_KNOWN;
	if (f->why != FULLNESS_KNOWN)
		return;
	f->expected_at_ns = look->t_ns;
	f->expected_ns = look->t_ns + (uint64_t)(each * (double)(look->budget - in_use));
}

/* The last that came to TIME_WAIT took its port when its connection began.  So many as are open at a time begin while one
 * lasts. */
static uint64_t lasted_ns(const struct fullness *f, const struct fullness_look *look)
{
	uint64_t ns = BIRTH_NS + (uint64_t)(each_ns(look) * (double)f->open);
	uint64_t most = f->look_ns && f->look_ns < look->last_birth_ns
				? look->last_birth_ns - f->look_ns
				: ns;

	return ns < most ? ns : most;
}

/* All that have the ports are in TIME_WAIT.  A later look can tell it better, when those that were open have closed. */
static void note_full(struct fullness *f, const struct fullness_look *look,
		      uint64_t in_use)
{
	bool by_births = waiting(look) == in_use && look->last_birth_ns;
	bool first = !f->full;

	if (first) {
		f->full = true;
		f->full_ns = f->held_ns = look->t_ns;
		f->within_ns = f->look_ns ? look->t_ns - f->look_ns : 0;
		f->held = in_use;
		f->held_by = look->in_range;
	}
	if (by_births && look->last_birth_ns <= f->full_ns) {
		f->full_ns = look->last_birth_ns;
		f->within_ns = lasted_ns(f, look);
	}
}

void fullness_note(struct fullness *f, const struct fullness_look *look)
{
	uint64_t in_use = tcp_states_total(&look->in_range);

	f->budget = look->budget;
	f->was_full = f->is_full;
	f->is_full = look->budget && in_use >= look->budget;
	if (f->used_peak < in_use)
		f->used_peak = in_use;
	if (f->why == FULLNESS_KNOWN && look->taken_again)
		f->why = FULLNESS_AGAIN;
	if (!look->budget)
		return;
	if (f->is_full) {
		if (!f->full && f->why == FULLNESS_FEW)
			f->why = 2 * waiting(look) < in_use ? FULLNESS_OPEN
							    : FULLNESS_SOON;
		note_full(f, look, in_use);
		return;
	}
	if (!f->full && f->why != FULLNESS_KNOWN && 4 * in_use >= look->budget)
		expect(f, look, in_use);
	if (f->full)
		return;
	f->look_ns = look->t_ns;
	f->open = in_use - waiting(look);
}

void fullness_no_port(struct fullness *f, uint64_t at_ns)
{
	if (!f->full || at_ns >= f->full_ns || at_ns <= f->look_ns)
		return;
	f->full_ns = at_ns;
	f->within_ns = f->look_ns ? at_ns - f->look_ns : 0;
}

const char *fullness_reason(enum fullness_why why)
{
	static const char *const reasons[] = {
		[FULLNESS_FEW] =
			"less than a quarter of the ports was ever in use, too few "
			"to know a rate by",
		[FULLNESS_SOON] = "all were in use before they had been counted twice",
		[FULLNESS_OPEN] =
			"most of the ports are held by open connections, and how "
			"long those last is not known",
		[FULLNESS_AGAIN] = "ports in TIME_WAIT are taken again here "
				   "(TcpExt.TWRecycled)",
		[FULLNESS_RETURNS] =
			"at this rate the first port is free again, after 60 s, "
			"before the last is taken",
	};

	return why == FULLNESS_KNOWN ? NULL : reasons[why];
}
