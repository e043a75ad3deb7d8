#include "server/answers.h"

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

const struct admin_place server_places[] = {
	{ "/stats", false, stats },
	{ "/result.json", false, stats },
	{ "/metrics", false, metrics },
	{ "/healthz", true, admin_healthz },
	{ 0 },
};
