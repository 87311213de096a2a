/*
 * BTF out of files on disk, without a daemon: raw BTF, the sections .BTF and .BTF.base of an ELF object of any class and
 * byte order (vmlinux, a module, what a compiler wrote), and either of them compressed by gzip, xz or zstd. What a file is
 * stands in its first bytes; its name says nothing.
 *
 * The bytes that come out have not been looked at: btf_new() or btf_check() validates them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "files/error.h"
#include "files/unpack.h"

/* Bytes that a compressed file may decompress to, and may have itself. A vmlinux with debug information has about
 * 1 GiB; what has more is made to fill our memory. */
#define FILES_MAX_UNPACKED ((size_t)2 << 30)

enum files_form {
        FILES_FORM_RAW, /* nothing but BTF, as in /sys/kernel/btf */
        FILES_FORM_ELF,
};

struct files_btf {
        uint8_t *data; /* owned */
        size_t size;   /* bytes */
        uint8_t *base; /* owned; the distilled base that an ELF object brings along, or NULL */
        size_t base_size;
        enum files_form form;
        enum files_packing packing;
        uint8_t pointer_size; /* bytes, by an ELF object's class; 0 if the file does not say */
};

/*
 * Reads what is at `path`. Of an ELF object that is not compressed only headers and the sections wanted are read. Never
 * waits for anything: what is no regular file is refused. Returns 0 with *ret for files_btf_deinit(); -ENOMEM; or 1 with
 * *ret_error saying why there is no BTF in it, at which byte of what.
 */
int files_read(struct files_btf *ret, const char *path, struct files_error *ret_error);

/* The same from memory. `max_unpacked` stands for FILES_MAX_UNPACKED. */
int files_read_bytes(struct files_btf *ret, const uint8_t *data, size_t size, size_t max_unpacked,
                     struct files_error *ret_error);

void files_btf_deinit(struct files_btf *file);

/* Where offsets into the bytes of .BTF count from, for findings about them. */
enum files_place files_btf_place(const struct files_btf *file);
