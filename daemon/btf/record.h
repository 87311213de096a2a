/*
 * What can be said of one record by itself, once it is known where all of them begin and of which kind they are: every
 * word of it, ids and what kind they lead to included.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/* Checks the record of a type that `btf` itself holds. Returns as btf_report_add() does. */
int btf_record_check(struct btf *btf, const struct btf_type *type, struct btf_report *report);
