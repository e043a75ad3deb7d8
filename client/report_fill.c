/* report_fill - see report_fill.h. */
#include "client/report_fill.h"

#include <stdio.h>

#include "client/record.h"
#include "common/base/memory.h"
#include "common/base/put.h"

static json_t *us(double ns)
{
	return json_real(ns / NS_PER_US);
}

static json_t *band_json(const struct hist *h, bool skeleton)
{
	if (h->count == 0)
		return skeleton ? json_pack("{s:n, s:n, s:n, s:n, s:n, s:n}", "count",
					    "p50", "p90", "p99", "max", "mean")
				: json_null();
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "count", (json_int_t)h->count,
			 "p50", us((double)hist_quantile(h, 0.5)), "p90",
			 us((double)hist_quantile(h, 0.9)), "p99",
			 us((double)hist_quantile(h, 0.99)), "max", us((double)h->max_ns),
			 "mean", us(hist_mean(h)));
}

static json_t *band_of_all(const struct client_record *run, unsigned band)
{
	struct hist all;
	json_t *o;

	if (hist_init(&all, NULL) < 0) {
		memory_lost();
		return NULL;
	}
	for (unsigned i = 0; i < run->plan.workers; i++)
		hist_merge(&all, &run->workers[i]->port_fill.band[band]);
	o = band_json(&all, run->skeleton);
	hist_done(&all);
	return o;
}

void report_fill(json_t *doc, const struct client_record *run)
{
	const char *why = !run->sampler                 ? run->no_states
			  : run->prediction.budget == 0 ? "no port may be used"
							: NULL;
	json_t *o;

	if (why && !run->skeleton) {
		put(doc, "connect_by_fill", json_null());
		put_text(doc, "connect_by_fill_reason", why);
		return;
	}
	o = json_object();
	for (unsigned i = 0; i < PORT_FILL_BANDS; i++) {
		char percent[8];

		snprintf(percent, sizeof(percent), "%u", i * 100 / PORT_FILL_BANDS);
		put(o, percent, band_of_all(run, i));
	}
	put(doc, "connect_by_fill", o);
}
