/*
 * type.layout: everything that is in a struct or union, in the order of declaration, and what is not.
 *
 * A layout has scopes, which are structs and unions: the one that was asked about, the anonymous ones in it, and, as deep as
 * they are to be expanded, the ones that its members are. Of each scope it says how much padding ends it, and of a struct
 * which holes are in it. Members stand in one list, those of a scope one after the other, with everything that is in them.
 *
 *   struct s {                        scopes:   0  s                    members 0 to 4
 *           char c;                             1  the anonymous union  members 1 to 2
 *           union { int i; long l; };           2  in                   members 4 to 4
 *           struct { short x; } in;   members:  0 c   1 i   2 l   3 in   4 in.x
 *   };                                holes:    7 bytes at 1, in scope 0, after member 0
 *
 * Members of a union overlap, so that it has no holes: what is behind its longest member is padding. Nor does an unnamed
 * member that has no members of its own count, as in C, where it is padding too.
 *
 * A layout owns its arrays and borrows the BTF.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/error.h"
#include "query/gap.h"
#include "util/strbuf.h"

/* Nothing nests deeper. */
#define LAYOUT_MAX_EXPAND BTF_MAX_EMBEDDING

/* Bytes of a path with its NUL. The longest in the kernels seen has 166, fully expanded; a longer one than this is an
 * overflow. */
#define LAYOUT_PATH_SIZE 4096U

/* Bytes of a line of the processor's cache: of most machines, and more than of any. */
#define LAYOUT_CACHELINE     64U
#define LAYOUT_MAX_CACHELINE 4096U

#define LAYOUT_NONE UINT32_MAX

struct layout_scope {
        uint32_t i_parent; /* the scope that it lies in; LAYOUT_NONE of the first */
        const char *name;  /* of the member that it is; "" if that is anonymous, or of the first */
        uint32_t declared; /* the type as declared, typedefs and qualifiers included */
        struct btf_type type;
        uint64_t bit_offset; /* from the start of the first */
        uint32_t first;      /* of its members */
        uint32_t n_members;  /* all that are in it, however deep */
        uint32_t align;      /* bytes: the largest that a member asks for and has got; 1 if there is none */
        bool is_packed;   /* some member has less than it asks for, or the size is no multiple of `align` */
        bool is_forced;   /* it has more padding than `align` asks for */
        uint64_t padding; /* bytes at its end */
        uint64_t bit_padding; /* bits before these, left of the last bitfield's unit */
};

struct layout_member {
        struct btf_member member; /* bit_offset is relative to its scope; its name is not empty */
        uint64_t bit_offset;      /* from the start of the first scope */
        uint32_t i_scope;
        bool is_last; /* of its scope: an array of no elements there is flexible */
};

struct layout_hole {
        struct gap_piece piece;
        uint32_t i_scope; /* a struct's */
        uint32_t after;   /* the member before it; LAYOUT_NONE if there is none */
        bool is_forced;   /* the gap is larger than what follows asks for */
};

struct layout {
        const struct btf *btf;
        struct layout_scope *scopes; /* [0] is the type itself; a scope comes before those in it */
        struct layout_member *members;
        struct layout_hole *holes; /* those of a scope after those in it */
        uint32_t n_scopes, n_members, n_holes;
};

/*
 * The layout of a type that is, behind typedefs, a struct or union, with structs in it expanded `expand` levels deep; those
 * that are not count to MEMBER_MAX_VISITS as well, as it matters what alignment they ask for. Returns 0; -ENOMEM; or a
 * query_reason with *ret_error filled.
 */
int layout_new(struct layout **ret, struct query_type type, uint32_t expand, struct query_error *ret_error);
struct layout *layout_free(struct layout *layout);

/* What C writes after the object to reach a scope or a member: "mm.owner"; a scope's is "" if it has none of its own. */
void layout_scope_path(const struct layout *layout, uint32_t i_scope, struct strbuf *path);
void layout_member_path(const struct layout *layout, uint32_t i_member, struct strbuf *path);

DEFINE_CLEANUP(struct layout *, layout_cleanup, layout_free)
