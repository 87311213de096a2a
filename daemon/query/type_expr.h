/*
 * A type as somebody writes it to ask for it: a name as lookup() takes it, and pointers.
 *
 *   expression = { word | qualifier } , { "*" | qualifier } ;      (* at least one word *)
 *   qualifier  = "const" | "volatile" | "restrict" ;
 *
 * `const struct sk_buff *` is `struct sk_buff` behind one pointer: qualifiers are read and do not count. Arrays and
 * functions have no place here; what points to them has a typedef or is not asked for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "btf/format.h"

/* A name, and `struct ` or another word of C's before it. */
#define TYPE_EXPR_MAX_NAME (BTF_MAX_STRING + 8U)

struct type_expr {
        char name[TYPE_EXPR_MAX_NAME + 1]; /* one blank between words */
        uint32_t n_pointers;
};

/* Where and why a text is no type. */
struct type_expr_error {
        size_t position;      /* bytes from the start of the text */
        const char *expected; /* for instance "a type's name" */
};

/* Returns 0, or 1 with *ret_error set. */
int type_expr_parse(const char *text, struct type_expr *ret, struct type_expr_error *ret_error);
