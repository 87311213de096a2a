#include "query/prototype.h"

#include <stdio.h>

#include "index/same.h"
#include "query/argument.h"
#include "query/member.h"

/* Pairs that may be compared to see whether functions of a name have a tracepoint's parameters; most need one each. */
#define NAMES_MAX_PAIRS 1024U

static const char *behind(const char *name, const char *prefix)
{
        size_t length = strlen(prefix);

        return strncmp(name, prefix, length) == 0 && name[length] != '\0' ? name + length : NULL;
}

/* Whether the parameters of `named` have names and are those of `proto`. What they return differs: __traceiter_* an int. */
static bool names_params(struct same *same, const struct btf *btf, const struct btf_type *named,
                         const struct btf_type *proto)
{
        if (named->vlen != proto->vlen)
                return false;
        for (uint32_t i = 0; i < proto->vlen; i++) {
                struct btf_param param = btf_param(btf, named, i);

                if (param.name[0] == '\0' ||
                    same_types(same, btf, param.type, btf, btf_param(btf, proto, i).type) != SAME_YES)
                        return false;
        }
        return true;
}

/* A prototype with names for the parameters of `proto` among the functions of one name in one file; 0 if there is none. */
static uint32_t names_from(const struct source *source, const char *function, const struct btf_type *proto)
{
        const struct btf *btf = source->btf;
        struct name_cursor cursor = name_index_find(&source->names, function, strlen(function));
        CLEANUP(same_deinit) struct same same = {.n_total = SAME_MAX_TOTAL_PAIRS - NAMES_MAX_PAIRS};
        uint32_t id;

        while (name_index_next(&source->names, &cursor, &id)) {
                struct btf_type named;

                if (btf_kind(btf, id) != BTF_KIND_FUNC)
                        continue;
                named = btf_type(btf, btf_target(btf, id));
                if (names_params(&same, btf, &named, proto))
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
                names = names_from(source, function, proto);
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

/* Whether the kernel's LSM hooks, as far as it tells, are without one of that name. */
static bool is_no_hook(const struct source *source, const char *hook)
{
        static const char name[] = "security_list_options";
        const struct source *vmlinux = source->base ? source->base : source;
        struct name_cursor cursor = name_index_find(&vmlinux->names, name, sizeof(name) - 1);
        uint32_t id;

        while (name_index_next(&vmlinux->names, &cursor, &id)) {
                struct btf_type hooks = btf_type(vmlinux->btf, id);
                struct member_place place;

                if (hooks.kind == BTF_KIND_UNION)
                        return member_find(vmlinux->btf, &hooks, hook, strlen(hook), &place) != 0;
        }
        return false;
}

const char *prototype_hook(struct query_type type)
{
        const struct btf *btf = type.source->btf;
        const char *name = btf_name_of(btf, type.id);
        const char *hook;

        if (btf_kind(btf, type.id) == BTF_KIND_TYPEDEF)
                return behind(name, PROTOTYPE_TRACEPOINT_PREFIX);
        hook = behind(name, PROTOTYPE_LSM_PREFIX);
        return hook && !is_no_hook(type.source, hook) ? hook : NULL;
}

bool prototype_signature(struct query_type type, struct btf_type *ret_proto, uint32_t *ret_skipped)
{
        const struct btf *btf = type.source->btf;
        struct btf_type given = btf_type(btf, type.id);

        if (given.kind == BTF_KIND_FUNC) {
                *ret_proto = btf_type(btf, given.size_or_type);
                *ret_skipped = 0;
                return true;
        }
        if (given.kind != BTF_KIND_TYPEDEF || !behind(btf_name(btf, &given), PROTOTYPE_TRACEPOINT_PREFIX) ||
            !tracepoint_proto(btf, type.id, ret_proto))
                return false;
        *ret_skipped = 1; /* the probe's own */
        return true;
}

bool prototype_of(struct query_type type, struct prototype *ret)
{
        const struct btf *btf = type.source->btf;
        struct btf_type given = btf_type(btf, type.id);
        struct prototype prototype = {.type = type, .name = btf_name(btf, &given)};

        if (!prototype_signature(type, &prototype.proto, &prototype.params.skipped))
                return false;
        prototype.hook = prototype_hook(type);
        if (given.kind == BTF_KIND_TYPEDEF) {
                prototype.category = PROTOTYPE_TRACEPOINT;
                prototype.params.names = tracepoint_names(type.source, prototype.hook, &prototype.proto);
        } else {
                prototype.category = prototype.hook ? PROTOTYPE_LSM : PROTOTYPE_FUNCTION;
                prototype.params.names = prototype.proto.id;
                prototype.linkage = given.vlen;
        }
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
        param.n_slots =
                prototype->category == PROTOTYPE_TRACEPOINT ? 1 : argument_slots(btf, param.value.type);
        walk->has_slots = walk->has_slots && param.n_slots > 0;
        param.has_slot = walk->has_slots;
        walk->slot += param.n_slots;
        walk->i_param++;
        *ret = param;
        return true;
}
