/* plan_route - `route =` and `nft =` of a host: where its packets go, and what is done to them there. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_fill.h"
#include "bench/scenario/plan_keys.h"

int plan_take_route(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	plan_host_of(p, s)->route = s;
	return 0;
}

int plan_take_nft(struct plan *p, const struct setting *s, struct err *err)
{
	(void)err;
	plan_host_of(p, s)->nft = s;
	return 0;
}

/* The first `bits` bits of both addresses are the same. */
static bool same_network(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned char mask = (unsigned char)(0xff << (8 - bits % 8));

	return memcmp(a, b, bits / 8) == 0 &&
	       (bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

static bool is_neighbour(const struct plan_host *h, const struct plan_address *via)
{
	for (size_t i = 0; i < h->n_addresses; i++)
		if (h->addresses[i].family == via->family &&
		    same_network(h->addresses[i].bytes, via->bytes,
				 h->addresses[i].prefix))
			return true;
	return false;
}

/* The host that has the gateway's address forwards packets. */
static void let_forward(struct plan *p, const struct plan_address *via)
{
	struct plan_host *h = plan_host_at(p, via);

	if (h)
		h->forwards = true;
}

/* Adds one route to the host: "default via ADDRESS" or "ADDRESS/PREFIX via ADDRESS". */
static int add_route(struct plan *p, struct plan_host *h, char *text, struct err *err)
{
	const struct setting *s = h->route;
	char to[80] = "", via[80] = "", bare[84], more;
	struct plan_route *route;
	int n = sscanf(text, " %79s via %79s %c", to, via, &more);
	size_t len;

	h->routes = text_checked(realloc(h->routes, (h->n_routes + 1) * sizeof(*route)));
	route = &h->routes[h->n_routes];
	*route = (struct plan_route){ 0 };
	len = strlen(via);
	if (via[0] == '[' && via[len - 1] == ']') {
		via[len - 1] = '\0';
		memmove(via, via + 1, len - 1);
	}
	snprintf(bare, sizeof(bare), "%.79s/%s", via, strchr(via, ':') ? "128" : "32");
	if (n != 2 || plan_parse_address(bare, &route->via) == -1 ||
	    (strcmp(to, "default") != 0 && plan_parse_address(to, &route->to) == -1))
		return wrong(p, s,
			     "route: expected default via ADDRESS or ADDRESS/PREFIX via "
			     "ADDRESS, as in default via {router}, not '%s'",
			     text + strspn(text, " \t"));
	if (route->to.family && route->to.family != route->via.family)
		return wrong(p, s, "route: %s and %s are not of one family", to, via);
	route->to.family = route->via.family;
	if (!is_neighbour(h, &route->via))
		return wrong(p, s,
			     "route: %s is in no network of host %s, so it cannot be its "
			     "gateway",
			     via, h->name);
	h->n_routes++;
	let_forward(p, &route->via);
	return 0;
}

static int make_routes(struct plan *p, struct plan_host *h, struct err *err)
{
	char *text, *rest, *one;
	int r = plan_fill(p, NULL, h->route, h->route->value, &text, err);

	if (r < 0)
		return r;
	rest = text;
	while (r == 0 && (one = strsep(&rest, ",")))
		r = add_route(p, h, one, err);
	free(text);
	return r;
}

int plan_make_routes(struct plan *p, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_hosts; i++) {
		struct plan_host *h = &p->hosts[i];

		if (h->route && *h->route->value)
			r = make_routes(p, h, err);
		if (r == 0 && h->nft && *h->nft->value)
			r = plan_text(p, h->nft, &h->nft_text, err);
	}
	return r;
}
