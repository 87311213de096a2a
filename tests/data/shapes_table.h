/*
 * What the compiler says of the types in shapes.h, as one constant object: the initialiser SHAPES_TABLE, whose arrays
 * are in the order of the lists. Compiled for another ABI than the test's it is read from the object file, so that its
 * own layout must not depend on the ABI: the largest alignment comes first, and no type's size varies.
 */
#pragma once

#include "shapes.h"

/* Bytes, larger than any struct with bitfields. */
#define SHAPES_OBJECT_SIZE 512

/* An object of any of the structs with bitfields. */
union __attribute__((aligned(64))) shapes_object {
        unsigned char bytes[SHAPES_OBJECT_SIZE];
#define X(name) struct name name;
        SHAPES_BIT_STRUCTS(X)
#undef X
};

enum shapes_encoding {
        SHAPES_OTHER, /* not an integer */
        SHAPES_BOOL,
        SHAPES_SIGNED_CHAR,
        SHAPES_UNSIGNED_CHAR,
        SHAPES_SIGNED,
        SHAPES_UNSIGNED,
};

struct shapes_field {
        unsigned int offset, size; /* bytes */
        unsigned int encoding;     /* enum shapes_encoding */
};

struct shapes_element {
        unsigned int size; /* bytes */
};

struct shapes_pointer_path {
        unsigned int offset;       /* of the pointer, in bytes */
        unsigned int pointee_size; /* bytes */
        unsigned int offset_there; /* bytes */
};

#define SHAPES_COUNT(...) +1

struct shapes_table {
        union shapes_object ones[SHAPES_BITFIELDS(SHAPES_COUNT)]; /* only the bits of that field are 1 */
        unsigned long long enumerators[SHAPES_ENUMERATORS(SHAPES_COUNT)];
        struct shapes_field fields[SHAPES_FIELDS(SHAPES_COUNT)];
        struct shapes_element elements[SHAPES_ELEMENTS(SHAPES_COUNT)];
        struct shapes_pointer_path pointer_paths[SHAPES_POINTER_PATHS(SHAPES_COUNT)];
        unsigned int sizes[SHAPES_TYPES(SHAPES_COUNT)];  /* bytes */
        unsigned int aligns[SHAPES_TYPES(SHAPES_COUNT)]; /* bytes */
};

/* The rest makes the initialiser. */
#define SHAPES_OBJECT_OF(tag, type) (*(tag type *)0)

/* clang-format off */
#define SHAPES_ENCODING_OF(expression)                                                                       \
        _Generic((expression),                                                                               \
                 _Bool: SHAPES_BOOL,                                                                         \
                 char: (char)-1 < 0 ? SHAPES_SIGNED_CHAR : SHAPES_UNSIGNED_CHAR,                             \
                 signed char: SHAPES_SIGNED_CHAR,                                                            \
                 unsigned char: SHAPES_UNSIGNED_CHAR,                                                        \
                 short: SHAPES_SIGNED,                                                                       \
                 int: SHAPES_SIGNED,                                                                         \
                 long: SHAPES_SIGNED,                                                                        \
                 long long: SHAPES_SIGNED,                                                                   \
                 unsigned short: SHAPES_UNSIGNED,                                                            \
                 unsigned int: SHAPES_UNSIGNED,                                                              \
                 unsigned long: SHAPES_UNSIGNED,                                                             \
                 unsigned long long: SHAPES_UNSIGNED,                                                        \
                 default: SHAPES_OTHER)
/* clang-format on */

#define SHAPES_ONES_OF(type, path, id)    {.type = {.path = -1}},
#define SHAPES_ENUMERATOR_OF(name, value) (unsigned long long)(value),
#define SHAPES_FIELD_OF(tag, type, path)                                                                     \
        {__builtin_offsetof(tag type, path), sizeof(SHAPES_OBJECT_OF(tag, type).path),                       \
         SHAPES_ENCODING_OF(SHAPES_OBJECT_OF(tag, type).path)},
#define SHAPES_ELEMENT_OF(type, path) {sizeof(SHAPES_OBJECT_OF(struct, type).path[0])},
#define SHAPES_POINTER_PATH_OF(type, pointer, pointee, path)                                                 \
        {__builtin_offsetof(struct type, pointer), sizeof(struct pointee),                                   \
         __builtin_offsetof(struct pointee, path)},
#define SHAPES_SIZE_OF(tag, type)  sizeof(tag type),
#define SHAPES_ALIGN_OF(tag, type) _Alignof(tag type),

#define SHAPES_TABLE                                                                                         \
        {                                                                                                    \
                .ones = {SHAPES_BITFIELDS(SHAPES_ONES_OF)},                                                  \
                .enumerators = {SHAPES_ENUMERATORS(SHAPES_ENUMERATOR_OF)},                                   \
                .fields = {SHAPES_FIELDS(SHAPES_FIELD_OF)},                                                  \
                .elements = {SHAPES_ELEMENTS(SHAPES_ELEMENT_OF)},                                            \
                .pointer_paths = {SHAPES_POINTER_PATHS(SHAPES_POINTER_PATH_OF)},                             \
                .sizes = {SHAPES_TYPES(SHAPES_SIZE_OF)}, .aligns = {SHAPES_TYPES(SHAPES_ALIGN_OF)},          \
        }
