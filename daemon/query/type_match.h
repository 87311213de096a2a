/*
 * Whether a type, in whichever source, is the one that is looked for: by what it is, and not by how it is spelled.
 *
 * Qualifiers and typedefs are seen through before each pointer and behind the last. There, kind and name decide (a
 * declaration stands for what it declares), so that a module's own copy of `struct sk_buff` is as good as vmlinux's. Only
 * where a name has several different definitions in the set must the two be the same as same.h has it, and a declaration
 * then is none of them. An unnamed struct, union or enum goes by the name of its typedef (kuid_t is no vfsuid_t, though both
 * hold a uid_t) and must be the same as well; what has no name at all, as an array or a prototype, must be the same.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "index/same.h"
#include "query/error.h"
#include "query/search.h"
#include "query/type_expr.h"

struct type_match {
        struct query_type base; /* what is looked for, behind the pointers; id 0 is void */
        struct btf_type type;   /* the same, decoded */
        const char *name;       /* its own or its typedef's; "" if it has none */
        uint32_t n_pointers;
        bool by_name; /* kind and name decide */
        struct same same;
};

/*
 * Prepares to look for a type: the one that `expr` writes and the rest of `selector` narrows, of which the name is only
 * what was asked, for errors. `expr` may be NULL with an id. Returns 0 or a query_reason with *ret_error filled.
 */
int type_match_init(struct type_match *match, const struct source_set *set, const struct selector *selector,
                    const struct type_expr *expr, struct query_error *ret_error);
void type_match_deinit(struct type_match *match);

/* Whether a type is it. */
bool type_match_test(struct type_match *match, const struct btf *btf, uint32_t id);
