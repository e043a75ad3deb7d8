#include "common/talk/closing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/share.h"
#include "common/base/system_call.h"

/* clang-format off */
#define CLOSES     { .finish = FINISH_CLOSE }
#define ANSWERS    { .wait_eof = true, .finish = FINISH_CLOSE }
#define HALVES     { .half = true, .wait_eof = true, .finish = FINISH_CLOSE }
#define RESETS     { .finish = FINISH_RST }

#define ONE        { 1, 1 }
#define MAYBE      { 0, 1 } /* RST or the other FIN may come first */

const struct closing closings[] = {
	[0] = { 0 },
	[1] = { .name = "client-fin", .what = "client closes first",
		.client = CLOSES, .server = ANSWERS, .connect_only = true,
		.time_wait = "client", .client_entries = ONE, .client_port = PORT_TIME_WAIT },
	[2] = { .name = "server-fin", .what = "server closes first, client reads EOF, closes",
		.client = ANSWERS, .server = CLOSES,
		.time_wait = "server", .server_entries = ONE, .client_port = PORT_FREE_AT_ONCE },
	[3] = { .name = "client-half", .what = "client shutdown(WR), reads to EOF, closes",
		.client = HALVES, .server = ANSWERS, .connect_only = true,
		.time_wait = "client", .client_entries = ONE, .client_port = PORT_TIME_WAIT },
	[4] = { .name = "server-half", .what = "server shutdown(WR), reads to EOF, closes",
		.client = ANSWERS, .server = HALVES,
		.time_wait = "server", .server_entries = ONE, .client_port = PORT_FREE_AT_ONCE },
	[5] = { .name = "both", .what = "both close at one agreed moment",
		.client = CLOSES, .server = CLOSES, .together = true,
		.time_wait = "either or both, counted and not assumed", .client_entries = MAYBE, .server_entries = MAYBE,
		.client_port = PORT_TIME_WAIT },
	[6] = { .name = "client-rst", .what = "client closes with RST (SO_LINGER{1,0})",
		.client = RESETS, .server = ANSWERS, .connect_only = true,
		.peer_expects_reset = true,
		.time_wait = "nobody", .client_port = PORT_FREE_AT_ONCE },
	[7] = { .name = "server-rst", .what = "server closes with RST (SO_LINGER{1,0})",
		.client = ANSWERS, .server = RESETS, .peer_expects_reset = true,
		.time_wait = "nobody", .client_port = PORT_FREE_AT_ONCE },
	[8] = { .name = "passive-rst", .what = "server closes first, client answers EOF with RST",
		.client = { .wait_eof = true, .finish = FINISH_RST }, .server = CLOSES,
		.time_wait = "nobody", .server_entries = MAYBE, .client_port = PORT_FREE_AT_ONCE },
	[9] = { .name = "client-unread", .what = "client closes with unread data: the kernel sends RST",
		.client = { .leaves_unread = true, .finish = FINISH_CLOSE }, .server = ANSWERS,
		.peer_expects_reset = true, .needs_response = true,
		.time_wait = "nobody", .client_port = PORT_FREE_AT_ONCE },
	[10] = { .name = "client-leak",
		.what = "server closes, client never does: CLOSE_WAIT on the client, FIN_WAIT2 on the server",
		.client = { .wait_eof = true, .finish = FINISH_KEEP }, .server = CLOSES,
		.time_wait = "nobody, until it is let go", .server_entries = ONE, .client_port = PORT_HELD },
	[11] = { .name = "server-leak",
		.what = "client closes, server never does: FIN_WAIT2 on the client, CLOSE_WAIT on the server",
		.client = CLOSES, .server = { .wait_eof = true, .finish = FINISH_KEEP },
		.time_wait = "nobody, until it is let go", .client_entries = ONE, .client_port = PORT_FIN_WAIT2 },
	/* How others end TLS: docs/tls.md#the-ways-of-others */
	[12] = { .name = "tls-answer", .what = "client closes first, server answers its close_notify",
		.client = CLOSES, .server = { .wait_eof = true, .finish = FINISH_CLOSE, .farewell = FAREWELL_ANSWERS },
		.needs_farewell = true,
		.time_wait = "nobody", .client_entries = MAYBE, .client_port = PORT_FREE_AT_ONCE },
	[13] = { .name = "tls-bare-fin", .what = "client closes first, without close_notify",
		.client = { .finish = FINISH_CLOSE, .farewell = FAREWELL_NONE }, .server = ANSWERS, .connect_only = true,
		.needs_farewell = true,
		.time_wait = "client", .client_entries = ONE, .client_port = PORT_TIME_WAIT },
	[14] = { .name = "tls-uncorked", .what = "client says close_notify, then closes; server closes at the close_notify",
		.client = { .finish = FINISH_CLOSE, .farewell = FAREWELL_ALONE },
		.server = { .wait_eof = true, .ends_at_farewell = true, .finish = FINISH_CLOSE },
		.needs_farewell = true,
		.time_wait = "either or both, a race", .client_entries = MAYBE, .server_entries = MAYBE,
		.client_port = PORT_TIME_WAIT },
};
/* clang-format on */
const unsigned n_closings = sizeof(closings) / sizeof(closings[0]);

const struct closing *closing_by_number(unsigned number)
{
	return number > 0 && number < n_closings ? &closings[number] : NULL;
}

const struct closing *closing_by_name(const char *name)
{
	for (unsigned i = 1; i < n_closings; i++)
		if (strcmp(closings[i].name, name) == 0)
			return &closings[i];
	return NULL;
}

bool closing_says_farewell(const struct closing_side *side,
			   const struct closing_side *peer)
{
	if (side->farewell == FAREWELL_ANSWERS)
		return true;
	return side->farewell != FAREWELL_NONE && side->finish == FINISH_CLOSE &&
	       !side->leaves_unread && peer->wait_eof;
}

int closing_farewell_flags(const struct closing_side *side)
{
	return side->farewell == FAREWELL_ALONE ? 0 : MSG_MORE;
}

bool closing_sends_rst(const struct closing_side *side)
{
	return side->leaves_unread || side->finish == FINISH_RST;
}

const struct closing *closing_as_it_came(const struct closing *c, bool server_first)
{
	bool rst = c->client.finish == FINISH_RST;

	if (server_first)
		return closing_moves_first(&c->server)
			       ? c
			       : closing_by_name(rst ? "passive-rst" : "server-fin");
	return closing_moves_first(&c->client) && !c->client.leaves_unread
		       ? c
		       : closing_by_name(rst ? "client-rst" : "client-fin");
}

/* How a side that moves second ends both: an answer that finds nobody ends in RST. */
static enum closing_finish end_of(const struct closing_side *side)
{
	return side->farewell == FAREWELL_ANSWERS ? FINISH_RST : side->finish;
}

/* The side that moves second decides how far the first comes. */
const char *closing_way(const struct closing *c, const struct closing_side *side)
{
	static const char *const first[] = {
		[FINISH_CLOSE] = "ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED",
		[FINISH_RST] = "ESTABLISHED FIN_WAIT1 FIN_WAIT2 RST",
		[FINISH_KEEP] = "ESTABLISHED FIN_WAIT1 FIN_WAIT2",
	};
	static const char *const second[] = {
		[FINISH_CLOSE] = "ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED",
		[FINISH_RST] = "ESTABLISHED CLOSE_WAIT RST",
		[FINISH_KEEP] = "ESTABLISHED CLOSE_WAIT",
	};
	const struct closing_side *peer = side == &c->client ? &c->server : &c->client;
	bool moves_first = closing_moves_first(side);

	if (c->together || c->server.ends_at_farewell)
		return "ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT CLOSED";
	if (closing_sends_rst(moves_first ? side : peer))
		return "ESTABLISHED RST";
	return moves_first ? first[end_of(peer)] : second[end_of(side)];
}

bool closing_request_may_fin(const struct closing *c)
{
	return c->client.half;
}

/* The server closes right after its response: of its own accord, or because the client's FIN
 * was there already. */
bool closing_response_may_fin(const struct closing *c)
{
	if (c->client.half)
		return true;
	return closing_moves_first(&c->server) && c->server.finish == FINISH_CLOSE &&
	       !c->together;
}

void closing_list(bool (*is)(const struct closing *), const char *last, char *buf,
		  size_t size)
{
	const struct closing *chosen[CLOSINGS_MAX];
	unsigned n = 0;
	size_t len = 0;

	for (unsigned i = 1; i < n_closings; i++)
		if (!is || is(&closings[i]))
			chosen[n++] = &closings[i];
	buf[0] = '\0';
	for (unsigned i = 0; i < n && len < size; i++) {
		const char *before = i + 1 < n ? ", " : last;

		len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? before : "",
					chosen[i]->name);
	}
}

static int unknown_strategy(const char *name, struct err *err)
{
	char known[256];

	closing_list(NULL, ", ", known, sizeof(known));
	return err_usage(err, "there is no close strategy '%s'; there are: %s", name,
			 known);
}

static int add_part(struct closing_mix *mix, char *part, bool alone, struct err *err)
{
	char *colon = strchr(part, ':'), *end = NULL;
	const struct closing *c;
	unsigned long weight = 1;

	if (colon) {
		*colon = '\0';
		errno = 0;
		weight = strtoul(colon + 1, &end, 10);
		if (end == colon + 1 || *end || errno || weight < 1 || weight > 1000000 ||
		    colon[1] == '-')
			return err_usage(err,
					 "the weight of '%s' must be a number from 1 to "
					 "1000000, as in client-fin:90,client-rst:10",
					 part);
	} else if (!alone) {
		return err_usage(
			err, "in a mix each strategy needs a weight, as in %s:50", part);
	}
	c = closing_by_name(part);
	if (!c)
		return unknown_strategy(part, err);
	if (mix->n == CLOSING_MIX_MAX)
		return err_usage(err, "a mix has at most %d strategies", CLOSING_MIX_MAX);
	mix->part[mix->n].closing = c;
	mix->part[mix->n++].weight = (unsigned)weight;
	mix->total += (unsigned)weight;
	return 0;
}

/* Divides the weights by their common factor; the step is coprime to the total, so a round has
 * exact shares. */
static void settle_mix(struct closing_mix *mix)
{
	uint64_t common = mix->total;

	for (unsigned i = 0; i < mix->n; i++)
		common = gcd(common, mix->part[i].weight);
	for (unsigned i = 0; i < mix->n; i++)
		mix->part[i].weight /= (unsigned)common;
	mix->total /= (unsigned)common;
	mix->stride = (uint64_t)((double)mix->total * 0.618) + 1;
	while (gcd(mix->stride, mix->total) != 1)
		mix->stride++;
}

int closing_mix_parse(const char *text, struct closing_mix *out, struct err *err)
{
	struct closing_mix mix = { 0 };
	bool alone = !strchr(text, ',');
	char *copy = strdup(text), *rest = copy, *part;
	int r = copy ? 0 : err_memory(err);

	while (r == 0 && (part = strsep(&rest, ",")))
		r = add_part(&mix, part, alone, err);
	free(copy);
	if (r < 0)
		return r;
	settle_mix(&mix);
	*out = mix;
	return 0;
}

/* Position k * stride within a round of `total` slots, where part i owns `weight` slots in a
 * row: a stride near the golden section, coprime to the round, visits every slot once a
 * round and keeps neighbours apart. */
const struct closing *closing_mix_at(const struct closing_mix *mix, uint64_t k)
{
	uint64_t at, edge = 0;
	unsigned i = 0;

	if (mix->n > 1) {
		at = k % mix->total * mix->stride % mix->total;
		for (edge = mix->part[0].weight; at >= edge; edge += mix->part[i].weight)
			i++;
	}
	return mix->part[i].closing;
}

double closing_mix_share(const struct closing_mix *mix, enum port_life life)
{
	unsigned weight = 0;

	for (unsigned i = 0; i < mix->n; i++)
		if (mix->part[i].closing->client_port == life)
			weight += mix->part[i].weight;
	return (double)weight / mix->total;
}

int closing_reset_fd(int fd)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	int r = (int)SYSTEM_CALL(setsockopt, fd, SOL_SOCKET, SO_LINGER, &reset,
				 sizeof(reset));
	int closed = (int)SYSTEM_CALL(close, fd);

	return r == 0 ? closed : r;
}
