/*
 * The checks that follow ids: which bitfields and tags fit what they are in, and what may not be nested without
 * end. Called by btf_new() once every record has been checked by itself, and all ids are in range and of a
 * fitting kind.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/* Fills `btf->depths`, which are all 0 before, and if it is needed `btf->stripped`. Returns as btf_report_add() does. */
int btf_validate(struct btf *btf, struct btf_report *report);
