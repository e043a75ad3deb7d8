#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_keys.h"

struct plan_host *plan_host_of(struct plan *p, const struct setting *s)
{
	return (struct plan_host *)plan_host(p, s->name);
}

int plan_add_host(struct plan *p, const struct setting *s, struct err *err)
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

/* Where it runs: as it says, or on the host that is called as its section is. */
static const char *host_name(const struct plan *p, const struct plan_proc *proc)
{
	const struct setting *s =
		settings_find(&p->settings, proc->kind, proc->name, "host");

	return s ? s->value : section_names[proc->kind];
}

static bool runs_on(const struct plan *p, const char *host)
{
	for (size_t i = 0; i < p->n_procs; i++)
		if (strcmp(host_name(p, &p->procs[i]), host) == 0)
			return true;
	return false;
}

int plan_add_common_hosts(struct plan *p, struct err *err)
{
	static const enum section common[] = { SECTION_CLIENT, SECTION_SERVER };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(common) / sizeof(*common); i++) {
		struct setting s = { .name = (char *)section_names[common[i]],
				     .line = 1 };

		if (!runs_on(p, s.name) || plan_host(p, s.name))
			continue;
		r = plan_add_host(p, &s, err);
		if (r == 0) { /* as if it were the file's first section */
			struct plan_host h = p->hosts[p->n_hosts - 1];

			memmove(p->hosts + 1, p->hosts, (p->n_hosts - 1) * sizeof(h));
			p->hosts[0] = h;
		}
	}
	return r;
}

int plan_parse_address(const char *text, struct plan_address *a)
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

/* The lab's hosts talk to one another: 0.0.0.0, loopback, multicast and the like are of no
 * use there. */
static bool is_for_a_host(const struct plan_address *a)
{
	const struct in6_addr *six = (const void *)a->bytes;

	if (a->family == AF_INET)
		return a->bytes[0] != 0 && a->bytes[0] != 127 && a->bytes[0] < 224;
	return !IN6_IS_ADDR_UNSPECIFIED(six) && !IN6_IS_ADDR_LOOPBACK(six) &&
	       !IN6_IS_ADDR_MULTICAST(six) && !IN6_IS_ADDR_LINKLOCAL(six) &&
	       !IN6_IS_ADDR_V4MAPPED(six);
}

static bool same_address(const struct plan_address *a, const struct plan_address *b)
{
	unsigned len = a->family == AF_INET ? 4 : 16;

	return a->family == b->family && a->bytes[len - 1] == b->bytes[len - 1] &&
	       memcmp(a->bytes, b->bytes, len) == 0;
}

struct plan_host *plan_host_at(struct plan *p, const struct plan_address *a)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		for (size_t j = 0; j < p->hosts[i].n_addresses; j++)
			if (same_address(&p->hosts[i].addresses[j], a))
				return &p->hosts[i];
	return NULL;
}

static size_t addresses(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_hosts; i++)
		n += p->hosts[i].n_addresses;
	return n;
}

static void add_address(struct plan_host *h, const struct plan_address *a)
{
	h->addresses =
		text_checked(realloc(h->addresses, (h->n_addresses + 1) * sizeof(*a)));
	h->addresses[h->n_addresses++] = *a;
}

int plan_take_address(struct plan *p, const struct setting *s, struct err *err)
{
	char *list = text_dup(s->value), *rest = list, *one;
	struct plan_address a;
	int r = 0;

	while (r == 0 && (one = strsep(&rest, ","))) {
		one += strspn(one, " \t");
		for (size_t len = strlen(one);
		     len && isblank((unsigned char)one[len - 1]);)
			one[--len] = '\0';
		if (plan_parse_address(one, &a) == -1)
			r = wrong(p, s,
				  "address: expected ADDRESS/PREFIX[, ...], as in "
				  "198.18.0.11/24, not '%s'",
				  one);
		else if (!is_for_a_host(&a))
			r = wrong(p, s,
				  "address: %s is none that a host can be reached at",
				  a.text);
		else if (addresses(p) == PLAN_ADDRESSES)
			r = wrong(p, s, "address: at most %d of all hosts together",
				  PLAN_ADDRESSES);
		else if (plan_host_at(p, &a))
			r = wrong(p, s, "address: %s is given twice", a.text);
		else
			add_address(plan_host_of(p, s), &a);
	}
	free(list);
	return r;
}

/* What a variant takes back has no value. */
static void keep(const struct setting ***list, size_t *n, const struct setting *s)
{
	if (!*s->value)
		return;
	*list = text_checked(realloc(*list, (*n + 1) * sizeof(**list)));
	(*list)[(*n)++] = s;
}

int plan_take_sysctl(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_host *h = plan_host_of(p, s);
	const char *name = s->key + strlen("sysctl.");

	if (strncmp(name, "net.", 4) != 0 || strchr(name, '/') || strstr(name, ".."))
		return wrong(
			p, s,
			"expected sysctl.net.SOMETHING: a host of the lab has sysctls of "
			"its own below net. only, not '%s'",
			name);
	keep(&h->sysctls, &h->n_sysctls, s);
	return 0;
}

int plan_take_cable(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_host *h = plan_host_of(p, s);
	struct err why;

	if (impair_set(&h->impair, s->key, s->value, &why) < 0)
		return wrong(p, s, "%s: %s", s->key, why.text);
	keep(&h->cable, &h->n_cable, s);
	return 0;
}

int plan_give_addresses(struct plan *p, struct err *err)
{
	char text[32];
	struct plan_address a;

	for (size_t i = 0; i < p->n_hosts; i++) {
		if (p->hosts[i].n_addresses)
			continue;
		snprintf(text, sizeof(text), "198.18.0.%zu/24", 11 + i);
		plan_parse_address(text, &a);
		if (plan_host_at(p, &a))
			return scenario_fault(
				p->scenario, p->hosts[i].line, err,
				"host %s needs an address = ...: its own, %s, is "
				"taken",
				p->hosts[i].name, a.text);
		add_address(&p->hosts[i], &a);
	}
	return 0;
}

int plan_check_cables(struct plan *p, struct err *err)
{
	struct err why;

	for (size_t i = 0; i < p->n_hosts; i++)
		if (impair_check(&p->hosts[i].impair, &why) < 0)
			return scenario_fault(p->scenario, p->hosts[i].line, err,
					      "host %s: %s", p->hosts[i].name, why.text);
	return 0;
}
