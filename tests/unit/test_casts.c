/*
 * Casts, addresses and container_of() in paths. On the sample (support/sample.h) and beside it:
 *
 *   struct box { long pre; struct inner in; struct inner *link; unsigned int lo : 4, hi : 28; };   32 bytes
 *   struct user { void *data; unsigned long word; int word32; struct box *box; char cb[48]; struct inner in[2]; };
 *   struct view { struct view *self; int x[]; };
 *   typedef struct box *box_ptr;
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/offset.h"
#include "query/type_name.h"
#include "support/fixture.h"
#include "support/sample.h"
#include "support/unit.h"

/* Ids of the sample that are used here, in the order in which it creates them. */
enum {
        INT = 1,
        CHAR,
        U32,
        ULONG,
        INNER,
        INNER_PTR,
};

static void build_user(struct btf_builder *b, uint32_t box)
{
        uint32_t void_ptr = btf_builder_ptr(b, 0);
        uint32_t box_ptr = btf_builder_ptr(b, box);
        uint32_t cb = btf_builder_array(b, CHAR, INT, 48);
        uint32_t in = btf_builder_array(b, INNER, INT, 2);

        btf_builder_typedef(b, "box_ptr", box_ptr);
        btf_builder_struct(b, "user", 96, false);
        btf_builder_member(b, "data", void_ptr, 0 * 8, 0);
        btf_builder_member(b, "word", ULONG, 8 * 8, 0);
        btf_builder_member(b, "word32", INT, 16 * 8, 0);
        btf_builder_member(b, "box", box_ptr, 24 * 8, 0);
        btf_builder_member(b, "cb", cb, 32 * 8, 0);
        btf_builder_member(b, "in", in, 80 * 8, 0);
}

static int begin(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t box, flexible, view;

        sample_build(b);
        box = btf_builder_struct(b, "box", 32, true);
        btf_builder_member(b, "pre", ULONG, 0, 0);
        btf_builder_member(b, "in", INNER, 8 * 8, 0);
        btf_builder_member(b, "link", INNER_PTR, 16 * 8, 0);
        btf_builder_member(b, "lo", U32, 24 * 8, 4);
        btf_builder_member(b, "hi", U32, 24 * 8 + 4, 28);
        build_user(b, box);
        flexible = btf_builder_array(b, INT, INT, 0);
        view = btf_builder_next_id(b) + 1;
        btf_builder_ptr(b, view);
        btf_builder_struct(b, "view", 8, false);
        btf_builder_member(b, "self", view - 1, 0, 0);
        btf_builder_member(b, "x", flexible, 8 * 8, 0);
        *state = fixture_set(b);
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

/* "24 -> -8", then the type. */
static const char *plan_text(const struct plan *plan)
{
        static char buffer[2048];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        for (size_t i = 0; i < plan->n_steps; i++)
                strbuf_printf(&text, "%" PRId64 "%s", plan->steps[i].offset,
                              plan->steps[i].dereference ? " -> " : "  ");
        type_name_append_pointer(&text, plan->source->btf, plan->value.type, plan->value.n_stars);
        if (plan->value.has_size)
                strbuf_printf(&text, "  %" PRIu64, plan->value.size);
        return buffer;
}

static void casts_lead_where_c_leads(void **state)
{
        static const struct {
                const char *type, *path, *expected;
        } cases[] = {
                /* The object itself, parentheses. */
                {"user", ".", "0  struct user  96"},
                {"user", "(box)->pre", "24 -> 0  long unsigned int  8"},
                {"user", "((in)[1]).b", "92  int  4"},
                {"box_ptr", ".->pre", "0 -> 0  long unsigned int  8"},
                {"box_ptr", ".[1].pre", "0 -> 32  long unsigned int  8"},

                /* Of pointers, of integers as large, of casts. */
                {"user", "((struct box *)data)->pre", "0 -> 0  long unsigned int  8"},
                {"user", "((struct box *)data)[2].in.b", "0 -> 76  int  4"},
                {"user", "((box_ptr)data)->link->b", "0 -> 16 -> 4  int  4"},
                {"user", "((const struct box *)word)->in.a", "8 -> 8  int  4"},
                {"user", "((struct restrict  box volatile *)word)->in.a", "8 -> 8  int  4"},
                {"user", "((struct inner *)(struct box *)data)->b", "0 -> 4  int  4"},
                {"user", "((unsigned long *)box)[3]", "24 -> 24  long unsigned int  8"},
                {"user", "((struct box **)data)[1]->link", "0 -> 8 -> 16  struct inner *  8"},
                {"user", "((struct box ***)data)[1][2]->link", "0 -> 8 -> 16 -> 16  struct inner *  8"},
                {"user", "((struct user *)box)->box->pre", "24 -> 24 -> 0  long unsigned int  8"},
                {"user", "((struct user *)((struct view *)data)->self)->word",
                 "0 -> 0 -> 8  long unsigned int  8"},
                /* What a cast makes is a value as well. */
                {"user", "(struct box *)data", "0  struct box *  8"},
                {"user", "(struct box **)data", "0  struct box **  8"},
                {"user", "((struct box **)data)[1]", "0 -> 8  struct box *  8"},
                {"user", "(box_ptr)data", "0  struct box *  8"},
                {"user", "(void *)box", "24  void *  8"},
                {"user", "(struct box *)box->link", "24 -> 16  struct box *  8"},

                /* An array is where it lies: nothing is loaded. */
                {"user", "((struct inner *)cb)->b", "36  int  4"},
                {"user", "((struct inner *)cb)[2].b", "52  int  4"},
                {"user", "((struct box **)cb)[1]->pre", "40 -> 0  long unsigned int  8"},
                {"user", "((struct inner *)&cb[8])->b", "44  int  4"},

                /* Addresses. */
                {"user", "(&in[1])->b", "92  int  4"},
                {"user", "(&in[1])[0].b", "92  int  4"},
                {"user", "(&word)[1]", "16  long unsigned int  8"},
                {"user", "((struct inner *)&word)->b", "12  int  4"},
                {"user", "((struct box *)&.)->link->a", "16 -> 0  int  4"},
                {"user", "(&box->in)->b", "24 -> 12  int  4"},
                {"user", "((struct user *)&box->in)->box->pre", "24 -> 32 -> 0  long unsigned int  8"},

                /* From a member to what holds it. */
                {"struct inner", "container_of(&., struct box, in)->pre", "-8  long unsigned int  8"},
                {"struct inner", "container_of(&., struct box, in)->link->b", "8 -> 4  int  4"},
                {"struct inner", "container_of(&., struct box, in)[0]", "-8  struct box  32"},
                {"struct inner", "container_of(&., struct box, in)[1].pre", "24  long unsigned int  8"},
                {"struct inner", "container_of(&., struct user, in[1])->word", "-80  long unsigned int  8"},
                {"struct box", "container_of(link, struct box, in)->pre", "16 -> -8  long unsigned int  8"},
                {"struct box",
                 "container_of(container_of(link, struct box, in)->link, struct user, in[0])->data",
                 "16 -> 8 -> -80  void *  8"},
                {"user", "container_of(data, struct box, link)->pre", "0 -> -16  long unsigned int  8"},
                {"user", "container_of((struct inner *)box, struct outer, in)->ptr",
                 "24 -> 8  struct inner *  8"},
                {"user", "container_of(&in[0], struct user, in[1])->cb[3]",
                 "27  char  1"}, /* 80 - 88 + 32 + 3 */
                {"user", "((struct user *)container_of(&in[0], struct box, in))->word",
                 "80  long unsigned int  8"},
                {"struct inner", "container_of(&a, struct inner, b)->a", "-4  int  4"},
                {"struct view", "((struct view *)container_of(&x[3], struct view, x[1]))->self",
                 "8  struct view *  8"},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct selector selector = {.name = cases[i].type};
                struct query_error error = {0};
                struct found also;
                struct plan plan;
                int r = field_offset(*state, &selector, cases[i].path, &plan, &also, &error);

                if (r != 0)
                        fail_msg("%s %s: %s", cases[i].type, cases[i].path, error.message);
                if (strcmp(plan_text(&plan), cases[i].expected) != 0)
                        fail_msg("%s %s: %s; expected %s", cases[i].type, cases[i].path, plan_text(&plan),
                                 cases[i].expected);
        }
}

/* The load is chosen against the object that the bitfield is in, wherever that begins. */
static void bitfields_are_found_in_what_holds_a_member(void **state)
{
        static const struct {
                const char *type, *path;
                int64_t offset;
                uint32_t bit_offset;
        } cases[] = {
                {"struct inner", "container_of(&., struct box, in)->hi", 16, 4},
                {"struct user", "((struct box *)&.)->hi", 24, 4},
                {"struct user", "((struct box *)&word)->lo", 32, 0},
                {"struct user", "((struct box *)cb)[1].hi", 88, 4},
                {"struct inner", "((struct bits *)&b)->hi", 4, 4},
                {"struct inner", "container_of((struct bits *)&b, struct holder, bits[1])->odds[2].x", 26, 0},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct selector selector = {.name = cases[i].type};
                struct query_error error = {0};
                struct found also;
                struct plan plan;

                if (field_offset(*state, &selector, cases[i].path, &plan, &also, &error) != 0)
                        fail_msg("%s: %s", cases[i].path, error.message);
                assert_true(plan.value.is_bitfield && plan.value.bitfield.has_load);
                if (plan.steps[0].offset != cases[i].offset ||
                    plan.value.bitfield.bit_offset != cases[i].bit_offset)
                        fail_msg("%s: %" PRId64 ", bit %u", cases[i].path, plan.steps[0].offset,
                                 plan.value.bitfield.bit_offset);
        }
}

static void a_flexible_array_stays_one_behind_a_cast(void **state)
{
        struct selector user = {.name = "user"};
        struct query_error error;
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &user, "((struct view *)data)->x", &plan, &also, &error), 0);
        assert_true(plan.is_flexible);
        assert_int_equal(field_offset(*state, &user, "((struct view *)data)->x[7]", &plan, &also, &error), 0);
        assert_string_equal(plan_text(&plan), "0 -> 36  int  4");
}

struct bad_cast {
        const char *type, *path;
        enum query_reason reason;
        const char *component;
        size_t position, i_component;
        const char *hint; /* part of the message */
};

static const struct bad_cast bad_casts[] = {
        {"user", "(int)data", QUERY_BAD_PATH, "int", 1, 1, "(int *)"},
        {"user", "(unsigned long)data", QUERY_BAD_PATH, "unsigned long", 1, 1, "pointer"},
        {"user", "((struct box)data)->pre", QUERY_BAD_PATH, "struct box", 2, 1, "(struct box *)"},
        {"user", "((outer_t)data)->pre", QUERY_BAD_PATH, "outer_t", 2, 1, "pointer"},
        {"user", "((struct bax *)data)->pre", QUERY_NAME_NOT_FOUND, "struct bax", 2, 1, "struct bax"},
        {"user", "((bax *)data)->pre", QUERY_NAME_NOT_FOUND, "bax", 2, 1, "bax"},
        {"user", "((const *)data)->pre", QUERY_BAD_PATH, "const", 2, 1,
         "byte 7 of the path: expected a type's name"},
        {"user", "((struct box *)word32)->pre", QUERY_WRONG_KIND, "struct box", 2, 1, "'int'"},
        {"user", "((struct box *)box->in)->pre", QUERY_WRONG_KIND, "struct box", 2, 2, "'&'"},
        {"user", "((struct box *)box->hi)->pre", QUERY_WRONG_KIND, "struct box", 2, 2, "bitfield"},
        {"user", "((struct box *)data)->nope", QUERY_MEMBER_NOT_FOUND, "nope", 22, 2, "struct box"},
        {"user", "((struct box *)data).pre", QUERY_WRONG_KIND, "pre", 21, 2, "'struct box *'"},
        {"user", "((struct box **)data)->pre", QUERY_WRONG_KIND, "pre", 23, 2, "'struct box *'"},
        {"user", "((void *)data)->pre", QUERY_INCOMPLETE_TYPE, "pre", 16, 2, "void"},
        {"user", "((void *)data)[1]", QUERY_INCOMPLETE_TYPE, "1", 15, 2, "void"},
        {"user", "((struct later *)data)->x", QUERY_INCOMPLETE_TYPE, "x", 24, 2, "struct later"},
        {"user", "((struct box *)data)[288230376151711744].pre", QUERY_OVERFLOW, "288230376151711744", 21, 2,
         "2^53"},

        {"user", "&word", QUERY_WRONG_KIND, "&", 0, 1, "leave the '&' out"},
        {"user", "&&word", QUERY_WRONG_KIND, "&", 0, 2, "no address itself"},
        {"user", "(&word).x", QUERY_WRONG_KIND, "x", 8, 2, "'->x'"},
        {"user", "(&box->hi)->x", QUERY_WRONG_KIND, "&", 1, 2, "bitfield has no address"},
        {"user", "(struct box *)&word", QUERY_WRONG_KIND, "struct box", 1, 2, "[0]"},
        {"user", "(struct box *)cb", QUERY_WRONG_KIND, "struct box", 1, 1, "[0]"},
        {"user", "(&word)[1125899906842624]", QUERY_OVERFLOW, "1125899906842624", 8, 2, "2^53"},

        /* Each step is in bounds, and so is not what they add up to. */
        {"user", "(&((unsigned long *)data)[1125899906842623])[1]", QUERY_OVERFLOW, "1", 45, 4, "2^53"},

        {"user", "container_of(data, struct box, in)", QUERY_WRONG_KIND, "in", 31, 2, "[0]"},
        {"user", "container_of(word, struct box, in)->pre", QUERY_WRONG_KIND, "struct box", 19, 1, "pointer"},
        {"user", "container_of(in[0], struct box, in)->pre", QUERY_WRONG_KIND, "struct box", 20, 2, "'&'"},
        {"user", "container_of(data, struct bax, in)->pre", QUERY_NAME_NOT_FOUND, "struct bax", 19, 1, "bax"},
        {"user", "container_of(data, int, in)->pre", QUERY_WRONG_KIND, "in", 24, 2, "'int'"},
        {"user", "container_of(data, struct later, in)->pre", QUERY_INCOMPLETE_TYPE, "in", 33, 2, "later"},
        {"user", "container_of(data, struct box, out)->pre", QUERY_MEMBER_NOT_FOUND, "out", 31, 2,
         "struct box"},
        {"user", "container_of(data, struct box, in.c)->pre", QUERY_MEMBER_NOT_FOUND, "c", 34, 3, "inner"},
        {"user", "container_of(data, struct box, hi)->pre", QUERY_WRONG_KIND, "hi", 31, 2, "bitfield"},
        {"user", "container_of(data, struct box, link[1])->pre", QUERY_WRONG_KIND, "1", 36, 3, "inside"},
        {"user", "container_of(data, struct user, in[2])->box", QUERY_INDEX_OUT_OF_RANGE, "2", 35, 3, "2"},
        {"user", "container_of(box, struct user, in[1])->box", QUERY_WRONG_KIND, "1", 34, 3, "'struct box'"},
        {"user", "container_of(&word, struct box, in)->pre", QUERY_WRONG_KIND, "in", 32, 3, "'struct inner'"},
        {"user", "container_of(data, struct box, in)->nope", QUERY_MEMBER_NOT_FOUND, "nope", 36, 3, "box"},
        {"user", "container_of(data, struct box, in).pre", QUERY_WRONG_KIND, "pre", 35, 3, "'->pre'"},
};

static void errors_name_the_component(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(bad_casts); i++) {
                const struct bad_cast *c = &bad_casts[i];
                struct selector selector = {.name = c->type};
                struct query_error error = {0};
                struct found also;
                struct plan plan;
                int r = field_offset(*state, &selector, c->path, &plan, &also, &error);

                if (r != (int)c->reason || error.position != c->position ||
                    error.i_component != c->i_component || !strstr(error.message, c->hint))
                        fail_msg("%s: %d, byte %zu, component %zu: %s", c->path, r, error.position,
                                 error.i_component, error.message);
                assert_ptr_equal(error.component, c->path + c->position);
                assert_int_equal(error.component_length, strlen(c->component));
                assert_memory_equal(error.component, c->component, error.component_length);
                if (r == QUERY_NAME_NOT_FOUND) {
                        /* The name is a piece of the path: nothing ends it. */
                        assert_ptr_equal(error.name, error.component);
                        assert_int_equal(error.name_length, error.component_length);
                        assert_true(error.n_near > 0);
                }
        }
}

/* 21 times from an inner to the box that holds it: three components each, and `link` at first. */
static void as_many_steps_back_as_a_path_may_have(void **state)
{
        char path[2048] = "";
        struct selector box = {.name = "box"};
        struct query_error error;
        struct found also;
        struct plan plan;

        for (int i = 0; i < 21; i++)
                strcat(path, "container_of(");
        strcat(path, "link");
        for (int i = 0; i < 21; i++)
                strcat(path, i < 20 ? ", struct box, in)->link" : ", struct box, in)->pre");
        assert_int_equal(field_offset(*state, &box, path, &plan, &also, &error), 0);
        assert_int_equal(plan.n_steps, 22);
        assert_true(plan.steps[0].offset == 16 && plan.steps[20].offset == 8 && plan.steps[21].offset == -8);
        strcpy(strstr(path, "->pre"), "->link->a");
        assert_int_equal(field_offset(*state, &box, path, &plan, &also, &error), QUERY_BAD_PATH);
        assert_non_null(strstr(error.message, "64"));
}

/* A name in a cast may be as long as a path, and is not copied anywhere then. */
static void long_names_in_casts_are_refused(void **state)
{
        size_t length = 65536;
        char *path = malloc(length + 1);
        struct selector user = {.name = "user"};
        struct query_error error;
        struct found also;
        struct plan plan;

        assert_non_null(path);
        memset(path, 'x', length);
        memcpy(path, "(struct ", 8);
        memcpy(path + length - 8, " *) data", 8);
        path[length] = '\0';
        assert_int_equal(field_offset(*state, &user, path, &plan, &also, &error), QUERY_BAD_PATH);
        assert_int_equal(error.position, 1);
        assert_non_null(strstr(error.message, "255"));
        free(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(casts_lead_where_c_leads),
                cmocka_unit_test(bitfields_are_found_in_what_holds_a_member),
                cmocka_unit_test(a_flexible_array_stays_one_behind_a_cast),
                cmocka_unit_test(errors_name_the_component),
                cmocka_unit_test(as_many_steps_back_as_a_path_may_have),
                cmocka_unit_test(long_names_in_casts_are_refused),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
