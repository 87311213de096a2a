/*
 * The kernel reads a member's value to print it, so what it asks is mostly that all bytes it would read are there.
 */
#include "btf/kernel_member.h"

#include <inttypes.h>

#include "btf/kernel_type.h"

/* The kernel copies at most 16 bytes for a bitfield, from the byte on in which it begins. */
#define MAX_COPY_BITS 128U

/* In a type with kind_flag, the kernel takes every enum for an `int`. */
#define ENUM_BITS 32U

/* A member as the kernel sees it. */
struct place {
        struct btf_kernel *kernel;
        const struct btf_type *type;
        uint32_t i_member;
        size_t at; /* byte offset of the member's last word */
        uint64_t bit_offset;
        uint32_t bitfield_size;
};

static void check_order(const struct place *place)
{
        size_t last = place->at - BTF_MEMBER_LENGTH;
        uint32_t word;

        if (place->i_member == 0)
                return;
        word = btf_load_u32(place->kernel->btf, last);
        if (place->type->kind_flag)
                word = BTF_MEMBER_BIT_OFFSET(word);
        if (place->bit_offset < word)
                btf_report_warning(place->kernel->report, BTF_ERROR_BAD_MEMBER, place->at,
                                   "member %" PRIu32 " lies at bit %" PRIu64
                                   ", before the last one at bit %" PRIu32,
                                   place->i_member, place->bit_offset, word);
}

/* All bytes of which a bit is wanted must be the struct's. */
static void check_end(const struct place *place, uint64_t bits)
{
        uint64_t end = (place->bit_offset + bits + 7) / 8;

        if (end > place->type->size_or_type)
                btf_report_warning(place->kernel->report, BTF_ERROR_BAD_MEMBER, place->at,
                                   "member %" PRIu32 " ends at byte %" PRIu64
                                   " for the kernel, beyond its type's %" PRIu32 " bytes",
                                   place->i_member, end, place->type->size_or_type);
}

static void check_bitfield_size(const struct place *place, uint32_t max_bits)
{
        if (place->bitfield_size > max_bits)
                btf_report_warning(place->kernel->report, BTF_ERROR_BAD_MEMBER, place->at,
                                   "member %" PRIu32 " is a bitfield of %" PRIu32
                                   " bits, expected at most %" PRIu32,
                                   place->i_member, place->bitfield_size, max_bits);
}

static void check_copy(const struct place *place, uint32_t bits)
{
        if (place->bit_offset % 8 + bits > MAX_COPY_BITS)
                btf_report_warning(place->kernel->report, BTF_ERROR_BAD_MEMBER, place->at,
                                   "member %" PRIu32 " has %" PRIu32 " bits at bit %" PRIu64
                                   ", of which the bytes are more than 16",
                                   place->i_member, bits, place->bit_offset);
}

static void check_int(struct place *place, const struct btf_type *base)
{
        const struct btf *btf = place->kernel->btf;
        uint32_t word = btf_word(btf, base);
        uint32_t bits = BTF_INT_BITS(word);

        if (!place->type->kind_flag) {
                place->bit_offset += BTF_INT_OFFSET(word);
        } else if (btf_kernel_is_regular_int(btf, base)) {
                check_bitfield_size(place, bits);
                bits = place->bitfield_size > 0 ? place->bitfield_size : bits;
        } else {
                /* Where it then lies, the kernel does not say. */
                btf_report_warning(place->kernel->report, BTF_ERROR_BAD_REFERENCE,
                                   place->at - BTF_MEMBER_OFFSET + BTF_MEMBER_TYPE,
                                   "member %" PRIu32 " is of int %" PRIu32
                                   ", which is part of one only, in a type with kind_flag",
                                   place->i_member, base->id);
                return;
        }
        check_copy(place, bits);
        check_end(place, bits);
}

static void check_enum(const struct place *place, const struct btf_type *base)
{
        uint32_t bits = base->size_or_type * 8;

        if (place->type->kind_flag) {
                check_bitfield_size(place, ENUM_BITS);
                bits = place->bitfield_size > 0 ? place->bitfield_size : ENUM_BITS;
        }
        check_end(place, bits);
}

/* The least alignment that any machine has for floating point, says the kernel. */
static void check_float(const struct place *place, const struct btf_type *base)
{
        uint32_t pointer_size = place->kernel->btf->pointer_size;
        uint32_t align = base->size_or_type < pointer_size ? base->size_or_type : pointer_size;

        if (align > 0 && place->bit_offset % ((uint64_t)align * 8) != 0)
                btf_report_warning(place->kernel->report, BTF_ERROR_BAD_MEMBER, place->at,
                                   "member %" PRIu32 " is a float at bit %" PRIu64
                                   ", expected a multiple of %" PRIu32 " bytes",
                                   place->i_member, place->bit_offset, align);
        check_end(place, (uint64_t)base->size_or_type * 8);
}

void btf_kernel_check_member(struct btf_kernel *kernel, const struct btf_type *type, uint32_t i_member)
{
        size_t begin = btf_entry(type, i_member, BTF_MEMBER_LENGTH);
        struct btf_type base = btf_strip(kernel->btf, btf_load_u32(kernel->btf, begin + BTF_MEMBER_TYPE));
        uint32_t word = btf_load_u32(kernel->btf, begin + BTF_MEMBER_OFFSET);
        struct place place = {
                .kernel = kernel,
                .type = type,
                .i_member = i_member,
                .at = begin + BTF_MEMBER_OFFSET,
                .bit_offset = type->kind_flag ? BTF_MEMBER_BIT_OFFSET(word) : word,
                .bitfield_size = type->kind_flag ? BTF_MEMBER_BITFIELD_SIZE(word) : 0,
        };
        uint64_t bytes;

        check_order(&place);
        if (btf_kernel_is_unsized(base.kind))
                btf_report_warning(kernel->report, BTF_ERROR_BAD_REFERENCE, begin + BTF_MEMBER_TYPE,
                                   "member %" PRIu32 " is of %s %" PRIu32 ", expected a type with a size",
                                   i_member, btf_kind_name(base.kind), base.id);
        else if (base.kind == BTF_KIND_INT)
                check_int(&place, &base);
        else if (btf_kind_is_enum(base.kind))
                check_enum(&place, &base);
        else if (base.kind == BTF_KIND_FLOAT)
                check_float(&place, &base);
        else if (btf_sizes_get(&kernel->sizes, base.id, &bytes) == 0)
                check_end(&place, bytes * 8);
}
