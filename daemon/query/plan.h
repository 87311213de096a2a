/*
 * Plans: from a type, a function's argument or a variable, and a path, to what a tracer executes without arithmetic of
 * its own.
 *
 * `mm->owner->comm` of a task_struct becomes: add 1136 and load the pointer there, add 1296 to it and load
 * that one, add 1752 and stop: there lies a char[16].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/argument.h"
#include "query/error.h"
#include "query/path.h"
#include "query/value.h"

struct plan_step {
        const struct source *source; /* that has the type in which the offset is */
        int64_t offset;   /* bytes to add to the current address; less than 0 out of a container_of() */
        bool dereference; /* then load a pointer from there and go on at what it points to; else stop */
        uint32_t
                pointee; /* the type that it points to, qualifiers and type tags included; void behind a cast */
};

/* Where the first step starts. */
enum plan_start {
        PLAN_OBJECT,   /* at the address of an object of the root's type */
        PLAN_VARIABLE, /* at the variable's address */
        PLAN_ARGUMENT, /* at an argument's value, or a function's return value */
};

struct plan {
        struct query_type root; /* a type, a FUNC or a VAR */
        enum plan_start start;
        struct argument argument; /* PLAN_ARGUMENT */
        struct plan_step steps[PATH_MAX_COMPONENTS + 1];
        size_t n_steps; /* only the last does not dereference; 0 if an argument's value is what was asked for */
        const struct source *source; /* that has the value's type: not the root's if the path left that */
        struct value value;
        bool is_flexible; /* the value is an array without a fixed number of elements, the
                           * last of its struct */
};

/* A type that a component of a path means by its name: a cast's, or what completes a forward declaration. */
struct plan_name {
        size_t i_component;
        struct query_type type;
        int rank;                  /* see lookup.h */
        bool is_tag;               /* the name was `struct x`, ... */
        enum btf_kind tag;         /* STRUCT, UNION or ENUM */
        const struct source *only; /* it was looked for there alone; NULL for everywhere */
};

/* One component is at most one name. */
struct plan_names {
        struct plan_name names[PATH_MAX_COMPONENTS];
        size_t n_names;
};

/* How names in paths are looked up. */
struct plan_scope {
        const struct source_set *set;
        const struct source
                *first; /* casts' types are taken from there if it has them; NULL: in tiers at once */
        bool all_tiers;
        bool completes; /* what is only declared is looked up by its name */
        const struct plan_name
                *choice;          /* what that component means is not looked up but this; NULL for none */
        struct plan_names *names; /* gets what has been looked up; may be NULL */
};

/*
 * Resolves a path in a type that is known. Returns 0; or a query_reason with *ret_error filled, without near names, and *ret
 * undefined, as it is too large to fill it twice.
 */
int plan_resolve(const struct plan_scope *scope, struct query_type root, const struct path *path,
                 struct plan *ret, struct query_error *ret_error);

/* Whether two plans tell a tracer to do the same and promise the same. */
bool plan_equal(const struct plan *a, const struct plan *b);
