/* plan_rules - [expect], [compare], [columns], [verdict] and [cost]: that a mistake in a condition
 * is found before anything runs, and whose result [expect] is of.  Whether there is such a path
 * only the client knows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_keys.h"
#include "bench/scenario/variants.h"
#include "common/result/condition.h"
#include "common/result/figure.h"
#include "common/result/formula.h"

/* ---- [expect] */

static struct plan_proc *only_result(struct plan *p)
{
	return plan_results(p) == 1 ? (struct plan_proc *)plan_main(p) : NULL;
}

static const enum section with_result[] = { SECTION_CLIENT, SECTION_PROBE,
					    SECTION_PROCESS };
#define WITH_RESULT (sizeof(with_result) / sizeof(*with_result))

/* [expect NAME]: of a client, a probe, or a process that counts. */
static struct plan_proc *named_result(struct plan *p, const char *name)
{
	for (size_t i = 0; i < WITH_RESULT; i++) {
		struct plan_proc *proc = plan_proc(p, with_result[i], name);

		if (proc && plan_has_result(proc))
			return proc;
	}
	return NULL;
}

/* The variant leaves it out, and with it what is expected of it. */
static bool is_left_out(struct plan *p, const char *name)
{
	for (size_t i = 0; i < WITH_RESULT; i++)
		if (plan_in_file(p, with_result[i], name) &&
		    !plan_proc(p, with_result[i], name))
			return true;
	return false;
}

/* What a client or probe cannot know of its own run. */
static bool is_of_the_lab(const char *path, void *arg)
{
	static const char *const begins[] = { "process.", "hosts.", "lab.",
					      "story.host_" };
	bool is = false;

	(void)arg;
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		is = is || strncmp(path, begins[i], strlen(begins[i])) == 0;
	return is;
}

/* That may not have ended yet. */
static bool is_of_another(const char *path, void *arg)
{
	(void)arg;
	return strncmp(path, "part.", strlen("part.")) == 0;
}

int plan_take_expect(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_expect e = { .setting = s };
	struct err why;

	if (!*s->value)
		return 0; /* a variant takes one back: "expect.PHRASE =" */
	e.client = *s->name ? named_result(p, s->name) : only_result(p);
	if (!e.client && *s->name && is_left_out(p, s->name))
		return 0;
	if (!e.client && *s->name)
		return wrong(p, s,
			     "there is no [client %s] or [probe %s], nor a [process %s] "
			     "with counts = yes",
			     s->name, s->name, s->name);
	if (!e.client)
		return wrong(p, s,
			     "expected [expect CLIENT]: there is not just one client");
	if (condition_check(s->value, &why) < 0)
		return wrong(p, s, "%s", why.text);
	if (condition_any_path(s->value, is_of_another, NULL))
		return wrong(p, s,
			     "an expectation is answered when its client ends, so it "
			     "cannot ask for part.NAME; say it in [compare]");
	e.by_lab = e.client->kind == SECTION_PROCESS ||
		   condition_any_path(s->value, is_of_the_lab, NULL);
	p->expects = text_checked(realloc(p->expects, (p->n_expects + 1) * sizeof(e)));
	p->expects[p->n_expects++] = e;
	return 0;
}

/* ---- the others */

int plan_take_rule(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_rules *rules = &p->rules[s->section - SECTION_COMPARE];
	struct err why;
	int r = 0;

	if (!*s->value)
		return 0;
	if (s->section == SECTION_COLUMNS)
		r = formula_check(s->value, &why);
	else if (s->section != SECTION_VERDICT || strcmp(s->value, "otherwise") != 0)
		r = condition_check(s->value, &why);
	if (r < 0)
		return wrong(p, s, "%s", why.text);
	rules->at = text_checked(realloc(rules->at, (rules->n + 1) * sizeof(*rules->at)));
	rules->at[rules->n++] = s;
	return 0;
}

int plan_take_shows(struct plan *p, const struct setting *s, struct err *err)
{
	struct err why;

	if (figure_check(s->value, &why) < 0)
		return wrong(p, s, "shows: %s", why.text);
	p->shows = *s->value ? s : NULL;
	return 0;
}

static bool verdict_exists(const struct plan *p, const char *word)
{
	if (strcmp(word, VERDICT_NOT_HERE) == 0 || strcmp(word, VERDICT_VOID) == 0)
		return true;
	for (size_t i = 0; i < p->verdicts.n; i++)
		if (strcmp(p->verdicts.at[i]->key, word) == 0)
			return true;
	return false;
}

/* What part.NAME is, though a variant may leave it out: what leaves a result comes first. */
static const struct setting *find_part(const struct plan *p, const char *name, size_t len)
{
	const struct setting *found = NULL;

	for (size_t i = 0; i < p->settings.n; i++) {
		const struct setting *s = &p->settings.at[i];
		bool result = s->section == SECTION_CLIENT || s->section == SECTION_PROBE;

		if ((found && !result) || s->section < SECTION_SERVER ||
		    s->section > SECTION_PROCESS || strlen(s->name) != len ||
		    strncmp(s->name, name, len) != 0)
			continue;
		found = s;
		if (result)
			break;
	}
	return found;
}

struct stranger {
	struct plan *plan;
	struct err why; /* the sentence about it */
};

/* What is known of the end of a part that leaves no result. */
static bool is_of_end(const char *key)
{
	static const char *const keys[] = { "exit_code",   "signal",     "wall_s",
					    "cpu_s",       "user_s",     "system_s",
					    "errno",       "max_rss_kb", "last",
					    "left_behind", "killed",     "said_bytes" };
	bool is = strncmp(key, "held_by.", 8) == 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		is = is || strcmp(key, keys[i]) == 0;
	return is;
}

/* part.NAME.KEY... is there; otherwise the sentence. */
static bool has_part(const struct plan *p, const char *path, struct err *why)
{
	const char *name = path + strlen("part.");
	size_t len = strcspn(name, ".");
	const struct setting *part = find_part(p, name, len);
	const struct plan_proc *proc = plan_part(p, name);

	if (!part)
		err_usage(why, "there is no part named %.*s", (int)len, name);
	else if (part->section != SECTION_CLIENT && part->section != SECTION_PROBE &&
		 !(proc && plan_has_result(proc)) &&
		 !is_of_end(name + len + (name[len] == '.')))
		err_usage(why,
			  "a %s has no %s, only what its end was, as in "
			  "part.%.*s.exit_code and .last",
			  section_names[part->section], path, (int)len, name);
	else
		return true;
	return false;
}

/* True, with the sentence, if a path speaks of a result that this file cannot have. */
static bool speaks_of_nobody(const char *path, void *arg)
{
	struct stranger *st = arg;

	if (strncmp(path, "base.", 5) == 0) {
		if (!*st->plan->baseline)
			return err_usage(&st->why,
					 "%s needs baseline = VARIANT in [scenario]",
					 path) < 0;
		path += 5;
	}
	return strncmp(path, "part.", 5) == 0 && !has_part(st->plan, path, &st->why);
}

static int check_paths(struct plan *p, struct err *err)
{
	struct stranger st = { .plan = p };
	const struct setting *s = plan_find_rule(p, speaks_of_nobody, &st);

	return s ? wrong(p, s, "%s", st.why.text) : 0;
}

static int check_otherwise(struct plan *p, struct err *err)
{
	for (size_t i = 0; i + 1 < p->verdicts.n; i++)
		if (strcmp(p->verdicts.at[i]->value, "otherwise") == 0)
			return wrong(p, p->verdicts.at[i],
				     "otherwise always holds: it must be the last of "
				     "[verdict]");
	return 0;
}

/* What there is to say of any load: how many connections, and how many ports TIME_WAIT held. */
static void take_default_shows(struct plan *p)
{
	const struct plan_proc *load = plan_main(p);

	if (!load || !load->counts || !load->host->observe ||
	    settings_find(&p->settings, SECTION_SCENARIO, "", "shows"))
		return;
	p->usual.value = text_printf(
		"{hosts.%s.counters.Tcp.ActiveOpens} connections, most in TIME_WAIT "
		"{hosts.%s.states.peak.TIME_WAIT}",
		load->host->name, load->host->name);
	p->shows = &p->usual;
}

int plan_check_rules(struct plan *p, struct err *err)
{
	take_default_shows(p);
	if (*p->baseline && !variants_overrides(p->scenario, p->baseline))
		return wrong(
			p, settings_find(&p->settings, SECTION_SCENARIO, "", "baseline"),
			"there is no [variant %s]", p->baseline);
	if (*p->wanted && !verdict_exists(p, p->wanted))
		return wrong(p,
			     settings_find(&p->settings, SECTION_SCENARIO, "", "verdict"),
			     "verdict: [verdict] has no '%s' ('" VERDICT_NOT_HERE
			     "' and '" VERDICT_VOID "' need none)",
			     p->wanted);
	return check_otherwise(p, err) < 0 ? -EINVAL : check_paths(p, err);
}
