#include "common/kernel/port.h"

#include <stddef.h>

const char *port_scan(const char *text, uint16_t *out)
{
	const char *end = text;
	unsigned n = 0;

	for (; *end >= '0' && *end <= '9'; end++)
		if (n <= UINT16_MAX)
			n = n * 10 + (unsigned)(*end - '0');
	*out = (uint16_t)n;
	return end == text || n > UINT16_MAX ? NULL : end;
}

const char *port_range_scan(const char *text, struct port_range *out)
{
	const char *end = port_scan(text, &out->lo);

	out->hi = out->lo;
	return end && *end == '-' ? port_scan(end + 1, &out->hi) : end;
}
