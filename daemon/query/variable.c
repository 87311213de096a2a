#include "query/variable.h"

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
