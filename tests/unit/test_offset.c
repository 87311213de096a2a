/*
 * field.offset's plans: from a type and a path to offsets and dereferences.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query/offset.h"
#include "query/type_name.h"
#include "support/fixture.h"
#include "support/sample.h"
#include "support/unit.h"

static int begin(void **state)
{
        struct btf_builder *b = btf_builder_new();

        sample_build(b);
        *state = fixture_set(b);
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

/* The steps as btfctl prints them: "1136 -> 1296 -> 1752". */
static const char *steps_text(const struct plan *plan)
{
        static char buffer[1024];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        for (size_t i = 0; i < plan->n_steps; i++) {
                strbuf_printf(&text, "%s%" PRId64, i > 0 ? " -> " : "", plan->steps[i].offset);
                /* Every step but the last dereferences. */
                assert_int_equal(plan->steps[i].dereference, i + 1 < plan->n_steps);
        }
        return buffer;
}

static const char *type_text(const struct plan *plan)
{
        static char buffer[TYPE_NAME_SIZE];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        type_name_append_pointer(&text, plan->source->btf, plan->value.type, plan->value.n_stars);
        return buffer;
}

static struct plan resolve(const struct source_set *set, const char *type, const char *path)
{
        struct selector selector = {.name = type};
        struct query_error error = {0};
        struct found also;
        struct plan plan;

        if (field_offset(set, &selector, path, &plan, &also, &error) != 0)
                fail_msg("%s %s: %s", type, path, error.message);
        return plan;
}

struct good_path {
        const char *type, *path;
        const char *steps;
        const char *value; /* its type */
        uint64_t size;
};

static const struct good_path good_paths[] = {
        {"struct outer", "in", "0", "struct inner", 8},
        {"struct outer", "in.b", "4", "int", 4},
        {"struct outer", ".in.b", "4", "int", 4},
        {"outer_t", "in.b", "4", "int", 4},
        {"outer", "comm", "40", "char[16]", 16},
        {"outer", "comm[3]", "43", "char", 1},
        {"outer", "comm[15]", "55", "char", 1},
        {"outer", "arr[2]", "32", "struct inner", 8},
        {"outer", "arr[2].b", "36", "int", 4},
        {"outer", "arr[0x1].a", "24", "int", 4},
        {"outer", "arr->b", "20", "int", 4}, /* an array stands for a pointer to its first element */

        {"outer", "u1", "64", "int", 4},
        {"outer", "pad", "64", "int", 4},
        {"outer", "deep", "72", "long unsigned int", 8}, /* through a const unnamed struct in a union */
        {"outer", "head_tail", "80", "long unsigned int", 8},
        {"outer", "head", "80", "unsigned int", 4}, /* through an unnamed member of a named type */
        {"outer", "tail", "84", "unsigned int", 4},
        {"union pipe_index", "tail", "4", "unsigned int", 4},

        {"outer", "ptr", "8", "struct inner *", 8},
        {"outer", "ptr->b", "8 -> 4", "int", 4},
        {"outer", "ptr[0]", "8 -> 0", "struct inner", 8},
        {"outer", "ptr[3].b", "8 -> 28", "int", 4},
        {"outer", "next->next->in.b", "88 -> 88 -> 4", "int", 4},
        {"outer", "next->ptr->b", "88 -> 8 -> 4", "int", 4},
        {"outer", "next->tail", "88 -> 84", "unsigned int", 4},
        {"outer", "next[2].comm[1]", "88 -> 393", "char", 1},
        {"outer", "ptrs[1]", "152", "struct inner *", 8},
        {"outer", "ptrs[1]->b", "152 -> 4", "int", 4},
        {"outer", "table[0][3].b", "168 -> 28", "int", 4},
        {"outer", "table[2][1]", "168 -> 72", "struct inner", 8},
        {"outer_ptr", "->in.b", "0 -> 4", "int", 4},
        {"outer_ptr", "[1].in.b", "0 -> 180", "int", 4},
        {"outer_ptr", "[0]", "0 -> 0", "outer_t", 176},
        {"name_t", "[4]", "4", "char", 1},

        {"outer", "opaque", "96", "void *", 8},
        {"outer", "later", "104", "struct later *", 8},
        {"outer", "fn", "112", "int (*)(int)", 8},
        {"outer", "matrix", "120", "int[2][3]", 24},
        {"outer", "matrix[1]", "132", "int[3]", 12},
        {"outer", "matrix[1][2]", "140", "int", 4},
        {"outer", "zero", "144", "int[0]", 0},
        {"outer", "flex", "176", "int[0]", 0},
        {"outer", "flex[0]", "176", "int", 4},
        {"outer", "flex[5]", "196", "int", 4},
        {"outer", "next->flex[5]", "88 -> 196", "int", 4},
        {"outer", "next[1].flex[0]", "88 -> 352", "int", 4},
        {"struct tail", "odds[7]", "11", "struct odd", 1},
        {"huge_t", "[65534][65535]", "4294901759", "char", 1},
        {"huge_ptr", "[1048576][0][7]", "0 -> 4503530907893767", "char", 1},
};

static void paths_lead_where_c_leads(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(good_paths); i++) {
                const struct good_path *c = &good_paths[i];
                struct plan plan = resolve(*state, c->type, c->path);

                if (strcmp(steps_text(&plan), c->steps) != 0 || strcmp(type_text(&plan), c->value) != 0)
                        fail_msg("%s %s: %s, %s; expected %s, %s", c->type, c->path, steps_text(&plan),
                                 type_text(&plan), c->steps, c->value);
                assert_true(plan.value.has_size);
                assert_true(plan.value.size == c->size);
                assert_false(plan.value.is_bitfield);
        }
}

static void only_last_members_are_flexible(void **state)
{
        assert_true(resolve(*state, "outer", "flex").is_flexible);
        assert_true(resolve(*state, "outer", "next->flex").is_flexible);
        assert_true(resolve(*state, "struct tail", "odds").is_flexible);
        assert_false(resolve(*state, "outer", "zero").is_flexible);
        assert_false(resolve(*state, "outer", "comm").is_flexible);
        assert_false(resolve(*state, "outer", "flex[0]").is_flexible);
        assert_false(resolve(*state, "struct holder", "odds").is_flexible);
}

/* Each member of a union ends it: struct bpf_array has `union { char value[0]; void *ptrs[0]; void *pptrs[0]; }`. */
static void every_member_of_a_union_may_be_flexible(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct plan plan;

        (void)state;
        btf_builder_int(b, "unsigned int", 4, 32, 0);
        btf_builder_array(b, 1, 1, 0);
        btf_builder_union(b, "", 0, false);
        btf_builder_member(b, "words", 2, 0, 0);
        btf_builder_member(b, "same", 2, 0, 0);
        btf_builder_struct(b, "root", 4, false);
        btf_builder_member(b, "n", 1, 0, 0);
        btf_builder_member(b, "none", 2, 32, 0);
        btf_builder_member(b, "", 3, 32, 0);
        set = fixture_set(b);
        assert_true(resolve(set, "struct root", "words").is_flexible);
        assert_true(resolve(set, "struct root", "same").is_flexible);
        assert_false(resolve(set, "struct root", "none").is_flexible);
        plan = resolve(set, "struct root", "words[3]");
        assert_string_equal(steps_text(&plan), "16");
}

struct good_bitfield {
        const char *type, *path;
        const char *steps;
        uint32_t bit_offset, bit_size, load_size;
        bool is_signed;
};

static const struct good_bitfield good_bitfields[] = {
        {"outer", "ready", "160", 0, 1, 4, false},
        {"outer", "mode", "160", 1, 3, 4, false},
        {"outer", "prio", "160", 4, 5, 4, true},
        {"outer", "next->mode", "88 -> 160", 1, 3, 4, false},
        {"outer", "next[2].mode", "88 -> 512", 1, 3, 4, false},
        {"struct bits", "hi", "0", 4, 28, 4, false},
        {"holder", "bits[0].hi", "0", 4, 28, 4, false},
        {"holder", "bits[3].hi", "12", 4, 28, 4, false},
        {"holder", "bits->hi", "0", 4, 28, 4, false},
        {"holder", "bp->hi", "16 -> 0", 4, 28, 4, false},
        {"holder", "bp[3].hi", "16 -> 12", 4, 28, 4, false},
        /* The natural load of a u32 would leave the 27 bytes. */
        {"holder", "odds[0].x", "24", 0, 3, 1, false},
        {"holder", "odds[2].x", "26", 0, 3, 1, false},
        {"struct odd", "x", "0", 0, 3, 1, false},
};

static void bitfields_are_placed_in_their_step(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(good_bitfields); i++) {
                const struct good_bitfield *c = &good_bitfields[i];
                struct plan plan = resolve(*state, c->type, c->path);
                const struct value_bitfield *bitfield = &plan.value.bitfield;

                assert_true(plan.value.is_bitfield);
                if (strcmp(steps_text(&plan), c->steps) != 0 || bitfield->bit_offset != c->bit_offset ||
                    bitfield->load_size != c->load_size)
                        fail_msg("%s %s: %s, bit %u, load %u", c->type, c->path, steps_text(&plan),
                                 bitfield->bit_offset, bitfield->load_size);
                assert_true(bitfield->has_load);
                assert_int_equal(bitfield->bit_size, c->bit_size);
                assert_int_equal(bitfield->is_signed, c->is_signed);
        }
}

/*
 * Of a flexible array's elements only the asked one is known to exist, so the load must end where it does:
 * behind the last one may lie an unmapped page.
 */
static void a_load_ends_inside_a_flexible_array_s_element(void **state)
{
        for (uint64_t i = 0; i < 9; i++) {
                char path[32];
                struct plan plan;

                snprintf(path, sizeof(path), "odds[%" PRIu64 "].x", i);
                plan = resolve(*state, "struct tail", path);
                assert_true(plan.value.bitfield.has_load);
                assert_true((uint64_t)plan.steps[0].offset + plan.value.bitfield.load_size <= 4 + i + 1);
                assert_true((uint64_t)plan.steps[0].offset * 8 + plan.value.bitfield.bit_offset ==
                            (4 + i) * 8);
        }
}

/* Behind a pointer, the object ends with the element that the index names. */
static void a_load_ends_inside_the_pointed_to_object(void **state)
{
        struct btf_builder *b = btf_builder_new();
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;

        (void)state;
        btf_builder_int(b, "unsigned int", 4, 32, 0);
        btf_builder_struct(b, "odd", 3, true);
        btf_builder_member(b, "x", 1, 0, 3);
        btf_builder_member(b, "y", 1, 19, 5);
        btf_builder_ptr(b, 2);
        btf_builder_struct(b, "root", 8, false);
        btf_builder_member(b, "p", 3, 0, 0);
        set = fixture_set(b);
        for (uint64_t i = 0; i < 9; i++) {
                char path[32];
                struct plan plan;

                snprintf(path, sizeof(path), "p[%" PRIu64 "].y", i);
                plan = resolve(set, "struct root", path);
                assert_int_equal(plan.n_steps, 2);
                assert_true((uint64_t)plan.steps[1].offset + plan.value.bitfield.load_size <= 3 * (i + 1));
                assert_true((uint64_t)plan.steps[1].offset * 8 + plan.value.bitfield.bit_offset ==
                            24 * i + 19);
        }
}

/*
 * A struct may claim fewer bytes than a struct in it has: nothing in the loader forbids it so far. Such BTF
 * may be refused, or the recipe may be missing, but it must not read other bits than the field's.
 */
static void a_member_beyond_its_struct_gives_no_wrong_recipe(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct source *source = NULL;
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct btf_error error;
        struct plan plan;

        (void)state;
        btf_builder_int(b, "unsigned int", 4, 32, 0);
        btf_builder_struct(b, "inner", 16, true);
        btf_builder_member(b, "x", 1, 100, 3);
        btf_builder_struct(b, "outer", 4, false);
        btf_builder_member(b, "in", 2, 0, 0);
        image = btf_builder_steal(b);
        if (source_new(&source, "vmlinux", 1, (struct source_bytes){.data = image.data, .size = image.size},
                       /* base= */ NULL, &error) != 0)
                return; /* refused: fine */
        assert_int_equal(source_set_new(&set, "running", "/", &source, 1, NULL, 0), 0);
        source_unref(source);
        plan = resolve(set, "struct outer", "in.x");
        if (plan.value.bitfield.has_load) {
                assert_true(plan.value.bitfield.lshift < 64);
                assert_true(plan.value.bitfield.bit_offset + 3 <= plan.value.bitfield.load_size * 8);
        }
}

static void as_many_steps_as_a_path_may_have(void **state)
{
        char path[4 + 63 * 6 + 1] = "next";
        struct plan plan;

        for (int i = 0; i < 63; i++)
                strcat(path, "->next");
        plan = resolve(*state, "outer", path);
        assert_int_equal(plan.n_steps, 64);
        for (size_t i = 0; i < plan.n_steps; i++)
                assert_true(plan.steps[i].offset == 88);
}

/* The root travels with the plan, so that an answer can name its source. */
static void a_plan_names_its_root(void **state)
{
        const struct source_set *set = *state;
        struct plan plan = resolve(set, "struct outer", "next->in");
        struct btf_type root = btf_type(plan.root.source->btf, plan.root.id);

        assert_ptr_equal(plan.root.source, set->sources[0]);
        assert_string_equal(btf_name(plan.root.source->btf, &root), "outer");
}

static void a_real_kernel_s_tasks_have_owners(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = fixture_real_set();
        struct plan plan;

        (void)state;
        if (!set)
                skip();
        plan = resolve(set, "task_struct", "comm[3]");
        assert_int_equal(plan.n_steps, 1);
        assert_string_equal(type_text(&plan), "char");
        plan = resolve(set, "struct task_struct", "mm->owner->comm");
        assert_int_equal(plan.n_steps, 3);
        assert_string_equal(type_text(&plan), "char[16]");
        plan = resolve(set, "struct task_struct", "files->fdt->fd[3]->f_inode");
        assert_int_equal(plan.n_steps, 5);
        assert_true((uint64_t)plan.steps[3].offset == 24);
        plan = resolve(set, "struct task_struct", "in_execve");
        assert_true(plan.value.is_bitfield && plan.value.bitfield.bit_size == 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(paths_lead_where_c_leads),
                cmocka_unit_test(only_last_members_are_flexible),
                cmocka_unit_test(every_member_of_a_union_may_be_flexible),
                cmocka_unit_test(bitfields_are_placed_in_their_step),
                cmocka_unit_test(a_load_ends_inside_a_flexible_array_s_element),
                cmocka_unit_test(a_load_ends_inside_the_pointed_to_object),
                cmocka_unit_test(a_member_beyond_its_struct_gives_no_wrong_recipe),
                cmocka_unit_test(as_many_steps_as_a_path_may_have),
                cmocka_unit_test(a_plan_names_its_root),
                cmocka_unit_test(a_real_kernel_s_tasks_have_owners),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
