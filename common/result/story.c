#include "common/result/story.h"

#include <string.h>

#include "common/base/put.h"
#include "common/base/wrap.h"
#include "common/result/condition.h"
#include "common/result/figure.h"
#include "common/result/result.h"

enum of { OF_RUN, OF_HOST, OF_END };

#define CLAIM(name, when, sentence, cure)      { #name, when, sentence, cure, OF_RUN },
#define HOST_CLAIM(name, when, sentence, cure) { #name, when, sentence, cure, OF_HOST },
#define END_CLAIM(name, when, sentence, cure)  { #name, when, sentence, cure, OF_END },
static const struct claim {
	const char *name, *when, *sentence, *cure;
	enum of of;
} claims[] = {
#include "common/result/claims.def"
};
#define N_CLAIMS (sizeof(claims) / sizeof(claims[0]))

bool story_is_claim(const char *name)
{
	for (size_t i = 0; i < N_CLAIMS; i++)
		if (strcmp(claims[i].name, name) == 0)
			return true;
	return false;
}

/* ---- telling */

/* What a claim is about: the result, or a host of it and perhaps a remote end of that. */
struct subject {
	const json_t *doc; /* where its paths are looked up */
	const char *host, *end;
};

struct evidence {
	const struct subject *of;
	json_t *found; /* owned by the claim */
};

/* of_host.PATH and of_end.PATH as a path of the result. */
static const char *whole_path(const struct subject *of, const char *path,
			      char buf[PATH_TEXT])
{
	if (of->host && strncmp(path, "of_host.", 8) == 0)
		snprintf(buf, PATH_TEXT, "hosts.%s.%s", of->host, path + 8);
	else if (of->end && strncmp(path, "of_end.", 7) == 0)
		snprintf(buf, PATH_TEXT, "hosts.%s.to.%s.%s", of->host, of->end,
			 path + 7);
	else
		snprintf(buf, PATH_TEXT, "%s", path);
	return buf;
}

static bool keep_figure(const char *path, void *arg)
{
	struct evidence *e = arg;
	json_t *figure = result_at(e->of->doc, path);
	char whole[PATH_TEXT];

	if (json_is_number(figure) || json_is_boolean(figure) || json_is_string(figure))
		json_object_set(e->found, whole_path(e->of, path, whole), figure);
	return false;
}

static void add(const struct subject *of, json_t *story, const struct claim *c)
{
	struct evidence e = { .of = of, .found = json_object() };
	char sentence[FIGURE_TEXT];
	json_t *told = json_object();

	condition_any_path(c->when, keep_figure, &e);
	figure_any_path(c->sentence, keep_figure, &e);
	put_text(told, "claim", c->name);
	put_count(told, "place", json_array_size(story) + 1);
	put_text(told, "sentence", figure_fill(of->doc, c->sentence, sentence));
	put(told, "evidence", e.found);
	if (*c->cure)
		put_text(told, "cure", c->cure);
	json_array_append_new(story, told);
}

static bool is_told(const json_t *result, const char *name)
{
	char path[PATH_TEXT];

	snprintf(path, sizeof(path), "story.%s", name);
	return result_at(result, path);
}

/* ---- of observed hosts */

#define ENDS_TOLD                                                                        \
	4 /* remote ends of a host: the largest; and all whose ports were all in use */

static void tell_of(const struct subject *s, enum of of, json_t *story)
{
	const char *said = "";

	for (size_t i = 0; i < N_CLAIMS; i++) {
		if (claims[i].of != of || strcmp(said, claims[i].name) == 0 ||
		    !figure_holds(s->doc, claims[i].when))
			continue;
		said = claims[i].name;
		add(s, story, &claims[i]);
	}
}

static void tell_host(const char *name, json_t *host, json_t *story)
{
	json_t *to = json_object_get(host, "to"), *end;
	json_t *doc =
		json_pack("{s:s, s:O, s:I}", "name", name, "of_host", host, "ends",
			  (json_int_t)(json_object_size(to) +
				       json_object_size(json_object_get(host, "at"))));
	const char *address;
	unsigned n = 0;

	tell_of(&(struct subject){ doc, name, NULL }, OF_HOST, story);
	json_object_foreach (to, address, end) {
		if (n++ >= ENDS_TOLD && !figure_holds(end, "ports.full_at_s != null"))
			continue;
		put_text(doc, "address", address);
		json_object_set(doc, "of_end", end);
		tell_of(&(struct subject){ doc, name, address }, OF_END, story);
	}
	json_decref(doc);
}

static void tell_hosts(json_t *result, json_t *story)
{
	const char *name;
	json_t *host;

	json_object_foreach (json_object_get(result, "hosts"), name, host)
		tell_host(name, host, story);
}

void story_tell(json_t *result)
{
	const struct subject run = { .doc = result };
	json_t *story = json_array();
	bool hosts = false;

	put(result, "story", story);
	for (size_t i = 0; story && i < N_CLAIMS; i++) {
		if (claims[i].of != OF_RUN && !hosts) {
			hosts = true;
			tell_hosts(result, story);
		}
		if (claims[i].of == OF_RUN && !is_told(result, claims[i].name) &&
		    figure_holds(result, claims[i].when))
			add(&run, story, &claims[i]);
	}
}

void story_of_old(json_t *result)
{
	if (!json_is_array(json_object_get(result, "story")))
		story_tell(result);
}

/* ---- the ledger */

#define EXPLANATION(name, when, sentence) { #name, when, sentence },
static const struct {
	const char *name, *when, *sentence;
} explanations[] = {
#include "common/result/claims.def"
};

json_t *story_of_ledger(json_t *found)
{
	json_t *result = json_pack("{s:{s:O}}", "ledger", "found", found);
	json_t *sentences = json_array();
	char sentence[FIGURE_TEXT];
	const char *said = "";

	for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
		if (strcmp(said, explanations[i].name) == 0 ||
		    !figure_holds(result, explanations[i].when))
			continue;
		said = explanations[i].name;
		json_array_append_new(
			sentences, json_string(figure_fill(
					   result, explanations[i].sentence, sentence)));
	}
	json_decref(result);
	return sentences;
}

/* ---- printing */

static void print_words(FILE *to, int indent, const char *text)
{
	fprintf(to, "%*s", indent, "");
	wrap_words(to, indent, indent, text);
}

void story_print(FILE *to, const json_t *result, int indent)
{
	char text[FIGURE_TEXT];
	json_t *told;
	size_t i;

	json_array_foreach (json_object_get(result, "story"), i, told) {
		print_words(to, indent,
			    json_string_value(json_object_get(told, "sentence")));
		if (json_object_get(told, "cure"))
			print_words(to, indent,
				    figure_fill(told, "What helps: {cure}.", text));
	}
}
