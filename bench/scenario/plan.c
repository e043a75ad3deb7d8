#include "bench/scenario/plan.h"

#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_args.h"
#include "bench/scenario/plan_keys.h"
#include "bench/scenario/variants.h"
#include "common/base/units.h"
#include "common/result/condition.h"
#include "common/result/figure.h"

#define SECONDS_DEFAULT 60
#define SECONDS_MAX     3600

/* ---- what the keys of [scenario] do */

static int take_header(struct plan *p, const struct setting *s, struct err *err)
{
	(void)p, (void)s, (void)err;
	return 0;
}

/* The keys that are only a text, a setting or a time: their row says where it goes. */
static plan_key_fn take_text, take_setting, take_duration;

static int take_count(struct plan *p, const struct setting *s, unsigned max, unsigned *to,
		      struct err *err)
{
	char *end;
	unsigned long n = strtoul(s->value, &end, 10);

	if (*end || end == s->value || !n || n > max)
		return wrong(p, s, "%s: expected a whole number from 1 to %u, not '%s'",
			     s->key, max, s->value);
	*to = (unsigned)n;
	return 0;
}

static int take_seconds(struct plan *p, const struct setting *s, struct err *err)
{
	p->seconds = 0;
	if (strcmp(s->value, "none") == 0)
		return 0;
	return take_count(p, s, SECONDS_MAX, &p->seconds, err);
}

static int take_repeat(struct plan *p, const struct setting *s, struct err *err)
{
	return take_count(p, s, PLAN_REPEAT_MAX, &p->repeat, err);
}

/* ---- the table of keys.  Settings are taken in rounds, so that what a key refers to is
 * known whatever the order in the file. */

enum round { ROUND_PARTS, ROUND_VALUES, ROUND_RULES, ROUNDS };

#define IN(name) (1u << SECTION_##name)
#define PARTS    (IN(SERVER) | IN(CLIENT) | IN(PROBE) | IN(PROCESS))
#define RULES    (IN(COMPARE) | IN(VERDICT) | IN(COST))

#define OF_PLAN(field) offsetof(struct plan, field)
#define OF_PROC(field) offsetof(struct plan_proc, field)

/* clang-format off */
static const struct key {
	unsigned in;      /* the sections that have it */
	const char *name; /* "" = the section's header; a '.' at the end = all that begin so;
			   * "*" = any */
	enum round round;
	plan_key_fn *take;
	bool of_all; /* says something of all runs, so it cannot be another in a variant */
	size_t at;   /* where it goes: offsetof in struct plan, or in struct plan_proc */
} keys[] = {
	{ IN(HOST),            "",         ROUND_PARTS,  plan_add_host,       false, 0 },
	{ PARTS,               "",         ROUND_PARTS,  plan_add_proc,       false, 0 },
	{ ~(PARTS | IN(HOST)), "",         ROUND_PARTS,  take_header,         false, 0 },
	{ IN(SCENARIO),        "about",    ROUND_VALUES, take_text,           false, OF_PLAN(about) },
	{ IN(SCENARIO),        "next",     ROUND_VALUES, take_text,           true,  OF_PLAN(next) },
	{ IN(SCENARIO),        "seconds",  ROUND_VALUES, take_seconds,        false, 0 },
	{ IN(SCENARIO),        "repeat",   ROUND_VALUES, take_repeat,         true,  0 },
	{ IN(SCENARIO),        "apart",    ROUND_VALUES, take_text,           true,  OF_PLAN(apart) },
	{ IN(SCENARIO),        "claim",    ROUND_VALUES, take_text,           false, OF_PLAN(claim) },
	{ IN(SCENARIO),        "cure",     ROUND_VALUES, take_text,           false, OF_PLAN(cure) },
	{ IN(SCENARIO),        "baseline", ROUND_VALUES, take_text,           true,  OF_PLAN(baseline) },
	{ IN(SCENARIO),        "shows",    ROUND_RULES,  plan_take_shows,     false, 0 },
	{ IN(SCENARIO),        "verdict",  ROUND_VALUES, take_text,           false, OF_PLAN(wanted) },
	{ IN(HOST),            "address",  ROUND_VALUES, plan_take_address,   false, 0 },
	{ IN(HOST),            "sysctl.",  ROUND_VALUES, plan_take_sysctl,    false, 0 },
	{ IN(HOST),            "delay",    ROUND_VALUES, plan_take_cable,     false, 0 },
	{ IN(HOST),            "loss",     ROUND_VALUES, plan_take_cable,     false, 0 },
	{ IN(HOST),            "duplicate", ROUND_VALUES, plan_take_cable,    false, 0 },
	{ IN(HOST),            "reorder",  ROUND_VALUES, plan_take_cable,     false, 0 },
	{ IN(HOST),            "rate",     ROUND_VALUES, plan_take_cable,     false, 0 },
	{ IN(HOST),            "route",    ROUND_VALUES, plan_take_route,     false, 0 },
	{ IN(HOST),            "nft",      ROUND_VALUES, plan_take_nft,       false, 0 },
	{ IN(HOST),            "drop",     ROUND_VALUES, plan_take_cable,     false, 0 },
	{ IN(HOST),            "seed",     ROUND_VALUES, plan_take_cable,     false, 0 },
	{ IN(SCENARIO) | IN(HOST), "observe", ROUND_VALUES, plan_take_observe,   false, 0 },
	{ IN(HOST),            "observe-failures", ROUND_VALUES, plan_take_observe_failures, false, 0 },
	{ IN(HOST),            "count-on", ROUND_VALUES, plan_take_count_on,  false, 0 },
	{ PARTS,               "host",     ROUND_VALUES, plan_take_host,      false, 0 },
	{ PARTS & ~IN(PROCESS), "args",    ROUND_VALUES, take_setting,        false, OF_PROC(args) },
	{ IN(CLIENT),          "stats",    ROUND_VALUES, take_setting,        false, OF_PROC(stats_setting) },
	{ IN(PROCESS),         "command",  ROUND_VALUES, take_setting,        false, OF_PROC(args) },
	{ IN(PROCESS),         "ready",    ROUND_VALUES, plan_take_ready,     false, 0 },
	{ IN(PROCESS) | IN(SERVER), "ready-within", ROUND_VALUES, take_duration, false, OF_PROC(ready_within_ns) },
	{ IN(PROCESS),         "file.",    ROUND_VALUES, plan_take_file,      false, 0 },
	{ IN(PROCESS),         "set.",     ROUND_VALUES, plan_take_set,       false, 0 },
	{ IN(PROCESS),         "user",     ROUND_VALUES, plan_take_user,      false, 0 },
	{ IN(PROCESS),         "exit-code", ROUND_VALUES, plan_take_exit_code, false, 0 },
	{ IN(PROCESS),         "output",   ROUND_VALUES, plan_take_output,    false, 0 },
	{ IN(PROCESS),         "counts",   ROUND_VALUES, plan_take_counts,    false, 0 },
	{ IN(PROCESS),         "to",       ROUND_VALUES, take_setting,        false, OF_PROC(to_setting) },
	{ IN(PROCESS),         "rate",     ROUND_VALUES, take_setting,        false, OF_PROC(rate_setting) },
	{ PARTS,               "after",    ROUND_VALUES, take_setting,        false, OF_PROC(after_setting) },
	{ PARTS,               "delay",    ROUND_VALUES, take_duration,       false, OF_PROC(delay_ns) },
	{ PARTS,               "until",    ROUND_VALUES, take_setting,        false, OF_PROC(until_setting) },
	{ PARTS,               "lasts",    ROUND_VALUES, take_duration,       false, OF_PROC(lasts_ns) },
	{ IN(EXPECT),          "*",        ROUND_RULES,  plan_take_expect,    false, 0 },
	{ IN(COLUMNS),         "*",        ROUND_RULES,  plan_take_rule,      true,  0 },
	{ RULES,               "*",        ROUND_RULES,  plan_take_rule,      false, 0 },
};
/* clang-format on */
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const struct key *find_key(const struct setting *s)
{
	for (size_t i = 0; i < KEYS; i++) {
		size_t len = strlen(keys[i].name);

		if (!(keys[i].in >> s->section & 1))
			continue;
		if (strcmp(keys[i].name, s->key) == 0)
			return &keys[i];
		if (len && keys[i].name[len - 1] == '.' && strlen(s->key) > len &&
		    strncmp(keys[i].name, s->key, len) == 0)
			return &keys[i];
		if (*s->key && strcmp(keys[i].name, "*") == 0)
			return &keys[i];
	}
	return NULL;
}

static int take_text(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	*(const char **)((char *)p + find_key(s)->at) = s->value;
	return 0;
}

static void *proc_field(struct plan *p, const struct setting *s)
{
	return (char *)plan_proc(p, s->section, s->name) + find_key(s)->at;
}

static int take_setting(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	*(const struct setting **)proc_field(p, s) = s;
	return 0;
}

static int take_duration(struct plan *p, const struct setting *s, struct err *err)
{
	struct err why;

	if (units_parse_duration(s->value, proc_field(p, s), &why) < 0)
		return wrong(p, s, "%s: %s", s->key, why.text);
	return 0;
}

static int unknown_key(struct plan *p, const struct setting *s, struct err *err)
{
	char known[240] = "";
	size_t len = 0;

	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].in >> s->section & 1 && *keys[i].name)
			len += (size_t)snprintf(
				known + len, sizeof(known) - len, "%s%s%s",
				len ? ", " : "", keys[i].name,
				keys[i].name[strlen(keys[i].name) - 1] == '.' ? "NAME"
									      : "");
	return wrong(p, s, "[%s] has no key '%s'; expected %s", section_names[s->section],
		     s->key, known);
}

/* A variant may override only what is there: a misspelt name must not make a new part. */
static int check_part(struct plan *p, const struct setting *s, struct err *err)
{
	bool found = true;

	if (s->section == SECTION_HOST)
		found = plan_host(p, s->name) != NULL;
	else if (s->section >= SECTION_SERVER && s->section <= SECTION_PROCESS)
		found = plan_proc(p, s->section, s->name) != NULL;
	return found ? 0
		     : wrong(p, s, "there is no [%s %s]", section_names[s->section],
			     s->name);
}

static int check_overrides(struct plan *p, struct err *err)
{
	const struct settings *own = variants_overrides(p->scenario, p->variant);

	for (size_t i = 0; own && i < own->n; i++) {
		const struct setting *s = &own->at[i];
		const struct key *key = find_key(s);

		if (key && key->of_all)
			return wrong(p, s,
				     "%s.%s is the same for all variants: a variant "
				     "cannot override it",
				     section_names[s->section], s->key);
	}
	return 0;
}

static int take_round(struct plan *p, enum round round, struct err *err)
{
	for (size_t i = 0; i < p->settings.n; i++) {
		const struct setting *s = &p->settings.at[i];
		const struct key *key = find_key(s);
		int r;

		if (!key)
			return unknown_key(p, s, err);
		if (key->round != round)
			continue;
		r = round == ROUND_PARTS ? 0 : check_part(p, s, err);
		r = r ? r : key->take(p, s, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int plan_build(const struct scenario *sc, const char *variant, bool quiet,
	       struct plan *out, struct err *err)
{
	int r = 0;

	*out = (struct plan){ .scenario = sc,
			      .variant = variant,
			      .about = "",
			      .next = "",
			      .claim = "",
			      .cure = "",
			      .baseline = "",
			      .wanted = "",
			      .apart = "",
			      .repeat = 1,
			      .seconds = SECONDS_DEFAULT,
			      .quiet = quiet };
	variants_merge(sc, variant, &out->settings);
	r = check_overrides(out, err);
	for (enum round round = 0; r == 0 && round < ROUNDS; round++) {
		if (round == ROUND_VALUES)
			r = plan_add_common_hosts(out, err);
		if (round == ROUND_RULES) {
			plan_leave_out(out);
			r = plan_give_addresses(out, err);
			r = r ? r : plan_observe(out, err);
		}
		r = r ? r : take_round(out, round, err);
	}
	r = r ? r : plan_make_routes(out, err);
	r = r ? r : plan_check_cables(out, err);
	r = r ? r : plan_check_procs(out, err);
	r = r ? r : plan_check_rules(out, err);
	r = r ? r : plan_args(out, err);
	if (r < 0)
		plan_done(out);
	return r;
}

void plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->n_hosts; i++) {
		free(p->hosts[i].addresses);
		free(p->hosts[i].sysctls);
		free(p->hosts[i].routes);
		free(p->hosts[i].nft_text);
		free(p->hosts[i].cable);
		addr_list_done(&p->hosts[i].observed);
	}
	for (size_t i = 0; i < p->n_procs; i++) {
		for (size_t f = 0; f < p->procs[i].n_files; f++)
			free(p->procs[i].files[f].text);
		free(p->procs[i].to);
		words_done(&p->procs[i].argv);
	}
	free(p->usual.value);
	free(p->expects);
	for (size_t i = 0; i < PLAN_RULES; i++)
		free(p->rules[i].at);
	settings_done(&p->settings);
	*p = (struct plan){ 0 };
}
