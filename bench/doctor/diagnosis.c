#include "bench/doctor/diagnosis.h"

#include <stdlib.h>
#include "bench/doctor/doc.h"
#include "bench/doctor/findings.h"
#include "bench/doctor/owners.h"
#include "common/base/put.h"
#include "common/kernel/host.h"

/* Of a text it is not known, nor of a namespace that could not be entered. */
static void put_netns(json_t *doc, bool entered)
{
	struct host host;

	put(doc, "netns",
	    entered && host_read(&host, NULL) == 0 ? json_integer((json_int_t)host.netns)
						   : json_null());
}

json_t *diagnosis_of(struct reading *read, struct err *err)
{
	struct facts *f = calloc(1, sizeof(*f));
	json_t *doc = NULL;

	if (!f)
		err_memory(err);
	else if (facts_of(read, f, err) == 0) {
		if (read->live)
			owners_find(f);
		doc = doc_of(f);
		put_netns(doc, read->live && !read->foreign);
		findings_add(doc);
	}
	free(f);
	return doc;
}

json_t *diagnosis_skeleton(void)
{
	json_t *skeleton = doc_skeleton();

	put_netns(skeleton, true);
	findings_add_skeleton(skeleton);
	return skeleton;
}
