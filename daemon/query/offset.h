/*
 * field.offset: from a type and a path to a plan that a tracer executes without arithmetic of its own.
 *
 * `mm->owner->comm` of a task_struct becomes: add 1136 and load the pointer there, add 1296 to it and load
 * that one, add 1752 and stop: there lies a char[16].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/error.h"
#include "query/lookup.h"
#include "query/path.h"
#include "query/value.h"

struct plan_step {
        uint64_t offset;  /* bytes to add to the current address */
        bool dereference; /* then load a pointer from there and go on at what it points to; else stop */
        uint32_t pointee; /* the type that it points to, qualifiers and type tags included */
};

struct plan {
        struct query_type root;
        struct plan_step steps[PATH_MAX_COMPONENTS + 1];
        size_t n_steps; /* at least 1; only the last does not dereference */
        struct value value;
        bool is_flexible; /* the value is an array without a fixed number of elements, the
                           * last of its struct */
};

/* Resolves a path in a type that is known. Returns 0 or a query_reason with *ret_error filled, without near names. */
int plan_resolve(struct query_type root, const struct path *path, struct plan *ret,
                 struct query_error *ret_error);

/*
 * Looks the type up, parses the path and resolves it. An ambiguous name's candidates tell in which of them the path
 * resolves, and so do the different definitions that modules have beside the one that answers, *ret_also. Returns 0 or a
 * query_reason with *ret_error filled, which borrows `path_text`.
 */
int field_offset(const struct source_set *set, const struct selector *selector, const char *path_text,
                 struct plan *ret, struct found *ret_also, struct query_error *ret_error);
