/*
 * Writes BTF, valid or not, from a description that reads like the declarations it stands for:
 *
 *   struct btf_builder *b = btf_builder_new();
 *   uint32_t u32 = btf_builder_int(b, "unsigned int", 4, 32, 0);
 *   btf_builder_struct(b, "foo", 8, false);
 *   btf_builder_member(b, "x", u32, 0, 0);
 *   btf_builder_member(b, "y", u32, 32, 0);
 *   struct btf_image image = btf_builder_finish(b);
 *
 * It checks nothing, as tests want to write nonsense too: ids may be of types that come later (they are
 * numbered from 1 in the order of the calls), and every word can be patched afterwards. Running out of memory
 * ends the program.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/format.h"

struct btf_builder;

/* A finished file, in a malloc'ed buffer of exactly its size, so that a read beyond it is found by ASan. */
struct btf_image {
        uint8_t *data;
        size_t size; /* bytes */
};

struct btf_builder *btf_builder_new(void);
/* A module on `base` as that is now: its ids and strings continue the base's, which must not grow any more. */
struct btf_builder *btf_builder_new_split(const struct btf_builder *base);
struct btf_builder *btf_builder_free(struct btf_builder *b);

/* The byte order that the machine does not have. */
void btf_builder_foreign(struct btf_builder *b);
/* 24 or 32; anything longer is filled with zeros. */
void btf_builder_header_length(struct btf_builder *b, uint32_t length);
/* A layout section of so many bytes, 0 where not set, between types and strings; sets the header's length to 32. */
void btf_builder_layout(struct btf_builder *b, uint32_t n_bytes);
/* The layout section's entry for a kind; the section grows as needed. */
void btf_builder_layout_kind(struct btf_builder *b, uint32_t kind, uint8_t info_sz, uint8_t elem_sz);

/* Adds a string and returns its offset; 0 for "". */
uint32_t btf_builder_string(struct btf_builder *b, const char *string);

/* A record of any kind without its tail; returns its id. */
uint32_t btf_builder_record(struct btf_builder *b, const char *name, uint32_t kind, bool kind_flag,
                            uint32_t vlen, uint32_t size_or_type);
/* One more word of tail for the last record. */
void btf_builder_word(struct btf_builder *b, uint32_t word);

/* Each returns the new type's id. */
uint32_t btf_builder_int(struct btf_builder *b, const char *name, uint32_t size, uint32_t bits,
                         uint32_t encoding);
uint32_t btf_builder_int_at(struct btf_builder *b, const char *name, uint32_t size, uint32_t bits,
                            uint32_t bit_offset, uint32_t encoding);
uint32_t btf_builder_ptr(struct btf_builder *b, uint32_t type);
uint32_t btf_builder_array(struct btf_builder *b, uint32_t type, uint32_t index_type, uint32_t nelems);
uint32_t btf_builder_struct(struct btf_builder *b, const char *name, uint32_t size, bool kind_flag);
uint32_t btf_builder_union(struct btf_builder *b, const char *name, uint32_t size, bool kind_flag);
uint32_t btf_builder_enum(struct btf_builder *b, const char *name, uint32_t size, bool is_signed);
uint32_t btf_builder_enum64(struct btf_builder *b, const char *name, uint32_t size, bool is_signed);
uint32_t btf_builder_fwd(struct btf_builder *b, const char *name, bool is_union);
uint32_t btf_builder_typedef(struct btf_builder *b, const char *name, uint32_t type);
uint32_t btf_builder_const(struct btf_builder *b, uint32_t type);
uint32_t btf_builder_volatile(struct btf_builder *b, uint32_t type);
uint32_t btf_builder_restrict(struct btf_builder *b, uint32_t type);
uint32_t btf_builder_type_tag(struct btf_builder *b, const char *value, uint32_t type, bool is_attribute);
uint32_t btf_builder_func(struct btf_builder *b, const char *name, uint32_t proto, uint32_t linkage);
uint32_t btf_builder_func_proto(struct btf_builder *b, uint32_t return_type);
uint32_t btf_builder_var(struct btf_builder *b, const char *name, uint32_t type, uint32_t linkage);
uint32_t btf_builder_datasec(struct btf_builder *b, const char *name, uint32_t size);
uint32_t btf_builder_float(struct btf_builder *b, const char *name, uint32_t size);
uint32_t btf_builder_decl_tag(struct btf_builder *b, const char *value, uint32_t type, int32_t component);

/* Each adds to the last type, which must be of the kind that has such things, and counts in its vlen. */
void btf_builder_member(struct btf_builder *b, const char *name, uint32_t type, uint32_t bit_offset,
                        uint32_t bitfield_size);
void btf_builder_value(struct btf_builder *b, const char *name, uint64_t value); /* ENUM and ENUM64 */
void btf_builder_param(struct btf_builder *b, const char *name, uint32_t type);
void btf_builder_secinfo(struct btf_builder *b, uint32_t var, uint32_t offset, uint32_t size);

/* The id that the next type will get. */
uint32_t btf_builder_next_id(const struct btf_builder *b);
/* Where a type's record begins in the file, in bytes, so that a test can say which word is wrong. */
size_t btf_builder_offset(const struct btf_builder *b, uint32_t id);
/* Overwrites a word of a type's record; word 3 is the first of its tail. */
void btf_builder_set_word(struct btf_builder *b, uint32_t id, size_t i_word, uint32_t word);

/* Writes the file. The builder stays as it is and may go on. */
struct btf_image btf_builder_finish(const struct btf_builder *b);
/* Writes the file and frees the builder. */
struct btf_image btf_builder_steal(struct btf_builder *b);
/* Gives the bytes back. */
void btf_image_free(struct btf_image *image);
/* Overwrites four bytes in the machine's own byte order. */
void btf_image_patch_u32(struct btf_image *image, size_t offset, uint32_t value);
uint32_t btf_image_u32(const struct btf_image *image, size_t offset);
