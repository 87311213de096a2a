/*
 * What alignment a type asks for as a member of a struct. BTF records none, so this is what C's rules say for the
 * machine that the types describe; an attribute may have asked for more, or for none at all.
 */
#pragma once

#include "btf/btf.h"

/* In bytes, a power of two; of the stripped type `base`, which is no struct, union or array. */
uint32_t btf_scalar_align(const struct btf *btf, const struct btf_type *base);

/*
 * For a file that stands alone and is validated: what 8-byte integers ask for in its structs, for `wide_align`. i386 aligns
 * them to 4 bytes there, arm to 8, and nothing but the offsets tells these apart.
 */
uint8_t btf_infer_wide_align(const struct btf *btf);
