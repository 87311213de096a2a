/*
 * Whether two types say the same: the rule that decides if a name is ambiguous.
 *
 * They do if kind, size and every member's name, bit offset, bitfield size and type are the same. Types are
 * compared by value, with const, volatile, restrict, type tags, typedefs and parameter names seen through;
 * behind a pointer only down to the first name (what is unnamed there, an array or a prototype, is walked
 * until a name is met). A forward declaration equals the struct, union or enum of that name that it declares, the enum
 * only if it has the size that is declared.
 *
 *   struct a { const u32 x; struct b *p; };   in one place, and
 *   struct a { unsigned int x; struct b *p; }; in another, are the same, whatever struct b is in each.
 *
 * The comparison keeps a list of pairs that must be equal and works through it, so that data drives no
 * recursion, and looks at each pair once, so that types that refer to themselves end.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "btf/btf.h"

/* More pairs than this are not worth deciding: such types count as different, which is an answer that names both
 * instead of one that picks. Within a vmlinux of the kernels seen, no comparison needs more than 15. */
#define SAME_MAX_PAIRS 65536U

/* Pairs of all comparisons together, which for a vmlinux are some hundreds. BTF made to need more has the rest of its
 * namesakes count as different as well, instead of keeping us busy for ever. */
#define SAME_MAX_TOTAL_PAIRS (1U << 22)

struct same_pair {
        uint32_t id_a;
        uint32_t id_b;
        bool behind_pointer; /* a name and kind decide */
};

/* Reused from one comparison to the next; zero-initialise it. */
struct same {
        struct same_pair *pairs; /* to be compared, in order of discovery */
        size_t n_pairs, pairs_size;
        uint32_t *seen; /* open hash table of positions in `pairs` plus 1 */
        size_t seen_size;
        size_t n_total; /* pairs of all comparisons so far */
        bool by_name;   /* the last comparison took two definitions for the same by their names */
};

enum same_result {
        SAME_NO = 0,
        SAME_YES = 1,
};

/*
 * Returns a same_result, or -ENOMEM. If two are the same and `same->by_name` is false, then whatever is reached through
 * the pointers of one is the very type that is reached through the other's: nobody can tell them apart.
 */
int same_types(struct same *same, const struct btf *btf_a, uint32_t id_a, const struct btf *btf_b,
               uint32_t id_b);

/* What a type adds to an earlier one of its name. */
enum same_addition {
        SAME_ADDS_ALL =
                0, /* it is another type, defines what the earlier one only declares, or is a variable */
        SAME_ADDS_POINTEES = 1, /* it says the same, but its pointers lead elsewhere: a copy */
        SAME_ADDS_NOTHING =
                2, /* it leads to the same types as well, or declares what the earlier one does or defines */
};

/* Returns a same_addition, or -ENOMEM. */
int same_addition(struct same *same, const struct btf *earlier_btf, uint32_t earlier_id,
                  const struct btf *btf, uint32_t id);
void same_deinit(struct same *same);
