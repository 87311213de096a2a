/*
 * A BTF directory as libbpf reads it, and what follows: what a type is behind its typedefs, and its size. Nothing here
 * knows the daemon.
 *
 * A kernel owns its readers: vmlinux's, and one for each module, which is split BTF on vmlinux's.
 */
#pragma once

#include <bpf/btf.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
        char name[NAME_MAX + 1];
        char *path;
        const struct reader *base; /* NULL for vmlinux */
        struct btf *btf;
        uint32_t first_id, end_id; /* of the types it holds itself */
        uint64_t n_bytes;          /* of the file */
};

struct kernel {
        const char *directory;
        struct reader *readers; /* vmlinux, then modules as strcmp() orders their names */
        size_t n_readers;
        size_t pointer_size; /* bytes: of vmlinux's `long` */
        bool is_big_endian;
};

void kernel_open(struct kernel *ret, const char *directory);
void kernel_close(struct kernel *kernel);

const struct btf_type *reader_type(const struct reader *reader, uint32_t id);
/* "" if there is none. */
const char *reader_string(const struct reader *reader, uint32_t offset);
/* The reader that holds the type of that id: this one or its base. */
const struct reader *reader_owner(const struct reader *reader, uint32_t id);

/* The id behind typedefs, qualifiers and tags. */
uint32_t reader_strip(const struct reader *reader, uint32_t id);
/* Bytes; false for what has no size. */
bool reader_size(const struct kernel *kernel, const struct reader *reader, uint32_t id, uint64_t *ret_bytes);

/* A pointer's or array's element, and whether the id is one behind typedefs and qualifiers. */
bool reader_element(const struct reader *reader, uint32_t id, uint32_t *ret_element);

static inline bool is_composite(const struct btf_type *type)
{
        return btf_is_struct(type) || btf_is_union(type);
}

/* Sign-extended if the enum is signed. */
uint64_t enumerator_value(const struct btf_type *type, uint32_t i);
/* Only a declaration: a FWD, or an enum that has a name and no values. */
bool is_forward(const struct btf_type *type);
