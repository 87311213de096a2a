/*
 * Why a question has no answer: a reason for programs, a sentence for people, and what a person would want to
 * know next (where in the path, which candidates, which names are near).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/source.h"

/* Each is an error of the protocol with the same name; rpc/ knows its code. */
enum query_reason {
        QUERY_NAME_NOT_FOUND = 1,
        QUERY_AMBIGUOUS_NAME,
        QUERY_SOURCE_NOT_FOUND,
        QUERY_BAD_PATH,
        QUERY_MEMBER_NOT_FOUND,
        QUERY_INDEX_OUT_OF_RANGE,
        QUERY_INCOMPLETE_TYPE,
        QUERY_OPAQUE_KIND,
        QUERY_WRONG_KIND,
        QUERY_OVERFLOW,
        QUERY_STALE_ID,
        QUERY_BTF_UNAVAILABLE,
        QUERY_STALE_CURSOR,
        QUERY_DEADLINE, /* or cancelled: see util/stop.h */
};

/* A name has at most 14 definitions in the kernels seen; more than this are counted but not listed. */
#define QUERY_MAX_CANDIDATES 16U

/* As many as a person reads. */
#define QUERY_MAX_NEAR 5U

#define QUERY_MESSAGE_SIZE 256U

/* A type, and where its id is valid. Borrowed from the snapshot. */
struct query_type {
        const struct source *source;
        uint32_t id;
};

struct query_candidate {
        struct query_type type;
        bool resolves; /* the asked path leads somewhere in it, or the rest of it from the component that means
                        * the type; meaningless without a path */
        bool has_value;   /* an enum's: it was found by its enumerator */
        uint32_t i_value; /* which one that is */
};

/* A name to try instead; `prefix` is "struct " and the like, or "". */
struct query_near {
        const char *prefix;
        const char *name;
};

struct query_error {
        enum query_reason reason;
        char message[QUERY_MESSAGE_SIZE];

        const char *
                name; /* NAME_NOT_FOUND, AMBIGUOUS_NAME, SOURCE_NOT_FOUND, BTF_UNAVAILABLE: what was asked for; else NULL */
        size_t name_length; /* bytes, of one that is a piece of a path; 0 if it ends at its NUL */

        /* AMBIGUOUS_NAME; NAME_NOT_FOUND if selectors excluded every definition; what is wrong with a path, if other
         * definitions of its type's name have it */
        struct query_candidate candidates[QUERY_MAX_CANDIDATES];
        size_t n_candidates;  /* in the array */
        size_t n_definitions; /* in truth */

        /* What is wrong with a path: the component, as a piece of the asked path. */
        const char *component; /* NULL if the path is not to blame */
        size_t component_length;
        size_t position; /* bytes from the start of the path */
        size_t i_component;
        struct query_type in; /* the type that the component was looked up in; source NULL if there is none */
        uint32_t in_stars;    /* pointers in front of that, of a cast */

        struct query_near near[QUERY_MAX_NEAR];
        size_t n_near;
};

/* Empties the error and fills reason and message; returns the reason, so that a check can `return` it. */
int query_error_set(struct query_error *error, enum query_reason reason, const char *format, ...)
        __attribute__((__format__(__printf__, 3, 4)));

/* Adds the definitions of a name, of which there are `n_definitions` and the first ones in `candidates`. */
void query_error_list(struct query_error *error, const char *name, const struct query_candidate *candidates,
                      size_t n_definitions);

/* Adds a near name unless it is there already or there is no room. */
void query_error_add_near(struct query_error *error, const char *prefix, const char *name);
