#include "common/ports/fifo.h"

#include <stdlib.h>

#define ENTRIES 4095

struct fifo_entry {
	uint32_t at, what;
};

struct fifo_block {
	struct fifo_block *next;
	struct fifo_entry entry[ENTRIES];
};

void fifo_done(struct fifo *f)
{
	while (f->first) {
		struct fifo_block *next = f->first->next;

		free(f->first);
		f->first = next;
	}
	*f = (struct fifo){ 0 };
}

static struct fifo_block *add_block(struct fifo *f)
{
	struct fifo_block *b = malloc(sizeof(*b));

	if (!b)
		return NULL;
	b->next = NULL;
	if (f->last)
		f->last->next = b;
	else
		f->first = b;
	f->last = b;
	f->in = 0;
	return b;
}

static void note_first(struct fifo *f)
{
	f->next_ns = (uint64_t)f->first->entry[f->out].at << FIFO_SHIFT;
}

void fifo_add(struct fifo *f, uint64_t at_ns, uint32_t what)
{
	if ((!f->last || f->in == ENTRIES) && !add_block(f)) {
		f->lost = true;
		return;
	}
	f->last->entry[f->in++] = (struct fifo_entry){
		.at = (uint32_t)((at_ns + (1u << FIFO_SHIFT) - 1) >> FIFO_SHIFT),
		.what = what,
	};
	if (f->n++ == 0)
		note_first(f);
}

static void drop_first_block(struct fifo *f)
{
	struct fifo_block *next = f->first->next;

	free(f->first);
	f->first = next;
	f->out = 0;
}

uint32_t fifo_take(struct fifo *f)
{
	uint32_t what = f->first->entry[f->out++].what;

	f->n--;
	if (f->n == 0 && f->first == f->last)
		f->out = f->in = 0;
	else if (f->out == ENTRIES)
		drop_first_block(f);
	if (f->n)
		note_first(f);
	return what;
}
