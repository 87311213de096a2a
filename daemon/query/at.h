/*
 * type.at: what lies at a byte, or bit, of a struct or union: the reverse of field.offset.
 *
 * Each alternative is one chain of objects, each in the one before: in a task_struct, byte 1755 is in `comm`, a char[16] at
 * 1752, and there in `comm[3]`. There are several where members of unions overlap, where bitfields share a byte, and where
 * something without a size lies at that very place. If no member that has a size lies there, the alternative ends in a hole
 * or in padding of the innermost struct or union, which are those that type.layout tells of.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/error.h"
#include "query/gap.h"

/* Structs, unions and arrays in one another, and what is innermost. */
#define AT_MAX_LEVELS (BTF_MAX_EMBEDDING + 1)

/* Bytes of a path with its NUL. The longest in the kernels seen has 166; a longer one than this is an overflow. */
#define AT_PATH_SIZE 4096U

enum at_kind {
        AT_MEMBER,
        AT_HOLE,
        AT_PADDING,
};

/* An object that has a path of its own: a named member, or an element of an array. */
struct at_level {
        size_t path_length;     /* bytes of the alternative's path that lead to it */
        uint32_t type;          /* as declared */
        uint64_t bit_offset;    /* from the start of the type that was asked about */
        uint32_t bitfield_size; /* bits; 0 if it is none */
        bool is_flexible;       /* an array without a fixed number of elements */
};

struct at_alternative {
        enum at_kind kind;
        const char *path;              /* of the last level */
        const struct at_level *levels; /* from the outermost; not those of anonymous members */
        size_t n_levels;

        /* A hole or padding in the last level, or in the type itself if there is none. */
        struct gap_piece gap;
        const char *after, *before; /* names of the members beside it; NULL if there is none */
};

/* What is asked for. */
struct at_question {
        uint64_t bit_offset; /* from the start of the type, as BTF numbers bits */
        uint32_t n_bits;     /* 8 for a byte, which must begin at a multiple of 8, or 1 */
};

/* What it is given is valid during the call. Returns false to end. */
typedef bool at_visitor(void *context, const struct at_alternative *alternative);

/*
 * Visits all alternatives, in the order of declaration. Returns 0; or a query_reason with *ret_error filled, if the type is no
 * struct or union, does not reach so far (a flexible array at its end reaches anywhere), or asks for more than MEMBER_MAX_VISITS or AT_PATH_SIZE: then the
 * visitor may have been called, too.
 */
int at_visit(struct query_type type, struct at_question question, at_visitor *visit, void *context,
             struct query_error *ret_error);
