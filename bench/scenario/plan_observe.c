/* plan_observe - `observe` and `observe-failures` of [host]; and the addresses in the paths of figures. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_fill.h"
#include "bench/scenario/plan_keys.h"
#include "common/base/clock.h"
#include "common/base/units.h"

#define COUNT_ON_MAX_S 3600
#define OBSERVE_ENDS   64 /* as many as a result lists */
#define EXPECTED                                                                         \
	"observe: expected all, none, or ADDR:PORT[, ...], as in {server}:9000, not "    \
	"'%s'"

int plan_take_observe(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	*(s->section == SECTION_HOST ? &plan_host_of(p, s)->observe : &p->observe) = s;
	return 0;
}

int plan_take_observe_failures(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_host *h = plan_host_of(p, s);

	h->observe_failures = strcmp(s->value, "yes") == 0;
	if (h->observe_failures || strcmp(s->value, "no") == 0)
		return 0;
	return wrong(p, s, "observe-failures: expected yes or no, not '%s'", s->value);
}

int plan_take_count_on(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_host *h = plan_host_of(p, s);
	struct err why;

	if (units_parse_duration(s->value, &h->count_on_ns, &why) < 0)
		return wrong(p, s, "count-on: %s", why.text);
	if (h->count_on_ns > COUNT_ON_MAX_S * NS_PER_S)
		return wrong(p, s, "count-on: at most %d s", COUNT_ON_MAX_S);
	return 0;
}

/* Numbers alone: a name would be looked up outside of the lab. */
static bool is_numeric(const char *text)
{
	bool six = false; /* inside [ ] */

	for (const char *c = text; *c; c++) {
		six = *c == '[' || (six && *c != ']');
		if (!strchr(six ? "0123456789abcdefABCDEF.:[" : "0123456789.:],-", *c))
			return false;
	}
	return *text != '\0';
}

static void drop_blanks(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (!isblank((unsigned char)*text))
			*to++ = *text;
	*to = '\0';
}

static int read_ends(struct plan *p, struct plan_host *h, struct err *err)
{
	const struct setting *s = h->observe;
	struct err why;
	char *list;
	int r;

	if (strcmp(s->value, "all") == 0)
		return 0;
	r = plan_fill(p, NULL, s, s->value, &list, err);
	if (r < 0)
		return r;
	drop_blanks(list);
	if (!is_numeric(list))
		r = wrong(p, s, EXPECTED, s->value);
	else if (addr_parse_list(list, false, &h->observed, &why) < 0)
		r = wrong(p, s, "observe: %s", why.text);
	else if (h->observed.n > OBSERVE_ENDS)
		r = wrong(p, s, "observe: at most %d ends of a host", OBSERVE_ENDS);
	free(list);
	return r;
}

static int fill_in_rule(struct plan *p, struct setting *s, struct err *err)
{
	char *text;
	int r;

	if (!strchr(s->value, '{'))
		return 0;
	r = plan_fill(p, NULL, s, s->value, &text, err);
	if (r < 0)
		return r;
	free(s->value);
	s->value = text;
	return 0;
}

/* Its own, or what [scenario] says of each host; NULL where that is none. */
static const struct setting *what_of(const struct plan *p, const struct plan_host *h)
{
	const struct setting *s = h->observe ? h->observe : p->observe;

	return s && *s->value && strcmp(s->value, "none") != 0 ? s : NULL;
}

/* `observe = none` of a variant leaves the other keys without an effect. */
static int check_observed(struct plan *p, const struct plan_host *h, const char *key,
			  struct err *err)
{
	if (settings_find(&p->settings, SECTION_HOST, h->name, "observe") || p->observe)
		return 0;
	return wrong(p, settings_find(&p->settings, SECTION_HOST, h->name, key),
		     "%s: host %s is not observed; expected observe = all, too", key,
		     h->name);
}

int plan_observe(struct plan *p, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_hosts; i++) {
		struct plan_host *h = &p->hosts[i];

		h->observe = what_of(p, h);
		if (h->observe)
			r = read_ends(p, h, err);
		else if (h->observe_failures)
			r = check_observed(p, h, "observe-failures", err);
		else if (h->count_on_ns)
			r = check_observed(p, h, "count-on", err);
	}
	for (size_t i = 0; r == 0 && i < p->settings.n; i++) {
		struct setting *s = &p->settings.at[i];

		if (s->section == SECTION_EXPECT ||
		    (s->section >= SECTION_COMPARE && s->section <= SECTION_COST))
			r = fill_in_rule(p, s, err);
	}
	return r;
}
