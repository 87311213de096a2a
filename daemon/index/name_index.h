/*
 * From a name to the types that have it, in one probe sequence.
 *
 * An open hash table of ids, each with seven bits of its name's hash in front, so that a probe nearly never reads
 * a string in vain. Types of one name stand in id order. A definition that says the same as an earlier one (see
 * same.h) is marked as a copy and passed over, so that whoever finds two entries of a name and kind knows that
 * they differ. Only who follows a pointer out of one needs its copies: there, types count as the same by name.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "btf/btf.h"
#include "util/hash.h"

/* Types of one name in one file, of all kinds, copies included. The most seen in a kernel is 9; as each new one is
 * compared with all before it, BTF made to have millions would keep us busy for ever. */
#define NAME_INDEX_MAX_DEFINITIONS 64U

/*
 * A module's type that says what neither the base nor an earlier type of the module does; a copy does so only behind its
 * pointers, see same_types(). Declarations are left out where the base declares or defines the same.
 */
struct name_novel {
        uint32_t hash; /* of its name, with the base's seed */
        uint32_t id : 31;
        uint32_t is_copy : 1;
};

struct name_index {
        const struct btf *btf;    /* borrowed */
        struct hash_seed seed;    /* a module's is its base's */
        uint32_t *slots;          /* 0 is empty, else copy:1, tag:7, id:24 from the most significant bit */
        uint32_t mask;            /* number of slots - 1 */
        struct name_novel *novel; /* of a module: what its base does not say, in the order of ids */
        uint32_t n_novel;
};

/* Walks the types of one name. */
struct name_cursor {
        const char *name;
        size_t length; /* of `name`, in bytes */
        uint32_t tag;
        uint32_t slot;
};

/*
 * Indexes every named type that `btf` itself holds; both it and the index of its base (NULL if it has none) must outlive
 * the index. Returns 0; -ENOMEM; or 1 with *ret_error about a name with too many definitions.
 */
int name_index_init(struct name_index *index, const struct btf *btf, const struct name_index *base,
                    struct btf_error *ret_error);
void name_index_deinit(struct name_index *index);

/* The name that a type can be asked for by, or NULL if it has none: a tag's is its value. */
const char *name_index_name(const struct btf *btf, uint32_t id);

struct name_cursor name_index_find(const struct name_index *index, const char *name, size_t length);
/* The next type of that name that is no copy, in id order; false when there is none left. */
bool name_index_next(const struct name_index *index, struct name_cursor *cursor, uint32_t *ret_id);
/* The same with copies, and whether it is one. */
bool name_index_next_any(const struct name_index *index, struct name_cursor *cursor, uint32_t *ret_id,
                         bool *ret_is_copy);
/* Whether a type that has a name is a copy. */
bool name_index_is_copy(const struct name_index *index, uint32_t id);
