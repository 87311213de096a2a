/*
 * var.get: from a variable's name to its type and to where it lies in its section.
 *
 * A kernel's BTF has its per-CPU variables; their offset in `.data..percpu` is what is added to a CPU's own base.
 */
#pragma once

#include "query/lookup.h"
#include "query/variable.h"

struct variable_answer {
        struct query_type var; /* the VAR */
        uint32_t type;         /* id of its type */
        uint32_t linkage;      /* as BTF numbers it: 0 static, 1 global, 2 extern */
        bool has_place;
        struct variable place; /* its section, and where in that */
        bool is_percpu;
        struct found also; /* of modules, where vmlinux's answers */
};

/*
 * The one variable that the selector means, whose kind does not count. Two of one name are never the same, whatever their
 * types. Returns 0 or a query_reason with *ret_error filled.
 */
int variable_lookup(const struct source_set *set, const struct selector *selector,
                    struct variable_answer *ret, struct query_error *ret_error);
