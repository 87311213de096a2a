/*
 * What can be called or attached to, as a C programmer declares it: a function, an LSM hook (a function bpf_lsm_*), a
 * tracepoint (a typedef btf_trace_*).
 *
 *   typedef void (*btf_trace_sched_switch)(void *, bool, struct task_struct *, struct task_struct *, unsigned int);
 *
 * is how BTF says that the tracepoint sched_switch hands over four values. The first parameter is the probe's own, which
 * no program sees. Names the typedef has none; they are those of the functions that the kernel makes of the same
 * declaration.
 *
 * BPF's own functions about LSMs begin with bpf_lsm_ as well. A hook is what the union of all hooks has a member for,
 * `union security_list_options`; of a kernel without that, everything with the prefix.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/error.h"
#include "query/type_name.h"
#include "query/value.h"

#define PROTOTYPE_LSM_PREFIX        "bpf_lsm_"
#define PROTOTYPE_TRACEPOINT_PREFIX "btf_trace_"

enum prototype_category {
        PROTOTYPE_FUNCTION,
        PROTOTYPE_LSM, /* a function as well */
        PROTOTYPE_TRACEPOINT,
};

/* Borrowed from the snapshot. */
struct prototype {
        struct query_type type; /* the FUNC, or the tracepoint's typedef */
        enum prototype_category category;
        const char *name; /* in BTF, prefix included */
        const char *hook; /* the LSM hook's or tracepoint's name: what stands behind the prefix; else NULL */
        uint32_t linkage; /* of a function */
        struct btf_type proto;
        struct type_name_params params; /* which of `proto`'s there are, and their names */
        bool is_variadic;               /* the last parameter is `...`, and none of n_params */
        uint32_t n_params;
};

struct prototype_param {
        uint32_t i_param; /* from 0, without what is skipped */
        const char *name; /* "" if unnamed */
        struct value value;
        bool has_slot; /* false behind what no trampoline hands over */
        uint32_t slot; /* position in the program's context */
        uint32_t n_slots;
};

/* Before the first parameter; what follows prototype_params_begin() is the walk's own. */
struct prototype_walk {
        const struct prototype *prototype;
        uint32_t i_param;
        uint32_t slot;
        bool has_slots;
};

/* What `type` is; false if it is none of these. */
bool prototype_of(struct query_type type, struct prototype *ret);

/* The FUNC_PROTO of a FUNC or of a tracepoint's typedef, and how many parameters at its front do not count; false if it is
 * neither. Says nothing of names, which takes longer. */
bool prototype_signature(struct query_type type, struct btf_type *ret_proto, uint32_t *ret_skipped);

/* The LSM hook's or tracepoint's name in that of a FUNC or typedef; NULL if it is neither. */
const char *prototype_hook(struct query_type type);

/* The declaration: `int vfs_open(const struct path *path, struct file *file)`. A tracepoint's has its own name. */
void prototype_append(struct strbuf *text, const struct prototype *prototype);

/*
 * The parameters in order, with their slots. A function's slots are those of argument.h; a tracepoint's are 64 bits on every
 * machine, one for each parameter.
 */
struct prototype_walk prototype_params_begin(const struct prototype *prototype);
/* The next parameter; false if there is none left. */
bool prototype_params_next(struct prototype_walk *walk, struct prototype_param *ret);

/* The index in BTF, of which decl tags speak, of the i-th parameter. */
static inline uint32_t prototype_component(const struct prototype *prototype, uint32_t i_param)
{
        return prototype->params.skipped + i_param;
}
