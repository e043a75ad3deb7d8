#include "common/kernel/proc_net.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
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

/* The files from..to-1; all are closed again if one cannot be opened. */
static int open_files(const char *root, unsigned from, unsigned to,
		      struct proc_net_files *out, struct err *err)
{
	static const char *const names[PROC_NET_FILES] = { "snmp", "netstat", "sockstat",
							   "sockstat6" };
	int r = 0;

	memset(out, 0, sizeof(*out));
	for (unsigned i = from; i < to && r == 0; i++) {
		r = open_below(root, names[i], &out->file[i], err);
		if (r == -ENOENT && i == PROC_SOCKSTAT6) /* a kernel without IPv6 */
			r = 0;
	}
	if (r < 0)
		proc_net_close(out);
	return r;
}

int proc_net_open(const char *root, struct proc_net_files *out, struct err *err)
{
	return open_files(root, 0, PROC_NET_FILES, out, err);
}

void proc_net_close(struct proc_net_files *files)
{
	for (unsigned i = 0; i < PROC_NET_FILES; i++) {
		if (files->file[i])
			fclose(files->file[i]);
		files->file[i] = NULL;
	}
}

int proc_net_read_counters(struct proc_net_files *files, struct kernel_counters *out,
			   struct err *err)
{
	int r;

	memset(out, 0, sizeof(*out));
	r = read_counter_file(files->file[PROC_SNMP], "snmp", out, err);
	return r < 0 ? r
		     : read_counter_file(files->file[PROC_NETSTAT], "netstat", out, err);
}

int proc_net_counters(const char *root, struct kernel_counters *out, struct err *err)
{
	struct proc_net_files files;
	int r = open_files(root, PROC_SNMP, PROC_SOCKSTAT, &files, err);

	if (r == 0) {
		r = proc_net_read_counters(&files, out, err);
		proc_net_close(&files);
	}
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
	read_sockstat_file(files->file[PROC_SOCKSTAT], out);
	if (files->file[PROC_SOCKSTAT6])
		read_sockstat_file(files->file[PROC_SOCKSTAT6], out);
}

int proc_net_sockstat(const char *root, struct sockstat *out, struct err *err)
{
	struct proc_net_files files;
	int r = open_files(root, PROC_SOCKSTAT, PROC_NET_FILES, &files, err);

	if (r < 0)
		return r;
	proc_net_read_sockstat(&files, out);
	proc_net_close(&files);
	return 0;
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

/* The kernel prints each 32-bit word of the address as a number in host order. */
static bool read_address(const char *hex, int family, unsigned char addr[16])
{
	const unsigned words = family == AF_INET ? 1 : 4;
	uint32_t word[4];

	if (strlen(hex) != 8 * words || sscanf(hex, "%8x%8x%8x%8x", &word[0], &word[1],
					       &word[2], &word[3]) != (int)words)
		return false;
	memcpy(addr, word, 4 * words);
	return true;
}

/* "sl: local remote st tx:rx tr:when retrnsmt uid timeout inode ..." */
static bool parse_tcp_line(const char *line, struct proc_tcp_row *row)
{
	char local[33], remote[33];
	uint64_t when;

	if (sscanf(line,
		   " %*u: %32[0-9A-F]:%4hx %32[0-9A-F]:%4hx %2hhx %*8x:%*8x "
		   "%2hhx:%16" SCNx64 " %*s %*s %*s %" SCNu64,
		   local, &row->local_port, remote, &row->remote_port, &row->state,
		   &row->timer, &when, &row->inode) != 8 ||
	    !read_address(local, row->family, row->local) ||
	    !read_address(remote, row->family, row->remote))
		return false;
	row->expires_ms = when * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
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
