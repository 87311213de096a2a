/*
 * The header of a BTF file and the sections that it tells of.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/error.h"

struct btf_section {
        const char *name;
        uint32_t field;  /* byte offset of its pair of words in the header */
        uint32_t offset; /* bytes from the header's end */
        uint32_t length; /* bytes */
};

struct btf_header {
        uint32_t length; /* bytes */
        bool swap;       /* the file is of the byte order that this machine has not */
        struct btf_section types;
        struct btf_section strings;
        struct btf_section layout;
};

/* The byte offset in the file at which a section begins. */
static inline size_t btf_section_begin(const struct btf_header *header, const struct btf_section *section)
{
        return (size_t)header->length + section->offset;
}

/*
 * Reads the header and checks that the sections lie where they may: as the kernel has it, one behind the other without
 * gap or overlap to the file's end. Those of split BTF may be empty. Returns 0, or 1 with *ret_error set.
 */
int btf_header_parse(struct btf_header *ret, const uint8_t *data, size_t size, bool is_split,
                     struct btf_error *ret_error);

/* Whether this machine is big-endian. */
bool btf_host_is_big_endian(void);
