#include "query/variable.h"

/* Where the kernel's linker script gathers per-CPU variables, in vmlinux and in modules. */
#define PERCPU_SECTION ".data..percpu"

/* Sections have some hundred variables at most, so looking at all of them takes less than keeping an index. */
static bool find_in(const struct btf *btf, uint32_t section, uint32_t id, struct variable *ret)
{
        struct btf_type type = btf_type(btf, section);

        for (uint32_t i = 0; i < type.vlen; i++) {
                struct btf_secinfo info = btf_secinfo(btf, &type, i);

                if (info.type != id)
                        continue;
                *ret = (struct variable){
                        .section = btf_name(btf, &type),
                        .section_id = section,
                        .offset = info.offset,
                        .size = info.size,
                };
                return true;
        }
        return false;
}

bool variable_find(const struct source *source, uint32_t id, struct variable *ret)
{
        const struct btf *btf = btf_owner(source->btf, id);

        for (uint32_t section = btf->sections_begin; section < btf->sections_end; section++) {
                if (btf_kind(btf, section) == BTF_KIND_DATASEC && find_in(btf, section, id, ret))
                        return true;
        }
        return false;
}

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
