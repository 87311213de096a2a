/*
 * The kernel's rules of what a type may be used for.
 */
#pragma once

#include "btf/kernel.h"

/* Whether a type is an INT of 1, 2, 4, 8 or 16 whole bytes. The others are there for bitfields without kind_flag. */
bool btf_kernel_is_regular_int(const struct btf *btf, const struct btf_type *type);
/* Whether what is not a modifier has no size. Of kinds that nobody knows it is not claimed. */
bool btf_kernel_is_unsized(enum btf_kind kind);

/* What a VAR is of, what a FUNC_PROTO returns, and what it takes. */
btf_kernel_rule btf_kernel_check_variable_type;
btf_kernel_rule btf_kernel_check_return_type;
btf_kernel_entry_rule btf_kernel_check_param_type;

/*
 * Warns of each FUNC of the file's own whose prototype leaves a parameter unnamed. This is no rule of a record, as all
 * may share a prototype of millions of parameters, which are looked at once. Returns 0 or -ENOMEM.
 */
int btf_kernel_check_funcs(struct btf_kernel *kernel);
