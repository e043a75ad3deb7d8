#include "server/http_reply.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/talk/closing.h"

static const struct {
	const char *start, *text;
	int status;
} pages[HTTP_PAGES] = {
#define X(id, status, reason, text)                                                      \
	[PAGE_##id] = { "HTTP/1.1 " #status " " reason "\r\nServer: twstorm\r\n"         \
			"Content-Type: text/plain\r\nContent-Length: ",                  \
			text, status },
	HTTP_PAGE_LIST(X)
#undef X
};

int http_page_status(enum http_page page)
{
	return pages[page].status;
}

enum http_page http_page_of(enum http_error e)
{
	switch (e) {
	case HTTP_BAD_VERSION:
		return PAGE_VERSION;
	case HTTP_HEAD_TOO_LARGE:
		return PAGE_HEAD_TOO_LARGE;
	default:
		return PAGE_BAD_REQUEST;
	}
}

bool http_refused_by_head(const struct http_parse *r, uint64_t max_request,
			  enum http_page *page)
{
	if (r->method == HTTP_UNKNOWN)
		*page = PAGE_NOT_IMPLEMENTED;
	else if (r->method == HTTP_OTHER)
		*page = PAGE_NOT_ALLOWED;
	else if (r->target_len >= r->target_size)
		*page = PAGE_TARGET_TOO_LONG;
	else if (http_missing(r) > max_request || r->body > max_request)
		*page = PAGE_BODY_TOO_LARGE;
	else
		return false;
	return true;
}

static void set_page(struct http_reply *r, enum http_page page)
{
	r->page = (uint8_t)page;
	r->text = pages[page].text;
	r->length = strlen(r->text);
}

/* ---- the query */

static enum http_page take_size(const char *value, const struct http_limits *max,
				struct http_reply *r)
{
	if (units_parse_size(value, &r->length, NULL) < 0)
		return PAGE_BAD_QUERY;
	r->text = NULL;
	return r->length > max->response ? PAGE_OVER_LIMIT : PAGE_OK;
}

static enum http_page take_close(const char *value, const struct http_limits *max,
				 struct http_reply *r)
{
	(void)max;
	r->closing = closing_by_name(value);
	return r->closing ? PAGE_OK : PAGE_BAD_QUERY;
}

static enum http_page take_time(const char *value, const struct http_limits *max,
				uint32_t *to)
{
	uint64_t ns, ms;

	if (units_parse_duration(value, &ns, NULL) < 0)
		return PAGE_BAD_QUERY;
	ms = ns / NS_PER_MS + (ns % NS_PER_MS > 0);
	if (ms > max->hold_ms)
		return PAGE_OVER_LIMIT;
	*to = (uint32_t)ms;
	return PAGE_OK;
}

static enum http_page take_hold(const char *value, const struct http_limits *max,
				struct http_reply *r)
{
	return take_time(value, max, &r->hold_ms);
}

static enum http_page take_delay(const char *value, const struct http_limits *max,
				 struct http_reply *r)
{
	return take_time(value, max, &r->delay_ms);
}

static const struct {
	const char *key;
	enum http_page (*take)(const char *value, const struct http_limits *max,
			       struct http_reply *r);
} keys[] = {
	{ "size=", take_size },
	{ "close=", take_close },
	{ "hold=", take_hold },
	{ "delay=", take_delay },
};

/* One KEY=VALUE of n bytes. */
static enum http_page take_pair(const char *pair, size_t n, const struct http_limits *max,
				struct http_reply *r)
{
	char value[32];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t len = strlen(keys[i].key);

		if (n <= len || n - len >= sizeof(value) ||
		    memcmp(pair, keys[i].key, len) != 0)
			continue;
		memcpy(value, pair + len, n - len);
		value[n - len] = '\0';
		return keys[i].take(value, max, r);
	}
	return PAGE_BAD_QUERY;
}

static enum http_page take_target(const char *target, const struct http_limits *max,
				  struct http_reply *r)
{
	const char *at = http_after_authority(target);
	enum http_page page = PAGE_OK;

	if (*at == '/')
		at++;
	else if (at == target)
		return PAGE_NOT_FOUND;
	if (!*at)
		return PAGE_OK;
	if (*at != '?')
		return PAGE_NOT_FOUND;
	for (at++; page == PAGE_OK; at++) {
		size_t n = strcspn(at, "&");

		page = take_pair(at, n, max, r);
		at += n;
		if (!*at)
			break;
	}
	return page;
}

/* ---- the reply */

static void settle(struct http_reply *r, bool keep, bool old)
{
	if (!r->closing)
		r->closing = closing_by_name(keep ? "client-fin" : "server-fin");
	r->last = closing_moves_first(&r->closing->server);
	r->say_keep = !r->last && (old || !keep);
}

static bool holds_for_nothing(const struct http_reply *r)
{
	return r->hold_ms && !r->last && r->closing->server.finish != FINISH_KEEP;
}

void http_reply_make(const struct http_parse *request, const char *target,
		     const struct http_limits *max, struct http_reply *out)
{
	enum http_page page;

	memset(out, 0, sizeof(*out));
	set_page(out, PAGE_OK);
	page = take_target(target, max, out);
	if (page == PAGE_OK) {
		settle(out, http_keeps_alive(request), request->minor == 0);
		page = holds_for_nothing(out) ? PAGE_NO_MOVE : PAGE_OK;
	}
	if (page != PAGE_OK) {
		memset(out, 0, sizeof(*out));
		set_page(out, page);
		settle(out, http_keeps_alive(request), request->minor == 0);
	}
	out->to_head = request->method == HTTP_HEAD;
}

/* The rest of what the client sends is read, or the RST for it would take the page along. */
void http_reply_refuse(enum http_page page, struct http_reply *out)
{
	memset(out, 0, sizeof(*out));
	set_page(out, page);
	out->closing = closing_by_name("server-half");
	settle(out, false, false);
}

static char *put(char *to, const char *text)
{
	size_t n = strlen(text);

	memcpy(to, text, n);
	return to + n;
}

static char *put_number(char *to, uint64_t v)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	memcpy(to, digits + n, sizeof(digits) - n);
	return to + (sizeof(digits) - n);
}

size_t http_reply_head(const struct http_reply *r, char out[HTTP_REPLY_HEAD])
{
	char *to = put_number(put(out, pages[r->page].start), r->length);

	if (r->last)
		to = put(to, "\r\nConnection: close\r\n\r\n");
	else if (r->say_keep)
		to = put(to, "\r\nConnection: keep-alive\r\n\r\n");
	else
		to = put(to, "\r\n\r\n");
	return (size_t)(to - out);
}

void http_head_make(struct http_head *h, const struct http_reply *r)
{
	if (h->len && h->length == r->length && h->page == r->page &&
	    h->last == r->last && h->say_keep == r->say_keep)
		return;
	h->length = r->length;
	h->page = r->page;
	h->last = r->last;
	h->say_keep = r->say_keep;
	h->len = (uint16_t)http_reply_head(r, h->text);
}
