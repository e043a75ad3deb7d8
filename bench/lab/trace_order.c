#include <string.h>
#include <unistd.h>
#include "bench/lab/trace.h"
#include "common/base/clock.h"

/* ---- which segments */

/* The options whose values are segments, and what becomes of these. */
static const struct segments {
	const char *option;
	size_t at; /* in struct trace_options */
	enum fate fate;
} segments[] = {
	{ "drop", offsetof(struct trace_options, drop), FATE_DROPPED },
	{ "duplicate", offsetof(struct trace_options, duplicate), FATE_DUPLICATED },
	{ "reorder", offsetof(struct trace_options, reorder), FATE_OVERTAKEN },
	{ "late", offsetof(struct trace_options, late), FATE_KEPT },
};
#define SEGMENTS (sizeof(segments) / sizeof(segments[0]))

static const struct opt_texts *texts_of(const struct trace_options *o,
					const struct segments *s)
{
	return (const struct opt_texts *)((const char *)o + s->at);
}

static int check_segment(const char *text, const char *option, struct err *err)
{
	struct which w;

	return err_prefix(which_parse(text, &w, err), err, "--%s", option);
}

static int check_segments(const struct trace_options *o, struct err *err)
{
	size_t n = o->stop_at != NULL;
	int r = o->stop_at ? check_segment(o->stop_at, "stop-at", err) : 0;

	for (size_t i = 0; r == 0 && i < SEGMENTS; i++) {
		const struct opt_texts *texts = texts_of(o, &segments[i]);

		n += texts->n;
		for (size_t j = 0; r == 0 && j < texts->n; j++)
			r = check_segment(texts->at[j], segments[i].option, err);
	}
	if (r == 0 && n > WIRE_RULES - 2) /* --show may add two */
		r = err_usage(err, "at most %d segments for the wire", WIRE_RULES - 2);
	return r;
}

static int check_pace(const struct trace_options *o, struct err *err)
{
	if (o->pace_ns != TRACE_NOT_GIVEN && o->pace_ns > WIRE_PACE_MAX_MS * NS_PER_MS)
		return err_usage(err,
				 "--pace: at most %dms; a segment that is held for "
				 "longer is sent again",
				 WIRE_PACE_MAX_MS);
	if (o->timeout_ns != TRACE_NOT_GIVEN &&
	    (o->timeout_ns % NS_PER_S || !o->timeout_ns ||
	     o->timeout_ns > 3600 * NS_PER_S))
		return err_usage(err, "--timeout: expected whole seconds, from 1s to 1h");
	return 0;
}

int trace_order_check(const struct trace_options *o, struct err *err)
{
	int r = check_segments(o, err);

	r = r ? r : check_pace(o, err);
	if (r == 0 && o->step && !trace_prints_ladder(o))
		r = err_usage(err, "--step shows the ladder, so it does not go with JSON "
				   "on stdout");
	return r;
}

/* ---- the order */

static void add_rule(struct wire_order *order, const char *text, enum fate fate)
{
	struct wire_rule *rule = &order->rule[order->n_rules];

	if (!text)
		return;
	which_parse(text, &rule->which, NULL);
	rule->text = text;
	rule->fate = fate;
	order->n_rules++;
}

static uint8_t meets(const struct trace_options *o)
{
	const char *close = o->show && o->show->close ? o->show->close : o->close;
	uint8_t flags = 0;

	if (!o->command && strcmp(close, "both") == 0)
		flags |= SEGMENT_FIN;
	if (o->show && o->show->both_open)
		flags |= SEGMENT_SYN;
	return flags;
}

void trace_order_give(struct trace_options *o, struct wire *w)
{
	struct wire_order *order = &w->order;

	add_rule(order, o->stop_at, FATE_HELD);
	for (size_t i = 0; i < SEGMENTS; i++) {
		const struct opt_texts *texts = texts_of(o, &segments[i]);

		for (size_t j = 0; j < texts->n; j++)
			add_rule(order, texts->at[j], segments[i].fate);
	}
	add_rule(order, o->show ? o->show->drop : NULL, FATE_DROPPED);
	add_rule(order, o->show ? o->show->late : NULL, FATE_KEPT);
	order->meets = meets(o);
	order->until_quiet = !o->command && strcmp(o->close, "client-leak") == 0;
	order->impair.delay_ns = o->delay_ns;
	order->keys = o->step ? STDIN_FILENO : -1;
	order->pace_ns = o->pace_ns;
	if (o->pace_ns == TRACE_NOT_GIVEN)
		order->pace_ns =
			!o->step && trace_prints_ladder(o) && isatty(STDOUT_FILENO)
				? 100 * NS_PER_MS
				: 0;
}
