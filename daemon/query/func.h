/*
 * func.get: one function or tracepoint by its name.
 */
#pragma once

#include "query/lookup.h"
#include "query/prototype.h"

/*
 * Looks up the function that `selector` means, or the tracepoint of that name if it is not NULL; an id may be of either.
 * Definitions of a name that say the same are one; different ones that modules have beside vmlinux's are in *ret_also.
 * Returns 0 or a query_reason with *ret_error filled.
 */
int func_get(const struct source_set *set, const struct selector *selector, const char *tracepoint,
             struct prototype *ret, struct found *ret_also, struct query_error *ret_error);
