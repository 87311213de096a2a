/*
 * From a directory shaped like /sys/kernel/btf to a snapshot of what it holds.
 */
#pragma once

#include "btf/error.h"
#include "index/snapshot.h"

#define SCAN_DEFAULT_DIRECTORY "/sys/kernel/btf"
#define SCAN_BASE_NAME         "vmlinux" /* every other file of the directory is split BTF on this one */

/*
 * Loads the directory's vmlinux into a snapshot of the given generation. Returns 0; -ENOMEM; or 1 with
 * *ret_error about the directory's vmlinux.
 */
int scan_directory(struct snapshot **ret, const char *directory, uint64_t generation,
                   struct btf_error *ret_error);
