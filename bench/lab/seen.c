#include "bench/lab/seen.h"

#include "bench/observe/observed.h"
#include "common/base/put.h"
#include "common/result/story.h"

json_t *seen_read(const struct plan *p, const struct stage *s)
{
	json_t *doc = s->observed_fd == -1 ? NULL : stage_read(s->observed_fd);

	if (!json_is_object(json_object_get(doc, "hosts"))) {
		json_decref(doc);
		return NULL;
	}
	for (size_t i = 0; i < p->n_procs; i++) {
		const struct plan_proc *proc = &p->procs[i];
		json_t *result = NULL;

		if (proc->kind == SECTION_CLIENT && proc->host->observe)
			result = stage_read(s->json_fd[i]);
		observed_client(doc, proc->host->name, proc->name, result);
		json_decref(result);
	}
	return doc;
}

static void put_hosts(const json_t *seen, json_t *result)
{
	if (!seen || json_object_get(result, "probe"))
		return;
	put(result, "hosts", observed_hosts(seen, result));
}

void seen_tell(const json_t *seen, bool first, json_t *result)
{
	bool probe = json_object_get(result, "probe");

	if (first)
		put_hosts(seen, result);
	if (!probe)
		story_tell(result);
	if (!first)
		put_hosts(seen, result);
}

void seen_skeleton(const struct plan *p, json_t *result)
{
	json_t *hosts = json_object();

	for (size_t i = 0; i < p->n_hosts; i++)
		if (p->hosts[i].observe)
			put(hosts, p->hosts[i].name,
			    observed_skeleton(p->hosts[i].observe_failures));
	put(result, "hosts", hosts);
}
