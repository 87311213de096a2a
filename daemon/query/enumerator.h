/*
 * enum.get: from an enum, or from one of its enumerators alone, to what it holds.
 *
 * Enumerators are ordinary identifiers, but no name of their enum need be known: `BPF_TRACE_RAW_TP` is in one of a name,
 * `GFP_ATOMIC`'s bits are in one of none. Where several enums have an enumerator, the tiers of lookup.h decide, and within
 * the tier that answers it is ambiguous, even if its value is the same everywhere: an enum's size and its other
 * enumerators are answered with it.
 */
#pragma once

#include "query/lookup.h"

struct enum_answer {
        struct query_type type; /* an ENUM or ENUM64 */
        bool has_value;         /* an enumerator was asked for: */
        uint32_t i_value;
        struct found also; /* of modules, where vmlinux's answers */
};

/*
 * The enum that the selector means, through typedefs; with `enumerator`, which may be NULL, that one of it; or if the selector
 * has neither name nor id, whatever enum has that enumerator, in which case the set must have SET_INDEX_ENUMERATORS. Returns 0 or a
 * query_reason with *ret_error filled, which borrows the names.
 */
int enum_find(const struct source_set *set, const struct selector *selector, const char *enumerator,
              struct enum_answer *ret, struct query_error *ret_error);
