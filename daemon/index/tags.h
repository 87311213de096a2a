/*
 * From a type to the decl tags on it (`bpf_kfunc` on a function): BTF has only the way back.
 *
 * Made with its source, of that source's own tags: there are some hundreds among a vmlinux's 120,000 types, and finding
 * them takes 50 us. A module's tag on a type of vmlinux counts in the module only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/btf.h"

struct tag_entry {
        uint32_t target;
        uint32_t tag; /* id of the DECL_TAG */
};

struct tags {
        struct tag_entry *entries; /* owned; by target, then by tag */
        size_t n_entries;
};

/* Returns 0 or -ENOMEM. */
int tags_init(struct tags *tags, const struct btf *btf);
void tags_deinit(struct tags *tags);

/* The tags on a type and on its components, borrowed; *ret_n of them, which may be none. */
const struct tag_entry *tags_of(const struct tags *tags, uint32_t target, size_t *ret_n);

/* The component that a DECL_TAG is on: a parameter's or member's index, or -1 for the whole. */
static inline int32_t tag_component(const struct btf *btf, uint32_t tag)
{
        struct btf_type type = btf_type(btf, tag);

        return (int32_t)btf_word(btf, &type);
}

/* Whether the whole of a type has the tag of that value. */
bool tags_have(const struct tags *tags, const struct btf *btf, uint32_t target, const char *value);
