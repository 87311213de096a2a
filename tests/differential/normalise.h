/*
 * One form for what libbpf and btfd write differently: see declaration.h.
 */
#pragma once

#include <stddef.h>

/* What is left of both texts; `attributes` are the names of type tags that have kind_flag. */
struct convention {
        const char **attributes;
        size_t n_attributes;
};

/* The normal form of `text`, which the caller frees. */
char *normalise(const struct convention *convention, const char *text);
