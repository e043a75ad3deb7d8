#include "client/report_http.h"

#include "client/record.h"
#include "common/base/put.h"
#include "common/talk/closing.h"

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *status_json(const struct client_tally *sum)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "1xx",
			 number(tally_get(&sum->http_status[1])), "2xx",
			 number(tally_get(&sum->http_status[2])), "3xx",
			 number(tally_get(&sum->http_status[3])), "4xx",
			 number(tally_get(&sum->http_status[4])), "5xx",
			 number(tally_get(&sum->http_status[5])));
}

/* Without 1xx, which is part of the response that follows it. */
static uint64_t responses(const struct client_tally *sum)
{
	uint64_t n = 0;

	for (int c = 2; c < 6; c++)
		n += tally_get(&sum->http_status[c]);
	return n;
}

static json_t *malformed_json(const struct client_tally *sum)
{
	json_t *o = json_object();

	for (int e = 1; e < HTTP_ERRORS; e++)
		put_count(o, http_error_name((enum http_error)e),
			  tally_get(&sum->http_malformed[e]));
	return o;
}

/* Connections closed as agreed, by who moved first; both at once is neither's. */
static uint64_t closed_first(const struct client_tally *sum, bool by_server)
{
	uint64_t n = 0;

	for (unsigned i = 1; i < n_closings; i++)
		if (!closings[i].together &&
		    closing_moves_first(&closings[i].server) == by_server)
			n += tally_get(&sum->completed[i]);
	return n;
}

json_t *report_http(const struct client_record *run, const struct client_tally *sum)
{
	if (run->plan.o.proto != PROTO_HTTP && !run->skeleton)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "responses",
			 number(responses(sum)), "status", status_json(sum),
			 "keep_alive_reused", number(tally_get(&sum->http_reused)),
			 "closed_by_client", number(closed_first(sum, false)),
			 "closed_by_server", number(closed_first(sum, true)),
			 "ended_early", number(tally_get(&sum->http_ended_early)),
			 "malformed", malformed_json(sum));
}
