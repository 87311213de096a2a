/*
 * From an enumerator's name to the enums that have it, which no other name need lead to: most of a kernel's enumerators
 * that tracers ask for are in unnamed enums.
 *
 * It covers one set and holds each definition once: of enums that say the same (see same.h), in whichever sources, only
 * the first one's enumerators are there, vmlinux's before any module's. So whoever finds an enumerator twice has found
 * two different enums.
 *
 * Entries lie sorted by bucket of their names' hash, within a bucket in the order of sources, ids and values. It takes
 * some 10 bytes an enumerator. Immutable once made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/source.h"
#include "util/stop.h"

/* An enum whose enumerators are in the index, which numbers them all. */
struct enumerator_enum {
        uint32_t first; /* the number of its first enumerator */
        uint32_t id;
        uint32_t i_source;
};

struct enumerator_index {
        struct source *const *sources; /* borrowed; [0] is vmlinux */
        struct hash_seed seed;         /* vmlinux's */
        struct enumerator_enum *enums; /* in the order of sources and ids */
        uint32_t n_enums;
        uint64_t *entries; /* tag:32, the enumerator's number:32 from the most significant bit */
        uint32_t *buckets; /* [i] and [i + 1]: where the i-th bucket's entries begin and end */
        uint32_t mask;     /* number of buckets - 1 */
};

/* Walks the enumerators of one name. */
struct enumerator_cursor {
        const char *name;
        size_t length; /* of `name`, in bytes */
        uint32_t tag;
        uint32_t position, end; /* in `entries` */
};

enum enumerator_index_result {
        ENUMERATOR_INDEX_STOPPED = 1,
};

/* Indexes the enums of `sources`, which must outlive the index. Returns 0; -ENOMEM; or ENUMERATOR_INDEX_STOPPED. */
int enumerator_index_new(struct enumerator_index **ret, struct source *const *sources, size_t n_sources,
                         const struct stop *stop);
struct enumerator_index *enumerator_index_free(struct enumerator_index *index);

struct enumerator_cursor enumerator_index_find(const struct enumerator_index *index, const char *name,
                                               size_t length);
/* The next enum that has an enumerator of that name, and where in it; false when there is none left. */
bool enumerator_index_next(const struct enumerator_index *index, struct enumerator_cursor *cursor,
                           const struct source **ret_source, uint32_t *ret_id, uint32_t *ret_i_value);

DEFINE_CLEANUP(struct enumerator_index *, enumerator_index_cleanup, enumerator_index_free)
