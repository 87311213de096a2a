/*
 * What the kernel's full checker asks of one record and btf_new() does not: each rule must be warned of, at the very word
 * that breaks it.
 */
#include <string.h>

#include "support/findings.h"
#include "support/fixture.h"
#include "support/unit.h"

/* A record by its words, named `type_name`. */
struct record_case {
        const char *name;
        const char *type_name;
        uint32_t kind;
        bool kind_flag;
        uint32_t vlen;
        uint32_t size_or_type;
        enum btf_error_reason reason;
        size_t i_word; /* that is to blame */
        size_t n_tail;
        uint32_t tail[6];
};

#define TAIL(...)                                                                                            \
        ARRAY_LENGTH(((uint32_t[]){0, ##__VA_ARGS__})) - 1,                                                  \
        {                                                                                                    \
                __VA_ARGS__                                                                                  \
        }
#define RECORD(name, type_name, kind, kind_flag, vlen, size_or_type, reason, i_word, ...)                    \
        {                                                                                                    \
                name, type_name, BTF_KIND_##kind, kind_flag, vlen, size_or_type, BTF_ERROR_##reason, i_word, \
                        TAIL(__VA_ARGS__)                                                                    \
        }

static const struct record_case record_cases[] = {
        RECORD("int with kind_flag", "i", INT, true, 0, 4, BAD_VALUE, 1, 32),
        RECORD("ptr with kind_flag", "", PTR, true, 0, TYPES_INT, BAD_VALUE, 1),
        RECORD("array with kind_flag", "", ARRAY, true, 0, 0, BAD_VALUE, 1, TYPES_INT, TYPES_INT, 1),
        RECORD("typedef with kind_flag", "t", TYPEDEF, true, 0, TYPES_INT, BAD_VALUE, 1),
        RECORD("volatile with kind_flag", "", VOLATILE, true, 0, TYPES_INT, BAD_VALUE, 1),
        RECORD("const with kind_flag", "", CONST, true, 0, TYPES_INT, BAD_VALUE, 1),
        RECORD("restrict with kind_flag", "", RESTRICT, true, 0, TYPES_INT, BAD_VALUE, 1),
        RECORD("func with kind_flag", "f", FUNC, true, 0, TYPES_PROTO, BAD_VALUE, 1),
        RECORD("func_proto with kind_flag", "", FUNC_PROTO, true, 0, 0, BAD_VALUE, 1),
        RECORD("var with kind_flag", "v", VAR, true, 0, TYPES_INT, BAD_VALUE, 1, 1),
        RECORD("datasec with kind_flag", ".d", DATASEC, true, 0, 8, BAD_VALUE, 1),
        RECORD("float with kind_flag", "f", FLOAT, true, 0, 4, BAD_VALUE, 1),
        RECORD("ptr with a name", "p", PTR, false, 0, TYPES_INT, BAD_NAME, 0),
        RECORD("array with a name", "a", ARRAY, false, 0, 0, BAD_NAME, 0, TYPES_INT, TYPES_INT, 1),
        RECORD("volatile with a name", "v", VOLATILE, false, 0, TYPES_INT, BAD_NAME, 0),
        RECORD("const with a name", "c", CONST, false, 0, TYPES_INT, BAD_NAME, 0),
        RECORD("restrict with a name", "r", RESTRICT, false, 0, TYPES_INT, BAD_NAME, 0),
        RECORD("func_proto with a name", "f", FUNC_PROTO, false, 0, 0, BAD_NAME, 0),
        RECORD("typedef without name", "", TYPEDEF, false, 0, TYPES_INT, BAD_NAME, 0),
        RECORD("typedef of two words", "a b", TYPEDEF, false, 0, TYPES_INT, BAD_NAME, 0),
        RECORD("struct of two words", "a b", STRUCT, false, 0, 0, BAD_NAME, 0),
        RECORD("union of two words", "a b", UNION, false, 0, 0, BAD_NAME, 0),
        RECORD("enum of two words", "a b", ENUM, false, 0, 4, BAD_NAME, 0),
        RECORD("enum64 of two words", "a b", ENUM64, false, 0, 8, BAD_NAME, 0),
        RECORD("fwd without name", "", FWD, false, 0, 0, BAD_NAME, 0),
        RECORD("fwd of two words", "a b", FWD, true, 0, 0, BAD_NAME, 0),
        RECORD("func without name", "", FUNC, false, 0, TYPES_PROTO, BAD_NAME, 0),
        RECORD("func of two words", "a b", FUNC, false, 1, TYPES_PROTO, BAD_NAME, 0),
        RECORD("var without name", "", VAR, false, 0, TYPES_INT, BAD_NAME, 0, 1),
        RECORD("var of two words", "a b", VAR, false, 0, TYPES_INT, BAD_NAME, 0, 0),
        RECORD("datasec without name", "", DATASEC, false, 0, 8, BAD_NAME, 0),
        RECORD("datasec with a tab", "a\tb", DATASEC, false, 0, 8, BAD_NAME, 0),
        RECORD("decl_tag without value", "", DECL_TAG, false, 0, TYPES_STRUCT, BAD_NAME, 0, 0),
        RECORD("type_tag without value", "", TYPE_TAG, false, 0, TYPES_INT, BAD_NAME, 0),
        RECORD("int's last bit", "i", INT, false, 0, 4, BAD_ENCODING, 3, 1U << 31 | 32),
        RECORD("int's bit 28", "i", INT, false, 0, 4, BAD_ENCODING, 3, 1U << 28 | 32),
        RECORD("signed char", "i", INT, false, 0, 1, BAD_ENCODING, 3, 3U << 24 | 8),
        RECORD("signed bool", "i", INT, false, 0, 1, BAD_ENCODING, 3, 5U << 24 | 8),
        RECORD("unknown encoding", "i", INT, false, 0, 1, BAD_ENCODING, 3, 8U << 24 | 8),
        RECORD("array with a size", "", ARRAY, false, 0, 8, BAD_VALUE, 2, TYPES_INT, TYPES_INT, 1),
        RECORD("fwd with a type", "f", FWD, false, 0, TYPES_INT, BAD_VALUE, 2),
        RECORD("float of 0 bytes", "f", FLOAT, false, 0, 0, BAD_SIZE, 2),
        RECORD("float of 3 bytes", "f", FLOAT, false, 0, 3, BAD_SIZE, 2),
        RECORD("float of 10 bytes", "f", FLOAT, false, 0, 10, BAD_SIZE, 2),
        RECORD("float of 32 bytes", "f", FLOAT, false, 0, 32, BAD_SIZE, 2),
        RECORD("extern func", "f", FUNC, false, 2, TYPES_PROTO, BAD_VALUE, 1),
        RECORD("extern var", "v", VAR, false, 0, TYPES_INT, BAD_VALUE, 3, 2),
        RECORD("datasec of 0 bytes", ".d", DATASEC, false, 0, 0, BAD_SIZE, 2),
        RECORD("index of pointers", "", ARRAY, false, 0, 0, BAD_REFERENCE, 4, TYPES_INT, TYPES_PTR, 1),
        RECORD("index of enum", "", ARRAY, false, 0, 0, BAD_REFERENCE, 4, TYPES_INT, TYPES_BYTE_ENUM, 1),
        RECORD("index of bits", "", ARRAY, false, 0, 0, BAD_REFERENCE, 4, TYPES_INT, TYPES_PART, 1),
        RECORD("index of void", "", ARRAY, false, 0, 0, BAD_REFERENCE, 4, TYPES_INT, TYPES_CONST_VOID, 1),
        RECORD("array of bits", "", ARRAY, false, 0, 0, BAD_REFERENCE, 3, TYPES_PART, TYPES_INT, 1),
        RECORD("array of fwd", "", ARRAY, false, 0, 0, BAD_REFERENCE, 3, TYPES_FWD_T, TYPES_INT, 0),
        RECORD("array of functions", "", ARRAY, false, 0, 0, BAD_REFERENCE, 3, TYPES_PROTO, TYPES_INT, 1),
        RECORD("array of void", "", ARRAY, false, 0, 0, BAD_REFERENCE, 3, TYPES_CONST_VOID, TYPES_INT, 1),
        RECORD("var of fwd", "v", VAR, false, 0, TYPES_FWD, BAD_REFERENCE, 2, 1),
        RECORD("var of void", "v", VAR, false, 0, TYPES_CONST_VOID, BAD_REFERENCE, 2, 1),
        RECORD("const of a tag", "", CONST, false, 0, TYPES_TAGGED, BAD_REFERENCE, 2),
        RECORD("volatile of a tag", "", VOLATILE, false, 0, TYPES_TAGGED, BAD_REFERENCE, 2),
        RECORD("restrict of a tag", "", RESTRICT, false, 0, TYPES_TAGGED, BAD_REFERENCE, 2),
        RECORD("typedef of a tag", "t", TYPEDEF, false, 0, TYPES_TAGGED, BAD_REFERENCE, 2),
        RECORD("func without names", "f", FUNC, false, 0, TYPES_UNNAMED, BAD_REFERENCE, 2),
        RECORD("result of fwd", "", FUNC_PROTO, false, 0, TYPES_FWD_T, BAD_REFERENCE, 2),
        RECORD("result of void", "", FUNC_PROTO, false, 0, TYPES_CONST_VOID, BAD_REFERENCE, 2),
        RECORD("result of function", "", FUNC_PROTO, false, 0, TYPES_PROTO, BAD_REFERENCE, 2),
        RECORD("param of fwd", "", FUNC_PROTO, false, 1, 0, BAD_REFERENCE, 4, 0, TYPES_FWD_T),
        RECORD("param of void", "", FUNC_PROTO, false, 2, 0, BAD_REFERENCE, 4, 0, 0, 0, TYPES_INT),
        RECORD("named `...`", "", FUNC_PROTO, false, 2, 0, BAD_REFERENCE, 6, 0, TYPES_INT, 10, 0),
        RECORD("member of fwd", "s", STRUCT, false, 1, 8, BAD_REFERENCE, 4, 0, TYPES_FWD, 0),
        RECORD("member of void", "s", UNION, false, 1, 8, BAD_REFERENCE, 4, 0, TYPES_CONST_VOID, 0),
        RECORD("member of function", "s", STRUCT, true, 1, 8, BAD_REFERENCE, 4, 0, TYPES_PROTO, 0),
};

static void each_rule_of_a_record_is_warned_of(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(record_cases); i++) {
                const struct record_case *c = &record_cases[i];
                struct btf_builder *b = fixture_types();
                uint32_t id =
                        btf_builder_record(b, c->type_name, c->kind, c->kind_flag, c->vlen, c->size_or_type);

                for (size_t j = 0; j < c->n_tail; j++)
                        btf_builder_word(b, c->tail[j]);
                findings_expect_one(c->name, b, c->reason, id, c->i_word);
        }
}

/* Kinds to which the flag means something. */
static void kind_flag_stays_where_it_has_a_meaning(void **state)
{
        struct btf_builder *b = fixture_types();

        (void)state;
        btf_builder_struct(b, "s", 0, true);
        btf_builder_union(b, "u", 0, true);
        btf_builder_enum(b, "e", 4, true);
        btf_builder_enum64(b, "e64", 8, true);
        btf_builder_fwd(b, "f", true);
        btf_builder_type_tag(b, "tag", TYPES_INT, true);
        btf_builder_record(b, "tag", BTF_KIND_DECL_TAG, true, 0, TYPES_STRUCT);
        btf_builder_word(b, 0);
        findings_expect_none("kind_flag", b);
}

/* One name for each place that may have or must have one. */
static uint32_t add_named(struct btf_builder *b, enum btf_kind kind, const char *name)
{
        uint32_t id = 0;

        if (kind == BTF_KIND_STRUCT) {
                id = btf_builder_struct(b, "s", 8, false);
                btf_builder_member(b, name, TYPES_INT, 0, 0);
        } else if (kind == BTF_KIND_ENUM) {
                id = btf_builder_enum(b, "e", 4, false);
                btf_builder_value(b, name, 1);
        } else if (kind == BTF_KIND_ENUM64) {
                id = btf_builder_enum64(b, "e64", 8, false);
                btf_builder_value(b, name, 1);
        } else if (kind == BTF_KIND_FUNC_PROTO) {
                id = btf_builder_func_proto(b, 0);
                btf_builder_param(b, name, TYPES_INT);
        } else {
                id = btf_builder_typedef(b, name, TYPES_INT);
        }
        return id;
}

static void names_are_identifiers(void **state)
{
        static const char *const good[] = {"a", "_", "Z9_", ".L1", "a.b.", "zZ0", "AZaz9", "\xc0\xff"};
        static const char *const bad[] = {"1",     "a-b", "a b", "a\n", "\xd7", "\xf7", "\xbf", "\xc3\xa9",
                                          "a\x7f", "p*",  "@",   "[",   "`",    "{",    "a/",   "a:"};
        static const enum btf_kind places[] = {BTF_KIND_STRUCT, BTF_KIND_ENUM, BTF_KIND_ENUM64,
                                               BTF_KIND_FUNC_PROTO, BTF_KIND_TYPEDEF};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
                size_t i_word = places[i] == BTF_KIND_TYPEDEF ? 0 : 3;

                for (size_t j = 0; j < ARRAY_LENGTH(good); j++) {
                        struct btf_builder *b = fixture_types();

                        add_named(b, places[i], good[j]);
                        findings_expect_none(good[j], b);
                }
                for (size_t j = 0; j < ARRAY_LENGTH(bad); j++) {
                        struct btf_builder *b = fixture_types();
                        uint32_t id = add_named(b, places[i], bad[j]);

                        findings_expect_one(bad[j], b, BTF_ERROR_BAD_NAME, id, i_word);
                }
        }
}

/* An enumerator has 8 bytes, or 12 in an enum of 64 bits. */
static void each_enumerators_name_is_looked_at(void **state)
{
        struct btf_builder *b = fixture_types();
        uint32_t id;

        (void)state;
        id = btf_builder_enum(b, "e", 4, false);
        btf_builder_value(b, "A", 1);
        btf_builder_value(b, "B", 2);
        btf_builder_value(b, "2", 3);
        findings_expect_one("third enumerator", b, BTF_ERROR_BAD_NAME, id, 3 + 2 * 2);

        b = fixture_types();
        id = btf_builder_enum64(b, "e64", 8, false);
        btf_builder_value(b, "A", 1);
        btf_builder_value(b, "B", 2);
        btf_builder_value(b, "2", 3);
        findings_expect_one("third enumerator of 64 bits", b, BTF_ERROR_BAD_NAME, id, 3 + 2 * 3);
}

static void sections_have_printable_names(void **state)
{
        static const char *const good[] = {" ", "~", ".data..percpu", "\xa0\xff", "a/b:c"};
        static const char *const bad[] = {"\n", ".data\x1f", "\x7f", "\x80", "\x9f"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
                struct btf_builder *b = fixture_types();

                btf_builder_datasec(b, good[i], 8);
                findings_expect_none("printable", b);
        }
        for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
                struct btf_builder *b = fixture_types();
                uint32_t id = btf_builder_datasec(b, bad[i], 8);

                findings_expect_one("not printable", b, BTF_ERROR_BAD_NAME, id, 0);
        }
}

static void only_enumerators_need_a_name(void **state)
{
        struct btf_builder *b = fixture_types();
        uint32_t id;

        (void)state;
        add_named(b, BTF_KIND_STRUCT, "");
        add_named(b, BTF_KIND_FUNC_PROTO, "");
        findings_expect_none("unnamed member and parameter", b);

        b = fixture_types();
        id = add_named(b, BTF_KIND_ENUM, "");
        findings_expect_one("unnamed enumerator", b, BTF_ERROR_BAD_NAME, id, 3);

        b = fixture_types();
        id = add_named(b, BTF_KIND_ENUM64, "");
        findings_expect_one("unnamed enumerator of 64 bits", b, BTF_ERROR_BAD_NAME, id, 3);

        /* The empty string is no name only at offset 0. "long int" has 8 bytes, behind one NUL. */
        b = fixture_types();
        id = add_named(b, BTF_KIND_STRUCT, "");
        btf_builder_set_word(b, id, 3, 9);
        findings_expect_one("member named by an empty string", b, BTF_ERROR_BAD_NAME, id, 3);

        b = fixture_types();
        id = btf_builder_ptr(b, TYPES_INT);
        btf_builder_set_word(b, id, 0, 9);
        findings_expect_one("pointer named by an empty string", b, BTF_ERROR_BAD_NAME, id, 0);
}

/* KSYM_NAME_LEN */
static void names_have_at_most_512_bytes(void **state)
{
        char name[514];
        struct btf_builder *b = fixture_types();
        uint32_t id;

        (void)state;
        memset(name, 'x', sizeof(name));
        name[512] = '\0';
        btf_builder_typedef(b, name, TYPES_INT);
        btf_builder_datasec(b, name, 8);
        btf_builder_float(b, name, 8);
        findings_expect_none("512 bytes", b);

        name[512] = 'x';
        name[513] = '\0';
        b = fixture_types();
        id = btf_builder_typedef(b, name, TYPES_INT);
        findings_expect_one("typedef of 513 bytes", b, BTF_ERROR_BAD_NAME, id, 0);
        b = fixture_types();
        id = btf_builder_datasec(b, name, 8);
        findings_expect_one("datasec of 513 bytes", b, BTF_ERROR_BAD_NAME, id, 0);

        /* Of what is no identifier no length is asked. */
        b = fixture_types();
        btf_builder_float(b, name, 8);
        btf_builder_int(b, name, 4, 32, 0);
        btf_builder_type_tag(b, name, TYPES_INT, false);
        btf_builder_decl_tag(b, name, TYPES_STRUCT, 0);
        findings_expect_none("513 bytes where any name is allowed", b);
}

static void variables_have_the_size_of_their_type(void **state)
{
        struct btf_builder *b = fixture_types();
        struct finding expected[3];
        uint32_t id;

        (void)state;
        id = btf_builder_datasec(b, ".data", 64);
        btf_builder_secinfo(b, TYPES_VAR, 0, 8);
        btf_builder_secinfo(b, TYPES_VAR, 8, 9); /* with a flexible array it may be more */
        btf_builder_secinfo(b, TYPES_VAR, 32, 7);
        btf_builder_secinfo(b, TYPES_VAR, 40, 0);
        expected[0] = findings_warning(b, BTF_ERROR_BAD_SIZE, id, 3 + 2 * 3 + 2);
        expected[1] = findings_warning(b, BTF_ERROR_BAD_SIZE, id, 3 + 3 * 3 + 2);
        findings_expect_file("sizes", b, expected, 2);

        b = fixture_types();
        id = btf_builder_datasec(b, ".data", 0); /* not linked yet */
        btf_builder_secinfo(b, TYPES_VAR, 0, 8);
        btf_builder_secinfo(b, TYPES_VAR, 8, 8);
        btf_builder_secinfo(b, TYPES_VAR, 0, 8);
        expected[0] = findings_warning(b, BTF_ERROR_BAD_SIZE, id, 2);
        expected[1] = findings_warning(b, BTF_ERROR_BAD_MEMBER, id, 3 + 2 * 3 + 1);
        findings_expect_file("section of 0 bytes", b, expected, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_rule_of_a_record_is_warned_of),
                cmocka_unit_test(kind_flag_stays_where_it_has_a_meaning),
                cmocka_unit_test(names_are_identifiers),
                cmocka_unit_test(each_enumerators_name_is_looked_at),
                cmocka_unit_test(sections_have_printable_names),
                cmocka_unit_test(only_enumerators_need_a_name),
                cmocka_unit_test(names_have_at_most_512_bytes),
                cmocka_unit_test(variables_have_the_size_of_their_type),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
