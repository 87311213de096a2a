/*
 * btfd.probe: whether something exists, and nothing else: what a tracer asks hundreds of times before it chooses its programs.
 *
 * What is only declared does not exist. An ambiguous name does: something is there, of whichever definition. Nothing of
 * this can fail.
 */
#pragma once

#include <stdbool.h>

#include "index/source_set.h"
#include "query/path.h"

/* Whether any source defines a type of that name, spelled as for lookup(). */
bool probe_type(const struct source_set *set, const char *name);

/* Whether any source has a function, or variable, of that name. */
bool probe_kind(const struct source_set *set, const char *name, enum btf_kind kind);

/*
 * Whether the path leads somewhere in at least one of the definitions that the root may mean, in the tier that answers (see
 * lookup.h). The root is a type, or if `kind` says so a function or a variable, as in field.offset.
 */
bool probe_field(const struct source_set *set, const char *root, const enum btf_kind *kind,
                 const struct path *path);

/* Whether any enum has that enumerator; the set must have SET_INDEX_ENUMERATORS. */
bool probe_enumerator(const struct source_set *set, const char *name);
