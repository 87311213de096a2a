#include "btf/align.h"

#define WIDE_BYTES 8U

/* One in so many 8-byte integers that lie at half their size makes it the rule: in an i386 kernel every fifth does; where they
 * are aligned to 8 not one in a hundred, those of packed structs. */
#define WIDE_HALVES_MIN 8U

/* 16-byte integers and floats: x86, arm64 and ppc64 align them to 16, s390x, which counts bits from the other end, to 8. */
static uint32_t widest_align(const struct btf *btf)
{
        return btf->big_endian ? WIDE_BYTES : 2 * WIDE_BYTES;
}

uint32_t btf_scalar_align(const struct btf *btf, const struct btf_type *base)
{
        uint32_t bytes = base->size_or_type, align;

        if (base->kind == BTF_KIND_PTR)
                return btf->pointer_size;
        if (base->kind != BTF_KIND_INT && base->kind != BTF_KIND_FLOAT && !btf_kind_is_enum(base->kind))
                return 1;
        /* i386's long double has 12 bytes, and is aligned to the 4 that divide them. */
        align = bytes & (0U - bytes);
        if (align == 0)
                return 1;
        if (align > widest_align(btf))
                align = widest_align(btf);
        return align >= WIDE_BYTES && btf->wide_align < WIDE_BYTES ? btf->wide_align : align;
}

uint8_t btf_infer_wide_align(const struct btf *btf)
{
        uint32_t n_wide = 0, n_halves = 0;

        if (btf->pointer_size >= WIDE_BYTES)
                return WIDE_BYTES;
        for (uint32_t id = 1; id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);

                if (type.kind != BTF_KIND_STRUCT)
                        continue;
                for (uint32_t i = 0; i < type.vlen; i++) {
                        struct btf_member member = btf_member(btf, &type, i);
                        struct btf_type base = btf_strip(btf, member.type);

                        if (base.kind != BTF_KIND_INT || base.size_or_type != WIDE_BYTES ||
                            member.bitfield_size > 0)
                                continue;
                        n_wide++;
                        n_halves += member.bit_offset % (WIDE_BYTES * 8) == WIDE_BYTES / 2 * 8;
                }
        }
        return n_halves > n_wide / WIDE_HALVES_MIN ? WIDE_BYTES / 2 : WIDE_BYTES;
}
