/*
 * For questions that only structs and unions have an answer to.
 */
#pragma once

#include "query/error.h"

/* The struct or union behind typedefs and qualifiers. Returns 0, or a query_reason with *ret_error saying why there is none. */
int composite_of(struct query_type type, struct btf_type *ret, struct query_error *ret_error);

/*
 * Refuses a member without a size, of a kind that is not known or only declared: nobody knows where it ends, and so what is
 * behind it. Returns 0, or a query_reason with *ret_error filled.
 */
int composite_check_member(const struct btf *btf, const struct btf_member *member,
                           struct query_error *ret_error);
