#include "client/report_latency.h"

#include <stdio.h>

#include "client/record.h"
#include "client/report_server.h"
#include "common/base/memory.h"
#include "common/base/put.h"
#include "common/result/result.h"

#define AT(field)  offsetof(struct client_worker, field)
#define AT_BAND(i) (AT(port_fill.band) + (i) * sizeof(struct hist))

/* Of all workers, each of which has `n` at these places. */
static json_t *hist_of_all(const struct client_record *run, const size_t *at, unsigned n)
{
	struct hist all;
	json_t *o;

	if (hist_init(&all, NULL) < 0) {
		memory_lost();
		return NULL;
	}
	for (unsigned i = 0; i < run->plan.workers; i++)
		for (unsigned k = 0; k < n; k++)
			hist_merge(&all,
				   (const struct hist *)((const char *)run->workers[i] +
							 at[k]));
	o = result_hist(&all);
	hist_done(&all);
	return o;
}

/* What is in a band is nowhere else, unless bind() is with it there (slot_open.c). */
static json_t *connect_calls(const struct client_record *run)
{
	size_t at[1 + PORT_FILL_BANDS] = { AT(hists.connect_call) };

	for (unsigned i = 0; i < PORT_FILL_BANDS; i++)
		at[1 + i] = AT_BAND(i);
	return hist_of_all(run, at, run->plan.early_bind ? 1 : 1 + PORT_FILL_BANDS);
}

static json_t *timer(const struct client_record *run, size_t at)
{
	return at == AT(hists.connect_call) ? connect_calls(run)
					    : hist_of_all(run, &at, 1);
}

/* A tenth of the budget; null where nothing was measured. */
static json_t *band_json(const struct client_record *run, unsigned i)
{
	static const char *const more[] = { "min", "p999", "overflow", "sum_ns",
					    "buckets" };
	json_t *o = hist_of_all(run, &(size_t){ AT_BAND(i) }, 1);

	if (!run->skeleton && json_integer_value(json_object_get(o, "count")) == 0) {
		json_decref(o);
		return json_null();
	}
	for (size_t k = 0; k < sizeof(more) / sizeof(more[0]); k++)
		json_object_del(o, more[k]);
	return o;
}

static json_t *fill_json(const struct client_record *run)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < PORT_FILL_BANDS; i++) {
		char percent[8];

		snprintf(percent, sizeof(percent), "%u", i * 100 / PORT_FILL_BANDS);
		put(o, percent, band_json(run, i));
	}
	return o;
}

void report_latency(json_t *doc, const struct client_record *run)
{
	const char *why = !run->sampler                 ? run->no_states
			  : run->prediction.budget == 0 ? "no port may be used"
							: NULL;
	json_t *o = json_object();

#define CLIENT_TIMER(field, name, ...) put(o, name, timer(run, AT(hists.field)));
#include "common/result/paths.def"
	put(doc, "latency_us", o);
	report_known(doc, "connect_by_fill",
		     why && !run->skeleton ? NULL : fill_json(run), why);
}
