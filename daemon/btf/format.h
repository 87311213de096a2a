/*
 * The BTF format, as include/uapi/linux/btf.h of Linux defines it, version 1. This header is the one place that
 * knows numbers of the format; the files of btf/ are the only readers of its bytes.
 *
 *   file       = header , sections ;            (* section offsets count from the header's end, hdr_len *)
 *   header     = magic:u16 , version:u8 , flags:u8 , hdr_len:u32 ,
 *                type_off:u32 , type_len:u32 , str_off:u32 , str_len:u32 ,
 *                [ layout_off:u32 , layout_len:u32 ] ;  (* hdr_len 24 without, 32 with the last two *)
 *   types      = { record } ;                   (* ids 1, 2, 3, ... in file order; id 0 is void *)
 *   record     = name_off:u32 , info:u32 , size_or_type:u32 , tail ;
 *   info       = vlen:24 , kind:7 , kind_flag:1 ;   (* from the least significant bit *)
 *   tail       = (* INT *)           encoding:u32   (* bits:8 , 8 unused , offset:8 , encoding:4 , 4 unused *)
 *              | (* ARRAY *)         type:u32 , index_type:u32 , nelems:u32
 *              | (* STRUCT, UNION *) vlen * ( name_off:u32 , type:u32 , offset:u32 )
 *              | (* ENUM *)          vlen * ( name_off:u32 , value:u32 )
 *              | (* ENUM64 *)        vlen * ( name_off:u32 , value_lo:u32 , value_hi:u32 )
 *              | (* FUNC_PROTO *)    vlen * ( name_off:u32 , type:u32 )
 *              | (* VAR *)           linkage:u32
 *              | (* DATASEC *)       vlen * ( type:u32 , offset:u32 , size:u32 )
 *              | (* DECL_TAG *)      component_idx:u32   (* signed; -1 is the whole *)
 *              | (* other kinds: nothing *) ;
 *   strings    = NUL , { NUL-terminated string } ;  (* name_off counts from here; 0 is "no name" *)
 *   layout     = { info_sz:u8 , elem_sz:u8 , flags:u16 } ;
 *                (* by kind, from 0 on: a record of that kind has a tail of info_sz + vlen * elem_sz bytes *)
 *
 * Split BTF, a module's, continues a base, vmlinux's: its first id is the number of the base's types (void
 * included), its name offsets begin where the base's strings end, and its own sections, which need no NUL first, may
 * all be empty. Without a layout section of its own the base's counts.
 *
 * A member's offset is in bits from the start of its struct. With kind_flag set on the struct it is
 * bitfield_size:8 , bit_offset:24 (bit_offset least significant); without it, bitfields hide in the INT's
 * bits and offset. Until 2026 vlen had 16 bits and kind 5, with the rest zero: the same masks read both.
 */
#pragma once

#include <stdint.h>

#define BTF_MAGIC   0xeb9fU
#define BTF_VERSION 1U

#define BTF_HEADER_LENGTH        24U /* without layout_off and layout_len */
#define BTF_HEADER_LAYOUT_LENGTH 32U
#define BTF_RECORD_LENGTH        12U /* a record without its tail */

/* Byte offsets of words in a record, and of its tail. */
#define BTF_RECORD_INFO 4U
#define BTF_RECORD_TYPE 8U /* size_or_type */

/* The entries that a tail has vlen of: their lengths in bytes, and the byte offsets of what follows the first
 * word. */
#define BTF_MEMBER_LENGTH     12U
#define BTF_MEMBER_TYPE       4U
#define BTF_MEMBER_OFFSET     8U
#define BTF_ENUM_LENGTH       8U
#define BTF_ENUM_VALUE        4U
#define BTF_ENUM64_LENGTH     12U
#define BTF_ENUM64_VALUE_HIGH 8U
#define BTF_PARAM_LENGTH      8U
#define BTF_PARAM_TYPE        4U
#define BTF_SECINFO_LENGTH    12U
#define BTF_SECINFO_OFFSET    4U
#define BTF_SECINFO_SIZE      8U

/* The tail of an ARRAY. */
#define BTF_ARRAY_LENGTH     12U
#define BTF_ARRAY_INDEX_TYPE 4U
#define BTF_ARRAY_NELEMS     8U

/* An entry of the layout section, and the byte offsets in it. */
#define BTF_LAYOUT_LENGTH  4U
#define BTF_LAYOUT_INFO_SZ 0U
#define BTF_LAYOUT_ELEM_SZ 1U

#define BTF_INFO_VLEN(info)      ((info)&0xffffffU)
#define BTF_INFO_KIND(info)      (((info) >> 24) & 0x7fU)
#define BTF_INFO_KIND_FLAG(info) (((info) >> 31) != 0)

#define BTF_INT_BITS(word)     ((word)&0xffU)
#define BTF_INT_OFFSET(word)   (((word) >> 16) & 0xffU)
#define BTF_INT_ENCODING(word) (((word) >> 24) & 0xfU)

#define BTF_INT_SIGNED 1U
#define BTF_INT_CHAR   2U
#define BTF_INT_BOOL   4U

/* Of a FUNC (in its vlen) and a VAR: static 0, global 1, extern 2. */
#define BTF_LINKAGE_EXTERN 2U

#define BTF_MEMBER_BIT_OFFSET(word)    ((word)&0xffffffU) /* only with the struct's kind_flag */
#define BTF_MEMBER_BITFIELD_SIZE(word) ((word) >> 24)

/* name, value of the format, bytes of tail that come once, bytes of tail per vlen */
#define BTF_KINDS(X)                                                                                         \
        X(INT, "int", 1, 4, 0)                                                                               \
        X(PTR, "ptr", 2, 0, 0)                                                                               \
        X(ARRAY, "array", 3, BTF_ARRAY_LENGTH, 0)                                                            \
        X(STRUCT, "struct", 4, 0, BTF_MEMBER_LENGTH)                                                         \
        X(UNION, "union", 5, 0, BTF_MEMBER_LENGTH)                                                           \
        X(ENUM, "enum", 6, 0, BTF_ENUM_LENGTH)                                                               \
        X(FWD, "fwd", 7, 0, 0)                                                                               \
        X(TYPEDEF, "typedef", 8, 0, 0)                                                                       \
        X(VOLATILE, "volatile", 9, 0, 0)                                                                     \
        X(CONST, "const", 10, 0, 0)                                                                          \
        X(RESTRICT, "restrict", 11, 0, 0)                                                                    \
        X(FUNC, "func", 12, 0, 0)                                                                            \
        X(FUNC_PROTO, "func_proto", 13, 0, BTF_PARAM_LENGTH)                                                 \
        X(VAR, "var", 14, 4, 0)                                                                              \
        X(DATASEC, "datasec", 15, 0, BTF_SECINFO_LENGTH)                                                     \
        X(FLOAT, "float", 16, 0, 0)                                                                          \
        X(DECL_TAG, "decl_tag", 17, 4, 0)                                                                    \
        X(TYPE_TAG, "type_tag", 18, 0, 0)                                                                    \
        X(ENUM64, "enum64", 19, 0, BTF_ENUM64_LENGTH)

enum btf_kind {
        BTF_KIND_VOID = 0, /* id 0 only; no record has it */
        BTF_KIND_OPAQUE =
                31, /* any kind that is not among these, of which the layout section gives the length */
#define X(id, name, value, tail, tail_per_vlen) BTF_KIND_##id = value,
        BTF_KINDS(X)
#undef X
};

/* Bounds on input, each with its reason. */

/* The kernel's own bound for user-supplied BTF is 16 MiB; the largest vmlinux seen has 5.5 MB, with every
 * driver built in about 20 MB. The type section then holds at most 5.6 million records, so that an id fits 24
 * bits. */
#define BTF_MAX_SIZE (64U << 20)

/* Of any type, as the words that hold sizes have 32 bits: the kernel and libbpf refuse larger arrays. */
#define BTF_MAX_TYPE_BYTES UINT32_MAX

/* Bytes of a string without its NUL. The kernel bounds identifiers to 512, the longest seen has 89. All types may share
 * one name, which everyone who hashes, compares or prints names goes through for each of them. */
#define BTF_MAX_STRING 4096U

/* const, volatile, restrict, typedef and type tags in a row. The kernel refuses more; the
 * deepest seen is 6. */
#define BTF_MAX_CHAIN 32U

/* Chains up to this length are followed step by step. A file with a longer one may be made of nothing else, so that for
 * its modifiers it is kept what they lead to. */
#define BTF_SHORT_CHAIN 8U

/* Structs, unions and arrays held by value inside one another. The kernel's resolver has a stack of 32; the
 * deepest seen is 18. */
#define BTF_MAX_EMBEDDING 32U

/* Pointers, arrays and prototypes of one declaration (`int (*(*)[3])(void)` has 3) down to a named type. C
 * compilers must support 12; the deepest seen is 7. */
#define BTF_MAX_DECLARATOR 32U
