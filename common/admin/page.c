/* page - the report's page of a run that goes on, and the events that move it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/admin/admin.h"
#include "common/base/memory.h"
#include "common/base/put.h"
#include "common/html/html.h"

struct admin_answer admin_page(json_t *stolen)
{
	json_t *document = json_pack("{s:[o], s:b}", "results", stolen, "live", true);
	char *page = document ? html_text(document) : NULL;

	json_decref(document);
	if (page)
		return (struct admin_answer){ "200 OK", "text/html; charset=utf-8", page,
					      false };
	return admin_plain("503 Service Unavailable", "out of memory\n");
}

struct admin_answer admin_stream(void)
{
	return (struct admin_answer){ "200 OK", "text/event-stream",
				      strdup("retry: 1000\n\n"), true };
}

static json_t *newest_row(const json_t *document)
{
	const json_t *series = json_object_get(document, "series");
	size_t n = json_array_size(series);

	return json_pack("[O*]", n ? json_array_get(series, n - 1) : NULL);
}

char *admin_event(const json_t *document, bool last)
{
	json_t *copy = json_copy((json_t *)document), *light;
	char *text, *event = NULL;

	if (!last)
		put(copy, "series", newest_row(document));
	light = html_lean(copy);
	text = json_dumps(light, JSON_COMPACT | JSON_REAL_PRECISION(9));
	if (text &&
	    asprintf(&event, "event: %s\ndata: %s\n\n", last ? "end" : "now", text) < 0)
		event = NULL;
	free(text);
	json_decref(light);
	json_decref(copy);
	return event;
}
