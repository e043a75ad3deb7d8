/* html_assets - the files the HTML report is made of, embedded when this program is built:
 * common/html/, dygraphs (Debian's libjs-dygraphs) and its licence. */
#ifndef TWSTORM_COMMON_HTML_HTML_ASSETS_H
#define TWSTORM_COMMON_HTML_HTML_ASSETS_H

#include <stddef.h>

struct html_asset {
	const char *name;        /* "page.css" */
	const char *begin, *end; /* no NUL ends it */
};

extern const struct html_asset html_assets[]; /* ended by a row without a name */
/* NULL if there is no such file. */
const struct html_asset *html_asset(const char *name, size_t name_length);

#endif
