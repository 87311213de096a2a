/*
 * The kernel's rules of names.
 */
#pragma once

#include "btf/kernel.h"

btf_kernel_rule btf_kernel_has_no_name;
btf_kernel_rule btf_kernel_has_identifier;
btf_kernel_rule btf_kernel_may_have_identifier;
/* A section's name may be anything that can be printed, and a tag's value anything but empty. */
btf_kernel_rule btf_kernel_has_section_name;
btf_kernel_rule btf_kernel_has_value;

btf_kernel_entry_rule btf_kernel_check_member_name;
btf_kernel_entry_rule btf_kernel_check_value_name;
btf_kernel_entry_rule btf_kernel_check_param_name;

/* Warns if the name that the word at a byte offset leads to is beyond the kernel's reach. */
void btf_kernel_check_name_offset(struct btf_kernel *kernel, size_t at);
