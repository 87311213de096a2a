/*
 * The kernel's rules of names. Each function warns if a name of a record of the file's own breaks its rule.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

void btf_kernel_has_no_name(const struct btf *btf, const struct btf_type *type, struct btf_report *report);
void btf_kernel_has_identifier(const struct btf *btf, const struct btf_type *type, struct btf_report *report);
void btf_kernel_may_have_identifier(const struct btf *btf, const struct btf_type *type,
                                    struct btf_report *report);
/* A section's name may be anything that can be printed, and a tag's value anything but empty. */
void btf_kernel_has_section_name(const struct btf *btf, const struct btf_type *type,
                                 struct btf_report *report);
void btf_kernel_has_value(const struct btf *btf, const struct btf_type *type, struct btf_report *report);

void btf_kernel_check_member_name(const struct btf *btf, const struct btf_type *type, uint32_t i_member,
                                  struct btf_report *report);
void btf_kernel_check_value_name(const struct btf *btf, const struct btf_type *type, uint32_t i_value,
                                 struct btf_report *report);
void btf_kernel_check_param_name(const struct btf *btf, const struct btf_type *type, uint32_t i_param,
                                 struct btf_report *report);

/* Whether the kernel can reach what is named by the word at the byte offset `at`. */
void btf_kernel_check_name_offset(const struct btf *btf, size_t at, struct btf_report *report);
