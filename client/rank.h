/* rank - what a client that is one of many ranks does beside its share: it says which rank it is, and
 * it makes the directory of its file. */
#ifndef TWSTORM_CLIENT_RANK_H
#define TWSTORM_CLIENT_RANK_H

#include "client/options.h"

/* r again; of many ranks that speak at one time the sentence begins with the rank that it is of. */
int rank_name(const struct client_options *o, int r, struct err *err);
/* The directory of -o DIR/, whichever rank comes first; 0, or -errno with a sentence. */
int rank_make_dir(const struct client_options *o, struct err *err);
/* Says on stderr which share of the load this is, where nobody typed it. */
void rank_tell(const struct client_options *o);

#endif
