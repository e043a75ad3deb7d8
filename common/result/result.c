#include "common/base/put.h"
#include "common/result/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/utf8.h"

json_t *(*result_skeleton_of_client)(int argc, char **argv);

json_t *result_tool(void)
{
	return json_pack("{s:s, s:s}", "name", "twstorm", "version", TWSTORM_VERSION);
}

json_t *result_argv(int argc, char **argv)
{
	json_t *list = json_array();

	for (int i = 0; i < argc; i++)
		json_array_append_new(list, utf8_json(argv[i]));
	return list;
}

json_t *result_real(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

json_t *result_not_negative(double v)
{
	return v >= 0 ? result_real(v) : json_null();
}

json_t *result_states(const struct tcp_states *s)
{
	json_t *o = json_object();

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		put_count(o, tcp_state_name(i), s->n[i]);
	return o;
}

json_t *result_counters(const struct kernel_counters *c)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < KERNEL_COUNTERS; i++)
		put(o, kernel_counter_name(i),
		    c->known >> i & 1 ? json_integer((json_int_t)c->n[i]) : json_null());
	return o;
}

const char *result_errno_name(unsigned error)
{
	const char *name = error ? strerrorname_np((int)error) : NULL;

	return name ? name : "UNKNOWN";
}

json_t *result_errnos(const struct tally_errnos *t)
{
	json_t *o = json_object();

	for (unsigned e = 0; e < TALLY_ERRNOS; e++) {
		uint64_t n = tally_get(&t->n[e]);
		const char *name = result_errno_name(e);
		const json_t *before = json_object_get(o, name);

		if (n)
			put(o, name,
			    json_integer(json_integer_value(before) + (json_int_t)n));
	}
	return o;
}

int result_errno_by_name(const char *name)
{
	for (int e = 1; e < TALLY_ERRNOS; e++) {
		const char *known = strerrorname_np(e);

		if (known && strcmp(known, name) == 0)
			return e;
	}
	return 0;
}

static json_t *hist_us(const struct hist *h, double quantile)
{
	return h->count ? json_real((double)hist_quantile(h, quantile) / NS_PER_US)
			: json_null();
}

/* [[index, count], ...] of the buckets that hold anything. */
static json_t *hist_pairs(const struct hist *h)
{
	json_t *list = json_array();

	for (unsigned i = 0; h->count && i < hist_buckets(); i++) {
		json_int_t n = (json_int_t)hist_in_bucket(h, i);

		if (n)
			json_array_append_new(list,
					      json_pack("[I, I]", (json_int_t)i, n));
	}
	return list;
}

json_t *result_hist(const struct hist *h)
{
	bool any = h->count > 0;
	json_t *o = json_object();

	put_count(o, "count", h->count);
	put(o, "min", any ? json_real((double)h->min_ns / NS_PER_US) : json_null());
	put(o, "mean", any ? json_real(hist_mean(h) / NS_PER_US) : json_null());
	put(o, "p50", hist_us(h, 0.5));
	put(o, "p90", hist_us(h, 0.9));
	put(o, "p99", hist_us(h, 0.99));
	put(o, "p999", hist_us(h, 0.999));
	put(o, "max", any ? json_real((double)h->max_ns / NS_PER_US) : json_null());
	put_count(o, "overflow", h->overflow);
	put_count(o, "sum_ns", h->sum_ns);
	put(o, "buckets", hist_pairs(h));
	return o;
}

static json_t *host_sysctls(void)
{
	json_t *o = json_object();
	char value[256];

#define X(name)                                                                          \
	put(o, "net." name,                                                              \
	    host_sysctl("/proc", name, value, sizeof(value)) == 0 ? json_string(value)   \
								  : json_null());
	HOST_SYSCTL_LIST(X)
#undef X
	return o;
}

json_t *result_host(const struct host *h)
{
	bool ipv6_off = host_sysctl_int("/proc", "ipv6.conf.all.disable_ipv6", 1) != 0;

	return json_pack("{s:s, s:s, s:I, s:s, s:I, s:b, s:o}", "kernel", h->kernel,
			 "machine", h->machine, "cpus", (json_int_t)h->cpus, "boot_id",
			 h->boot_id, "netns", (json_int_t)h->netns, "ipv6_off", ipv6_off,
			 "sysctls", host_sysctls());
}

json_t *result_cpu(double user_s, double system_s, uint64_t connections)
{
	return json_pack(
		"{s:o, s:o, s:o}", "user_s", result_real(user_s), "system_s",
		result_real(system_s), "us_per_connection",
		connections ? result_real((user_s + system_s) * 1e6 / (double)connections)
			    : json_null());
}

json_t *result_sampler(const struct sampler_report *r)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "samples",
			 (json_int_t)r->samples, "full_dumps", (json_int_t)r->full_dumps,
			 "sockets", (json_int_t)r->sockets, "thinned",
			 (json_int_t)r->thinned, "missed", (json_int_t)r->missed, "ticks",
			 (json_int_t)r->ticks, "cpu_s", result_real(r->cpu_s),
			 "longest_ms", result_real(r->longest_ms), "budget_pct",
			 result_real(100 * r->budget));
}

static bool has(const json_t *element, const char *key, const char *text)
{
	const char *is = json_string_value(json_object_get(element, key));

	return is && strcmp(is, text) == 0;
}

/* Of an array: the element of that number, the one with that address, or the place of the claim. */
static json_t *member(const json_t *doc, const char *key)
{
	json_t *element;
	size_t i;

	if (!json_is_array(doc))
		return json_object_get(doc, key);
	if (key[strspn(key, "0123456789")] == '\0' && *key)
		return json_array_get(doc, strtoul(key, NULL, 10));
	json_array_foreach (doc, i, element) {
		if (has(element, "address", key))
			return element;
		if (has(element, "claim", key))
			return json_object_get(element, "place");
	}
	return NULL;
}

/* Each try takes a longer key: "counters", or "counters.TcpExt", ... */
json_t *result_at(const json_t *doc, const char *path)
{
	char key[128];

	for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
		size_t len = (size_t)(dot - path);
		json_t *inner, *found;

		if (len >= sizeof(key))
			break;
		memcpy(key, path, len);
		key[len] = '\0';
		inner = member(doc, key);
		found = inner ? result_at(inner, dot + 1) : NULL;
		if (found)
			return found;
	}
	return member(doc, path);
}
