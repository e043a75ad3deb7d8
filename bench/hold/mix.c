#include "bench/hold/mix.h"

#include <stdio.h>
#include <string.h>
#include "common/base/units.h"

#define PART_SIZE 64 /* longer than any state and any number */

/* "STATE=N": adds it to *mix. */
static int parse_part(char *part, struct tcp_states *mix, struct err *err)
{
	char *number = strchr(part, '=');
	unsigned state;
	uint64_t n;
	int r;

	if (!number)
		return err_usage(err, "'%s' is not STATE=N", part);
	*number++ = '\0';
	state = tcp_state_by_name(part);
	if (!state)
		return err_usage(err, "'%s' is not a TCP state", part);
	if (mix->n[state])
		return err_usage(err, "%s is given twice", tcp_state_name(state));
	r = units_parse_count(number, &n, err);
	if (r < 0)
		return err_prefix(r, err, "%s", tcp_state_name(state));
	if (n < 1 || n > HOLD_MIX_MAX)
		return err_usage(err, "%s=%s is not from 1 to %d", tcp_state_name(state),
				 number, HOLD_MIX_MAX);
	mix->n[state] = n;
	return 0;
}

static void set_default(struct tcp_states *mix)
{
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		mix->n[i] = HOLD_MIX_DEFAULT;
}

int hold_mix_parse(const char *text, struct tcp_states *out, struct err *err)
{
	struct tcp_states mix = { 0 };
	char part[PART_SIZE];
	size_t len;
	int r = 0;

	if (!text) {
		set_default(out);
		return 0;
	}
	for (const char *p = text;; p += len + 1) {
		len = strcspn(p, ",");
		snprintf(part, sizeof(part), "%.*s", (int)len, p);
		r = parse_part(part, &mix, err);
		if (r < 0 || !p[len])
			break;
	}
	if (r == 0)
		*out = mix;
	return err_prefix(r, err, "--mix");
}

static void offer_states(const struct complete *c)
{
	for (unsigned state = 1; state < TCP_STATE_MAX; state++)
		complete_name(c, tcp_state_name(state), NULL);
}

const struct complete_values hold_mix_values = { offer_states, true, "=" };
