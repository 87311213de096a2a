/*
 * A type as a C programmer would write it where no name is declared: `char[16]`, `const struct
 * file_operations *`, `int (*)(struct sk_buff *, struct net_device *)`.
 */
#pragma once

#include "btf/btf.h"
#include "util/strbuf.h"

/* In bytes. The longest in the kernels seen takes 338. Prototypes in prototypes could be made to take any
 * length; of such a name nobody reads the end. */
#define TYPE_NAME_SIZE 8192U

/* Appends the type's name; `text->overflow` is set if it does not fit. Unnamed ones read `struct {...}`. */
void type_name_append(struct strbuf *text, const struct btf *btf, uint32_t id);
/* The same with `n_stars` pointers in front of the type, which has a name of its own if there is any. */
void type_name_append_pointer(struct strbuf *text, const struct btf *btf, uint32_t id, uint32_t n_stars);
