/* paths - what C needs of paths.def, the table of every path of the JSON documents: the units. */
#ifndef TWSTORM_COMMON_RESULT_PATHS_H
#define TWSTORM_COMMON_RESULT_PATHS_H

/* What the figure at a path of any document is measured in: "s", "ms", "us", "ns", "/s", "bytes",
 * "kB", "%"; "" for a plain number, and for a path that no row has. */
const char *paths_unit(const char *path);

#endif
