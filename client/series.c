#include "client/series.h"

#include <stdlib.h>

#include "common/base/clock.h"

int series_init(struct series *s, uint64_t step_ns, struct err *err)
{
	*s = (struct series){ .step_ns = step_ns };
	s->row = calloc(SERIES_ROWS, sizeof(*s->row));
	return s->row ? 0 : err_memory(err);
}

void series_done(struct series *s)
{
	free(s->row);
	s->row = NULL;
}

bool series_due(const struct series *s, uint64_t t_ns)
{
	return t_ns >= s->next_ns;
}

static void thin_out(struct series *s)
{
	for (unsigned i = 0; i < s->n / 2; i++)
		s->row[i] = s->row[2 * i];
	s->n /= 2;
	s->step_ns *= 2;
}

void series_add(struct series *s, const struct series_row *row, uint64_t t_ns)
{
	if (s->n == SERIES_ROWS)
		thin_out(s);
	s->row[s->n++] = *row;
	while (s->next_ns <= t_ns)
		s->next_ns += s->step_ns;
}

/* Only states that had sockets: a row is read by people, too. */
static json_t *states_seen(const struct tcp_states *states)
{
	json_t *o = json_object();

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (states->n[i])
			json_object_set_new(o, tcp_state_name(i),
					    json_integer((json_int_t)states->n[i]));
	return o;
}

static json_t *row_json(const struct series_row *r, uint64_t ports_most)
{
	uint64_t ports = r->ports_in_use < ports_most ? r->ports_in_use : ports_most;

	return json_pack("{s:f, s:I, s:I, s:I, s:o, s:o, s:o}", "t", r->t, "connects_ok",
			 (json_int_t)r->connects_ok, "transactions_ok",
			 (json_int_t)r->transactions_ok, "errors", (json_int_t)r->errors,
			 "ports_in_use",
			 r->has_client ? json_integer((json_int_t)ports) : json_null(),
			 "client", r->has_client ? states_seen(&r->client) : json_null(),
			 "server", r->has_server ? states_seen(&r->server) : json_null());
}

json_t *series_json(const struct series *s, uint64_t ports_most)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < s->n; i++)
		json_array_append_new(list, row_json(&s->row[i], ports_most));
	return list;
}
