#include "bench/doctor/anonymize.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/endpoint.h"
#include "bench/doctor/host_names.h"
#include "bench/doctor/line.h"
#include "bench/doctor/source.h"
#include "bench/doctor/tally.h"
#include "common/base/signals.h"
#include "common/cli/output.h"

#define MOST_ADDRESSES (1u << 22) /* 10.0.0.0 and what follows has room for more */

struct anonymizer {
	struct tally_table seen; /* an address's place is its new number */
	struct names names;
};

struct anonymizer *anonymizer_new(struct err *err)
{
	struct anonymizer *a = calloc(1, sizeof(*a));

	if (!a)
		err_memory(err);
	return a;
}

void anonymizer_free(struct anonymizer *a)
{
	if (!a)
		return;
	tally_done(&a->seen);
	names_done(&a->names);
	free(a);
}

/* Its number among the addresses of its kind; 0 = there is no room. */
static uint32_t number_of(struct anonymizer *a, const struct endpoint *e)
{
	struct tally_key key;

	memset(&key, 0, sizeof(key));
	memcpy(key.a, e->host, sizeof(key.a));
	key.a_kind = e->kind;
	if (!tally_of(&a->seen, &key) && a->seen.n >= MOST_ADDRESSES)
		return 0;
	tally_add(&a->seen, &key, 1);
	return a->seen.no_memory ? 0 : tally_place(&a->seen, &key);
}

static bool stays(const struct anonymizer *a, const struct endpoint *e)
{
	return e->kind == HOST_ANY || endpoint_is_loopback(e, &a->names);
}

/* The address that stands for it, in network order: 10.x.y.z, 2001:db8::n.  False: no room. */
static bool replace(struct anonymizer *a, const struct endpoint *e, unsigned char to[16])
{
	uint32_t n = number_of(a, e);

	memset(to, 0, 16);
	if (e->kind == HOST_V4) {
		to[0] = 10;
		to[1] = (unsigned char)(n >> 16);
		to[2] = (unsigned char)(n >> 8);
		to[3] = (unsigned char)n;
	} else {
		memcpy(to, "\x20\x01\x0d\xb8", 4);
		to[13] = (unsigned char)(n >> 16);
		to[14] = (unsigned char)(n >> 8);
		to[15] = (unsigned char)n;
	}
	return n != 0;
}

/* ---- addresses in text */

static bool is_in_word(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '_';
}

/* Four numbers with dots between them at the beginning of `at`: how long; 0 = none. */
static size_t quad(const char *at, struct endpoint *out)
{
	char text[16];
	size_t len = 0;
	unsigned dots = 0;

	while (len < sizeof(text) - 1 &&
	       (isdigit((unsigned char)at[len]) || (at[len] == '.' && dots < 3)))
		dots += at[len++] == '.';
	memcpy(text, at, len);
	text[len] = '\0';
	return dots == 3 && !isdigit((unsigned char)at[len]) &&
			       endpoint_read_host(text, out)
		       ? len
		       : 0;
}

/* An IPv6 address at the beginning of `at`, perhaps with a colon and a port behind it. */
static size_t six(const char *at, struct endpoint *out)
{
	size_t len = strspn(at, "0123456789abcdefABCDEF:.");
	char text[64];

	if (len < 2 || len >= sizeof(text))
		return 0;
	memcpy(text, at, len);
	text[len] = '\0';
	/* "::1:58056" is port 58056 of ::1: without its last colon first. */
	for (unsigned try = 0; try < 2; try++) {
		char *colon = strrchr(text, ':');
		bool bracket = at[len] == ']' || at[len] == '%' || at[len] == '/';

		if (try == 0 && !bracket && colon && colon != text) {
			*colon = '\0';
			if (strchr(text, ':') && isdigit((unsigned char)colon[1]) &&
			    strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
			    endpoint_read_host(text, out))
				return strlen(text);
			*colon = ':';
		}
		if (strchr(text, ':') && endpoint_read_host(text, out))
			return len;
	}
	return 0;
}

/* "C60200C0:B57C" and its like of 32 digits: the digits; 0 = none. */
static size_t hex(const char *at, struct endpoint *out)
{
	size_t digits = strspn(at, "0123456789abcdefABCDEF");
	uint64_t n;

	if ((digits != 8 && digits != 32) || at[digits] != ':' ||
	    strspn(at + digits + 1, "0123456789abcdefABCDEF") != 4)
		return 0;
	memset(out, 0, sizeof(*out));
	out->kind = digits == 8 ? HOST_V4 : HOST_V6;
	for (unsigned i = 0; i < digits / 8; i++) {
		word_hex(at + 8 * i, 8, &n);
		for (unsigned b = 0; b < 4; b++)
			out->host[4 * i + b] = (unsigned char)(n >> (8 * b));
	}
	return digits;
}

static void print_hex(const unsigned char host[16], size_t digits, FILE *to)
{
	for (unsigned i = 0; i < digits / 8; i++)
		for (unsigned b = 4; b-- > 0;)
			fprintf(to, "%02X", host[4 * i + b]);
}

/* v4-mapped addresses of /proc/net/tcp6 keep their form. */
static bool put_hex(struct anonymizer *a, const struct endpoint *e, size_t digits,
		    FILE *to)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct endpoint plain = *e;
	unsigned char host[16], out[16];
	bool is_mapped = digits == 32 && memcmp(e->host, mapped, 12) == 0;
	static const unsigned char zero[16];

	if (is_mapped) {
		memset(&plain, 0, sizeof(plain));
		plain.kind = HOST_V4;
		memcpy(plain.host, e->host + 12, 4);
	}
	if (memcmp(plain.host, zero, 16) == 0 || stays(a, &plain)) {
		print_hex(e->host, digits, to);
		return true;
	}
	if (!replace(a, &plain, host))
		return false;
	memcpy(out, host, sizeof(out));
	if (is_mapped) {
		memcpy(out, mapped, 12);
		memcpy(out + 12, host, 4);
	}
	print_hex(out, digits, to);
	return true;
}

static bool put_text(struct anonymizer *a, const struct endpoint *e, const char *as_read,
		     size_t len, FILE *to)
{
	unsigned char host[16];
	char text[64];
	bool is_mapped = e->kind == HOST_V4 && memchr(as_read, ':', len);

	if (stays(a, e)) {
		fwrite(as_read, 1, len, to);
		return true;
	}
	if (!replace(a, e, host))
		return false;
	inet_ntop(e->kind == HOST_V4 ? AF_INET : AF_INET6, host, text, sizeof(text));
	fprintf(to, "%s%s", is_mapped ? "::ffff:" : "", text);
	return true;
}

/* ---- names of hosts: of ends, and of prompts */

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

static bool put_name(struct anonymizer *a, const char *name, size_t len, FILE *to)
{
	struct endpoint e = { .kind = HOST_NAME };
	uint32_t number;

	if (len >= 9 && strncmp(name, "localhost", 9) == 0) {
		fwrite(name, 1, len, to);
		return true;
	}
	number = names_add(&a->names, name, len);
	memcpy(e.host, &number, sizeof(number));
	number = number_of(a, &e);
	fprintf(to, "host%u.example", number);
	return number != 0;
}

/* Of "web7.example.com" web7 alone, too: prompts and logs shorten names. */
static void learn(struct anonymizer *a, const char *name, size_t len)
{
	size_t label = strcspn(name, ".");

	names_add(&a->names, name, len);
	if (label > 1 && label < len && strspn(name, "0123456789") < label)
		names_add(&a->names, name, label);
}

/* A word that is the name of a host, or begins with it and a dot: how long; 0 = it is none that was named so far. */
static size_t known_name(const struct anonymizer *a, const char *at)
{
	size_t len = 0, label;

	while (is_name_byte(at[len]))
		len++;
	while (len && (at[len - 1] == '.' || at[len - 1] == '-'))
		len--;
	for (label = 0; label < len && at[label] != '.';)
		label++;
	return len > 1 && (names_find(&a->names, at, len) ||
			   names_find(&a->names, at, label))
		       ? len
		       : 0;
}

/* "web7.example.com:https", "user@web7:": how long the name is; 0 = none begins here. */
static size_t name_at(const char *line, size_t at)
{
	size_t len = 0, port;

	while (is_name_byte(line[at + len]))
		len++;
	if (!len || !isalpha((unsigned char)line[at]))
		return 0;
	if (at > 0 && line[at - 1] == '@')
		return len;
	if (line[at + len] != ':' ||
	    (at > 0 && line[at - 1] != ' ' && line[at - 1] != '\t'))
		return 0;
	port = strcspn(line + at + len + 1, " \t\r\n");
	if (!port || port > 16 || len < 3 || memchr(line + at + len + 1, ':', port))
		return 0;
	if (strspn(line + at + len + 1, "0123456789") == port ||
	    line[at + len + 1] == '*') {
		/* "ino:0", "uid:1000", "mem:..." of ss are no hosts. */
		static const char *const keys[] = { "ino",     "uid",      "sk",
						    "timer",   "rto",      "mss",
						    "pmtu",    "rcvmss",   "advmss",
						    "cwnd",    "ssthresh", "bytes_sent",
						    "lastsnd", "lastrcv",  "lastack",
						    "ato" };

		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (strlen(keys[i]) == len &&
			    strncmp(line + at, keys[i], len) == 0)
				return 0;
		return memchr(line + at, '_', len) ? 0 : len;
	}
	{
		char service[20];

		memcpy(service, line + at + len + 1, port);
		service[port] = '\0';
		return endpoint_service(service) ? len : 0;
	}
}

/* ---- a line */

int anonymize_line(struct anonymizer *a, const char *line, size_t len, FILE *to,
		   struct err *err)
{
	bool fits = true;
	const char *name;
	struct line words;
	size_t named;

	line_set(&words, line, len, true);
	named = host_named(&words, &name);
	if (named)
		learn(a, name, named);
	for (size_t i = 0; i < len && fits;) {
		bool begins = i == 0 || !is_in_word(line[i - 1]);
		struct endpoint e = { 0 };
		size_t n = begins ? hex(line + i, &e) : 0;

		if (n) {
			fits = put_hex(a, &e, n, to);
		} else if (begins &&
			   ((n = six(line + i, &e)) || (n = quad(line + i, &e)))) {
			fits = put_text(a, &e, line + i, n, to);
		} else if (begins &&
			   ((n = name_at(line, i)) || (n = known_name(a, line + i)))) {
			fits = put_name(a, line + i, n, to);
		} else {
			n = 1;
			fputc(line[i], to);
		}
		i += n;
	}
	return fits ? 0
		    : err_run(err, "more than %u different addresses", MOST_ADDRESSES);
}

struct work {
	struct anonymizer *a;
	struct err *err;
};

static int each_line(const char *line, size_t len, bool ended, bool last, void *arg)
{
	struct work *w = arg;
	char text[SOURCE_LINE + 1];
	size_t n = len < SOURCE_LINE ? len : SOURCE_LINE;
	int r;

	(void)last;
	memcpy(text, line, n);
	text[n] = '\0';
	r = anonymize_line(w->a, text, n, stdout, w->err);
	if (ended)
		fputc('\n', stdout);
	return r < 0 ? r : signals_got ? -EINTR : 0;
}

int anonymize_files(char *const *paths, int n, struct err *err)
{
	struct work w = { anonymizer_new(err), err };
	int r = w.a ? 0 : -ENOMEM;

	for (int i = 0; i < n && r == 0; i++)
		r = source_read(paths[i], each_line, &w, err);
	anonymizer_free(w.a);
	return r < 0 ? r : output_flush_stdout(err);
}
