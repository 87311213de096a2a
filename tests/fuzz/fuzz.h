/*
 * What the fuzz targets share. Each is one function over pure entry points; libFuzzer drives it, or replay.c
 * with the inputs in corpus/, as an ordinary test.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which is how a target says that something is wrong. */
static inline void fuzz_check(int condition)
{
        if (!condition)
                abort();
}
