/*
 * What the fuzz targets share. Each is one function over pure entry points; libFuzzer drives it, or replay.c
 * with the inputs in corpus/, as an ordinary test.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which is how a target says that something is wrong. A macro as assert() is, to say what. */
#define fuzz_check(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

static inline void fuzz_fail(const char *condition, const char *file, int line)
{
        fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
        abort();
}
