/*
 * var.get: from a variable's name to its type and to where it lies in its section.
 *
 * A kernel's BTF has its per-CPU variables; their offset in `.data..percpu` is what is added to a CPU's own base.
 */
#pragma once

#include "query/lookup.h"

struct variable {
        const char *section; /* ".data..percpu"; borrowed from the BTF */
        uint32_t section_id; /* of its DATASEC, in the source that has the variable */
        uint32_t offset;     /* bytes from the section's start */
        uint32_t size;       /* bytes */
};

/* Finds a VAR in the sections of the file that holds it. Returns whether it is in one. */
bool variable_find(const struct source *source, uint32_t id, struct variable *ret);

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
