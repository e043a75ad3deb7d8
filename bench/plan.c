#include "bench/plan.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "bench/plan_args.h"
#include "bench/verdict.h"

#define SECONDS_DEFAULT 60
#define SECONDS_MAX     3600

typedef int take_fn(struct plan *p, const struct setting *s, struct err *err);

#define wrong(p, s, ...) scenario_fault((p)->scenario, (s)->line, err, __VA_ARGS__)

const struct plan_host *plan_host(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		if (strcmp(p->hosts[i].name, name) == 0)
			return &p->hosts[i];
	return NULL;
}

static struct plan_host *host_of(struct plan *p, const struct setting *s)
{
	return (struct plan_host *)plan_host(p, s->name);
}

static struct plan_proc *find_proc(struct plan *p, enum section kind, const char *name)
{
	for (size_t i = 0; i < p->n_procs; i++)
		if (p->procs[i].kind == kind && strcmp(p->procs[i].name, name) == 0)
			return &p->procs[i];
	return NULL;
}

/* ---- what each key does */

static int take_header(struct plan *p, const struct setting *s, struct err *err)
{
	(void)p, (void)s, (void)err;
	return 0;
}

static int add_host(struct plan *p, const struct setting *s, struct err *err)
{
	if (plan_host(p, s->name))
		return 0; /* a section may be written in two pieces */
	if (p->n_hosts == PLAN_HOSTS)
		return wrong(p, s, "at most %d hosts", PLAN_HOSTS);
	if (strcmp(s->name, "tmp") == 0)
		return wrong(p, s,
			     "no host can be named tmp: {tmp} is the private directory");
	p->hosts[p->n_hosts++] = (struct plan_host){ .name = s->name, .line = s->line };
	return 0;
}

static int add_proc(struct plan *p, const struct setting *s, struct err *err)
{
	if (find_proc(p, s->section, s->name))
		return 0;
	if (p->n_procs == PLAN_PROCS)
		return wrong(p, s, "at most %d servers and clients", PLAN_PROCS);
	p->procs[p->n_procs++] = (struct plan_proc){ .kind = s->section,
						     .name = s->name,
						     .line = s->line };
	return 0;
}

static int take_about(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	p->about = s->value;
	return 0;
}

static int take_next(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	p->next = s->value;
	return 0;
}

static int take_seconds(struct plan *p, const struct setting *s, struct err *err)
{
	char *end;
	unsigned long n = strtoul(s->value, &end, 10);

	if (*end || end == s->value || !n || n > SECONDS_MAX)
		return wrong(p, s,
			     "seconds: expected a whole number from 1 to %d, not '%s'",
			     SECONDS_MAX, s->value);
	p->seconds = (unsigned)n;
	return 0;
}

static int parse_address(const char *text, struct plan_address *a)
{
	const char *slash = strchr(text, '/');
	char *end;
	unsigned long prefix = slash ? strtoul(slash + 1, &end, 10) : 0;
	size_t len = slash ? (size_t)(slash - text) : 0;

	if (!slash || *end || end == slash + 1 || len >= sizeof(a->text))
		return -1;
	memcpy(a->text, text, len);
	a->text[len] = '\0';
	a->prefix = (unsigned)prefix;
	a->family = strchr(a->text, ':') ? AF_INET6 : AF_INET;
	if (!prefix || prefix > (a->family == AF_INET ? 32 : 128))
		return -1;
	return inet_pton(a->family, a->text, a->bytes) == 1 ? 0 : -1;
}

static bool address_taken(const struct plan *p, const struct plan_address *a)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		for (size_t j = 0; j < p->hosts[i].n_addresses; j++)
			if (strcmp(p->hosts[i].addresses[j].text, a->text) == 0)
				return true;
	return false;
}

static void add_address(struct plan_host *h, const struct plan_address *a)
{
	h->addresses = realloc(h->addresses, (h->n_addresses + 1) * sizeof(*a));
	if (!h->addresses)
		abort();
	h->addresses[h->n_addresses++] = *a;
}

static int take_address(struct plan *p, const struct setting *s, struct err *err)
{
	char *list = text_dup(s->value), *rest = list, *one;
	struct plan_address a;
	int r = 0;

	while (r == 0 && (one = strsep(&rest, ","))) {
		one += strspn(one, " \t");
		one[strcspn(one, " \t")] = '\0';
		if (parse_address(one, &a) == -1)
			r = wrong(p, s,
				  "address: expected ADDRESS/PREFIX[, ...], as in "
				  "198.18.0.11/24, not '%s'",
				  one);
		else if (address_taken(p, &a))
			r = wrong(p, s, "address: %s is given twice", a.text);
		else
			add_address(host_of(p, s), &a);
	}
	free(list);
	return r;
}

static int take_sysctl(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_host *h = host_of(p, s);
	const char *name = s->key + strlen("sysctl.");

	if (strncmp(name, "net.", 4) != 0 || strchr(name, '/') || strstr(name, ".."))
		return wrong(
			p, s,
			"expected sysctl.net.SOMETHING: a host of the lab has sysctls of "
			"its own below net. only, not '%s'",
			name);
	if (!*s->value)
		return wrong(p, s, "expected a value for %s", name);
	h->sysctls = realloc(h->sysctls, (h->n_sysctls + 1) * sizeof(*h->sysctls));
	if (!h->sysctls)
		abort();
	h->sysctls[h->n_sysctls++] = s;
	return 0;
}

static int take_host(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = find_proc(p, s->section, s->name);

	proc->host_setting = s;
	proc->host = plan_host(p, s->value);
	return proc->host ? 0 : wrong(p, s, "there is no [host %s]", s->value);
}

static int take_args(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	find_proc(p, s->section, s->name)->args = s;
	return 0;
}

static int take_stats(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	find_proc(p, s->section, s->name)->stats_setting = s;
	return 0;
}

static struct plan_proc *only_client(struct plan *p)
{
	struct plan_proc *found = NULL;

	for (size_t i = 0; i < p->n_procs; i++) {
		if (p->procs[i].kind != SECTION_CLIENT)
			continue;
		if (found)
			return NULL;
		found = &p->procs[i];
	}
	return found;
}

static int take_expect(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_expect e = { .setting = s };
	struct err why;

	if (!*s->value)
		return 0; /* a variant takes one back: "expect.PHRASE =" */
	e.client = *s->name ? find_proc(p, SECTION_CLIENT, s->name) : only_client(p);
	if (!e.client && *s->name)
		return wrong(p, s, "there is no [client %s]", s->name);
	if (!e.client)
		return wrong(p, s,
			     "expected [expect CLIENT]: there is not just one client");
	if (verdict_check(s->value, &why) < 0)
		return wrong(p, s, "%s", why.text);
	p->expects = realloc(p->expects, (p->n_expects + 1) * sizeof(e));
	if (!p->expects)
		abort();
	p->expects[p->n_expects++] = e;
	return 0;
}

/* ---- the table of keys.  Settings are taken in rounds, so that what a key refers to is
 * known whatever the order in the file. */

enum round { ROUND_PARTS, ROUND_VALUES, ROUND_EXPECTS, ROUNDS };

/* clang-format off */
static const struct key {
	enum section section;
	const char *name; /* "" = the section's header; a '.' at the end = all that begin so;
			   * "*" = any */
	enum round round;
	take_fn *take;
} keys[] = {
	{ SECTION_HOST,     "",        ROUND_PARTS,   add_host },
	{ SECTION_SERVER,   "",        ROUND_PARTS,   add_proc },
	{ SECTION_CLIENT,   "",        ROUND_PARTS,   add_proc },
	{ SECTION_SCENARIO, "",        ROUND_PARTS,   take_header },
	{ SECTION_EXPECT,   "",        ROUND_PARTS,   take_header },
	{ SECTION_SCENARIO, "about",   ROUND_VALUES,  take_about },
	{ SECTION_SCENARIO, "next",    ROUND_VALUES,  take_next },
	{ SECTION_SCENARIO, "seconds", ROUND_VALUES,  take_seconds },
	{ SECTION_HOST,     "address", ROUND_VALUES,  take_address },
	{ SECTION_HOST,     "sysctl.", ROUND_VALUES,  take_sysctl },
	{ SECTION_SERVER,   "host",    ROUND_VALUES,  take_host },
	{ SECTION_SERVER,   "args",    ROUND_VALUES,  take_args },
	{ SECTION_CLIENT,   "host",    ROUND_VALUES,  take_host },
	{ SECTION_CLIENT,   "args",    ROUND_VALUES,  take_args },
	{ SECTION_CLIENT,   "stats",   ROUND_VALUES,  take_stats },
	{ SECTION_EXPECT,   "*",       ROUND_EXPECTS, take_expect },
};
/* clang-format on */
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const struct key *find_key(const struct setting *s)
{
	for (size_t i = 0; i < KEYS; i++) {
		size_t len = strlen(keys[i].name);

		if (keys[i].section != s->section)
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

static int unknown_key(struct plan *p, const struct setting *s, struct err *err)
{
	char known[160] = "";
	size_t len = 0;

	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].section == s->section && *keys[i].name)
			len += (size_t)snprintf(known + len, sizeof(known) - len,
						"%s%s%s", len ? ", " : "", keys[i].name,
						strcmp(keys[i].name, "sysctl.") ? ""
										: "NAME");
	return wrong(p, s, "[%s] has no key '%s'; expected %s", section_names[s->section],
		     s->key, known);
}

/* A variant may override only what is there: a misspelt name must not make a new part. */
static int check_part(struct plan *p, const struct setting *s, struct err *err)
{
	bool found = true;

	if (s->section == SECTION_HOST)
		found = plan_host(p, s->name) != NULL;
	else if (s->section == SECTION_SERVER || s->section == SECTION_CLIENT)
		found = find_proc(p, s->section, s->name) != NULL;
	return found ? 0
		     : wrong(p, s, "there is no [%s %s]", section_names[s->section],
			     s->name);
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

/* A host that names no address gets 198.18.0.11/24, .12, ... by its place in the file. */
static int give_addresses(struct plan *p, struct err *err)
{
	char text[32];
	struct plan_address a;

	for (size_t i = 0; i < p->n_hosts; i++) {
		if (p->hosts[i].n_addresses)
			continue;
		snprintf(text, sizeof(text), "198.18.0.%zu/24", 11 + i);
		parse_address(text, &a);
		if (address_taken(p, &a))
			return scenario_fault(
				p->scenario, p->hosts[i].line, err,
				"host %s needs an address = ...: its own, %s, is "
				"taken",
				p->hosts[i].name, a.text);
		add_address(&p->hosts[i], &a);
	}
	return 0;
}

static int check_whole(struct plan *p, struct err *err)
{
	bool client = false;

	for (size_t i = 0; i < p->n_procs; i++) {
		struct plan_proc *proc = &p->procs[i];

		if (!proc->host || !proc->args)
			return scenario_fault(p->scenario, proc->line, err,
					      "[%s %s] needs %s = ...",
					      section_names[proc->kind], proc->name,
					      proc->host ? "args" : "host");
		client = client || proc->kind == SECTION_CLIENT;
	}
	if (!client)
		return scenario_fault(p->scenario, 1, err,
				      "expected at least one [client NAME]");
	return plan_args(p, err);
}

int plan_build(const struct scenario *sc, const char *variant, bool quiet,
	       struct plan *out, struct err *err)
{
	int r = 0;

	*out = (struct plan){ .scenario = sc,
			      .variant = variant,
			      .about = "",
			      .next = "",
			      .seconds = SECONDS_DEFAULT,
			      .quiet = quiet };
	scenario_merge(sc, variant, &out->settings);
	for (enum round round = 0; r == 0 && round < ROUNDS; round++)
		r = take_round(out, round, err);
	r = r ? r : give_addresses(out, err);
	r = r ? r : check_whole(out, err);
	if (r < 0)
		plan_done(out);
	return r;
}

void plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->n_hosts; i++) {
		free(p->hosts[i].addresses);
		free(p->hosts[i].sysctls);
	}
	for (size_t i = 0; i < p->n_procs; i++)
		words_done(&p->procs[i].argv);
	free(p->expects);
	settings_done(&p->settings);
	*p = (struct plan){ 0 };
}
