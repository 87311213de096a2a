/*
 * Definitions that say the same as one another, and yet lead to different types through their pointers.
 */
#pragma once

#include "query/lookup.h"

/* Copies of one definition that are compared with it; the most seen in a kernel's modules are 136. */
#define COPIES_MAX 4096U

/* Called for each copy; returns false to end. */
typedef bool copies_visitor(void *context, struct query_type copy);

/*
 * Visits the other definitions that say the same as the one that lookup() has found. They may lead to different places
 * through their pointers, as behind a pointer a name is enough to be the same. An id has no copies.
 * Returns whether all have been visited: false if the visitor or COPIES_MAX ended it.
 */
bool copies_visit(const struct source_set *set, const struct selector *selector,
                  const struct looked_up *looked_up, copies_visitor *visit, void *context);
/* Fills the error for copies that matter, which lists them; returns its reason. */
int copies_differ(const struct source_set *set, const struct selector *selector,
                  const struct looked_up *looked_up, struct query_error *error);

/* lookup() for whoever shows a type's members or parameters: copies may differ in the sizes of what these point to. */
int lookup_members(const struct source_set *set, const struct selector *selector, struct looked_up *ret,
                   struct query_error *ret_error);
