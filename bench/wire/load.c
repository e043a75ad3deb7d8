#include "bench/wire/load.h"

#include "common/base/clock.h"

#define WINDOW_NS (100 * NS_PER_MS)

static void begin_window(struct load *l, uint64_t now_ns)
{
	l->since_ns = now_ns;
	l->since_cpu_ns = clock_thread_cpu_ns();
	l->since_frames = l->now.frames;
}

void load_begin(struct load *l, uint64_t now_ns)
{
	*l = (struct load){ 0 };
	begin_window(l, now_ns);
}

uint64_t load_next_ns(const struct load *l)
{
	return l->now.frames > l->since_frames ? l->since_ns + WINDOW_NS : UINT64_MAX;
}

static void end_window(struct load *l, uint64_t now_ns)
{
	double window_ns = (double)(now_ns - l->since_ns);
	double busy = (double)(clock_thread_cpu_ns() - l->since_cpu_ns) / window_ns;
	double per_s =
		(double)(l->now.frames - l->since_frames) / window_ns * (double)NS_PER_S;

	if (busy > l->now.busiest)
		l->now.busiest = busy;
	if (per_s > l->now.most_per_s)
		l->now.most_per_s = per_s;
	begin_window(l, now_ns);
}

void load_turn(struct load *l, uint64_t now_ns)
{
	if (now_ns - l->since_ns >= WINDOW_NS)
		end_window(l, now_ns);
}

void load_end(struct load *l, uint64_t now_ns)
{
	if (now_ns > l->since_ns && l->now.most_per_s <= 0)
		end_window(l, now_ns);
	l->now.cpu_ns = clock_thread_cpu_ns();
}
