/*
 * From a name, as C spells it, and selectors to the one type they mean.
 *
 * `struct x`, `union x` and `enum x` name a tag. A bare `x` is the typedef or base type of that name, as in
 * C, or else the tag if only one kind has it. Functions, variables and sections are name spaces of their own,
 * reached through the `kind` selector. A definition wins over a forward declaration. What is left must be one
 * definition: several different ones are an error that names them, never the first.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "index/snapshot.h"
#include "query/error.h"

/* What to look for. A member that is NULL or whose has_ is false does not narrow. */
struct selector {
        const char *name;   /* may be NULL only with an id */
        const char *source; /* the source's name */
        bool has_kind;
        enum btf_kind kind;
        bool has_id; /* needs `source` and `instance` as well: an id means nothing alone */
        uint64_t id;
        uint64_t instance;
        bool has_size;
        uint64_t size;   /* bytes, through typedefs */
        const char *has; /* the name of a member that the type must have */
};

/* Returns 0 or a query_reason with *ret_error filled. */
int lookup(const struct snapshot *snapshot, const struct selector *selector, struct query_type *ret,
           struct query_error *ret_error);
