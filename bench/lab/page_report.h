/* page_report - the report of a lab that goes on, from the documents that tell of it (page.h). */
#ifndef TWSTORM_BENCH_LAB_PAGE_REPORT_H
#define TWSTORM_BENCH_LAB_PAGE_REPORT_H

#include <jansson.h>
#include <stdbool.h>

struct page_report {
	/* Owned: as html_write() takes it, with `live` until it is complete, and `now`, the index of the
	 * result that has changed last. */
	json_t *doc;
	json_t *seen; /* owned: {label: what its hosts had} */
	bool is_complete;
};

void page_report_init(struct page_report *r, const char *title);
void page_report_done(struct page_report *r);
/* Is there anything new for who follows it? */
bool page_report_take(struct page_report *r, json_t *stolen);

#endif
