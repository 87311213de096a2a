/*
 * From a name to the types that modules have of it: one table for all modules, so that looking a name up takes one probe
 * however many there are.
 *
 * It holds what vmlinux does not say (see struct name_novel), each definition once: what says the same as one in an
 * earlier module is left out, or marked as a copy if its pointers lead elsewhere. So whoever finds two entries of a
 * name and kind that are no copies knows that they differ from one another and from what vmlinux has.
 *
 * Entries lie sorted by bucket of their names' hash, within a bucket in the order of modules and ids: a bucket is a few
 * neighbours in memory, and a name that hundreds of modules have costs no other one anything.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/source.h"

/* Sources of one set. Debian's largest kernel has 4,216 modules; the reply that lists them all must fit 4 MiB. */
#define MODULE_INDEX_MAX_SOURCES 8192U

/* Definitions in one bucket that a further one is compared with; beyond it counts as different, which is an answer that
 * names all instead of one that picks. Within the kernels seen a name has at most 15 in modules. */
#define MODULE_INDEX_MAX_COMPARED 64U

struct module_index {
        struct source *const *sources; /* borrowed; [0] is vmlinux */
        struct hash_seed seed;         /* vmlinux's */
        uint64_t *entries; /* tag:26, copy:1, position in `sources`:13, id:24 from the most significant bit */
        uint32_t *buckets; /* [i] and [i + 1]: where the i-th bucket's entries begin and end */
        uint32_t n_entries;
        uint32_t mask; /* number of buckets - 1 */
};

/* One of `entries`, taken apart. */
struct module_entry {
        size_t i_source;
        uint32_t id;
        bool is_copy;
};

struct module_entry module_index_entry(const struct module_index *index, uint32_t i_entry);

/* Walks the types of one name. */
struct module_cursor {
        const char *name;
        size_t length; /* of `name`, in bytes */
        uint64_t tag;
        uint32_t position, end; /* in `entries` */
};

/* Indexes the sources from the second on; the array and they must outlive the index. Returns 0 or -ENOMEM. */
int module_index_init(struct module_index *index, struct source *const *sources, size_t n_sources);
void module_index_deinit(struct module_index *index);

struct module_cursor module_index_find(const struct module_index *index, const char *name, size_t length);
/* The next type of that name, copies included; false when there is none left. The source is borrowed. */
bool module_index_next(const struct module_index *index, struct module_cursor *cursor,
                       const struct source **ret_source, uint32_t *ret_id, bool *ret_is_copy);
