/*
 * Brings a BTF file into memory: mapped where that is safe and possible, read otherwise.
 */
#pragma once

#include "btf/error.h"
#include "index/source.h"

enum file_result {
        FILE_BAD = 1,  /* it cannot be read */
        FILE_GONE = 2, /* there is no such file, or not any more: a module that was unloaded meanwhile */
};

/*
 * Opens `name` in the directory `dir_fd` and brings its bytes, at most `max_size`, into memory. Returns 0 with *ret owned
 * by the caller; -ENOMEM; or a file_result with *ret_error saying why it cannot be read, at which byte.
 */
int file_read(int dir_fd, const char *name, uint64_t max_size, struct source_bytes *ret,
              struct btf_error *ret_error);
