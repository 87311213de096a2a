#include "query/argument.h"

/* What is passed itself and not as a number: C has no such arrays, other languages do. */
static bool is_aggregate(enum btf_kind kind)
{
        return btf_kind_is_composite(kind) || kind == BTF_KIND_ARRAY;
}

uint32_t argument_slots(const struct btf *btf, uint32_t type)
{
        enum btf_kind kind = btf_kind(btf, btf_strip_id(btf, type));
        uint64_t bytes;

        if (kind == BTF_KIND_FLOAT || btf_type_size(btf, type, &bytes) != 0 ||
            (is_aggregate(kind) && bytes > ARGUMENT_MAX_REGISTER_BYTES))
                return 0;
        return (uint32_t)((bytes + btf->pointer_size - 1) / btf->pointer_size);
}

static bool is_by_value(const struct btf *btf, uint32_t type)
{
        return is_aggregate(btf_kind(btf, btf_strip_id(btf, type)));
}

static struct argument return_value(const struct btf *btf, const struct btf_type *proto)
{
        return (struct argument){
                .is_return = true,
                .type = proto->size_or_type,
                .by_value = is_by_value(btf, proto->size_or_type),
        };
}

bool argument_find(const struct btf *btf, const struct btf_type *func, const char *name, size_t length,
                   struct argument *ret)
{
        static const char returned[] = "return"; /* a keyword of C, so no parameter's name */
        struct btf_type proto = btf_strip(btf, func->size_or_type);
        bool has_slot = true;
        uint32_t slot = 0;

        if (proto.kind != BTF_KIND_FUNC_PROTO)
                return false;
        if (length == sizeof(returned) - 1 && memcmp(name, returned, length) == 0) {
                *ret = return_value(btf, &proto);
                return true;
        }
        for (uint32_t i = 0; i < proto.vlen; i++) {
                struct btf_param param = btf_param(btf, &proto, i);
                uint32_t n = argument_slots(btf, param.type);

                /* What is not passed in registers leaves unknown where those behind it are. */
                has_slot = has_slot && n > 0;
                if (strncmp(param.name, name, length) == 0 && param.name[length] == '\0') {
                        *ret = (struct argument){
                                .index = i,
                                .name = param.name,
                                .type = param.type,
                                .has_slot = has_slot,
                                .slot = has_slot ? slot : 0,
                                .by_value = is_by_value(btf, param.type),
                        };
                        return true;
                }
                slot += n;
        }
        return false;
}
