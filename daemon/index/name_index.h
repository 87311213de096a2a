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

struct name_index {
        const struct btf *btf; /* borrowed */
        struct hash_seed seed; /* a module's is its base's */
        uint32_t *slots;       /* 0 is empty, else copy:1, tag:7, id:24 from the most significant bit */
        uint32_t mask;         /* number of slots - 1 */
        uint32_t *novel; /* of a module: its types of which the base says nothing, see name_index_novel() */
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

#define NAME_INDEX_NOVEL_COPY (1U << 31)

/*
 * The i-th (of `n_novel`) of a module's types that say what neither the base nor an earlier type of the module does, in
 * id order. If it is a copy, then only behind its pointers: see same_types(). Declarations are left out where the
 * base declares or defines the same.
 */
static inline uint32_t name_index_novel(const struct name_index *index, uint32_t i, bool *ret_is_copy)
{
        *ret_is_copy = index->novel[i] & NAME_INDEX_NOVEL_COPY;
        return index->novel[i] & ~NAME_INDEX_NOVEL_COPY;
}

struct name_cursor name_index_find(const struct name_index *index, const char *name, size_t length);
/* The next type of that name that is no copy, in id order; false when there is none left. */
bool name_index_next(const struct name_index *index, struct name_cursor *cursor, uint32_t *ret_id);
/* The same with copies, and whether it is one. */
bool name_index_next_any(const struct name_index *index, struct name_cursor *cursor, uint32_t *ret_id,
                         bool *ret_is_copy);
