#include "client/report_failures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/record.h"
#include "common/base/memory.h"
#include "common/base/put.h"
#include "common/result/result.h"

#define TOLD 3 /* kinds in a sentence; the others are a number */

struct kind {
	uint64_t n;
	char name[40], text[120];
};

struct kinds {
	struct kind at[OUTCOMES + 2 * TALLY_ERRNOS + HTTP_CODES];
	size_t n;
};

static void add(struct kinds *k, uint64_t n, const char *name, const char *text)
{
	struct kind *kind = &k->at[k->n++];

	kind->n = n;
	snprintf(kind->name, sizeof(kind->name), "%s", name);
	snprintf(kind->text, sizeof(kind->text), "%s", text);
}

/* What an errno says of this host; NULL = no more than its name does. */
static const char *of_this_host(int error)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
		{ EPERM, "a firewall or a policy of this host forbids it" },
		{ EACCES, "a firewall or a policy of this host forbids it" },
		{ ENETUNREACH, "this host has no way there" },
		{ EHOSTUNREACH,
		  "no neighbour answers for that address, or a router says so" },
		{ EMFILE, "this process may open no more descriptors" },
		{ ENFILE, "this host has no more descriptors" },
		{ ENOBUFS, "this host has no memory for it" },
		{ ENOMEM, "this host has no memory for it" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == error)
			return texts[i].text;
	return NULL;
}

static void add_errno(struct kinds *k, const char *call, unsigned e, uint64_t n)
{
	const char *text = of_this_host((int)e);
	char name[40];

	snprintf(name, sizeof(name), "%s %s", call, result_errno_name(e));
	add(k, n, name, text ? text : strerror((int)e));
}

/* Those errnos of a call whose connections ended in that outcome. */
static void add_errnos(struct kinds *k, const char *call,
		       const struct tally_errnos *failed, enum outcome (*of)(int),
		       enum outcome outcome)
{
	for (unsigned e = 0; e < TALLY_ERRNOS; e++)
		if (tally_get(&failed->n[e]) && of((int)e) == outcome)
			add_errno(k, call, e, tally_get(&failed->n[e]));
}

static enum outcome is_local(int error)
{
	(void)error;
	return OUTCOME_LOCAL;
}

/* An outcome that stands for several errnos is told by errno. */
static void add_by_errno(struct kinds *k, const struct client_tally *sum)
{
	add_errnos(k, "connect", &sum->failed[STAGE_CONNECT], outcome_of_connect,
		   OUTCOME_CONNECT_ERROR);
	add_errnos(k, "connect", &sum->failed[STAGE_CONNECT], outcome_of_connect,
		   OUTCOME_LOCAL);
	add_errnos(k, "transfer", &sum->failed[STAGE_TRANSFER], outcome_of_transfer,
		   OUTCOME_TRANSFER_ERROR);
	add_errnos(k, "socket", &sum->failed[STAGE_SOCKET], is_local, OUTCOME_LOCAL);
}

static bool is_told_otherwise(const struct client_record *run, enum outcome o)
{
	return o == OUTCOME_COMPLETED || o == OUTCOME_LEAKED || o == OUTCOME_NO_PORT ||
	       o == OUTCOME_CONNECT_ERROR || o == OUTCOME_LOCAL ||
	       o == OUTCOME_TRANSFER_ERROR ||
	       (o == OUTCOME_STALE && run->plan.o.pool > 0) || /* no request was lost */
	       (o == OUTCOME_CUT_OFF && run->plan.o.hold_ns > 0);
}

static void add_outcomes(struct kinds *k, const struct client_record *run,
			 const struct client_tally *sum)
{
	for (int o = 0; o < OUTCOMES; o++) {
		uint64_t n = tally_get(&sum->outcome[o]);

		if (o == OUTCOME_POOL_RACE)
			n -= tally_get(&sum->pool_retried); /* these went on elsewhere */
		if (n == 0 || is_told_otherwise(run, (enum outcome)o))
			continue;
		add(k, n, outcome_name((enum outcome)o), outcome_what((enum outcome)o));
	}
}

/* How many were answered so. */
static uint64_t add_codes(struct kinds *k, const struct client_tally *sum)
{
	uint64_t all = 0;

	for (unsigned code = 400; code < 100 + HTTP_CODES; code++) {
		uint64_t n = tally_get(&sum->http_code[code - 100]);
		char name[40];

		if (n == 0)
			continue;
		snprintf(name, sizeof(name), "%u", code);
		add(k, n, name, "answered with this status");
		all += n;
	}
	return all;
}

static int more_first(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;

	return x->n < y->n ? 1 : x->n > y->n ? -1 : strcmp(x->name, y->name);
}

/* The target that all failures were at, where others had none. */
static json_t *only_at(const struct client_record *run)
{
	const struct targets *books = &run->plan.books;
	char address[ADDR_TEXT] = "";
	unsigned failing = 0;

	for (unsigned i = 0; i < books->n; i++) {
		struct target_tally sum;

		client_tally_target(run, i, &sum);
		if (tally_get(&sum.ok) >= tally_get(&sum.started))
			continue;
		failing++;
		if (i < TARGETS_TOLD)
			addr_print(&run->plan.targets.at[books->first[i]], address,
				   sizeof(address));
	}
	return books->n > 1 && failing == 1 && *address ? json_string(address)
							: json_null();
}

/* One request may be all that a connection does; else requests are what fails. */
static bool of_requests(const struct client_plan *plan)
{
	return plan->o.pool || plan->o.requests > 1;
}

static json_t *kinds_json(const struct kinds *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->n; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:I, s:s}", "name", k->at[i].name, "n",
					(json_int_t)k->at[i].n, "text", k->at[i].text));
	return list;
}

json_t *report_failures(const struct client_record *run, const struct client_tally *sum)
{
	struct kinds *k = calloc(1, sizeof(*k));
	bool requests = of_requests(&run->plan);
	uint64_t lost = 0, others = 0, answered;
	json_t *o = json_object();

	if (!k) {
		memory_lost();
		return o;
	}
	add_outcomes(k, run, sum);
	add_by_errno(k, sum);
	answered = add_codes(k, sum);
	qsort(k->at, k->n, sizeof(k->at[0]), more_first);
	for (size_t i = 0; i < k->n; i++) {
		lost += k->at[i].n;
		others += i < TOLD ? 0 : k->at[i].n;
	}
	put_count(o, "lost", lost);
	put_count(o, "of",
		  requests ? tally_get(&sum->transactions_ok) + lost - answered
			   : tally_get(&sum->connects_started));
	put_text(o, "what", requests ? "requests" : "connections");
	put_count(o, "arrivals",
		  tally_get(&sum->connects_started) + tally_get(&sum->missed_starts));
	put(o, "kinds", kinds_json(k));
	put_count(o, "others", others);
	put(o, "target", answered ? json_null() : only_at(run));
	put_count(o, "targets", run->plan.books.n);
	free(k);
	return o;
}
