/*
 * Functions' arguments: where a tracer that is called with a function's registers finds each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/btf.h"

/* A larger struct is not passed in registers: BPF's trampolines do not take such functions either. */
#define ARGUMENT_MAX_REGISTER_BYTES 16U

struct argument {
        bool is_return;   /* the function's return value; then there is no index, name or slot */
        uint32_t index;   /* among the parameters, from 0 */
        const char *name; /* borrowed from the BTF */
        uint32_t type;
        bool has_slot;
        uint32_t
                slot; /* in register-sized slots from the first argument's, as in the context of a BPF trampoline's
                        * program */
        bool by_value; /* a struct, union or array itself, which lies in the slots as in memory */
};

/* The slots that a value of a type takes as a function's argument; 0 if no trampoline hands it over: what is too large,
 * floating point, which has registers of its own, and what has no size. */
uint32_t argument_slots(const struct btf *btf, uint32_t type);

/* Finds a FUNC's parameter, or by the name `return` what it returns. Returns whether there is one. */
bool argument_find(const struct btf *btf, const struct btf_type *func, const char *name, size_t length,
                   struct argument *ret);
