/*
 * The kernel's rules of where a member lies in its struct or union and what it may be.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/* Warns of each rule that the i-th member of a type of the file's own breaks, its name aside. */
void btf_kernel_check_member(const struct btf *btf, const struct btf_type *type, uint32_t i_member,
                             struct btf_report *report);
