/*
 * From bytes to a set of sources, as scan.c makes one from a directory: the first file is vmlinux, the others are the
 * modules m0, m1, ... on it, and what cannot be loaded is a failure of the set.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "index/source_set.h"

#define LOAD_MAX_FILES 8U

struct load_file {
        const uint8_t *data;
        size_t size; /* bytes */
        bool must_load; /* whoever wrote the file knows that nothing is wrong with it: refusing it ends the program */
};

/* Copies the bytes into blocks of exactly their size. */
struct source_set *load_set(const struct load_file *files, size_t n_files);
