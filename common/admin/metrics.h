/* metrics - a document's figures as Prometheus reads them: its text format, or OpenMetrics 1.0.  A
 * metric is a row of metric_rows.c.  A figure that was not measured has no sample. */
#ifndef TWSTORM_COMMON_ADMIN_METRICS_H
#define TWSTORM_COMMON_ADMIN_METRICS_H

#include <jansson.h>
#include <stdbool.h>

enum metric_type {
	METRIC_COUNTER, /* `_total` is added to its name */
	METRIC_GAUGE,
	METRIC_HISTOGRAM, /* the path is a histogram of result_hist() */
	METRIC_INFO,      /* a gauge that is 1; the path's text is the label `each` */
};

/* Rows of one name are neighbours, of one type and with one help. */
struct metric {
	const char *name;
	enum metric_type type;
	const char *help;
	/* As of result_at(); "LIST[].PATH" is of each element, whose "address", or "key", is the label `each`;
	 * "LIST[-1].PATH" is of the last one. */
	const char *path;
	const char
		*each; /* the path is an object: the label that has its keys; or NULL */
	const char *labels; /* more of them, as they are written; or NULL */
	double scale;       /* the value is multiplied by it; 0 = 1 */
};

extern const struct metric metric_rows_of_result[], metric_rows_of_host[];
/* For documents of RESULT_SCHEMA, SERVER_SCHEMA and STATES_SCHEMA: ended by a row without a name.
 * NULL for another one. */
const struct metric *metric_rows(const json_t *document);

#define METRICS_TYPE      "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_TYPE_OPEN "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Of a document, or of the `results` of a report (html.h), each with the label "variant", and of their `hosts`, each with the label
 * "host".  To be freed; NULL = no memory. */
char *metrics_text(const json_t *document, bool open_metrics);

#endif
