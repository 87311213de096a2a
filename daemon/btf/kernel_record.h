/*
 * The kernel's rules of one record, by kind.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/* Warns of each rule that the record of a type of the file's own breaks. */
void btf_kernel_check_record(const struct btf *btf, const struct btf_type *type, struct btf_report *report);
