/*
 * field.offset: from names and a path to a plan.
 */
#pragma once

#include "query/lookup.h"
#include "query/plan.h"

/*
 * Looks the type up, parses the path and resolves it. A name of kind FUNC has the path begin with one of its parameters,
 * or with `return`; one of kind VAR stands for the variable.
 *
 * An ambiguous name's candidates tell in which of them the path resolves, and so do the different definitions that modules
 * have beside the one that answers, *ret_also. If the path leads nowhere but does in some of those, the error lists
 * them. Returns 0 or a query_reason with *ret_error filled, which borrows `path_text`; *ret and *ret_also are undefined then.
 */
int field_offset(const struct source_set *set, const struct selector *selector, const char *path_text,
                 struct plan *ret, struct found *ret_also, struct query_error *ret_error);

/* As kernels rename what tracers look for, one question may state its history. */
#define OFFSET_MAX_ALTERNATIVES 16U

/* One way to ask. */
struct alternative {
        struct selector selector;
        const char *path;
};

/* Why one has no answer. */
struct alternative_failure {
        enum query_reason reason;
        char message[QUERY_MESSAGE_SIZE];
};

struct alternatives_result {
        size_t which;      /* the one that was answered, or that ended it */
        size_t n_failures; /* of those that were tried, in order */
        struct alternative_failure failures[OFFSET_MAX_ALTERNATIVES]; /* zero-fill nothing here */
};

/*
 * The first of up to OFFSET_MAX_ALTERNATIVES that has an answer. What does not exist in this kernel passes on to the next one;
 * an error that does not depend on the kernel, or an ambiguous name, ends it. Returns 0; or a query_reason with *ret_error
 * filled: if there is none, for the first one's. *ret_result is filled in either case.
 */
int field_offset_any(const struct source_set *set, const struct alternative *alternatives,
                     size_t n_alternatives, struct plan *ret, struct found *ret_also,
                     struct query_error *ret_error, struct alternatives_result *ret_result);
