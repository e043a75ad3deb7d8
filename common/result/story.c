#include "common/result/story.h"

#include <string.h>

#include "common/base/put.h"
#include "common/base/wrap.h"
#include "common/result/condition.h"
#include "common/result/figure.h"
#include "common/result/result.h"

#define CLAIM(name, when, sentence, cure) { #name, when, sentence, cure },
static const struct claim {
	const char *name, *when, *sentence, *cure;
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

struct evidence {
	const json_t *result;
	json_t *found; /* owned by the claim */
};

static bool keep_figure(const char *path, void *arg)
{
	struct evidence *e = arg;
	json_t *figure = result_at(e->result, path);

	if (json_is_number(figure) || json_is_boolean(figure) || json_is_string(figure))
		json_object_set(e->found, path, figure);
	return false;
}

static void add(json_t *result, json_t *story, const struct claim *c)
{
	struct evidence e = { .result = result, .found = json_object() };
	char sentence[FIGURE_TEXT];
	json_t *told = json_object();

	condition_any_path(c->when, keep_figure, &e);
	figure_any_path(c->sentence, keep_figure, &e);
	put_text(told, "claim", c->name);
	put_count(told, "place", json_array_size(story) + 1);
	put_text(told, "sentence", figure_fill(result, c->sentence, sentence));
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

void story_tell(json_t *result)
{
	json_t *story = json_array();

	put(result, "story", story);
	for (size_t i = 0; story && i < N_CLAIMS; i++)
		if (!is_told(result, claims[i].name) &&
		    figure_holds(result, claims[i].when))
			add(result, story, &claims[i]);
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
