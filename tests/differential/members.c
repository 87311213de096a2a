#include "members.h"

#include "bitfield.h"
#include "facts.h"

static void check_load(struct comparison *comparison, const struct check *bitfield, struct load *load,
                       const struct bits *bits, uint64_t object_size)
{
        struct check check = check_part(bitfield, "load of member", bitfield->i,
                                        json_object_get(bitfield->object, "load"));
        const json_t *is_signed_field = check_field(&check, "signed");
        int64_t all_ones = (int64_t)(~UINT64_C(0) >> (64 - bits->n));

        load->size = (uint32_t)json_integer_value(check_field(&check, "size"));
        load->lshift = (uint32_t)json_integer_value(check_field(&check, "lshift"));
        load->rshift = (uint32_t)json_integer_value(check_field(&check, "rshift"));
        load->is_signed = json_is_true(is_signed_field);
        check_end(&check);
        if (load->size < 1 || load->size > 8 || load->lshift > 63 || load->rshift > 63 ||
            load->offset + load->size > object_size) {
                check_differs(&check, "it", "no load within the object", "one");
                return;
        }
        comparison->report->counts[COUNT_LOADS]++;
        if (load_execute(load, bits, /* inverted= */ false) != (load->is_signed ? -1 : all_ones) ||
            load_execute(load, bits, /* inverted= */ true) != 0)
                check_differs(&check, "it", "a load of other bits", "these bits");
}

/* Whether the value is a negative number where its highest bit is set. */
static bool is_signed(const struct btf_type *base)
{
        return btf_is_int(base) ? btf_int_encoding(base) & BTF_INT_SIGNED : btf_kflag(base);
}

static void check_bitfield(struct comparison *comparison, struct check *member, const struct btf_type *type,
                           uint32_t i)
{
        const struct reader *reader = comparison->reader;
        const struct btf_type *base = reader_type(reader, reader_strip(reader, btf_members(type)[i].type));
        const json_t *offset = check_field(member, "offset");
        struct check check = check_part(member, "bitfield of member", i, check_field(member, "bitfield"));
        struct bits bits = {.first = btf_member_bit_offset(type, i),
                            .n = btf_member_bitfield_size(type, i),
                            .is_big_endian = comparison->kernel->is_big_endian};
        struct load load = {.offset = (uint64_t)json_integer_value(offset)};
        uint64_t last = bits.first + bits.n - 1;

        comparison->report->counts[COUNT_BITFIELDS]++;
        check_uint(&check, "bit_offset", bits.first - load.offset * 8);
        check_uint(&check, "bit_size", bits.n);
        if (last / 8 - bits.first / 8 < 8) {
                check_field(&check, "load");
                check_load(comparison, &check, &load, &bits, type->size);
                if (load.is_signed != is_signed(base))
                        check_differs(&check, "it", "of other signedness", "its type's");
        }
        check_end(&check);
}

static void check_member(struct comparison *comparison, struct check *check, const struct btf_type *type,
                         uint32_t i)
{
        const struct reader *reader = comparison->reader;
        const struct btf_member *member = &btf_members(type)[i];
        const struct btf_type *base = reader_type(reader, reader_strip(reader, member->type));

        check_name(check, reader_string(reader, member->name_off));
        check_text(check, "kind", kind_name(base));
        check_reference(comparison, check, member->type);
        check_sizes(comparison, check, member->type);
        if (btf_member_bitfield_size(type, i) > 0)
                check_bitfield(comparison, check, type, i);
        else
                check_uint(check, "offset", btf_member_bit_offset(type, i) / 8);
        if (btf_is_ptr(base))
                check_declaration(comparison, check, "pointee", base->type);
        if (btf_is_array(base)) {
                check_uint(check, "nelems", btf_array(base)->nelems);
                if (btf_array(base)->nelems == 0 && i + 1U == btf_vlen(type))
                        check_true(check, "flexible");
        }
        check_end(check);
}

void check_members(struct comparison *comparison, struct check *check, const struct btf_type *type)
{
        const json_t *members = check_array(check, "members", btf_vlen(type));

        for (uint32_t i = 0; i < json_array_size(members); i++) {
                struct check part = check_part(check, "member", i, json_array_get(members, i));

                check_member(comparison, &part, type, i);
                comparison->report->counts[COUNT_MEMBERS]++;
        }
}
