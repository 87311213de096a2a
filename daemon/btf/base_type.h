/*
 * C's base types have many spellings, of which BTF holds the compiler's: gcc writes `long unsigned int`, clang `unsigned
 * long`, and people write what they like.
 */
#pragma once

#include <stddef.h>

#define BASE_TYPE_MAX_SPELLINGS 2U

/* Bytes of the longest spelling without a blank too many: `long long unsigned int`. */
#define BASE_TYPE_MAX_LENGTH 22U

/*
 * What compilers call the integer type that `name` means in C, for instance `unsigned long int`. Returns an array of
 * BASE_TYPE_MAX_SPELLINGS names, of which the last may be NULL; or NULL if the name is none of an integer type.
 */
const char *const *base_type_spellings(const char *name, size_t length);
