/*
 * What the kernel's rules are checked with: kernel_*.c only.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"
#include "btf/sizes.h"

struct btf_kernel {
        const struct btf *btf;
        struct btf_report *report; /* with `found` set */
        struct btf_sizes sizes;    /* of `btf` */
};

/* A rule of a record, and one of each of its entries: warns if a type of the file's own breaks it. */
typedef void btf_kernel_rule(struct btf_kernel *kernel, const struct btf_type *type);
typedef void btf_kernel_entry_rule(struct btf_kernel *kernel, const struct btf_type *type, uint32_t i_entry);
