/*
 * What one source says about its types, and the indices over their names.
 */
#include "fuzz/ask_bits.h"
#include "fuzz/asker.h"
#include "index/same.h"
#include "query/member.h"
#include "query/type_name.h"

/* Of one type; BTF made for it has more members than anybody would wait for. */
#define MAX_PLACES 256U

static void ask_members(const struct btf *btf, const struct btf_type *type)
{
        struct member_walk walk;
        struct member_place place;

        for (uint32_t i = 0; i < type->vlen; i++) {
                struct btf_member member = btf_member(btf, type, i);
                struct value value = value_of(btf, member.type);
                uint64_t at;

                fuzz_check(string_equal(member.name, btf_member_name(btf, type, i)));
                if (member.bitfield_size == 0)
                        continue;
                at = value_place_bitfield(&value, btf, member.bit_offset, member.bitfield_size,
                                          type->size_or_type);
                ask_bits(&value, btf, member.bit_offset, at, type->size_or_type);
        }
        member_walk_begin(&walk, btf, type);
        for (uint32_t i = 0; i < MAX_PLACES && member_walk_next(&walk, &place) == 0; i++) {
                fuzz_check(place.member.name[0] != '\0' && place.holder < btf->n_types);
                fuzz_check(btf_kind_is_composite(btf_kind(btf, place.holder)));
        }
}

static void ask_entries(const struct btf *btf, const struct btf_type *type)
{
        for (uint32_t i = 0; btf_kind_is_enum(type->kind) && i < type->vlen; i++)
                fuzz_check(btf_enumerator(btf, type, i).name != NULL);
        for (uint32_t i = 0; type->kind == BTF_KIND_FUNC_PROTO && i < type->vlen; i++)
                fuzz_check(btf_param(btf, type, i).type < btf->n_types);
        for (uint32_t i = 0; type->kind == BTF_KIND_DATASEC && i < type->vlen; i++)
                fuzz_check(btf_kind(btf, btf_secinfo(btf, type, i).type) == BTF_KIND_VAR);
        if (type->kind == BTF_KIND_ARRAY)
                fuzz_check(btf_array(btf, type).type < btf->n_types);
        if (btf_kind_is_composite(type->kind))
                ask_members(btf, type);
}

static void ask_type(const struct btf *btf, uint32_t id)
{
        struct btf_type type = btf_type(btf, id);
        char buffer[TYPE_NAME_SIZE];
        struct strbuf text;
        uint64_t bytes = 0;
        struct value value = value_of(btf, id);
        int r;

        fuzz_check(type.id == id && type.kind == btf_kind(btf, id) && btf_kind_name(type.kind) != NULL);
        strbuf_init(&text, buffer, sizeof(buffer));
        type_name_append(&text, btf, id);
        fuzz_check(strlen(buffer) == text.length && text.length < sizeof(buffer));
        r = btf_type_size(btf, id, &bytes);
        fuzz_check(r == 0 ? bytes <= BTF_MAX_TYPE_BYTES : r == BTF_SIZE_NONE);
        fuzz_check(value.has_size == (r == 0) && value.size == bytes);
        fuzz_check(!btf_kind_is_modifier(btf_strip(btf, id).kind));
        ask_entries(btf, &type);
}

/* A module sees its base's types as the base does. */
static void ask_base(const struct btf *btf)
{
        for (uint32_t id = 0; id < btf->start_id; id++) {
                struct btf_type here = btf_type(btf, id), there = btf_type(btf->base, id);

                fuzz_check(here.kind == there.kind && here.vlen == there.vlen && here.tail == there.tail);
                fuzz_check(btf_name(btf, &here) == btf_name(btf->base, &there));
        }
}

static bool has_indexed_name(const struct btf *btf, const struct btf_type *type)
{
        return type->kind != BTF_KIND_DECL_TAG && type->kind != BTF_KIND_TYPE_TAG && btf_has_name(btf, type);
}

/* Whether a name's types stand in the order of ids, this one among them, and a copy after what it is one of. */
static void ask_index(const struct source *source, const struct btf_type *type)
{
        const char *name = btf_name(source->btf, type);
        struct name_cursor cursor = name_index_find(&source->names, name, strlen(name));
        uint32_t id, last_id = 0;
        bool is_copy, is_first = true, is_there = false;

        while (name_index_next_any(&source->names, &cursor, &id, &is_copy)) {
                struct btf_type found = btf_type(source->btf, id);

                fuzz_check(id > last_id && string_equal(btf_name(source->btf, &found), name));
                fuzz_check(!is_first || !is_copy);
                is_there = is_there || id == type->id;
                is_first = false;
                last_id = id;
        }
        fuzz_check(is_there == has_indexed_name(source->btf, type));
}

void ask_types(const struct source *source)
{
        uint32_t id = source->base ? source->btf->start_id : 0;

        if (source->base)
                ask_base(source->btf);
        for (; id < source->btf->n_types; id++) {
                struct btf_type type = btf_type(source->btf, id);

                ask_type(source->btf, id);
                if (id > 0)
                        ask_index(source, &type);
        }
}

/* Whether an entry of an index already says what the type says. */
static bool is_said(struct same *same, struct query_type earlier, struct query_type type)
{
        int r = same_addition(same, earlier.source->btf, earlier.id, type.source->btf, type.id);

        fuzz_check(r >= 0);
        return r != SAME_ADDS_ALL;
}

static bool is_in_vmlinux(const struct source_set *set, struct same *same, struct query_type type,
                          const char *name)
{
        struct query_type earlier = {.source = set->sources[0]};
        struct name_cursor cursor = name_index_find(&earlier.source->names, name, strlen(name));
        bool is_copy;

        while (name_index_next_any(&earlier.source->names, &cursor, &earlier.id, &is_copy)) {
                if (is_said(same, earlier, type))
                        return true;
        }
        return false;
}

/* As indices are built: module by module, and in each by id. */
static bool is_earlier(struct query_type a, struct query_type b)
{
        return a.source == b.source ? a.id < b.id : a.source->instance < b.source->instance;
}

/*
 * A module's type is in the modules' index, or one that says the same and came before it is there or in vmlinux. If it is
 * there and no copy, then none says the same.
 */
static void ask_module_type(const struct source_set *set, struct same *same, struct query_type type,
                            const char *name)
{
        struct module_cursor cursor = module_index_find(&set->modules, name, strlen(name));
        bool is_told = is_in_vmlinux(set, same, type, name), is_there = false, is_copy;
        struct query_type found;

        while (module_index_next(&set->modules, &cursor, &found.source, &found.id, &is_copy)) {
                struct btf_type there = btf_type(found.source->btf, found.id);

                fuzz_check(found.source->base && string_equal(btf_name(found.source->btf, &there), name));
                if (found.source == type.source && found.id == type.id) {
                        fuzz_check(is_copy || !is_told);
                        is_there = true;
                } else if (!is_copy && is_earlier(found, type)) {
                        is_told = is_told || is_said(same, found, type);
                }
        }
        fuzz_check(is_there || is_told);
}

void ask_module_index(const struct source_set *set)
{
        struct same same = {0};

        for (size_t i = 1; i < set->n_sources; i++) {
                const struct source *source = set->sources[i];

                for (uint32_t id = source->btf->start_id; id < source->btf->n_types; id++) {
                        struct btf_type type = btf_type(source->btf, id);

                        if (has_indexed_name(source->btf, &type))
                                ask_module_type(set, &same, (struct query_type){source, id},
                                                btf_name(source->btf, &type));
                        same.n_total = 0; /* so that each comparison here is decided */
                }
        }
        same_deinit(&same);
}
