#include "bench/wire/impair.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/base/units.h"

#define DELAY_MAX_NS (10 * NS_PER_S)
#define BITS_MIN     1e3
#define BITS_MAX     1e12

static int parse_delay(const char *text, uint64_t *out, struct err *err)
{
	int r = units_parse_duration(text, out, err);

	return r == 0 && *out > DELAY_MAX_NS
		       ? err_usage(err, "expected at most 10s, not '%s'", text)
		       : r;
}

static int parse_part(const char *text, double *out, struct err *err)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || strcmp(end, "%") != 0 || !(percent >= 0 && percent <= 100))
		return err_usage(err, "expected 0%% to 100%%, not '%.40s'", text);
	*out = percent / 100;
	return 0;
}

static int parse_bits(const char *text, double *out, struct err *err)
{
	static const struct {
		const char *name;
		double bits;
	} units[] = { { "kbit", 1e3 }, { "mbit", 1e6 }, { "gbit", 1e9 } };
	char *end;
	double n = strtod(text, &end);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (end != text && strcmp(end, units[i].name) == 0) {
			*out = n * units[i].bits;
			return *out >= BITS_MIN && *out <= BITS_MAX
				       ? 0
				       : err_usage(err,
						   "expected 1kbit to 1000gbit, not "
						   "'%.40s'",
						   text);
		}
	return err_usage(err,
			 "expected a rate, as in 10mbit (kbit, mbit, gbit), not '%.40s'",
			 text);
}

static int parse_seed(const char *text, uint64_t *out, struct err *err)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || n > UINT32_MAX)
		return err_usage(err, "expected a whole number up to %u, not '%.40s'",
				 UINT32_MAX, text);
	*out = n;
	return 0;
}

int impair_set(struct impair *i, const char *key, const char *value, struct err *err)
{
	bool none = *value == '\0';

	if (strcmp(key, "delay") == 0)
		return parse_delay(none ? "0" : value, &i->delay_ns, err);
	if (strcmp(key, "loss") == 0)
		return parse_part(none ? "0%" : value, &i->loss, err);
	if (strcmp(key, "duplicate") == 0)
		return parse_part(none ? "0%" : value, &i->duplicate, err);
	if (strcmp(key, "reorder") == 0)
		return parse_part(none ? "0%" : value, &i->reorder, err);
	if (strcmp(key, "drop") == 0)
		return drops_parse(value, &i->drop, err);
	if (strcmp(key, "seed") == 0)
		return parse_seed(none ? "0" : value, &i->seed, err);
	if (!none)
		return parse_bits(value, &i->bits_per_s, err);
	i->bits_per_s = 0;
	return 0;
}

bool impair_is_set(const struct impair *i)
{
	return i->delay_ns || i->loss > 0 || i->duplicate > 0 || i->reorder > 0 ||
	       i->bits_per_s > 0 || i->drop.n > 0;
}

int impair_check(const struct impair *i, struct err *err)
{
	if (i->reorder > 0 && !i->delay_ns)
		return err_usage(err, "reorder needs a delay: where no frame waits, none "
				      "can be overtaken");
	return 0;
}

void impaired_init(struct impaired *d, const struct impair *by, uint64_t seed)
{
	*d = (struct impaired){ .by = *by };
	rng_seed(&d->rng, seed);
}

static bool happens(struct impaired *d, double probability)
{
	return probability > 0 && rng_unit(&d->rng) <= probability;
}

/* When the last bit has left. */
static uint64_t sent_ns(struct impaired *d, size_t len, uint64_t now_ns)
{
	if (d->by.bits_per_s <= 0)
		return now_ns;
	if (d->free_ns < now_ns)
		d->free_ns = now_ns;
	d->free_ns += (uint64_t)((double)len * 8 / d->by.bits_per_s * (double)NS_PER_S);
	return d->free_ns;
}

struct impair_verdict impaired_judge(struct impaired *d, size_t len, bool by_chance,
				     uint64_t now_ns)
{
	struct impair_verdict v = { .copies = 1 };

	if (by_chance && happens(d, d->by.loss)) {
		v.copies = 0;
		return v;
	}
	v.copies += by_chance && happens(d, d->by.duplicate);
	v.ahead = by_chance && happens(d, d->by.reorder);
	v.due_ns = sent_ns(d, len, now_ns) + (v.ahead ? 0 : d->by.delay_ns);
	return v;
}
