/*
 * From a directory shaped like /sys/kernel/btf to a set of what it holds.
 */
#pragma once

#include "index/source_set.h"

#define SCAN_DEFAULT_DIRECTORY "/sys/kernel/btf"
#define SCAN_BASE_NAME         "vmlinux" /* every other file of the directory is split BTF on this one */

/* Bytes of one directory's files together. All modules of Debian's largest kernel have 114 MB. */
#define SCAN_MAX_BYTES (UINT64_C(1) << 30)

/*
 * Loads the directory's vmlinux and every module beside it into a set called `name`. What cannot be loaded becomes one
 * of the set's failures and nothing else; without vmlinux there are no sources. Hidden files and directories are no
 * modules. *next_instance is what the next source is given, and is counted up. Returns 0 or -ENOMEM.
 */
int scan_directory(struct source_set **ret, const char *name, const char *directory, uint64_t *next_instance);
