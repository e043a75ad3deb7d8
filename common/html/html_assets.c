/* html_assets - the assembler puts the files in; the Makefile says in which directories it
 * finds them and which of them it has to watch. */
#include "common/html/html_assets.h"

#include <string.h>

/* clang-format off */
/* X(symbol, file) */
#define ASSETS(X)                                \
	X(page_html, "page.html")                \
	X(page_css, "page.css")                  \
	X(dygraph_css, "dygraph.min.css")        \
	X(dygraph_js, "dygraph.min.js")          \
	X(dygraph_licence, "dygraph-licence.txt") \
	X(format_js, "format.js")                \
	X(dom_js, "dom.js")                      \
	X(result_js, "result.js")                \
	X(states_js, "states.js")                \
	X(summary_js, "summary.js")              \
	X(charts_js, "charts.js")                \
	X(fill_js, "fill.js")                    \
	X(diagram_js, "diagram.js")              \
	X(sections_js, "sections.js")            \
	X(hosts_js, "hosts.js")                  \
	X(ranks_js, "ranks.js")                  \
	X(repeat_js, "repeat.js")                \
	X(compare_js, "compare.js")              \
	X(lab_js, "lab.js")                      \
	X(probe_js, "probe.js")                  \
	X(process_js, "process.js")              \
	X(counts_js, "counts.js")                \
	X(trace_js, "trace.js")                  \
	X(live_js, "live.js")                    \
	X(doctor_js, "doctor.js")                \
	X(page_js, "page.js")
/* clang-format on */

#define X(symbol, file)                                                                  \
	__asm__(".pushsection .rodata\n"                                                 \
		"html_" #symbol "_begin:\n"                                              \
		".incbin \"" file "\"\n"                                                 \
		"html_" #symbol "_end:\n"                                                \
		".global html_" #symbol "_begin, html_" #symbol "_end\n"                 \
		".hidden html_" #symbol "_begin\n"                                       \
		".hidden html_" #symbol "_end\n"                                         \
		".popsection\n");                                                        \
	extern const char html_##symbol##_begin[], html_##symbol##_end[];
ASSETS(X)
#undef X

const struct html_asset html_assets[] = {
#define X(symbol, file) { file, html_##symbol##_begin, html_##symbol##_end },
	ASSETS(X)
#undef X
		{ 0 },
};

const struct html_asset *html_asset(const char *name, size_t name_length)
{
	const struct html_asset *a;

	for (a = html_assets; a->name; a++)
		if (strlen(a->name) == name_length &&
		    memcmp(a->name, name, name_length) == 0)
			return a;
	return NULL;
}
