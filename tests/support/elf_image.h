/*
 * Writes ELF objects of any class and byte order by hand, right or wrong: the header, each section's bytes, the
 * sections' names, the section headers. Section 0 is the empty one that every object has, then come those given, then
 * .shstrtab.
 */
#pragma once

#include <elf.h>

#include "support/btf_builder.h"

struct elf_image_section {
        const char *name;
        const uint8_t *data; /* NULL: no bytes, but a header that tells of `size` */
        size_t size;
        uint32_t type; /* 0 is SHT_PROGBITS */
        uint64_t flags;
};

struct elf_image_form {
        bool is_64;
        bool is_big_endian;
};

/* In a malloc'ed buffer of exactly its size; running out of memory ends the program. */
struct btf_image elf_image(struct elf_image_form form, const struct elf_image_section *sections,
                           size_t n_sections);

/* The byte offset of the i-th section's header, counted from the empty one, in an object made from `n_sections`. */
size_t elf_image_header(const struct btf_image *image, struct elf_image_form form, size_t n_sections,
                        size_t i_section);
/* The byte offset, in a section header, of fields that tests change. */
size_t elf_image_offset_field(struct elf_image_form form); /* sh_offset */
size_t elf_image_size_field(struct elf_image_form form);   /* sh_size */
/* Overwrites a number of `n_bytes` bytes in the object's byte order. */
void elf_image_put(struct btf_image *image, struct elf_image_form form, size_t at, uint64_t value,
                   size_t n_bytes);
