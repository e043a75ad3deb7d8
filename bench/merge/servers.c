#include "bench/merge/servers.h"

#include <stdlib.h>
#include <string.h>

#include "bench/merge/fold.h"
#include "common/base/put.h"
#include "common/result/result.h"

static json_t *each_of(const struct gather *g)
{
	size_t n;
	const char **names = gather_names(g->servers, &n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append(list, json_object_get(g->servers, names[i]));
	free(names);
	return list;
}

static json_t *together(const json_t *each)
{
	struct leaf l = { 0 };
	struct fold *f = fold_new(&l, 0);
	json_t *doc, *missing = NULL, *sum;
	unsigned spaces;
	size_t i;

	if (!f)
		return NULL;
	json_array_foreach ((json_t *)each, i, doc) {
		l.rank = (unsigned)i;
		leaf_space(json_object_get(doc, "host"), l.space);
		snprintf(l.server, sizeof(l.server), "%s", l.space);
		fold_add(f, &l, doc);
	}
	sum = fold_end(f, &missing, &spaces, NULL);
	json_decref(missing);
	return sum;
}

void servers_tell(const struct gather *g, json_t *doc)
{
	json_t *each = each_of(g);

	if (json_array_size(each)) {
		json_object_set(doc, "servers", each);
		put(doc, "servers_together", together(each));
	}
	json_decref(each);
}

json_t *servers_alone(const struct gather *g)
{
	static const char *const added[] = { "totals", "ended", "errors", "cpu",
					     "memory" };
	static const char *const dropped[] = { "sampled_at_s", "counters", "sampler",
					       "of_run", "clock_us" };
	json_t *each = each_of(g), *sum = together(each), *one;
	json_t *doc = json_deep_copy(json_array_get(each, 0)), *listen = json_array();
	size_t i;

	json_array_foreach (each, i, one)
		json_array_extend(listen, json_object_get(one, "listen"));
	put(doc, "listen", listen);
	for (i = 0; i < sizeof(added) / sizeof(added[0]); i++)
		json_object_set(doc, added[i], json_object_get(sum, added[i]));
	put(json_object_get(doc, "cpu"), "us_per_connection", json_null());
	for (i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		json_object_del(doc, dropped[i]);
	put(doc, "states", json_null());
	put_text(doc, "states_reason", "several servers: see each of them in servers");
	put(doc, "merged",
	    json_pack("{s:b, s:i}", "complete", !json_object_size(g->unreadable),
		      "servers", (int)json_array_size(each)));
	put(doc, "servers", each);
	json_decref(sum);
	return doc;
}
