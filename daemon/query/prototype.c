#include "query/prototype.h"

#include <stdio.h>

#include "index/same.h"

/* Pairs that may be compared to see whether a function has a tracepoint's parameters; the most seen is 20. */
#define NAMES_MAX_PAIRS 1024U

static const char *behind(const char *name, const char *prefix)
{
        size_t length = strlen(prefix);

        return strncmp(name, prefix, length) == 0 && name[length] != '\0' ? name + length : NULL;
}

static bool has_named_params(const struct btf *btf, const struct btf_type *proto)
{
        for (uint32_t i = 0; i < proto->vlen; i++) {
                if (btf_param(btf, proto, i).name[0] == '\0')
                        return false;
        }
        return true;
}

/* A prototype with names for the parameters of `proto` among the functions of one name in one file; 0 if there is none. */
static uint32_t names_from(const struct source *source, const char *function, const struct btf *btf,
                           const struct btf_type *proto)
{
        struct name_cursor cursor = name_index_find(&source->names, function, strlen(function));
        CLEANUP(same_deinit) struct same same = {.n_total = SAME_MAX_TOTAL_PAIRS - NAMES_MAX_PAIRS};
        uint32_t id;

        while (name_index_next(&source->names, &cursor, &id)) {
                struct btf_type named;

                if (btf_kind(btf, id) != BTF_KIND_FUNC)
                        continue;
                named = btf_type(btf, btf_target(btf, id));
                if (named.vlen == proto->vlen && has_named_params(btf, &named) &&
                    same_types(&same, btf, named.id, btf, proto->id) == SAME_YES)
                        return named.id;
        }
        return 0;
}

/* A tracepoint's functions: of each its own, and of those that share a declaration (an event class) one more. */
static uint32_t tracepoint_names(const struct source *source, const char *tracepoint,
                                 const struct btf_type *proto)
{
        static const char *const prefixes[] = {"__bpf_trace_", "__traceiter_", "__probestub_"};

        for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
                char function[512];
                uint32_t names;
                int length = snprintf(function, sizeof(function), "%s%s", prefixes[i], tracepoint);

                if (length < 0 || (size_t)length >= sizeof(function))
                        return 0;
                names = names_from(source, function, source->btf, proto);
                if (names != 0)
                        return names;
        }
        return 0;
}

/* The prototype that a tracepoint's typedef points to; false if it is not such a one. */
static bool tracepoint_proto(const struct btf *btf, uint32_t id, struct btf_type *ret)
{
        struct btf_type pointer = btf_strip(btf, id);
        struct btf_type proto;

        if (pointer.kind != BTF_KIND_PTR)
                return false;
        proto = btf_strip(btf, pointer.size_or_type);
        if (proto.kind != BTF_KIND_FUNC_PROTO || proto.vlen == 0 ||
            btf_strip(btf, btf_param(btf, &proto, 0).type).kind != BTF_KIND_PTR)
                return false;
        *ret = proto;
        return true;
}

static bool function_of(struct query_type type, const struct btf_type *func, struct prototype *ret)
{
        const char *name = btf_name(type.source->btf, func);
        const char *hook = behind(name, PROTOTYPE_LSM_PREFIX);

        *ret = (struct prototype){
                .type = type,
                .category = hook ? PROTOTYPE_LSM : PROTOTYPE_FUNCTION,
                .name = name,
                .hook = hook,
                .linkage = func->vlen,
                .proto = btf_type(type.source->btf, func->size_or_type),
                .params.names = func->size_or_type,
        };
        return true;
}

static bool tracepoint_of(struct query_type type, const char *name, struct prototype *ret)
{
        const char *hook = behind(name, PROTOTYPE_TRACEPOINT_PREFIX);
        struct btf_type proto;

        if (!hook || !tracepoint_proto(type.source->btf, type.id, &proto))
                return false;
        *ret = (struct prototype){
                .type = type,
                .category = PROTOTYPE_TRACEPOINT,
                .name = name,
                .hook = hook,
                .proto = proto,
                .params = {.names = tracepoint_names(type.source, hook, &proto), .skipped = 1},
        };
        return true;
}

bool prototype_of(struct query_type type, struct prototype *ret)
{
        const struct btf *btf = type.source->btf;
        struct btf_type given = btf_type(btf, type.id);
        struct prototype prototype;

        if (given.kind == BTF_KIND_FUNC ? !function_of(type, &given, &prototype)
                                        : given.kind != BTF_KIND_TYPEDEF ||
                                                  !tracepoint_of(type, btf_name(btf, &given), &prototype))
                return false;
        prototype.n_params = prototype.proto.vlen - prototype.params.skipped;
        prototype.is_variadic = prototype.n_params > 0 &&
                                btf_param(btf, &prototype.proto, prototype.proto.vlen - 1).type == 0;
        prototype.n_params -= prototype.is_variadic;
        *ret = prototype;
        return true;
}

void prototype_append(struct strbuf *text, const struct prototype *prototype)
{
        bool is_tracepoint = prototype->category == PROTOTYPE_TRACEPOINT;

        type_name_function(text, prototype->type.source->btf, prototype->proto.id, &prototype->params,
                           is_tracepoint ? prototype->hook : prototype->name);
}

struct prototype_walk prototype_params_begin(const struct prototype *prototype)
{
        return (struct prototype_walk){.prototype = prototype, .has_slots = true};
}

/* Returns false for what no trampoline hands over. C passes an array or a function by its address. */
static bool count_slots(const struct prototype *prototype, const struct value *value, uint32_t *ret)
{
        uint32_t width = prototype->type.source->btf->pointer_size;

        if (prototype->category == PROTOTYPE_TRACEPOINT || value->base.kind == BTF_KIND_ARRAY ||
            value->base.kind == BTF_KIND_FUNC_PROTO) {
                *ret = 1;
                return true;
        }
        if (!value->has_size || value->size > PROTOTYPE_MAX_BY_VALUE)
                return false;
        *ret = ((uint32_t)value->size + width - 1) / width;
        return true;
}

bool prototype_params_next(struct prototype_walk *walk, struct prototype_param *ret)
{
        const struct prototype *prototype = walk->prototype;
        const struct btf *btf = prototype->type.source->btf;
        struct btf_type names = btf_type(btf, prototype->params.names);
        uint32_t at = prototype_component(prototype, walk->i_param);
        struct prototype_param param = {.i_param = walk->i_param, .name = "", .slot = walk->slot};

        if (walk->i_param == prototype->n_params)
                return false;
        if (names.kind == BTF_KIND_FUNC_PROTO)
                param.name = btf_param(btf, &names, at).name;
        param.value = value_of(btf, btf_param(btf, &prototype->proto, at).type);
        walk->has_slots = walk->has_slots && count_slots(prototype, &param.value, &param.n_slots);
        param.has_slot = walk->has_slots;
        walk->slot += param.n_slots;
        walk->i_param++;
        *ret = param;
        return true;
}
