/*
 * Parameters by name. There is one table of all parameters; a method says which of them it takes and needs.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "query/find.h"
#include "query/lookup.h"
#include "query/prototype.h"
#include "query/users.h"
#include "rpc/reply.h"

/* id, name, what decodes it (decode_... in params.c), where it goes in struct rpc_params */
#define RPC_PARAMS(X)                                                                                        \
        X(TYPE, "type", string, selector.name)                                                               \
        X(PATH, "path", string, path)                                                                        \
        X(SOURCE, "source", string, selector.source)                                                         \
        X(KIND, "kind", kind, selector.kind)                                                                 \
        X(ID, "id", uint, selector.id)                                                                       \
        X(INSTANCE, "instance", uint, selector.instance)                                                     \
        X(SIZE, "size", uint, selector.size)                                                                 \
        X(HAS, "has", string, selector.has)                                                                  \
        X(SCOPE, "scope", scope, selector.all_tiers)                                                         \
        X(SET, "set", string, set)                                                                           \
        X(NAME, "name", string, name)                                                                        \
        X(MATCH, "match", match, match)                                                                      \
        X(IGNORE_CASE, "ignore_case", bool, ignore_case)                                                     \
        X(KINDS, "kinds", kinds, kinds)                                                                      \
        X(LIMIT, "limit", limit, limit)                                                                      \
        X(CURSOR, "cursor", string, cursor)                                                                  \
        X(EXPAND, "expand", expand, expand)                                                                  \
        X(CACHELINE, "cacheline", cacheline, cacheline)                                                      \
        X(OFFSET, "offset", uint, offset)                                                                    \
        X(BIT_OFFSET, "bit_offset", uint, bit_offset)                                                        \
        X(FUNC, "func", string, func)                                                                        \
        X(VAR, "var", string, var)                                                                           \
        X(ANY, "any", array, any)                                                                            \
        X(TRACEPOINT, "tracepoint", string, tracepoint)                                                      \
        X(CATEGORY, "category", category, category)                                                          \
        X(TAG, "tag", string, tag)                                                                           \
        X(PARAM, "param", object, param)                                                                     \
        X(RETURNS, "returns", object, returns)                                                               \
        X(POSITION, "position", uint, position)                                                              \
        X(WITHIN, "within", uint, within)                                                                    \
        X(RELATIONS, "relations", relations, relations)                                                      \
        X(TRANSITIVE, "transitive", bool, transitive)                                                        \
        X(ENUMERATOR, "enumerator", string, enumerator)                                                      \
        X(WITH, "with", object, with)                                                                        \
        X(TYPES, "types", array, types)                                                                      \
        X(FIELDS, "fields", array, fields)                                                                   \
        X(ENUMERATORS, "enumerators", array, enumerators)                                                    \
        X(FUNCTIONS, "functions", array, functions)                                                          \
        X(VARIABLES, "variables", array, variables)

enum rpc_param {
#define X(id, name, decoder, target) RPC_PARAM_##id,
        RPC_PARAMS(X)
#undef X
};

/* A set of parameters. */
typedef uint64_t rpc_param_set;

#define RPC_SET(id) (UINT64_C(1) << RPC_PARAM_##id)

/* What selects a type, in every method that asks about one; rpc_params_decode() checks that
 * they make sense. */
#define RPC_SELECTOR                                                                                         \
        (RPC_SET(TYPE) | RPC_SET(SOURCE) | RPC_SET(KIND) | RPC_SET(ID) | RPC_SET(INSTANCE) | RPC_SET(SIZE) | \
         RPC_SET(HAS) | RPC_SET(SCOPE))

/* What any method may be given; what is absent stays zero. Strings and JSON are borrowed from the request. */
struct rpc_params {
        rpc_param_set given;
        const char *set;
        const char *path;
        const char *name;
        enum glob_mode match;
        bool ignore_case;
        uint32_t kinds;         /* of FIND_KIND() */
        unsigned int relations; /* of use_relation */
        bool transitive;
        uint64_t limit;
        const char *cursor;
        uint64_t question;  /* a hash of all but limit and cursor, if a cursor is accepted */
        uint64_t expand;    /* levels */
        uint64_t cacheline; /* bytes; 0 if it was not given */
        uint64_t offset;    /* bytes */
        uint64_t bit_offset;
        const char *func;
        const char *var;
        const json_t *any; /* an array */
        const char *tracepoint;
        enum prototype_category category;
        const char *tag;
        const json_t *param;   /* an object, NULL if it is absent */
        const json_t *returns; /* likewise */
        uint64_t position;
        uint64_t within;
        const char *enumerator;
        const json_t *with; /* likewise; what follows are arrays */
        const json_t *types;
        const json_t *fields;
        const json_t *enumerators;
        const json_t *functions;
        const json_t *variables;
        struct selector selector;
};

/*
 * Decodes the members of `params`, an object, or NULL if there is none. Where a type is required, an id will do as well.
 * `where` says what the object is, in errors: NULL for a request's own params, else for instance "any[3]". Returns true with
 * *ret filled, or false with the error written to `reply`.
 */
bool rpc_params_decode(const json_t *params, const char *where, rpc_param_set accepted,
                       rpc_param_set required, struct reply *reply, struct rpc_params *ret);

/* -32602 about one parameter: what is wrong with it, where (as above), and what was expected. Returns false. */
bool rpc_params_refuse(struct reply *reply, const char *problem, const char *param, const char *where,
                       const char *expected);
