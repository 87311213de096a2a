#include "rpc/method.h"

#include "rpc/paging.h"
#include "util/util.h"

static const struct rpc_method methods[] = {
        {.name = "rpc.discover", .handler = method_rpc_discover},
        {
                .name = "btfd.info",
                .accepted = RPC_SET(SET),
                .needs_vmlinux = true,
                .handler = method_btfd_info,
        },
        {
                .name = "source.list",
                .accepted = RPC_SET(SET),
                .handler = method_source_list,
        },
        {
                .name = "type.get",
                .accepted = RPC_SELECTOR | RPC_SET(SET),
                .required = RPC_SET(TYPE),
                .needs_vmlinux = true,
                .handler = method_type_get,
        },
        {
                .name = "type.find",
                .accepted = RPC_SET(NAME) | RPC_SET(MATCH) | RPC_SET(IGNORE_CASE) | RPC_SET(KINDS) |
                            RPC_SET(SOURCE) | RPC_SET(SET) | RPC_PAGE,
                .required = RPC_SET(NAME),
                .needs_vmlinux = true,
                .heavy = true,
                .indexes = SET_INDEX_ORDER,
                .handler = method_type_find,
        },
        {
                .name = "type.layout",
                .accepted = RPC_SELECTOR | RPC_SET(EXPAND) | RPC_SET(CACHELINE) | RPC_SET(SET),
                .required = RPC_SET(TYPE),
                .needs_vmlinux = true,
                .handler = method_type_layout,
        },
        {
                .name = "type.at",
                .accepted = RPC_SELECTOR | RPC_SET(OFFSET) | RPC_SET(BIT_OFFSET) | RPC_SET(SET),
                .required = RPC_SET(TYPE),
                .needs_vmlinux = true,
                .handler = method_type_at,
        },
        {
                .name = "type.users",
                .accepted = RPC_SELECTOR | RPC_SET(RELATIONS) | RPC_SET(TRANSITIVE) | RPC_SET(SET) | RPC_PAGE,
                .required = RPC_SET(TYPE),
                .needs_vmlinux = true,
                .heavy = true,
                .indexes = SET_INDEX_USERS,
                .handler = method_type_users,
        },
        {
                .name = "field.offset",
                .accepted = RPC_SELECTOR | RPC_SET(FUNC) | RPC_SET(VAR) | RPC_SET(PATH) | RPC_SET(ANY) |
                            RPC_SET(SET),
                .needs_vmlinux = true,
                .handler = method_field_offset,
        },
        {
                .name = "func.get",
                .accepted = RPC_SET(FUNC) | RPC_SET(TRACEPOINT) | RPC_SET(SOURCE) | RPC_SET(ID) |
                            RPC_SET(INSTANCE) | RPC_SET(SCOPE) | RPC_SET(SET),
                .needs_vmlinux = true,
                .handler = method_func_get,
        },
        {
                .name = "func.find",
                .accepted = RPC_SET(CATEGORY) | RPC_SET(NAME) | RPC_SET(MATCH) | RPC_SET(IGNORE_CASE) |
                            RPC_SET(TAG) | RPC_SET(PARAM) | RPC_SET(RETURNS) | RPC_SET(SOURCE) |
                            RPC_SET(SET) | RPC_PAGE,
                .needs_vmlinux = true,
                .heavy = true,
                .indexes = SET_INDEX_ORDER,
                .handler = method_func_find,
        },
        {
                .name = "type.diff",
                .accepted = RPC_SELECTOR | RPC_SET(WITH) | RPC_SET(SET),
                .required = RPC_SET(TYPE) | RPC_SET(WITH),
                .needs_vmlinux = true,
                .heavy = true,
                .handler = method_type_diff,
        },
        {
                .name = "enum.get",
                .accepted = (RPC_SELECTOR & ~RPC_SET(HAS)) | RPC_SET(ENUMERATOR) | RPC_SET(SET),
                .needs_vmlinux = true,
                .indexes = SET_INDEX_ENUMERATORS,
                .handler = method_enum_get,
        },
        {
                .name = "var.get",
                .accepted = RPC_SET(VAR) | RPC_SET(SOURCE) | RPC_SET(ID) | RPC_SET(INSTANCE) |
                            RPC_SET(SCOPE) | RPC_SET(SET),
                .needs_vmlinux = true,
                .handler = method_var_get,
        },
        {
                .name = "btfd.probe",
                .accepted = RPC_SET(TYPES) | RPC_SET(FIELDS) | RPC_SET(ENUMERATORS) | RPC_SET(FUNCTIONS) |
                            RPC_SET(VARIABLES) | RPC_SET(SET),
                .needs_vmlinux = true,
                .indexes = SET_INDEX_ENUMERATORS,
                .handler = method_btfd_probe,
        },
};

const struct rpc_method *rpc_method_find(const char *name)
{
        for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
                if (string_equal(methods[i].name, name))
                        return &methods[i];
        }
        return NULL;
}
