/*
 * Any bytes as BTF: whatever loads can be asked everything about every type, and loading and checking agree.
 */
#include "btf/check.h"
#include "fuzz/fuzz.h"
#include "index/name_index.h"
#include "query/member.h"
#include "query/type_name.h"
#include "query/value.h"

static void ask_everything(const struct btf *btf, const struct name_index *names, uint32_t id)
{
        struct btf_type type = btf_type(btf, id);
        struct name_cursor cursor =
                name_index_find(names, btf_name(btf, &type), strlen(btf_name(btf, &type)));
        char buffer[TYPE_NAME_SIZE];
        struct strbuf text;
        struct value value;
        uint32_t found;

        strbuf_init(&text, buffer, sizeof(buffer));
        type_name_append(&text, btf, id);
        (void)value_of(btf, id);
        while (name_index_next(names, &cursor, &found))
                fuzz_check(found < btf->n_types);
        if (btf_kind_is_composite(type.kind)) {
                struct member_walk walk;
                struct member_place place;

                member_walk_begin(&walk, btf, &type);
                while (member_walk_next(&walk, &place) == 0) {
                        value = value_of(btf, place.member.type);
                        if (place.member.bitfield_size > 0)
                                (void)value_place_bitfield(&value, btf, place.bit_offset,
                                                           place.member.bitfield_size, type.size_or_type);
                }
        }
}

static void count_error(void *context, enum btf_severity severity, const struct btf_error *finding)
{
        (void)finding;
        *(size_t *)context += severity == BTF_SEVERITY_ERROR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(btf_cleanup) struct btf *btf = NULL, *checked = NULL;
        struct name_index names;
        struct btf_error error;
        size_t n_errors = 0;
        int r;

        r = btf_new(&btf, data, size, /* base= */ NULL, &error);
        fuzz_check(btf_check(&checked, data, size, /* base= */ NULL, count_error, &n_errors) == r);
        fuzz_check((n_errors > 0) == (r != 0));
        if (r != 0)
                return 0;
        if (name_index_init(&names, btf, /* base= */ NULL, &error) != 0)
                return 0;
        for (uint32_t id = 0; id < btf->n_types; id++)
                ask_everything(btf, &names, id);
        name_index_deinit(&names);
        return 0;
}
