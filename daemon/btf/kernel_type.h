/*
 * The kernel's rules of what a type may be used for.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/* Whether a type is an INT of 1, 2, 4, 8 or 16 whole bytes. The others are there for bitfields without kind_flag. */
bool btf_kernel_is_regular_int(const struct btf *btf, const struct btf_type *type);
/* Whether what is not a modifier has no size. Of kinds that nobody knows it is not claimed. */
bool btf_kernel_is_unsized(enum btf_kind kind);

/* Each warns if a record of the file's own breaks its rule: by a VAR's type, by what a FUNC_PROTO returns or takes. */
void btf_kernel_check_variable_type(const struct btf *btf, const struct btf_type *type,
                                    struct btf_report *report);
void btf_kernel_check_return_type(const struct btf *btf, const struct btf_type *type,
                                  struct btf_report *report);
void btf_kernel_check_param_type(const struct btf *btf, const struct btf_type *type, uint32_t i_param,
                                 struct btf_report *report);

/*
 * Warns of each FUNC of the file's own whose prototype leaves a parameter unnamed. They are not looked at one by one, as
 * they may share a prototype of millions of parameters. Returns 0 or -ENOMEM.
 */
int btf_kernel_check_funcs(const struct btf *btf, struct btf_report *report);
