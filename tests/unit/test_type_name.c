/*
 * Types as a C programmer writes them.
 */
#include <string.h>

#include "query/type_name.h"
#include "support/fixture.h"
#include "support/unit.h"

/* Ids that every case may use. */
enum {
        INT = 1,
        CHAR,
        FOO,   /* struct foo */
        FOO_T, /* typedef struct foo foo_t */
        FWD,   /* struct fwd, only declared */
        FWD_UNION,
        COLOUR, /* enum colour */
        NEXT,
};

static void build_common(struct btf_builder *b)
{
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_int(b, "char", 1, 8, BTF_INT_SIGNED);
        btf_builder_struct(b, "foo", 4, false);
        btf_builder_member(b, "x", INT, 0, 0);
        btf_builder_typedef(b, "foo_t", FOO);
        btf_builder_fwd(b, "fwd", false);
        btf_builder_fwd(b, "fwd_union", true);
        btf_builder_enum(b, "colour", 4, false);
        btf_builder_value(b, "RED", 0);
}

/* Short for the declarations below: each reads from the name outwards, as BTF has it. */
static uint32_t ptr(struct btf_builder *b, uint32_t type)
{
        return btf_builder_ptr(b, type);
}

static uint32_t arr(struct btf_builder *b, uint32_t n, uint32_t type)
{
        return btf_builder_array(b, type, INT, n);
}

/* A prototype of up to two parameters; 0 in the second place of one that has two is `...`. */
static uint32_t fun(struct btf_builder *b, uint32_t n_params, uint32_t first, uint32_t second,
                    uint32_t result)
{
        uint32_t id = btf_builder_func_proto(b, result);

        if (n_params > 0)
                btf_builder_param(b, "first", first);
        if (n_params > 1)
                btf_builder_param(b, "", second);
        return id;
}

static uint32_t cst(struct btf_builder *b, uint32_t type)
{
        return btf_builder_const(b, type);
}

/* A case: the name, and the expression that builds its type. */
#define CASES(X)                                                                                             \
        X("void", 0)                                                                                         \
        X("int", INT)                                                                                        \
        X("struct foo", FOO)                                                                                 \
        X("foo_t", FOO_T)                                                                                    \
        X("struct fwd", FWD)                                                                                 \
        X("union fwd_union", FWD_UNION)                                                                      \
        X("enum colour", COLOUR)                                                                             \
        X("enum wide", btf_builder_enum64(b, "wide", 8, true))                                               \
        X("union u", btf_builder_union(b, "u", 4, false))                                                    \
        X("double", btf_builder_float(b, "double", 8))                                                       \
        X("struct {...}", btf_builder_struct(b, "", 4, false))                                               \
        X("union {...}", btf_builder_union(b, "", 4, false))                                                 \
        X("enum {...}", btf_builder_enum(b, "", 4, false))                                                   \
        X("enum {...}", btf_builder_enum64(b, "", 8, false))                                                 \
        X("struct {...} *", ptr(b, btf_builder_struct(b, "", 4, false)))                                     \
        X("struct {...}[2]", arr(b, 2, btf_builder_struct(b, "", 4, false)))                                 \
                                                                                                             \
        X("void *", ptr(b, 0))                                                                               \
        X("int *", ptr(b, INT))                                                                              \
        X("struct foo **", ptr(b, ptr(b, FOO)))                                                              \
        X("char[16]", arr(b, 16, CHAR))                                                                      \
        X("char[0]", arr(b, 0, CHAR))                                                                        \
        X("int[1073741823]", arr(b, UINT32_MAX / 4, INT))                                                    \
        X("int[2][3]", arr(b, 2, arr(b, 3, INT)))                                                            \
        X("int *[3]", arr(b, 3, ptr(b, INT)))                                                                \
        X("int (*)[3]", ptr(b, arr(b, 3, INT)))                                                              \
        X("int (**)[3]", ptr(b, ptr(b, arr(b, 3, INT))))                                                     \
        X("int (*)[3][4]", ptr(b, arr(b, 3, arr(b, 4, INT))))                                                \
        X("int (*[3])[4]", arr(b, 3, ptr(b, arr(b, 4, INT))))                                                \
        X("const char *(*)[3]", ptr(b, arr(b, 3, ptr(b, cst(b, CHAR)))))                                     \
                                                                                                             \
        X("int (void)", fun(b, 0, 0, 0, INT))                                                                \
        X("void (int)", fun(b, 1, INT, 0, 0))                                                                \
        X("int (const char *, ...)", fun(b, 2, ptr(b, cst(b, CHAR)), 0, INT))                                \
        X("int (...)", fun(b, 1, 0, 0, INT))                                                                 \
        X("int (void, int)", fun(b, 2, 0, INT, INT)) /* nonsense, but no `...` */                            \
        X("int (*)(void)", ptr(b, fun(b, 0, 0, 0, INT)))                                                     \
        X("int *(*)(void)", ptr(b, fun(b, 0, 0, 0, ptr(b, INT))))                                            \
        X("int (**)(void)", ptr(b, ptr(b, fun(b, 0, 0, 0, INT))))                                            \
        X("int (*[5])(struct foo *)", arr(b, 5, ptr(b, fun(b, 1, ptr(b, FOO), 0, INT))))                     \
        X("int (*(*)(char))(int)", ptr(b, fun(b, 1, CHAR, 0, ptr(b, fun(b, 1, INT, 0, INT)))))               \
        X("int (*(*)(void))[3]", ptr(b, fun(b, 0, 0, 0, ptr(b, arr(b, 3, INT)))))                            \
        X("int (*(*)[3])(void)", ptr(b, arr(b, 3, ptr(b, fun(b, 0, 0, 0, INT)))))                            \
        X("void (*)(int, void (*)(int))", ptr(b, fun(b, 2, INT, ptr(b, fun(b, 1, INT, 0, 0)), 0)))           \
        X("void (*(int, void (*)(int)))(int)",                                                               \
          fun(b, 2, INT, ptr(b, fun(b, 1, INT, 0, 0)), ptr(b, fun(b, 1, INT, 0, 0))))                        \
                                                                                                             \
        X("const int", cst(b, INT))                                                                          \
        X("const void *", ptr(b, cst(b, 0)))                                                                 \
        X("const struct foo *", ptr(b, cst(b, FOO)))                                                         \
        X("struct foo *const", cst(b, ptr(b, FOO)))                                                          \
        X("struct foo *const *", ptr(b, cst(b, ptr(b, FOO))))                                                \
        X("const struct foo *const *const", cst(b, ptr(b, cst(b, ptr(b, cst(b, FOO))))))                     \
        X("const foo_t", cst(b, FOO_T))                                                                      \
        X("volatile int", btf_builder_volatile(b, INT))                                                      \
        X("const volatile int", cst(b, btf_builder_volatile(b, INT)))                                        \
        X("int *restrict", btf_builder_restrict(b, ptr(b, INT)))                                             \
        X("int *volatile *", ptr(b, btf_builder_volatile(b, ptr(b, INT))))                                   \
        X("const int[3]", arr(b, 3, cst(b, INT)))                                                            \
        X("const int[3]", cst(b, arr(b, 3, INT)))                                                            \
        X("const int[3]", cst(b, arr(b, 3, cst(b, INT))))                                                    \
        X("int *const[3]", cst(b, arr(b, 3, cst(b, ptr(b, INT)))))                                           \
        X("const int (*)[3]", ptr(b, cst(b, arr(b, 3, INT))))                                                \
        X("int *const[3]", arr(b, 3, cst(b, ptr(b, INT))))                                                   \
        X("int (*const)[3]", cst(b, ptr(b, arr(b, 3, INT))))                                                 \
        X("int (*const)(void)", cst(b, ptr(b, fun(b, 0, 0, 0, INT))))                                        \
                                                                                                             \
        X("int __attribute__((btf_type_tag(\"user\"))) *",                                                   \
          ptr(b, btf_builder_type_tag(b, "user", INT, false)))                                               \
        X("const struct foo __attribute__((btf_type_tag(\"rcu\"))) *",                                       \
          ptr(b, btf_builder_type_tag(b, "rcu", cst(b, FOO), false)))                                        \
        X("int __attribute__((address_space(1))) *",                                                         \
          ptr(b, btf_builder_type_tag(b, "address_space(1)", INT, true)))                                    \
        X("int *__attribute__((btf_type_tag(\"percpu\"))) *",                                                \
          ptr(b, btf_builder_type_tag(b, "percpu", ptr(b, INT), false)))

#define X(name, expression) {name, expression},
static void names_are_what_c_programmers_write(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct btf *btf;

        (void)state;
        build_common(b);
        {
                /* Built in order, so that every id is known before the file is. */
                const struct {
                        const char *name;
                        uint32_t id;
                } cases[] = {CASES(X)};

                image = btf_builder_steal(b);
                btf = fixture_btf(&image);
                for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                        char buffer[TYPE_NAME_SIZE];
                        struct strbuf text;

                        strbuf_init(&text, buffer, sizeof(buffer));
                        type_name_append(&text, btf, cases[i].id);
                        assert_false(text.overflow);
                        assert_string_equal(buffer, cases[i].name);
                }
        }
        btf_free(btf);
        btf_image_free(&image);
}
#undef X

/* What is declared stands where C wants it; a function's parameters have names, those of what it points to have none. */
static void declarations_have_their_name_inside(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t handler, signal;
        struct btf_image image;
        struct btf *btf;

        (void)state;
        build_common(b);
        handler = ptr(b, fun(b, 1, INT, 0, 0));
        signal = fun(b, 2, INT, handler, handler);
        {
                const struct {
                        const char *declaration;
                        uint32_t id;
                } cases[] = {
                        {"int it", INT},
                        {"struct foo **it", ptr(b, ptr(b, FOO))},
                        {"char it[16]", arr(b, 16, CHAR)},
                        {"int (*it)[3]", ptr(b, arr(b, 3, INT))},
                        {"const char *const it[4]", arr(b, 4, cst(b, ptr(b, cst(b, CHAR))))},
                        {"void (*it)(int)", handler},
                        {"void (*it(int, void (*)(int)))(int)", signal},
                        {"int *__attribute__((x)) it", btf_builder_type_tag(b, "x", ptr(b, INT), true)},
                };
                const struct {
                        const char *declaration;
                        struct type_name_params params;
                } functions[] = {
                        {"void (*it(int first, void (*)(int)))(int)", {.names = signal}},
                        {"void (*it(void (*)(int)))(int)", {.names = signal, .skipped = 1}},
                        {"void (*it(void))(int)", {.skipped = 2}},
                };
                char buffer[TYPE_NAME_SIZE];
                struct strbuf text;

                image = btf_builder_steal(b);
                btf = fixture_btf(&image);
                for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                        strbuf_init(&text, buffer, sizeof(buffer));
                        type_name_declare(&text, btf, cases[i].id, "it");
                        assert_string_equal(buffer, cases[i].declaration);
                }
                for (size_t i = 0; i < ARRAY_LENGTH(functions); i++) {
                        strbuf_init(&text, buffer, sizeof(buffer));
                        type_name_function(&text, btf, signal, &functions[i].params, "it");
                        assert_string_equal(buffer, functions[i].declaration);
                }
        }
        btf_free(btf);
        btf_image_free(&image);
}

static void a_name_goes_behind_what_stands_already(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct btf *btf;
        char buffer[64];
        struct strbuf text;

        (void)state;
        build_common(b);
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        strbuf_init(&text, buffer, sizeof(buffer));
        strbuf_append(&text, "returns: ");
        type_name_append(&text, btf, FOO);
        assert_string_equal(buffer, "returns: struct foo");
        btf_free(btf);
        btf_image_free(&image);
}

/* Into blocks of every size, which end where the sanitizer watches. */
static void names_end_with_their_memory(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct btf *btf;
        uint32_t id;
        static const char whole[] = "const struct foo *(*const[7])(int, ...)";

        (void)state;
        build_common(b);
        id = arr(b, 7, cst(b, ptr(b, fun(b, 2, INT, 0, ptr(b, cst(b, FOO))))));
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        for (size_t size = 1; size <= sizeof(whole) + 1; size++) {
                char *data = malloc(size);
                struct strbuf text;

                assert_non_null(data);
                strbuf_init(&text, data, size);
                type_name_append(&text, btf, id);
                assert_int_equal(text.overflow, size < sizeof(whole));
                assert_int_equal(strlen(data), text.length);
                assert_memory_equal(data, whole, text.length);
                free(data);
        }
        btf_free(btf);
        btf_image_free(&image);
}

/* Prototypes whose parameters are pointers to such prototypes: 2^15 parameters in text, few in BTF. */
static void prototypes_of_prototypes_end(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct btf *btf;
        uint32_t id = INT;
        char buffer[TYPE_NAME_SIZE];
        struct strbuf text;

        (void)state;
        build_common(b);
        for (int i = 0; i < 15; i++)
                id = ptr(b, fun(b, 2, id, id, id));
        image = btf_builder_steal(b);
        btf = fixture_btf(&image);
        strbuf_init(&text, buffer, sizeof(buffer));
        type_name_append(&text, btf, id);
        assert_true(text.overflow);
        assert_int_equal(strlen(buffer), text.length);
        assert_true(text.length > TYPE_NAME_SIZE / 2);
        btf_free(btf);
        btf_image_free(&image);
}

static uint32_t tag(struct btf_builder *b, uint32_t type)
{
        return btf_builder_type_tag(b, "x", type, /* is_attribute= */ true);
}

/* As many pointers and qualifiers as validation lets through; what is const twice is const. */
static void the_longest_chain_fits(void **state)
{
        uint32_t (*const qualify[])(struct btf_builder *, uint32_t) = {cst, tag};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(qualify); i++) {
                struct btf_builder *b = btf_builder_new();
                uint32_t id = INT;
                char buffer[TYPE_NAME_SIZE];
                struct btf_image image;
                struct strbuf text;
                struct btf *btf;

                build_common(b);
                for (int j = 0; j < 33 * 32; j++) {
                        if (j % 32 == 0 && j > 0)
                                id = ptr(b, id);
                        id = qualify[i](b, id);
                }
                image = btf_builder_steal(b);
                btf = fixture_btf(&image);
                strbuf_init(&text, buffer, sizeof(buffer));
                type_name_append(&text, btf, id);
                assert_int_equal(strlen(buffer), text.length);
                assert_int_equal(text.overflow, qualify[i] == tag);
                if (qualify[i] == cst)
                        assert_int_equal(text.length, strlen("const int ") + 32 * strlen("*const") + 31);
                btf_free(btf);
                btf_image_free(&image);
        }
}

/* Of a newer kernel's kind nothing is known but its number, and its name if it has one. */
static void unknown_kinds_have_a_number(void **state)
{
        static const struct {
                const char *name;
                const char *expected, *expected_pointer;
        } cases[] = {
                {"thing", "<kind 40> thing", "<kind 40> thing *"},
                {"", "<kind 40>", "<kind 40> *"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct btf_builder *b = btf_builder_new();
                char buffer[64];
                struct btf_image image;
                struct strbuf text;
                struct btf *btf;

                btf_builder_layout_kind(b, 40, /* info_sz= */ 0, /* elem_sz= */ 0);
                btf_builder_ptr(b, btf_builder_record(b, cases[i].name, 40, false, 0, 0));
                image = btf_builder_steal(b);
                btf = fixture_btf(&image);
                strbuf_init(&text, buffer, sizeof(buffer));
                type_name_append(&text, btf, 1);
                assert_string_equal(buffer, cases[i].expected);
                strbuf_init(&text, buffer, sizeof(buffer));
                type_name_append(&text, btf, 2);
                assert_string_equal(buffer, cases[i].expected_pointer);
                btf_free(btf);
                btf_image_free(&image);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_are_what_c_programmers_write),
                cmocka_unit_test(declarations_have_their_name_inside),
                cmocka_unit_test(a_name_goes_behind_what_stands_already),
                cmocka_unit_test(names_end_with_their_memory),
                cmocka_unit_test(prototypes_of_prototypes_end),
                cmocka_unit_test(the_longest_chain_fits),
                cmocka_unit_test(unknown_kinds_have_a_number),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
