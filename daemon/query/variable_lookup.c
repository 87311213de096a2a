#include "query/variable_lookup.h"

/* Where the kernel's linker script gathers per-CPU variables, in vmlinux and in modules. */
#define PERCPU_SECTION ".data..percpu"

int variable_lookup(const struct source_set *set, const struct selector *selector,
                    struct variable_answer *ret, struct query_error *ret_error)
{
        struct selector of_kind = *selector;
        struct looked_up looked_up;
        struct btf_type type;
        int r;

        of_kind.has_kind = true;
        of_kind.kind = BTF_KIND_VAR;
        r = lookup(set, &of_kind, &looked_up, ret_error);
        if (r != 0)
                return r;
        type = btf_type(looked_up.type.source->btf, looked_up.type.id);
        ret->var = looked_up.type;
        ret->type = type.size_or_type;
        ret->linkage = btf_word(looked_up.type.source->btf, &type);
        ret->also = looked_up.also;
        ret->has_place = variable_find(looked_up.type.source, looked_up.type.id, &ret->place);
        ret->is_percpu = ret->has_place && string_equal(ret->place.section, PERCPU_SECTION);
        return 0;
}
