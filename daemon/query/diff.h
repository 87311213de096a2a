/*
 * type.diff: what is different between two types, or two kernels' idea of one.
 *
 * What they hold is matched by its path. Types are compared both by what they are called and by what they mean: a member
 * whose type is called the same is `resized` if that type is of another size now, and `redefined` if it is not, but holds
 * something else all the same. Behind a pointer a name is enough, as in same.h.
 */
#pragma once

#include "query/entries.h"
#include "query/error.h"
#include "query/value.h"
#include "util/stop.h"

/* Changes that are listed; more are only counted. The largest struct of the kernels seen, taken apart, is 2,048. */
#define DIFF_MAX_CHANGES 4096U

/* Pairs of types that one question may compare, which takes some 100 ms; two kernels' task_struct takes some thousand. */
#define DIFF_MAX_PAIRS (1U << 20)

/* What is different; sets of them. */
enum diff_what {
        DIFF_ADDED = 1 << 0,
        DIFF_REMOVED = 1 << 1,
        DIFF_MOVED = 1 << 2,     /* begins at another bit; a parameter: has another position */
        DIFF_RESIZED = 1 << 3,   /* takes another number of bytes, or bits */
        DIFF_RETYPED = 1 << 4,   /* its type is called otherwise, or the name means another kind of value */
        DIFF_REDEFINED = 1 << 5, /* its type is called the same and as large, but holds something else */
        DIFF_REVALUED = 1 << 6,  /* an enumerator has another value */
        DIFF_RENAMED = 1 << 7,   /* a parameter of the same type and position */
};

/* What is different in the types themselves. */
enum diff_whole {
        DIFF_KIND = 1 << 0,
        DIFF_SIZE = 1 << 1,
        DIFF_ENCODING = 1 << 2,
        DIFF_BITS = 1 << 3,       /* of an integer */
        DIFF_TYPE = 1 << 4,       /* what a typedef, pointer, array, variable or tag is of */
        DIFF_DEFINITION = 1 << 5, /* that is called the same, but defined otherwise */
        DIFF_RETURNS = 1 << 6,
        DIFF_LINKAGE = 1 << 7,
};

struct diff_change {
        unsigned int what; /* a set of diff_what */
        uint32_t i_a, i_b; /* in what the sides hold; ENTRY_NONE where it is not there */
};

struct diff_side {
        struct query_type asked;
        struct btf_type base; /* without modifiers: what is compared */
        struct entries entries;
};

struct diff {
        struct diff_side a, b;
        unsigned int whole;          /* a set of diff_whole */
        struct diff_change *changes; /* in the order of b, with what is removed where a had it */
        uint32_t n_changes;          /* listed */
        uint32_t n_total;
};

/*
 * Compares two types, of whichever sets. Returns 0; -ENOMEM; or a query_reason with *ret_error filled. The sets must outlive
 * the result.
 */
int diff_types(struct diff *ret, struct query_type a, struct query_type b, const struct stop *stop,
               struct query_error *ret_error);
void diff_deinit(struct diff *diff);

static inline bool diff_is_same(const struct diff *diff)
{
        return diff->whole == 0 && diff->n_total == 0;
}
