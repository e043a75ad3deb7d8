#include "common/tls/counts.h"

#include <stdio.h>
#include <string.h>

#include "common/base/put.h"

/* A name is whole before it is in use: readers look at `used` first. */
static unsigned place_of(struct tls_names *t, const char *name)
{
	unsigned used = (unsigned)tally_get(&t->used), i = 0;

	while (i < used && strncmp(t->at[i].name, name, TLS_NAME - 1) != 0)
		i++;
	if (i < used || used == TLS_NAMES)
		return i < used ? i : TLS_NAMES - 1;
	snprintf(t->at[i].name, TLS_NAME, "%s", i < TLS_NAMES - 1 ? name : "other");
	atomic_store_explicit(&t->used, used + 1, memory_order_release);
	return i;
}

void tls_names_add(struct tls_names *t, const char *name)
{
	tally_add(&t->at[place_of(t, name)].n, 1);
}

void tls_names_most(const struct tls_names *t, const char **most, uint64_t *n)
{
	uint64_t used = atomic_load_explicit(&t->used, memory_order_acquire);

	for (uint64_t i = 0; i < used; i++) {
		if (tally_get(&t->at[i].n) <= *n)
			continue;
		*most = t->at[i].name;
		*n = tally_get(&t->at[i].n);
	}
}

static void add_names(json_t *o, const struct tls_names *t)
{
	uint64_t used = atomic_load_explicit(&t->used, memory_order_acquire);

	for (uint64_t i = 0; i < used; i++)
		put_count(o, t->at[i].name,
			  tally_get(&t->at[i].n) +
				  (uint64_t)json_integer_value(
					  json_object_get(o, t->at[i].name)));
}

json_t *tls_counts_json(const struct tls_counts *(*of)(const void *arg, unsigned i),
			const void *arg, unsigned n)
{
	struct tls_counts sum = { 0 };
	json_t *shakes = json_object(), *notify = json_object(), *o = json_object();
	json_t *version = json_object(), *cipher = json_object(), *alpn = json_object(),
	       *reasons = json_object();
	double done;

	for (unsigned i = 0; i < n; i++) {
		const struct tls_counts *c = of(arg, i);

		tally_add_all(&sum, c, offsetof(struct tls_counts, version));
		add_names(version, &c->version);
		add_names(cipher, &c->cipher);
		add_names(alpn, &c->alpn);
		add_names(reasons, &c->reasons);
	}
	done = (double)(tally_get(&sum.full) + tally_get(&sum.resumed));
	put_count(shakes, "full", tally_get(&sum.full));
	put_count(shakes, "resumed", tally_get(&sum.resumed));
	put_count(shakes, "failed", tally_get(&sum.failed));
	put_count(shakes, "refused", tally_get(&sum.refused));
	put(o, "handshakes", shakes);
	put(o, "resumed_share",
	    done > 0 ? json_real((double)tally_get(&sum.resumed) / done) : json_null());
	put(o, "version", version);
	put(o, "cipher", cipher);
	put(o, "alpn", alpn);
	put_count(notify, "sent", tally_get(&sum.sent));
	put_count(notify, "received", tally_get(&sum.received));
	put_count(notify, "missing", tally_get(&sum.missing));
	put(o, "close_notify", notify);
	put_count(o, "tickets", tally_get(&sum.tickets));
	put(o, "reasons", reasons);
	return o;
}
