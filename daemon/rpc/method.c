#include "rpc/method.h"

#include "util/util.h"

static const struct rpc_method methods[] = {
        {"rpc.discover", 0, 0, false, method_rpc_discover},
        {"btfd.info", RPC_PARAM_SET, 0, true, method_btfd_info},
        {"source.list", RPC_PARAM_SET, 0, false, method_source_list},
        {"type.get", RPC_PARAM_SELECTOR | RPC_PARAM_SET, 0, true, method_type_get},
        {"field.offset", RPC_PARAM_SELECTOR | RPC_PARAM_PATH | RPC_PARAM_SET, RPC_PARAM_PATH, true,
         method_field_offset},
};

const struct rpc_method *rpc_method_find(const char *name)
{
        for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
                if (string_equal(methods[i].name, name))
                        return &methods[i];
        }
        return NULL;
}
