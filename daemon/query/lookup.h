/*
 * From a name, as C spells it, and selectors to the one type they mean.
 *
 * `struct x`, `union x` and `enum x` name a tag. A bare `x` is the typedef or base type of that name, as in
 * C (an integer type by any of its spellings), or else the tag if only one kind has it. Functions, variables and
 * sections are name spaces of their own, reached through the `kind` selector. A definition wins over a forward
 * declaration.
 *
 * Names are looked for in two tiers, as libbpf does: in vmlinux, and only if that has no definition in all modules, so
 * that loading a module never breaks a question about vmlinux. What is left in the tier that answers must be one
 * definition: several different ones are an error that names them, never the first. Different ones that modules have
 * beside vmlinux's are told beside the answer.
 */
#pragma once

#include "query/search.h"

/* The one type that is meant. */
struct looked_up {
        struct query_type type;
        int rank;          /* for copies_visit() */
        struct found also; /* different definitions of the name in modules, where vmlinux's answers */
};

/* Returns 0; or a query_reason with *ret_error filled, and *ret undefined: its arrays are too large to fill them twice. */
int lookup(const struct source_set *set, const struct selector *selector, struct looked_up *ret,
           struct query_error *ret_error);

/* The source of that name. Returns 0; or a query_reason with *ret_error filled, which says why it could not be loaded. */
int lookup_source(const struct source_set *set, const char *name, const struct source **ret,
                  struct query_error *ret_error);
