/*
 * The sizes of many types, each found in few steps. btf_type_size() goes through arrays of arrays, each behind modifiers,
 * down to the last one: a thousand steps at most, which would be too many for each of the millions of types that a
 * hostile file can have.
 */
#pragma once

#include "btf/btf.h"

struct btf_sizes {
        const struct btf *btf;
        uint64_t *arrays; /* [id - start_id]: what is known of the size of the file's own, see sizes.c */
};

/* Returns 0 or -ENOMEM. */
int btf_sizes_init(struct btf_sizes *sizes, const struct btf *btf);
void btf_sizes_deinit(struct btf_sizes *sizes);

/*
 * As btf_type_size(), but if only the elements of an array are too large, the array has no size: so each overflow is
 * found where it is, and nowhere else.
 */
int btf_sizes_get(struct btf_sizes *sizes, uint32_t id, uint64_t *ret_bytes);
