#include "btf/btf.h"

struct btf_member btf_member(const struct btf *btf, const struct btf_type *type, uint32_t i_member)
{
        size_t at = btf_entry(type, i_member, BTF_MEMBER_LENGTH);
        uint32_t word = btf_type_load(btf, type, at + BTF_MEMBER_OFFSET);
        struct btf_member member = {
                .name = btf_string(btf, btf_type_load(btf, type, at)),
                .type = btf_type_load(btf, type, at + BTF_MEMBER_TYPE),
                .bit_offset = word,
        };

        if (type->kind_flag) {
                member.bit_offset = BTF_MEMBER_BIT_OFFSET(word);
                member.bitfield_size = BTF_MEMBER_BITFIELD_SIZE(word);
        } else if (btf->legacy_bitfields) {
                struct btf_type base = btf_strip(btf, member.type);
                uint32_t encoding;

                if (base.kind != BTF_KIND_INT)
                        return member;
                encoding = btf_word(btf, &base);
                if (BTF_INT_BITS(encoding) == base.size_or_type * 8)
                        return member;
                member.bit_offset += BTF_INT_OFFSET(encoding);
                member.bitfield_size = BTF_INT_BITS(encoding);
        }
        return member;
}

struct btf_array btf_array(const struct btf *btf, const struct btf_type *type)
{
        return (struct btf_array){
                .type = btf_type_load(btf, type, type->tail),
                .index_type = btf_type_load(btf, type, type->tail + BTF_ARRAY_INDEX_TYPE),
                .nelems = btf_type_load(btf, type, type->tail + BTF_ARRAY_NELEMS),
        };
}

struct btf_enumerator btf_enumerator(const struct btf *btf, const struct btf_type *type, uint32_t i_value)
{
        bool is_wide = type->kind == BTF_KIND_ENUM64;
        size_t at = btf_entry(type, i_value, is_wide ? BTF_ENUM64_LENGTH : BTF_ENUM_LENGTH);
        struct btf_enumerator enumerator = {
                .name = btf_string(btf, btf_type_load(btf, type, at)),
                .value = btf_type_load(btf, type, at + BTF_ENUM_VALUE), /* of an ENUM64, the lower half */
        };

        if (is_wide)
                enumerator.value |= (uint64_t)btf_type_load(btf, type, at + BTF_ENUM64_VALUE_HIGH) << 32;
        else if (type->kind_flag)
                enumerator.value = (uint64_t)(int64_t)(int32_t)enumerator.value;
        return enumerator;
}

struct btf_param btf_param(const struct btf *btf, const struct btf_type *type, uint32_t i_param)
{
        size_t at = btf_entry(type, i_param, BTF_PARAM_LENGTH);

        return (struct btf_param){
                .name = btf_string(btf, btf_type_load(btf, type, at)),
                .type = btf_type_load(btf, type, at + BTF_PARAM_TYPE),
        };
}

struct btf_secinfo btf_secinfo(const struct btf *btf, const struct btf_type *type, uint32_t i_variable)
{
        size_t at = btf_entry(type, i_variable, BTF_SECINFO_LENGTH);

        return (struct btf_secinfo){
                .type = btf_type_load(btf, type, at),
                .offset = btf_type_load(btf, type, at + BTF_SECINFO_OFFSET),
                .size = btf_type_load(btf, type, at + BTF_SECINFO_SIZE),
        };
}

uint32_t btf_strip_id(const struct btf *btf, uint32_t id)
{
        /* No longer than BTF_MAX_CHAIN: validated. */
        while (btf_kind_is_modifier(btf_kind(btf, id))) {
                const struct btf *owner = btf_owner(btf, id);

                if (owner->stripped)
                        return owner->stripped[id - owner->start_id];
                id = btf_target(btf, id);
        }
        return id;
}

int btf_type_size(const struct btf *btf, uint32_t id, uint64_t *ret_bytes)
{
        uint64_t n_elements = 1;

        /* No more than BTF_MAX_EMBEDDING arrays in one another, each behind at most
         * BTF_MAX_CHAIN modifiers. */
        for (;;) {
                struct btf_type type = btf_strip(btf, id);
                uint64_t bytes = 0;

                switch (type.kind) {
                case BTF_KIND_ARRAY: {
                        struct btf_array array = btf_array(btf, &type);

                        /* So many elements may have no bytes, or an array of none of them may be. */
                        if (__builtin_mul_overflow(n_elements, array.nelems, &n_elements))
                                n_elements = UINT64_MAX;
                        id = array.type;
                        continue;
                }
                case BTF_KIND_VAR:
                        id = type.size_or_type;
                        continue;
                case BTF_KIND_PTR:
                        bytes = btf->pointer_size;
                        break;
                case BTF_KIND_INT:
                case BTF_KIND_STRUCT:
                case BTF_KIND_UNION:
                case BTF_KIND_ENUM:
                case BTF_KIND_ENUM64:
                case BTF_KIND_FLOAT:
                case BTF_KIND_DATASEC:
                        bytes = type.size_or_type;
                        break;
                case BTF_KIND_VOID:
                case BTF_KIND_FWD:
                case BTF_KIND_FUNC:
                case BTF_KIND_FUNC_PROTO:
                case BTF_KIND_DECL_TAG:
                case BTF_KIND_OPAQUE:
                case BTF_KIND_TYPEDEF:
                case BTF_KIND_VOLATILE:
                case BTF_KIND_CONST:
                case BTF_KIND_RESTRICT:
                case BTF_KIND_TYPE_TAG:
                        return BTF_SIZE_NONE;
                }
                if (__builtin_mul_overflow(n_elements, bytes, &bytes) || bytes > BTF_MAX_TYPE_BYTES)
                        return BTF_SIZE_OVERFLOW;
                *ret_bytes = bytes;
                return 0;
        }
}

static const char *const kind_names[] = {[BTF_KIND_VOID] = "void",
                                         [BTF_KIND_OPAQUE] = "opaque",
#define X(id, name, value, tail, tail_per_vlen) [value] = name,
                                         BTF_KINDS(X)
#undef X
};

const char *btf_kind_name(enum btf_kind kind)
{
        return kind_names[kind];
}

bool btf_kind_from_name(const char *name, enum btf_kind *ret)
{
        for (size_t i = BTF_KIND_INT; i < ARRAY_LENGTH(kind_names); i++) {
                if (kind_names[i] && string_equal(kind_names[i], name)) {
                        *ret = (enum btf_kind)i;
                        return true;
                }
        }
        return false;
}
