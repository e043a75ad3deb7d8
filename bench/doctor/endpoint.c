#include "bench/doctor/endpoint.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Those that pastes have: the machine that diagnoses need not have them in its /etc/services. */
static const struct {
	const char *name;
	uint16_t port;
} services[] = {
	{ "ftp-data", 20 },
	{ "ftp", 21 },
	{ "ssh", 22 },
	{ "telnet", 23 },
	{ "smtp", 25 },
	{ "domain", 53 },
	{ "http", 80 },
	{ "www", 80 },
	{ "kerberos", 88 },
	{ "pop3", 110 },
	{ "sunrpc", 111 },
	{ "auth", 113 },
	{ "ntp", 123 },
	{ "epmap", 135 },
	{ "netbios-ssn", 139 },
	{ "imap2", 143 },
	{ "imap", 143 },
	{ "snmp", 161 },
	{ "bgp", 179 },
	{ "ldap", 389 },
	{ "https", 443 },
	{ "microsoft-ds", 445 },
	{ "submissions", 465 },
	{ "login", 513 },
	{ "shell", 514 },
	{ "submission", 587 },
	{ "ipp", 631 },
	{ "ldaps", 636 },
	{ "rsync", 873 },
	{ "imaps", 993 },
	{ "pop3s", 995 },
	{ "socks", 1080 },
	{ "openvpn", 1194 },
	{ "ms-sql-s", 1433 },
	{ "mqtt", 1883 },
	{ "nfs", 2049 },
	{ "zookeeper", 2181 },
	{ "docker", 2375 },
	{ "mysql", 3306 },
	{ "ms-wbt-server", 3389 },
	{ "svn", 3690 },
	{ "epmd", 4369 },
	{ "postgresql", 5432 },
	{ "postgres", 5432 },
	{ "amqps", 5671 },
	{ "amqp", 5672 },
	{ "x11", 6000 },
	{ "redis", 6379 },
	{ "irc", 6667 },
	{ "webcache", 8080 },
	{ "http-alt", 8080 },
	{ "https-alt", 8443 },
	{ "memcache", 11211 },
	{ "memcached", 11211 },
	{ "mongodb", 27017 },
	{ "nrpe", 5666 },
	{ "zabbix-agent", 10050 },
	{ "zabbix-trapper", 10051 },
	{ "webmin", 10000 },
	{ "munin", 4949 },
};

uint16_t endpoint_service(const char *name)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(services[i].name, name) == 0)
			return services[i].port;
	return 0;
}

/* "*", a number, a service that is common. */
static bool read_port(const char *text, uint16_t *out)
{
	unsigned long n = 0;
	size_t digits = strspn(text, "0123456789");

	*out = 0;
	if (!*text)
		return false;
	if (strcmp(text, "*") == 0)
		return true;
	if (digits && !text[digits] && digits <= 5) {
		n = strtoul(text, NULL, 10);
		*out = (uint16_t)n;
		return n <= 65535;
	}
	*out = endpoint_service(text);
	return *out != 0;
}

static void set_any(struct endpoint *out)
{
	memset(out->host, 0, sizeof(out->host));
	out->kind = HOST_ANY;
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

bool endpoint_read_host(const char *text, struct endpoint *out)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned char host[16] = { 0 };

	if (inet_pton(AF_INET, text, host) == 1) {
		out->kind = HOST_V4;
	} else if (inet_pton(AF_INET6, text, host) == 1) {
		out->kind = HOST_V6;
		if (memcmp(host, mapped, sizeof(mapped)) == 0) {
			memmove(host, host + 12, 4);
			memset(host + 4, 0, 12);
			out->kind = HOST_V4;
		}
	} else {
		return false;
	}
	memcpy(out->host, host, sizeof(out->host));
	if (is_zero(host, sizeof(host)))
		out->kind = HOST_ANY;
	return true;
}

/* A name of a host, also one that a column has cut: letters, digits, '-', '_', '.'; or an IPv6 address that netstat
 * has cut to its column. */
static bool is_name(const char *text)
{
	const char *colon = strchr(text, ':');
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789-_.");

	if (colon && strchr(colon + 1, ':'))
		return text[strspn(text, "0123456789abcdefABCDEF:.")] == '\0';
	return n && !text[n] && isalnum((unsigned char)*text) &&
	       strspn(text, "0123456789.") != n;
}

static bool read_host(char *text, struct names *names, struct endpoint *out)
{
	uint32_t number;
	char *zone;

	if (strcmp(text, "*") == 0) {
		set_any(out);
		return true;
	}
	zone = strchr(text, '%'); /* "fe80::1%eth0", "[fe80::1]%eth0", "[fe80::1%eth0]" */
	if (zone)
		*zone = '\0';
	if (*text == '[') {
		text++;
		text[strcspn(text, "]")] = '\0';
	}
	if (endpoint_read_host(text, out))
		return true;
	if (!names || !is_name(text))
		return false;
	set_any(out);
	out->kind = HOST_NAME;
	number = names_add(names, text, strlen(text));
	memcpy(out->host, &number, sizeof(number));
	return true;
}

/* "127.0.0.1.9200", "::1.5432", "*.22": an address, then a dot. */
static bool read_dotted(char *text, struct endpoint *out)
{
	char *dot = strrchr(text, '.');

	if (!dot || dot == text || !read_port(dot + 1, &out->port))
		return false;
	*dot = '\0';
	out->dotted = true;
	return read_host(text, NULL, out);
}

bool endpoint_read(const char *word, struct names *names, struct endpoint *out)
{
	char text[ENDPOINT_TEXT];
	size_t len = strlen(word);
	char *colon, *zone;

	memset(out, 0, sizeof(*out));
	if (len < 3 || len >= sizeof(text))
		return false;
	memcpy(text, word, len + 1);
	colon = strrchr(text, ':');
	zone = strchr(
		text,
		'%'); /* "10.0.0.1%eth0:80", "[fe80::1%eth0]:80", "fe80::1%lo0.80" */
	if (colon && colon != text && !(zone && zone > colon) &&
	    read_port(colon + 1, &out->port)) {
		*colon = '\0';
		if (read_host(text, names, out))
			return true;
		*colon = ':';
	}
	memcpy(text, word, len + 1);
	return read_dotted(text, out);
}

char *endpoint_host(const struct endpoint *e, const struct names *names, char *buf)
{
	uint32_t number;

	memcpy(&number, e->host, sizeof(number));
	if (e->kind == HOST_ANY)
		snprintf(buf, ENDPOINT_TEXT, "*");
	else if (e->kind == HOST_OTHERS)
		snprintf(buf, ENDPOINT_TEXT, "others");
	else if (e->kind == HOST_NAME)
		snprintf(buf, ENDPOINT_TEXT, "%s", names_text(names, number));
	else
		inet_ntop(e->kind == HOST_V4 ? AF_INET : AF_INET6, e->host, buf,
			  ENDPOINT_TEXT);
	return buf;
}

char *endpoint_print(const struct endpoint *e, const struct names *names, char *buf)
{
	char host[ENDPOINT_TEXT];
	bool six = e->kind == HOST_V6;

	endpoint_host(e, names, host);
	if (e->port)
		snprintf(buf, ENDPOINT_TEXT, "%s%.*s%s:%u", six ? "[" : "",
			 ENDPOINT_TEXT - 16, host, six ? "]" : "", e->port);
	else
		snprintf(buf, ENDPOINT_TEXT, "%s%.*s%s:*", six ? "[" : "",
			 ENDPOINT_TEXT - 16, host, six ? "]" : "");
	return buf;
}

bool endpoint_is_loopback(const struct endpoint *e, const struct names *names)
{
	char host[ENDPOINT_TEXT];

	if (e->kind == HOST_NAME)
		return strncmp(endpoint_host(e, names, host), "localhost", 9) == 0;
	return (e->kind == HOST_V4 && e->host[0] == 127) ||
	       (e->kind == HOST_V6 &&
		memcmp(e->host, &in6addr_loopback, sizeof(e->host)) == 0);
}

/* Names for which there was no room all have number 0. */
bool endpoint_same_host(const struct endpoint *a, const struct endpoint *b)
{
	static const unsigned char no_room[16];

	if (a->kind == HOST_NAME && memcmp(a->host, no_room, sizeof(no_room)) == 0)
		return false;
	return a->kind == b->kind && memcmp(a->host, b->host, sizeof(a->host)) == 0;
}

void endpoint_of_bytes(const unsigned char *host, int family, uint16_t port,
		       struct endpoint *out)
{
	static const unsigned char any[16];

	memset(out, 0, sizeof(*out));
	memcpy(out->host, host, family == AF_INET ? 4 : 16);
	out->port = port;
	out->kind = family == AF_INET ? HOST_V4 : HOST_V6;
	if (memcmp(out->host, any, sizeof(any)) == 0)
		out->kind = HOST_ANY;
}
