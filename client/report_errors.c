#include "client/report_errors.h"

#include "client/record.h"
#include "common/base/put.h"
#include "common/result/result.h"

static const char *const stages[STAGES] = {
	[STAGE_SOCKET] = "socket",
	[STAGE_BIND] = "bind",
	[STAGE_CONNECT] = "connect",
	[STAGE_TRANSFER] = "transfer",
};

static void keep(json_t *of, const char *key, double s, bool later)
{
	const json_t *before = json_object_get(of, key);

	if (!before || (s > json_number_value(before)) == later)
		put(of, key, json_real(s));
}

/* Errnos without a name share one. */
static json_t *times_of(const struct client_record *run, const struct errno_times *at)
{
	json_t *o = json_object();

	for (unsigned e = 0; e < TALLY_ERRNOS; e++) {
		uint64_t first_ns = tally_get(&at->first_ns[e]);
		uint64_t last_ns = tally_get(&at->last_ns[e]);
		const char *name = result_errno_name(e);

		if (first_ns && !json_object_get(o, name))
			put(o, name, json_object());
		if (first_ns)
			keep(json_object_get(o, name), "first_s",
			     record_moment_s(run, first_ns), false);
		if (first_ns)
			keep(json_object_get(o, name), "last_s",
			     record_moment_s(run, last_ns), true);
	}
	return o;
}

static json_t *times(const struct client_record *run, const struct client_tally *sum)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < STAGES; i++)
		put(o, stages[i], times_of(run, &sum->failed_at[i]));
	return o;
}

static json_t *errors(const struct client_tally *sum)
{
	json_t *o = json_object(), *timeout = json_object();

	for (unsigned i = 0; i < STAGES; i++)
		put(o, stages[i], result_errnos(&sum->failed[i]));
	put_count(timeout, "connect", tally_get(&sum->timeout_connect));
	put_count(timeout, "handshake", tally_get(&sum->timeout_handshake));
	put_count(timeout, "transaction", tally_get(&sum->timeout_transaction));
	put(o, "timeout", timeout);
	return o;
}

/* null = never. */
static json_t *moment(const struct client_record *run, const tally_t *at_ns)
{
	return result_not_negative(record_moment_s(run, tally_get(at_ns)));
}

static json_t *target(const struct client_record *run, unsigned entry)
{
	const struct client_plan *plan = &run->plan;
	char address[ADDR_TEXT] = "others";
	struct target_tally sum;
	json_t *o = json_object();

	if (entry < TARGETS_TOLD)
		addr_print(&plan->targets.at[plan->books.first[entry]], address,
			   sizeof(address));
	client_tally_target(run, entry, &sum);
	put_text(o, "address", address);
	put_count(o, "started", tally_get(&sum.started));
	put_count(o, "ok", tally_get(&sum.ok));
	put(o, "failed", result_errnos(&sum.failed));
	put_count(o, "set_aside", tally_get(&sum.set_aside));
	put_count(o, "probes", tally_get(&sum.probes));
	put_count(o, "back", tally_get(&sum.back));
	put(o, "aside_s", json_real((double)tally_get(&sum.aside_ns) / NS_PER_S));
	put(o, "last_ok_s", moment(run, &sum.last_ok_ns));
	put(o, "last_failed_s", moment(run, &sum.last_failed_ns));
	return o;
}

void report_errors(json_t *doc, const struct client_record *run,
		   const struct client_tally *sum)
{
	json_t *list = json_array();

	put(doc, "errors", errors(sum));
	put(doc, "error_times", times(run, sum));
	for (unsigned i = 0; i < run->plan.books.n; i++)
		json_array_append_new(list, target(run, i));
	put(doc, "targets", list);
}
