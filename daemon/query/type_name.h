/*
 * A type as a C programmer would write it where no name is declared: `char[16]`, `const struct
 * file_operations *`, `int (*)(struct sk_buff *, struct net_device *)`.
 */
#pragma once

#include "btf/btf.h"
#include "util/strbuf.h"

/* The longest in the kernels seen takes 700 bytes (a prototype of 63 parameters would take some 2,000).
 * Prototypes of prototypes could be written to take any length; such a type has no name that anyone could
 * read. */
#define TYPE_NAME_SIZE 8192U

/* Appends the type's name; `text->overflow` is set if it does not fit. Unnamed ones read `struct {...}`. */
void type_name_append(struct strbuf *text, const struct btf *btf, uint32_t id);
