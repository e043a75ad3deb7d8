#include "bench/lab/forecast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/ports/facts.h"

#define SECONDS_UNKNOWN 3600
#define RANGE_DEFAULT   "32768 60999"

/* The value that the scenario gives net.NAME, or NULL. */
static const char *sysctl_text(const struct plan_host *h, const char *name)
{
	for (size_t i = 0; i < h->n_sysctls; i++) {
		const char *key = h->sysctls[i]->key + strlen("sysctl.");

		if (strncmp(key, "net.", 4) == 0 && strcmp(key + 4, name) == 0)
			return h->sysctls[i]->value;
	}
	return NULL;
}

static int64_t sysctl_number(const void *host, const char *name, int64_t otherwise)
{
	const char *text = sysctl_text(host, name);

	return text ? strtoll(text, NULL, 10) : otherwise;
}

/* Without memory the program ends, or a sentence would be missing. */
static int told(int r)
{
	if (r == -ENOMEM)
		text_checked(NULL);
	return r;
}

/* What a load of somebody else's is taken for: connections of the kernel's default kind that it
 * closes first. */
static void words_of(const struct plan_proc *load, unsigned seconds, struct words *out)
{
	char time[32];

	if (load->kind == SECTION_CLIENT) {
		words_copy(out, &load->argv, 1);
		return;
	}
	snprintf(time, sizeof(time), "%us", seconds ? seconds : SECONDS_UNKNOWN);
	words_add(out, text_dup("client"));
	words_add(out, text_dup("--target"));
	words_add(out, text_dup(load->to));
	words_add(out, text_dup("--rate"));
	words_add(out, text_dup(load->rate_setting->value));
	words_add(out, text_dup("--duration"));
	words_add(out, text_dup(time));
}

static int facts_of(const struct plan_proc *load, unsigned seconds, struct ports_facts *f)
{
	struct words argv = { 0 };
	int r;

	facts_set_sysctls(f, sysctl_number, load->host);
	words_of(load, seconds, &argv);
	r = facts_of_client((int)argv.n, argv.at, f);
	words_done(&argv);
	return told(r);
}

/* A new network namespace has the kernel's own range, whatever this host's is. */
static bool has_range(const struct plan_proc *load, struct ports_facts *f)
{
	const char *range = sysctl_text(load->host, "ipv4.ip_local_port_range");
	const char *reserved = sysctl_text(load->host, "ipv4.ip_local_reserved_ports");

	if (!range && load->kind == SECTION_PROCESS)
		range = RANGE_DEFAULT;
	return range && !(reserved && *reserved) &&
	       sscanf(range, "%u %u", &f->lo, &f->hi) == 2 && f->lo <= f->hi &&
	       f->hi <= 65535;
}

bool forecast(const struct plan_proc *load, unsigned seconds, struct ports_facts *f,
	      struct ports_prediction *p)
{
	*f = (struct ports_facts){ 0 };
	if (!(load->kind == SECTION_CLIENT || load->to) || !facts_of_client ||
	    !has_range(load, f) || facts_of(load, seconds, f) < 0 || f->early_bind ||
	    f->load.rate.from != f->load.rate.to ||
	    closing_mix_share(&f->load.pick.mix, PORT_TIME_WAIT) < 1 ||
	    told(ports_predict(f, PORTS_MOST_EVENTS, p, NULL)) < 0)
		return false;
	return p->exhaustion_s > 0 && p->tuples == 1 && !p->reuse;
}
