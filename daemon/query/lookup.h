/*
 * From a name, as C spells it, and selectors to the one type they mean.
 *
 * `struct x`, `union x` and `enum x` name a tag. A bare `x` is the typedef or base type of that name, as in
 * C (an integer type by any of its spellings), or else the tag if only one kind has it. Functions, variables and sections are name spaces of their own,
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

/* The definitions that fit a question; more than QUERY_MAX_CANDIDATES are only counted. */
struct found {
        struct query_candidate candidates[QUERY_MAX_CANDIDATES];
        size_t n_definitions;
        int best_rank; /* of those */
};

/* Returns 0 or a query_reason with *ret_error filled. */
int lookup(const struct snapshot *snapshot, const struct selector *selector, struct query_type *ret,
           struct query_error *ret_error);

/*
 * After lookup() has found one: all definitions that say the same as it, itself first. They may lead to different
 * places through their pointers, as behind a pointer a name is enough to be the same. An id has no copies.
 */
struct found lookup_copies(const struct snapshot *snapshot, const struct selector *selector);
/* Fills the error for copies that matter; returns its reason. */
int lookup_copies_differ(struct query_error *error, const struct selector *selector,
                         const struct found *copies);

/* lookup() for whoever shows a type's members: copies may differ in the sizes of what these point to. */
int lookup_members(const struct snapshot *snapshot, const struct selector *selector, struct query_type *ret,
                   struct query_error *ret_error);
