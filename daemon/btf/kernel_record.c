#include "btf/kernel_record.h"

#include <inttypes.h>

#include "btf/kernel_member.h"
#include "btf/kernel_name.h"
#include "btf/kernel_type.h"

/* What an INT's word may have set, what the kernel takes no notice of included. */
#define INT_WORD_MASK 0x0fffffffU

static void has_no_kind_flag(struct btf_kernel *kernel, const struct btf_type *type)
{
        if (type->kind_flag)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_VALUE, btf_info_word(type),
                                   "a %s with kind_flag, expected none", btf_kind_name(type->kind));
}

static void has_known_kind(struct btf_kernel *kernel, const struct btf_type *type)
{
        btf_report_warning(kernel->report, BTF_ERROR_UNKNOWN_KIND, btf_info_word(type),
                           "type %" PRIu32 " has kind %" PRIu32 ", expected 1 to %u", type->id,
                           btf_kind_number(kernel->btf, type), BTF_KIND_ENUM64);
}

/* An array's size is its elements' to tell, and of what a FWD stands for nothing is known. */
static void has_no_type_word(struct btf_kernel *kernel, const struct btf_type *type)
{
        if (type->size_or_type != 0)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_VALUE, btf_type_word(type),
                                   "a %s with %" PRIu32 " where others have size or type, expected 0",
                                   btf_kind_name(type->kind), type->size_or_type);
}

static void has_known_encoding(struct btf_kernel *kernel, const struct btf_type *type)
{
        uint32_t word = btf_word(kernel->btf, type), encoding = BTF_INT_ENCODING(word);

        if ((word & ~INT_WORD_MASK) != 0)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_ENCODING, type->tail,
                                   "an integer's word 0x%08" PRIx32 ", expected its upper 4 bits to be 0",
                                   word);
        if (encoding != 0 && encoding != BTF_INT_SIGNED && encoding != BTF_INT_CHAR &&
            encoding != BTF_INT_BOOL)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_ENCODING, type->tail,
                                   "an integer's encoding 0x%" PRIx32
                                   ", expected at most one of signed, char and bool",
                                   encoding);
}

static void has_float_size(struct btf_kernel *kernel, const struct btf_type *type)
{
        uint32_t size = type->size_or_type;
        if (size != 2 && size != 4 && size != 8 && size != 12 && size != 16)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_SIZE, btf_type_word(type),
                                   "a float of %" PRIu32 " bytes, expected 2, 4, 8, 12 or 16", size);
}

static void has_regular_index(struct btf_kernel *kernel, const struct btf_type *type)
{
        struct btf_type index = btf_strip(kernel->btf, btf_array(kernel->btf, type).index_type);

        if (index.kind != BTF_KIND_OPAQUE && !btf_kernel_is_regular_int(kernel->btf, &index))
                btf_report_warning(kernel->report, BTF_ERROR_BAD_REFERENCE, type->tail + BTF_ARRAY_INDEX_TYPE,
                                   "an array's index is of %s %" PRIu32
                                   ", expected an integer of whole bytes",
                                   btf_kind_name(index.kind), index.id);
}

static void has_elements(struct btf_kernel *kernel, const struct btf_type *type)
{
        struct btf_type element = btf_strip(kernel->btf, btf_array(kernel->btf, type).type);

        if (btf_kernel_is_unsized(element.kind))
                btf_report_warning(kernel->report, BTF_ERROR_BAD_REFERENCE, type->tail,
                                   "an array's elements are of %s %" PRIu32 ", which has no size",
                                   btf_kind_name(element.kind), element.id);
        if (element.kind == BTF_KIND_INT && !btf_kernel_is_regular_int(kernel->btf, &element))
                btf_report_warning(kernel->report, BTF_ERROR_BAD_REFERENCE, type->tail,
                                   "an array's elements are of int %" PRIu32
                                   ", which is part of one only, expected whole bytes",
                                   element.id);
}

/* Who looks for the tags of what a pointer points to does not look behind anything else. */
static void has_tags_first(struct btf_kernel *kernel, const struct btf_type *type)
{
        if (btf_kind(kernel->btf, type->size_or_type) == BTF_KIND_TYPE_TAG)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_REFERENCE, btf_type_word(type),
                                   "a %s of type_tag %" PRIu32 ", which only a pointer or tag may lead to",
                                   btf_kind_name(type->kind), type->size_or_type);
}

static void is_no_extern(struct btf_kernel *kernel, const struct btf_type *type)
{
        bool is_func = type->kind == BTF_KIND_FUNC;

        if ((is_func ? type->vlen : btf_word(kernel->btf, type)) == BTF_LINKAGE_EXTERN)
                btf_report_warning(
                        kernel->report, BTF_ERROR_BAD_VALUE, is_func ? btf_info_word(type) : type->tail,
                        "a %s with linkage extern, expected static or global", btf_kind_name(type->kind));
}

static void has_section_size(struct btf_kernel *kernel, const struct btf_type *type)
{
        if (type->size_or_type == 0)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_SIZE, btf_type_word(type),
                                   "a datasec of 0 bytes");
}

/* In a section without a size, btf_new() lets variables lie anywhere. */
static void check_variable(struct btf_kernel *kernel, const struct btf_type *type, uint32_t i)
{
        size_t at = btf_entry(type, i, BTF_SECINFO_LENGTH);
        struct btf_secinfo info = btf_secinfo(kernel->btf, type, i);
        uint64_t end_of_last = 0, bytes = 0;

        if (i > 0) {
                struct btf_secinfo last = btf_secinfo(kernel->btf, type, i - 1);

                end_of_last = (uint64_t)last.offset + last.size;
        }
        if (info.offset < end_of_last)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_MEMBER, at + BTF_SECINFO_OFFSET,
                                   "variable %" PRIu32 " of a section lies at byte %" PRIu32
                                   ", where the one before it ends at %" PRIu64,
                                   i, info.offset, end_of_last);
        if (info.size == 0)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_SIZE, at + BTF_SECINFO_SIZE,
                                   "variable %" PRIu32 " of a section has 0 bytes", i);
        if (btf_sizes_get(&kernel->sizes, info.type, &bytes) == 0 && info.size != 0 && info.size < bytes)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_SIZE, at + BTF_SECINFO_SIZE,
                                   "variable %" PRIu32 " of a section has %" PRIu32
                                   " bytes, its type %" PRIu64,
                                   i, info.size, bytes);
}

struct kind_rules {
        btf_kernel_rule *record[5];
        btf_kernel_entry_rule *entry[2]; /* for each of vlen entries */
        uint32_t entry_length;           /* bytes, if an entry begins with a name; else 0 */
};

#define QUALIFIER                                                                                            \
        {                                                                                                    \
                {has_no_kind_flag, btf_kernel_has_no_name, has_tags_first}, {NULL}, 0                        \
        }

static const struct kind_rules kinds[] = {
        [BTF_KIND_INT] = {{has_no_kind_flag, has_known_encoding}, {NULL}, 0},
        [BTF_KIND_PTR] = {{has_no_kind_flag, btf_kernel_has_no_name}, {NULL}, 0},
        [BTF_KIND_ARRAY] = {{has_no_kind_flag, btf_kernel_has_no_name, has_no_type_word, has_regular_index,
                             has_elements},
                            {NULL},
                            0},
        [BTF_KIND_STRUCT] = {{btf_kernel_may_have_identifier},
                             {btf_kernel_check_member_name, btf_kernel_check_member},
                             BTF_MEMBER_LENGTH},
        [BTF_KIND_UNION] = {{btf_kernel_may_have_identifier},
                            {btf_kernel_check_member_name, btf_kernel_check_member},
                            BTF_MEMBER_LENGTH},
        [BTF_KIND_ENUM] = {{btf_kernel_may_have_identifier}, {btf_kernel_check_value_name}, BTF_ENUM_LENGTH},
        [BTF_KIND_FWD] = {{btf_kernel_has_identifier, has_no_type_word}, {NULL}, 0},
        [BTF_KIND_TYPEDEF] = {{has_no_kind_flag, btf_kernel_has_identifier, has_tags_first}, {NULL}, 0},
        [BTF_KIND_VOLATILE] = QUALIFIER,
        [BTF_KIND_CONST] = QUALIFIER,
        [BTF_KIND_RESTRICT] = QUALIFIER,
        [BTF_KIND_FUNC] = {{has_no_kind_flag, btf_kernel_has_identifier, is_no_extern}, {NULL}, 0},
        [BTF_KIND_FUNC_PROTO] = {{has_no_kind_flag, btf_kernel_has_no_name, btf_kernel_check_return_type},
                                 {btf_kernel_check_param_name, btf_kernel_check_param_type},
                                 BTF_PARAM_LENGTH},
        [BTF_KIND_VAR] = {{has_no_kind_flag, btf_kernel_has_identifier, is_no_extern,
                           btf_kernel_check_variable_type},
                          {NULL},
                          0},
        [BTF_KIND_DATASEC] = {{has_no_kind_flag, btf_kernel_has_section_name, has_section_size},
                              {check_variable},
                              0},
        [BTF_KIND_FLOAT] = {{has_no_kind_flag, has_float_size}, {NULL}, 0},
        [BTF_KIND_DECL_TAG] = {{btf_kernel_has_value}, {NULL}, 0},
        [BTF_KIND_TYPE_TAG] = {{btf_kernel_has_value}, {NULL}, 0},
        [BTF_KIND_ENUM64] = {{btf_kernel_may_have_identifier},
                             {btf_kernel_check_value_name},
                             BTF_ENUM64_LENGTH},
        [BTF_KIND_OPAQUE] = {{has_known_kind}, {NULL}, 0},
};

void btf_kernel_check_record(struct btf_kernel *kernel, const struct btf_type *type)
{
        const struct kind_rules *rules = &kinds[type->kind];

        btf_kernel_check_name_offset(kernel, btf_name_word(type));
        for (size_t i = 0; i < ARRAY_LENGTH(rules->record) && rules->record[i]; i++)
                rules->record[i](kernel, type);
        for (uint32_t i = 0; rules->entry[0] && i < type->vlen; i++) {
                if (rules->entry_length > 0)
                        btf_kernel_check_name_offset(kernel, btf_entry(type, i, rules->entry_length));
                for (size_t j = 0; j < ARRAY_LENGTH(rules->entry) && rules->entry[j]; j++)
                        rules->entry[j](kernel, type, i);
        }
}
