/*
 * A type as a C programmer would write it where no name is declared: `char[16]`, `const struct
 * file_operations *`, `int (*)(struct sk_buff *, struct net_device *)`; and where one is: `char comm[16]`,
 * `int vfs_open(const struct path *path, struct file *file)`.
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

/* The same as a declaration of `name`, which stands where C wants it: `int (*fn)(void *)`. */
void type_name_declare(struct strbuf *text, const struct btf *btf, uint32_t id, const char *name);

/* Which parameters a function's declaration shows, and what they are called. */
struct type_name_params {
        uint32_t names;   /* the FUNC_PROTO that has their names, with as many parameters; 0 for no names */
        uint32_t skipped; /* this many at the front are left out */
};

/* A function `name` of the type `proto`, a FUNC_PROTO, with its parameters' names. */
void type_name_function(struct strbuf *text, const struct btf *btf, uint32_t proto,
                        const struct type_name_params *params, const char *name);

/* Whether both names read the same, as far as TYPE_NAME_SIZE goes. */
bool type_name_equal(const struct btf *btf_a, uint32_t id_a, const struct btf *btf_b, uint32_t id_b);
