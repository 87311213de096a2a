/*
 * Chains of modifiers: that they come to an end, and where that is.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/*
 * Checks the chain that each of the file's own modifiers begins. Sets its length in `btf->depths`, where modifiers have
 * no other depth, and `btf->stripped` if some chain is longer than BTF_SHORT_CHAIN. Returns as btf_report_add() does.
 */
int btf_check_chains(struct btf *btf, struct btf_report *report);
