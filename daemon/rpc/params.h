/*
 * Parameters by name. There is one table of all parameters; a method says which of them it takes and needs.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "query/lookup.h"
#include "rpc/reply.h"

/* id, name, type, where it goes in struct rpc_params */
#define RPC_PARAMS(X)                                                                                        \
        X(TYPE, "type", STRING, selector.name)                                                               \
        X(PATH, "path", STRING, path)                                                                        \
        X(SOURCE, "source", STRING, selector.source)                                                         \
        X(KIND, "kind", KIND, selector.kind)                                                                 \
        X(ID, "id", UINT, selector.id)                                                                       \
        X(INSTANCE, "instance", UINT, selector.instance)                                                     \
        X(SIZE, "size", UINT, selector.size)                                                                 \
        X(HAS, "has", STRING, selector.has)                                                                  \
        X(SCOPE, "scope", SCOPE, selector.all_tiers)                                                         \
        X(SET, "set", STRING, set)

enum rpc_param_bit {
#define X(id, name, type, target) RPC_PARAM_BIT_##id,
        RPC_PARAMS(X)
#undef X
};

/* A set of parameters. */
enum rpc_param {
#define X(id, name, type, target) RPC_PARAM_##id = 1 << RPC_PARAM_BIT_##id,
        RPC_PARAMS(X)
#undef X
};

/* What selects a type, in every method that asks about one; rpc_params_decode() checks that
 * they make sense. */
#define RPC_PARAM_SELECTOR                                                                                   \
        (RPC_PARAM_TYPE | RPC_PARAM_SOURCE | RPC_PARAM_KIND | RPC_PARAM_ID | RPC_PARAM_INSTANCE |            \
         RPC_PARAM_SIZE | RPC_PARAM_HAS | RPC_PARAM_SCOPE)

/* What any method may be given; what is absent stays zero. Strings are borrowed from the request. */
struct rpc_params {
        const char *set;
        const char *path;
        struct selector selector;
};

/*
 * Decodes the members of `params` (NULL if the request has none). `accepted` and `required` are sets of
 * rpc_param. Returns true with *ret filled, or false with the error written to `reply`.
 */
bool rpc_params_decode(const json_t *params, unsigned int accepted, unsigned int required,
                       struct reply *reply, struct rpc_params *ret);
