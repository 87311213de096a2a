/*
 * Methods as data: a name, the parameters it takes, and the function that answers. Each handler lives in the
 * methods_*.c of its group; method.c has the table.
 */
#pragma once

#include "index/set_index.h"
#include "rpc/params.h"
#include "rpc/reply.h"
#include "rpc/rpc.h"

/* One request being answered, maybe in the helper thread: nothing that it leads to changes, besides the reply. A
 * reload leaves the snapshot as it is. */
struct rpc_request {
        const struct rpc_config *config;
        const struct snapshot *snapshot;
        const struct source_set *set; /* the one that is asked, of the snapshot */
        const struct stop *stop;      /* for what may take long; NULL: never */
        struct rpc_params params;
        struct reply *reply;
};

/*
 * Writes the reply: either reply_result_begin(), one value, reply_result_end(), or an error. Running out of
 * memory or room needs no care here, as the writer remembers it.
 */
typedef void rpc_handler(struct rpc_request *request);

struct rpc_method {
        const char *name;
        rpc_param_set accepted;
        rpc_param_set required; /* where it has the type, an id will do as well */
        bool needs_vmlinux;     /* the set must have one that could be loaded */
        bool heavy;             /* may take milliseconds: for the helper thread */
        /* Sets of set_index, which are there when the handler runs. A question that comes before they are is for the
         * helper thread, which builds them. */
        unsigned int indexes;
        rpc_handler *handler;
};

/*
 * The set of that name (NULL: what is asked when none is named) of the request's snapshot; NULL after an error, which has
 * been written, also where `needs_vmlinux` and it has none.
 */
const struct source_set *rpc_request_choose_set(const struct rpc_request *request, const char *name,
                                                bool needs_vmlinux);

/* The method of that name, or NULL. */
const struct rpc_method *rpc_method_find(const char *name);

rpc_handler method_rpc_discover;
rpc_handler method_btfd_info;
rpc_handler method_source_list;
rpc_handler method_btfd_probe;
rpc_handler method_enum_get;
rpc_handler method_type_diff;
rpc_handler method_type_get;
rpc_handler method_type_find;
rpc_handler method_type_layout;
rpc_handler method_type_at;
rpc_handler method_type_users;
rpc_handler method_var_get;
rpc_handler method_field_offset;
rpc_handler method_func_get;
rpc_handler method_func_find;
