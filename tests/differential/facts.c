#include "facts.h"

const char *kind_name(const struct btf_type *type)
{
        static const char *const names[] = {"void",    "int",      "ptr",      "array",      "struct",
                                            "union",   "enum",     "fwd",      "typedef",    "volatile",
                                            "const",   "restrict", "func",     "func_proto", "var",
                                            "datasec", "float",    "decl_tag", "type_tag",   "enum64"};

        return btf_kind(type) < sizeof(names) / sizeof(names[0]) ? names[btf_kind(type)] : "opaque";
}

/* How to read the bytes; NULL where that is no question. */
static const char *encoding_name(const struct btf_type *type)
{
        if (btf_is_any_enum(type))
                return btf_kflag(type) ? "signed" : "unsigned";
        if (!btf_is_int(type))
                return NULL;
        if (btf_int_encoding(type) & BTF_INT_BOOL)
                return "bool";
        if (btf_int_encoding(type) & BTF_INT_CHAR)
                return "char";
        return btf_int_encoding(type) & BTF_INT_SIGNED ? "signed" : "unsigned";
}

void check_declaration(struct comparison *comparison, struct check *check, const char *key, uint32_t id)
{
        const json_t *field = check_field(check, key);
        const char *text = json_string_value(field);
        const char *expected;

        if (!field)
                return;
        comparison->report->counts[COUNT_DECLARATIONS]++;
        if (!text || !declaration_equal(comparison->declarations, id, text, &expected))
                check_differs(check, key, text ? text : "no string", expected);
}

void check_reference(struct comparison *comparison, struct check *check, uint32_t id)
{
        check_declaration(comparison, check, "type", id);
        check_uint(check, "type_id", id);
}

void check_sizes(struct comparison *comparison, struct check *check, uint32_t id)
{
        const struct reader *reader = comparison->reader;
        const struct btf_type *base = reader_type(reader, reader_strip(reader, id));
        const char *encoding = encoding_name(base);
        uint32_t element;
        uint64_t bytes;

        if (reader_size(comparison->kernel, reader, id, &bytes))
                check_uint(check, "size", bytes);
        if (encoding)
                check_text(check, "encoding", encoding);
        if (reader_element(reader, id, &element) && reader_size(comparison->kernel, reader, element, &bytes))
                check_uint(check, btf_is_array(base) ? "elem_size" : "pointee_size", bytes);
}
