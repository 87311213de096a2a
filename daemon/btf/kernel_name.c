#include "btf/kernel_name.h"

#include <inttypes.h>

/* Bytes of an identifier and of a section's name: the kernel's KSYM_NAME_LEN, since Linux 6.1. */
#define MAX_NAME_LENGTH 512U

/* The kernel's BTF_MAX_NAME_OFFSET. Only split BTF can exceed it, as its names follow a base's. */
#define MAX_NAME_OFFSET 0xffffffU

/* The kernel takes bytes for Latin-1, of which those from 0xa0 on can be printed, ... */
static bool is_printable(unsigned char c)
{
        return (c >= ' ' && c <= '~') || c >= 0xa0;
}

/* ... and those from 0xc0 on are letters, but for the signs of multiplication and division. So are dots, as there are
 * functions like `copy.isra.0`. */
static bool is_letter(unsigned char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
               (c >= 0xc0 && c != 0xd7 && c != 0xf7);
}

static bool is_digit(unsigned char c)
{
        return c >= '0' && c <= '9';
}

static bool fits(unsigned char c, size_t position, bool is_identifier)
{
        if (!is_identifier)
                return is_printable(c);
        return is_letter(c) || (position > 0 && is_digit(c));
}

/* The length of the longest start of `name` that is a name, as far as the bound and one byte more. */
static size_t fitting_length(const char *name, bool is_identifier)
{
        size_t i = 0;

        while (i <= MAX_NAME_LENGTH && fits((unsigned char)name[i], i, is_identifier))
                i++;
        return i;
}

/* The name that the word at the byte offset `at` leads to, of `what`: "typedef". */
static void check_name(struct btf_kernel *kernel, size_t at, const char *what, bool is_identifier)
{
        const char *name = btf_string(kernel->btf, btf_load_u32(kernel->btf, at));
        size_t length = fitting_length(name, is_identifier);

        if (name[0] == '\0')
                btf_report_warning(kernel->report, BTF_ERROR_BAD_NAME, at, "a %s without a name", what);
        else if (length > MAX_NAME_LENGTH)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_NAME, at,
                                   "a %s with a name of more than %u bytes", what, MAX_NAME_LENGTH);
        else if (name[length] != '\0')
                btf_report_warning(kernel->report, BTF_ERROR_BAD_NAME, at,
                                   "the name of a %s has 0x%02x for its byte %zu, expected %s", what,
                                   (unsigned char)name[length], length,
                                   is_identifier ? "an identifier" : "printable characters");
}

/* No name is one at offset 0 only: an empty string elsewhere is a bad name. */
static void check_optional_name(struct btf_kernel *kernel, size_t at, const char *what)
{
        if (btf_load_u32(kernel->btf, at) != 0)
                check_name(kernel, at, what, /* is_identifier= */ true);
}

void btf_kernel_has_no_name(struct btf_kernel *kernel, const struct btf_type *type)
{
        if (type->name_offset != 0)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_NAME, btf_name_word(type),
                                   "a %s with name offset %" PRIu32 ", expected 0", btf_kind_name(type->kind),
                                   type->name_offset);
}

void btf_kernel_has_identifier(struct btf_kernel *kernel, const struct btf_type *type)
{
        check_name(kernel, btf_name_word(type), btf_kind_name(type->kind), /* is_identifier= */ true);
}

void btf_kernel_may_have_identifier(struct btf_kernel *kernel, const struct btf_type *type)
{
        check_optional_name(kernel, btf_name_word(type), btf_kind_name(type->kind));
}

void btf_kernel_has_section_name(struct btf_kernel *kernel, const struct btf_type *type)
{
        check_name(kernel, btf_name_word(type), btf_kind_name(type->kind), /* is_identifier= */ false);
}

void btf_kernel_has_value(struct btf_kernel *kernel, const struct btf_type *type)
{
        if (!btf_has_name(kernel->btf, type))
                btf_report_warning(kernel->report, BTF_ERROR_BAD_NAME, btf_name_word(type),
                                   "a %s without a value", btf_kind_name(type->kind));
}

void btf_kernel_check_member_name(struct btf_kernel *kernel, const struct btf_type *type, uint32_t i_member)
{
        check_optional_name(kernel, btf_entry(type, i_member, BTF_MEMBER_LENGTH), "member");
}

void btf_kernel_check_value_name(struct btf_kernel *kernel, const struct btf_type *type, uint32_t i_value)
{
        uint32_t length = type->kind == BTF_KIND_ENUM64 ? BTF_ENUM64_LENGTH : BTF_ENUM_LENGTH;

        check_name(kernel, btf_entry(type, i_value, length), "enumerator", /* is_identifier= */ true);
}

void btf_kernel_check_param_name(struct btf_kernel *kernel, const struct btf_type *type, uint32_t i_param)
{
        check_optional_name(kernel, btf_entry(type, i_param, BTF_PARAM_LENGTH), "parameter");
}

void btf_kernel_check_name_offset(struct btf_kernel *kernel, size_t at)
{
        uint32_t name = btf_load_u32(kernel->btf, at);

        if (name > MAX_NAME_OFFSET)
                btf_report_warning(kernel->report, BTF_ERROR_BAD_NAME, at,
                                   "name offset %" PRIu32 ", expected at most %u", name, MAX_NAME_OFFSET);
}
