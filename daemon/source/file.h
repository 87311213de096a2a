/*
 * Brings a BTF file into memory: mapped where that is safe and possible, read otherwise.
 */
#pragma once

#include "btf/error.h"
#include "index/source.h"

/*
 * Opens `name` in the directory `dir_fd` and brings its bytes into memory. Returns 0 with *ret owned by the
 * caller; -ENOMEM; or 1 with *ret_error saying why it cannot be read, at which byte.
 */
int file_read(int dir_fd, const char *name, struct source_bytes *ret, struct btf_error *ret_error);
