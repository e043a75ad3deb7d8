/* page - the report's page of what goes on, and the events that move it: of a run, whose document is its
 * result; of a lab, whose document is the report so far (html.h); of a server or a host, whose documents are
 * counts of sockets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/admin/admin.h"
#include "common/base/memory.h"
#include "common/base/put.h"
#include "common/base/utf8.h"
#include "common/html/html.h"
#include "common/result/result.h"

bool admin_is_report(const json_t *document)
{
	return strcmp(utf8_at(document, "schema"), HTML_SCHEMA) == 0;
}

/* What the page shows, and what it is a page of. */
static json_t *shown(json_t *stolen)
{
	const char *schema = utf8_at(stolen, "schema");

	if (admin_is_report(stolen))
		return stolen;
	if (strcmp(schema, STATES_SCHEMA) == 0)
		return json_pack("{s:[o], s:s}", "counts", stolen, "live", "host");
	if (strcmp(schema, SERVER_SCHEMA) == 0)
		return json_pack("{s:[o], s:s}", "counts", stolen, "live", "server");
	return json_pack("{s:[o], s:s}", "results", stolen, "live", "run");
}

struct admin_answer admin_page(json_t *stolen)
{
	json_t *document = shown(stolen);
	char *page = document ? html_text(document) : NULL;

	json_decref(document);
	if (page)
		return (struct admin_answer){ "200 OK", "text/html; charset=utf-8", page,
					      false };
	return admin_plain("503 Service Unavailable", "out of memory\n");
}

struct admin_answer admin_events(void *arg, const struct admin_conn *c, const char *query)
{
	(void)arg;
	(void)c;
	(void)query;
	return (struct admin_answer){ "200 OK", "text/event-stream",
				      strdup("retry: 1000\n\n"), true };
}

/* ---- events */

/* An object with a series has its newest row alone. */
static void cut_series(json_t *o)
{
	const json_t *series = json_object_get(o, "series");
	size_t n = json_array_size(series);

	put(o, "series", json_pack("[O*]", n ? json_array_get(series, n - 1) : NULL));
}

static json_t *cut_hosts(const json_t *hosts)
{
	json_t *all = json_copy((json_t *)hosts), *host;
	const char *name;

	json_object_foreach (all, name, host) {
		json_t *cut = json_copy(host);

		cut_series(cut);
		json_object_set_new(all, name, cut);
	}
	return all;
}

json_t *admin_news(const json_t *result)
{
	json_t *light = html_lean(result);
	const json_t *hosts = json_object_get(light, "hosts");

	cut_series(light);
	if (hosts)
		put(light, "hosts", cut_hosts(hosts));
	return light;
}

/* What there is, by which a page sees that it has missed something, and the result that has changed. */
static json_t *report_news(const json_t *report)
{
	const json_t *labels = json_object_get(report, "labels");
	size_t now = (size_t)json_integer_value(json_object_get(report, "now"));
	json_t *result = json_array_get(json_object_get(report, "results"), now);
	json_t *rows = json_object_get(json_object_get(report, "lab"), "rows");

	if (!result)
		return NULL;
	return json_pack("{s:O, s:i, s:i, s:o}", "labels", labels, "rows",
			 (int)json_array_size(rows), "now", (int)now, "result",
			 admin_news(result));
}

char *admin_event(const json_t *document, bool last)
{
	bool report = admin_is_report(document);
	json_t *light = report ? last ? html_document(document) : report_news(document)
			: last ? html_lean(document)
			       : admin_news(document);
	char *text = json_dumps(light, JSON_COMPACT | JSON_REAL_PRECISION(9)),
	     *event = NULL;

	if (text &&
	    asprintf(&event, "event: %s\ndata: %s\n\n", last ? "end" : "now", text) < 0)
		event = NULL;
	free(text);
	json_decref(light);
	return event;
}
