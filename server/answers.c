#include "server/answers.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "server/books.h"
#include "server/run.h"
#include "server/stats.h"

/* The field that names the client run which asks. */
static bool asks_for_run(const struct admin_conn *c, char key[BOOKS_KEY])
{
	return admin_conn_field(c, "Twstorm-Run", key, BOOKS_KEY) && *key &&
	       key[strspn(key, "0123456789abcdef")] == '\0';
}

static struct admin_answer stats(void *run, const struct admin_conn *c, const char *query)
{
	char key[BOOKS_KEY];

	memory_forget();
	return admin_json(server_stats(run, strcmp(query, "?fresh=1") == 0,
				       asks_for_run(c, key) ? key : NULL));
}

static struct admin_answer metrics(void *run, const struct admin_conn *c,
				   const char *query)
{
	(void)query;
	memory_forget();
	return admin_metrics(c, server_stats(run, false, NULL));
}

static struct admin_answer page(void *run, const struct admin_conn *c, const char *query)
{
	(void)c;
	(void)query;
	memory_forget();
	return admin_page(server_stats(run, false, NULL));
}

void server_publish(struct server_run *run)
{
	json_t *stats;
	char *event;

	if (admin_readers(run->admin) == 0)
		return;
	memory_forget();
	stats = server_stats(run, false, NULL);
	event = admin_event(stats, false);
	if (event && memory_check(NULL) == 0)
		admin_publish(run->admin, event, false);
	free(event);
	json_decref(stats);
}

const struct admin_place server_places[] = {
	{ "/", false, page },
	{ "/events", false, admin_events },
	{ "/stats", false, stats },
	{ "/result.json", false, stats },
	{ "/metrics", false, metrics },
	{ "/healthz", true, admin_healthz },
	{ 0 },
};
