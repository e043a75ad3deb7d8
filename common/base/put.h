/* put - a key of a JSON object gets a value. */
#ifndef TWSTORM_COMMON_BASE_PUT_H
#define TWSTORM_COMMON_BASE_PUT_H

#include <jansson.h>
#include <stdint.h>

static inline void put(json_t *o, const char *key, json_t *stolen)
{
	json_object_set_new(o, key, stolen);
}

static inline void put_count(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

/* NULL is null. */
static inline void put_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, text ? json_string(text) : json_null());
}

#endif
