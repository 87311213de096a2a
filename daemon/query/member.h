/*
 * The members of a struct or union as C sees them: unnamed structs and unions are transparent, so that what
 * they hold counts as the outer type's. Also those unnamed members whose type has a name (Linux 7.2's
 * pipe_inode_info holds an unnamed `union pipe_index`).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/btf.h"

/* Members that one walk may pass, descents included. The largest type of the kernels seen has 1,024 and nests
 * unnamed ones 7 deep; only BTF made to do so holds the same unnamed struct twice at each of 32 levels. */
#define MEMBER_MAX_VISITS 65536U

/* A named member, where it lies in the outer type. */
struct member_place {
        struct btf_member member; /* bit_offset is relative to `holder` */
        uint64_t bit_offset;      /* from the start of the outer type */
        uint32_t holder;          /* the type that declares it: the outer one or an unnamed one in it */
        bool is_last; /* of `holder`, as all of a union's are: an array of no elements there is flexible */
};

/* Whether a struct or union may end with its i-th member, where an array of no elements is flexible. */
static inline bool member_is_last(const struct btf_type *holder, uint32_t i_member)
{
        return i_member + 1 == holder->vlen || holder->kind == BTF_KIND_UNION;
}

/* A struct or union being walked: the outer type, or an unnamed one in it. */
struct member_level {
        struct btf_type type;
        uint64_t bit_offset; /* from the start of the outer type */
        uint32_t i_member;   /* the next one */
};

struct member_walk {
        const struct btf *btf;
        struct member_level levels[BTF_MAX_EMBEDDING];
        uint32_t n_levels;
        uint32_t n_visits;
};

enum member_result {
        MEMBER_END = 1,      /* no (further) member */
        MEMBER_TOO_MANY = 2, /* MEMBER_MAX_VISITS */
};

/* Begins before the first member of `composite`, a STRUCT or UNION of `btf`. */
void member_walk_begin(struct member_walk *walk, const struct btf *btf, const struct btf_type *composite);
/* The next named member, depth first in the order of declaration. Returns 0 or a member_result. */
int member_walk_next(struct member_walk *walk, struct member_place *ret);

/* The member of that name. Returns 0 or a member_result. */
int member_find(const struct btf *btf, const struct btf_type *composite, const char *name, size_t length,
                struct member_place *ret);
