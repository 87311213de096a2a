#include "btf/kernel_type.h"

#include <errno.h>
#include <inttypes.h>

#include "util/memory.h"

bool btf_kernel_is_regular_int(const struct btf *btf, const struct btf_type *type)
{
        uint32_t word, bits;

        if (type->kind != BTF_KIND_INT)
                return false;
        word = btf_word(btf, type);
        bits = BTF_INT_BITS(word);
        return BTF_INT_OFFSET(word) == 0 &&
               (bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128);
}

bool btf_kernel_is_unsized(enum btf_kind kind)
{
        return kind == BTF_KIND_VOID || kind == BTF_KIND_FWD || kind == BTF_KIND_FUNC_PROTO;
}

/* `at` is the byte offset of a word with an id, of `what`: "a parameter". */
static void check_sized(struct btf_kernel *kernel, size_t at, const char *what)
{
        struct btf_type type = btf_strip(kernel->btf, btf_load_u32(kernel->btf, at));

        if (btf_kernel_is_unsized(type.kind))
                btf_report_warning(kernel->report, BTF_ERROR_BAD_REFERENCE, at,
                                   "%s of %s %" PRIu32 ", expected a type with a size", what,
                                   btf_kind_name(type.kind), type.id);
}

void btf_kernel_check_variable_type(struct btf_kernel *kernel, const struct btf_type *type)
{
        check_sized(kernel, btf_type_word(type), "a variable");
}

void btf_kernel_check_return_type(struct btf_kernel *kernel, const struct btf_type *type)
{
        /* void itself, but no `const void`. */
        if (type->size_or_type != 0)
                check_sized(kernel, btf_type_word(type), "a result");
}

/* Nameless void in the last place is what stands for `...`. */
static bool is_vararg(const struct btf *btf, const struct btf_type *proto, uint32_t i_param)
{
        size_t at = btf_entry(proto, i_param, BTF_PARAM_LENGTH);

        return i_param + 1 == proto->vlen && btf_type_load(btf, proto, at) == 0 &&
               btf_type_load(btf, proto, at + BTF_PARAM_TYPE) == 0;
}

void btf_kernel_check_param_type(struct btf_kernel *kernel, const struct btf_type *type, uint32_t i_param)
{
        if (!is_vararg(kernel->btf, type, i_param))
                check_sized(kernel, btf_entry(type, i_param, BTF_PARAM_LENGTH) + BTF_PARAM_TYPE,
                            "a parameter");
}

/* Whether a prototype is fit for a FUNC; what it takes of type void has been warned of. */
static bool has_unnamed_param(const struct btf *btf, const struct btf_type *proto)
{
        for (uint32_t i = 0; i < proto->vlen; i++) {
                size_t at = btf_entry(proto, i, BTF_PARAM_LENGTH);

                if (btf_type_load(btf, proto, at) == 0 && btf_type_load(btf, proto, at + BTF_PARAM_TYPE) != 0)
                        return true;
        }
        return false;
}

/* What is known of a prototype. */
enum {
        PROTO_UNSEEN = 0,
        PROTO_NAMED,
        PROTO_UNNAMED,
};

int btf_kernel_check_funcs(struct btf_kernel *kernel)
{
        const struct btf *btf = kernel->btf;
        uint8_t *protos = memory_new_zeroed(btf->n_types, sizeof(*protos)); /* by id */

        if (!protos)
                return -ENOMEM;
        for (uint32_t id = btf->start_id; id < btf->n_types; id++) {
                struct btf_type func, proto;

                if (btf_kind(btf, id) != BTF_KIND_FUNC)
                        continue;
                func = btf_type(btf, id);
                proto = btf_type(btf, func.size_or_type);
                if (protos[proto.id] == PROTO_UNSEEN)
                        protos[proto.id] = has_unnamed_param(btf, &proto) ? PROTO_UNNAMED : PROTO_NAMED;
                if (protos[proto.id] == PROTO_UNNAMED)
                        btf_report_warning(kernel->report, BTF_ERROR_BAD_REFERENCE, btf_type_word(&func),
                                           "func %" PRIu32 " has func_proto %" PRIu32
                                           ", of which a parameter has no name",
                                           id, proto.id);
        }
        free(protos);
        return 0;
}
