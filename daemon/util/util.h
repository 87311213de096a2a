/*
 * What every file needs and C lacks: scope-bound cleanup and array lengths.
 *
 * Return values, in all of btfd: negative is a fatal -errno that callers pass on unchanged, zero is fine,
 * positive is an enumerator that the function documents and the caller must handle. Outputs come last, are
 * named ret_..., and are untouched unless the function returns 0.
 */
#pragma once

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define CLEANUP(function) __attribute__((__cleanup__(function)))

/* Defines foo_cleanup() for CLEANUP(foo_cleanup) from a destructor that accepts NULL. */
#define DEFINE_CLEANUP(type, name, destructor)                                                               \
        static inline void name(type *pointer)                                                               \
        {                                                                                                    \
                destructor(*pointer);                                                                        \
        }

static inline void free_cleanup(void *pointer)
{
        free(*(void **)pointer);
}

static inline void close_cleanup(int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

/* Hands an object out of a cleanup-guarded variable: `*ret = STEAL(object);`. */
#define STEAL(pointer)                                                                                       \
        (__extension__({                                                                                     \
                __typeof__(pointer) stolen_ = (pointer);                                                     \
                (pointer) = NULL;                                                                            \
                stolen_;                                                                                     \
        }))

static inline int string_equal(const char *a, const char *b)
{
        return strcmp(a, b) == 0;
}
