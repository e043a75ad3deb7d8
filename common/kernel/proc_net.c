#include "common/kernel/proc_net.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATH_ROOM 512

static const struct {
	const char *group, *name, *full;
} counter_rows[KERNEL_COUNTERS] = {
#define X(id, group, name) [KC_##id] = { group, name, group "." name },
	KERNEL_COUNTER_LIST(X)
#undef X
};

static_assert(KERNEL_COUNTERS <= 64, "one bit of `known` each");

const char *kernel_counter_name(enum kernel_counter c)
{
	return (unsigned)c < KERNEL_COUNTERS ? counter_rows[c].full : NULL;
}

static int open_below(const char *root, const char *file, FILE **out, struct err *err)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/net/%s", root, file);
	*out = fopen(path, "re");
	return *out ? 0 : err_sys(err, "%s", path);
}

static void note_counter(struct kernel_counters *out, const char *group, const char *name,
			 const char *value)
{
	for (unsigned i = 0; i < KERNEL_COUNTERS; i++) {
		if (strcmp(counter_rows[i].name, name) != 0 ||
		    strcmp(counter_rows[i].group, group) != 0)
			continue;
		out->n[i] = strtoull(value, NULL, 10);
		out->known |= 1ull << i;
		return;
	}
}

/* "Tcp: A B C" over "Tcp: 1 2 3": false unless the two lines are of one group and length. */
static bool read_pair(char *names, char *values, struct kernel_counters *out)
{
	char *n_next, *v_next, *group, *again, *name, *value;

	group = strtok_r(names, ": \n", &n_next);
	again = strtok_r(values, ": \n", &v_next);
	if (!group || !again || strcmp(group, again) != 0)
		return false;
	for (;;) {
		name = strtok_r(NULL, " \n", &n_next);
		value = strtok_r(NULL, " \n", &v_next);
		if (!name || !value)
			return !name && !value;
		note_counter(out, group, name, value);
	}
}

static int read_counter_file(FILE *f, const char *name, struct kernel_counters *out,
			     struct err *err)
{
	char *names = NULL, *values = NULL;
	size_t names_size = 0, values_size = 0;
	int r = 0;

	rewind(f);
	while (r == 0 && getline(&names, &names_size, f) > 0) {
		if (getline(&values, &values_size, f) <= 0 ||
		    !read_pair(names, values, out))
			r = err_run(err, "net/%s: names and values do not match", name);
	}
	free(names);
	free(values);
	return r;
}

int proc_net_open(const char *root, struct proc_net_files *out, struct err *err)
{
	int r;

	memset(out, 0, sizeof(*out));
	r = open_below(root, "snmp", &out->snmp, err);
	if (r == 0)
		r = open_below(root, "netstat", &out->netstat, err);
	if (r == 0)
		r = open_below(root, "sockstat", &out->sockstat, err);
	if (r == 0) {
		r = open_below(root, "sockstat6", &out->sockstat6, err);
		if (r == -ENOENT) /* a kernel without IPv6 */
			r = 0;
	}
	if (r < 0)
		proc_net_close(out);
	return r;
}

void proc_net_close(struct proc_net_files *files)
{
	FILE **const all[] = { &files->snmp, &files->netstat, &files->sockstat,
			       &files->sockstat6 };

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (*all[i])
			fclose(*all[i]);
		*all[i] = NULL;
	}
}

int proc_net_read_counters(struct proc_net_files *files, struct kernel_counters *out,
			   struct err *err)
{
	int r;

	memset(out, 0, sizeof(*out));
	r = read_counter_file(files->snmp, "snmp", out, err);
	return r < 0 ? r : read_counter_file(files->netstat, "netstat", out, err);
}

int proc_net_counters(const char *root, struct kernel_counters *out, struct err *err)
{
	struct proc_net_files files = { 0 };
	int r = open_below(root, "snmp", &files.snmp, err);

	memset(out, 0, sizeof(*out));
	if (r == 0)
		r = open_below(root, "netstat", &files.netstat, err);
	if (r == 0)
		r = proc_net_read_counters(&files, out, err);
	proc_net_close(&files);
	return err_prefix(r, err, "%s", root);
}

void kernel_counters_diff(const struct kernel_counters *now,
			  const struct kernel_counters *before,
			  struct kernel_counters *into)
{
	uint64_t known = now->known & before->known;

	for (unsigned i = 0; i < KERNEL_COUNTERS; i++)
		into->n[i] = known >> i & 1 ? now->n[i] - before->n[i] : 0;
	into->known = known;
}

/* One "PROTO: key value key value" line; keys we do not know are passed over. */
static void read_sockstat_line(char *line, struct sockstat *out)
{
	char *next, *proto, *key, *value;
	const struct {
		const char *key;
		uint64_t *into;
	} rows[] = { { "inuse", &out->inuse },
		     { "tw", &out->tw },
		     { "orphan", &out->orphan },
		     { "alloc", &out->alloc },
		     { "mem", &out->mem } };

	proto = strtok_r(line, ": \n", &next);
	if (!proto || (strcmp(proto, "TCP") != 0 && strcmp(proto, "TCP6") != 0))
		return;
	while ((key = strtok_r(NULL, " \n", &next)) &&
	       (value = strtok_r(NULL, " \n", &next))) {
		for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			if (strcmp(rows[i].key, key) == 0)
				*rows[i].into += strtoull(value, NULL, 10);
		}
	}
}

static void read_sockstat_file(FILE *f, struct sockstat *out)
{
	char line[256];

	rewind(f);
	while (fgets(line, sizeof(line), f))
		read_sockstat_line(line, out);
}

/* TCP6 has an inuse of its own; the rest is counted under TCP for both families. */
void proc_net_read_sockstat(struct proc_net_files *files, struct sockstat *out)
{
	memset(out, 0, sizeof(*out));
	read_sockstat_file(files->sockstat, out);
	if (files->sockstat6)
		read_sockstat_file(files->sockstat6, out);
}

int proc_net_sockstat(const char *root, struct sockstat *out, struct err *err)
{
	struct proc_net_files files = { 0 };
	int r = open_below(root, "sockstat", &files.sockstat, err);

	if (r < 0)
		return r;
	r = open_below(root, "sockstat6", &files.sockstat6, err);
	if (r == -ENOENT) /* a kernel without IPv6 */
		r = 0;
	if (r == 0)
		proc_net_read_sockstat(&files, out);
	proc_net_close(&files);
	return r;
}

static unsigned hex_digit(char c)
{
	unsigned u = (unsigned char)c, letter = (u | 0x20) - 'a';

	return u - '0' < 10 ? u - '0' : letter < 6 ? letter + 10 : 16;
}

/* Takes one to `most` hex digits.  NULL in or nothing to take: NULL out, so that a chain of
 * takes needs one check at its end. */
static const char *take_hex(const char *p, unsigned most, uint64_t *out)
{
	unsigned n;

	*out = 0;
	for (n = 0; p && n < most && hex_digit(p[n]) < 16; n++)
		*out = *out << 4 | hex_digit(p[n]);
	return n ? p + n : NULL;
}

/* Steps over the separator: one ':' or any number of blanks. */
static const char *skip_separator(const char *p, char separator)
{
	if (!p || *p != separator)
		return NULL;
	return separator == ' ' ? p + strspn(p, " ") : p + 1;
}

/* The kernel prints each 32-bit word of the address as a number in host order. */
static const char *take_address(const char *p, unsigned words, unsigned char *addr,
				uint16_t *port)
{
	uint64_t v;

	for (unsigned i = 0; i < words; i++) {
		uint32_t word;

		p = take_hex(p, 8, &v);
		word = (uint32_t)v;
		memcpy(addr + 4 * i, &word, 4);
	}
	p = take_hex(skip_separator(p, ':'), 4, &v);
	*port = (uint16_t)v;
	return skip_separator(p, ' ');
}

static const char *skip_field(const char *p)
{
	if (!p)
		return NULL;
	p += strspn(p, " ");
	p += strcspn(p, " \n");
	return p + strspn(p, " ");
}

/* A v4-mapped socket is an IPv4 one to everybody who looks at addresses. */
static void unmap_v4(struct proc_tcp_row *row)
{
	static const unsigned char prefix[12] = { [10] = 0xff, [11] = 0xff };

	if (row->family != AF_INET6 || memcmp(row->local, prefix, sizeof(prefix)) != 0)
		return;
	row->family = AF_INET;
	memmove(row->local, row->local + 12, 4);
	memset(row->local + 4, 0, 12);
	memmove(row->remote, row->remote + 12, 4);
	memset(row->remote + 4, 0, 12);
}

/* "sl: local remote st tx:rx tr:when retrnsmt uid timeout inode ..." */
static bool parse_tcp_line(const char *line, struct proc_tcp_row *row)
{
	unsigned words = row->family == AF_INET ? 1 : 4;
	uint64_t state, queue, timer, when;
	const char *p = strchr(line, ':');

	if (!p)
		return false;
	p += 1 + strspn(p + 1, " ");
	memset(row->local, 0, sizeof(row->local));
	memset(row->remote, 0, sizeof(row->remote));
	p = take_address(p, words, row->local, &row->local_port);
	p = take_address(p, words, row->remote, &row->remote_port);
	p = skip_separator(take_hex(p, 2, &state), ' ');
	p = skip_separator(take_hex(p, 8, &queue), ':');
	p = skip_separator(take_hex(p, 8, &queue), ' ');
	p = skip_separator(take_hex(p, 2, &timer), ':');
	p = skip_separator(take_hex(p, 16, &when), ' ');
	p = skip_field(skip_field(skip_field(p))); /* retransmits, uid, timeout */
	if (!p || *p < '0' || *p > '9')
		return false;
	row->state = (uint8_t)state;
	row->timer = (uint8_t)timer;
	row->expires_ms = when * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
	row->inode = strtoull(p, NULL, 10);
	unmap_v4(row);
	return true;
}

static int read_tcp_file(const char *root, const char *file, int family,
			 int (*row)(const struct proc_tcp_row *, void *), void *arg,
			 struct err *err)
{
	char line[512];
	unsigned at = 1;
	FILE *f;
	int r = open_below(root, file, &f, err);

	if (r == -ENOENT && family == AF_INET6) /* a kernel without IPv6 */
		return 0;
	if (r < 0)
		return r;
	if (!fgets(line, sizeof(line), f)) /* the header */
		r = err_run(err, "%s/net/%s is empty", root, file);
	while (r == 0 && fgets(line, sizeof(line), f)) {
		struct proc_tcp_row one = { .family = family };

		at++;
		if (parse_tcp_line(line, &one))
			r = row(&one, arg);
		else
			r = err_run(err, "%s/net/%s: line %u is not a socket", root, file,
				    at);
	}
	fclose(f);
	return r;
}

int proc_net_tcp(const char *root, int (*row)(const struct proc_tcp_row *, void *),
		 void *arg, struct err *err)
{
	int r = read_tcp_file(root, "tcp", AF_INET, row, arg, err);

	return r == 0 ? read_tcp_file(root, "tcp6", AF_INET6, row, arg, err) : r;
}
