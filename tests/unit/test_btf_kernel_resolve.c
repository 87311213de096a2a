/*
 * What the kernel runs into when it searches for what types stand for, as it would: in the order of ids, each type once,
 * with a stack of 32.
 */
#include "support/findings.h"
#include "support/unit.h"

/* `n` types, each of the one before or behind it: a typedef of a struct of a typedef ... of an int. */
static struct btf_builder *chain(uint32_t n, bool is_up)
{
        struct btf_builder *b = btf_builder_new();

        if (is_up)
                btf_builder_int(b, "int", 4, 32, 0);
        for (uint32_t i = 0; i < n; i++) {
                uint32_t id = btf_builder_next_id(b);
                uint32_t next = is_up ? id - 1 : id + 1;

                if (i % 2 == 0)
                        btf_builder_typedef(b, "t", next);
                else
                        btf_builder_struct(b, "s", 4, false);
                if (i % 2 == 1)
                        btf_builder_member(b, "m", next, 0, 0);
        }
        if (!is_up)
                btf_builder_int(b, "int", 4, 32, 0);
        return b;
}

/* Where the kernel begins makes the difference: what has been resolved is not on its stack again. */
static void the_kernels_stack_has_32_places(void **state)
{
        (void)state;
        findings_expect_none("32 types", chain(32, /* is_up= */ false));
        findings_expect_none("64 types, the last ones first", chain(64, /* is_up= */ true));
        findings_expect_one("33 types", chain(33, /* is_up= */ false), BTF_ERROR_TOO_DEEP, 32, 4);
        /* The next 31 are searched from the one on at which the kernel would have ended. */
        findings_expect_one("60 types", chain(60, /* is_up= */ false), BTF_ERROR_TOO_DEEP, 32, 4);
}

/* An array of, or with an index of, a typedef of a typedef ... of an int: one type more than the kernel has room for. */
static void both_types_of_an_array_are_searched(void **state)
{
        (void)state;
        for (int is_index = 0; is_index < 2; is_index++) {
                struct btf_builder *b = btf_builder_new();

                btf_builder_array(b, is_index ? 34 : 2, is_index ? 2 : 34, 1);
                for (uint32_t id = 2; id < 34; id++)
                        btf_builder_typedef(b, "t", id + 1);
                btf_builder_int(b, "int", 4, 32, 0);
                findings_expect_one("array", b, BTF_ERROR_TOO_DEEP, 32, 2);
        }
}

/* What a pointer points to is not searched with it, and so has the whole stack. */
static void a_pointer_needs_no_more_room(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        btf_builder_ptr(b, 2);
        for (uint32_t id = 2; id < 34; id++) {
                btf_builder_struct(b, "s", 4, false);
                btf_builder_member(b, "m", id + 1, 0, 0);
        }
        btf_builder_int(b, "int", 4, 32, 0);
        findings_expect_none("a pointer to 32 structs", b);
}

static void pointers_come_to_an_end(void **state)
{
        struct btf_builder *b = btf_builder_new();

        (void)state;
        btf_builder_typedef(b, "ring_t", 2);
        btf_builder_ptr(b, 1);
        findings_expect_one("typedef of a pointer to itself", b, BTF_ERROR_LOOP, 2, 2);

        b = btf_builder_new();
        btf_builder_ptr(b, 2);
        btf_builder_typedef(b, "ring_t", 3);
        btf_builder_const(b, 1);
        btf_builder_struct(b, "s", 8, false);
        btf_builder_member(b, "ring", 3, 0, 0);
        findings_expect_one("and of one in a struct", b, BTF_ERROR_LOOP, 3, 2);

        b = btf_builder_new();
        btf_builder_struct(b, "s", 8, false);
        btf_builder_member(b, "ring", 2, 0, 0);
        btf_builder_const(b, 3);
        btf_builder_ptr(b, 4);
        btf_builder_typedef(b, "ring_t", 2);
        /* The struct's search ends at the pointer, which is then searched itself. */
        findings_expect_one("a ring that a struct leads into", b, BTF_ERROR_LOOP, 3, 2);

        b = btf_builder_new();
        btf_builder_struct(b, "list_head", 16, false);
        btf_builder_member(b, "next", 2, 0, 0);
        btf_builder_member(b, "prev", 2, 64, 0);
        btf_builder_ptr(b, 3);
        btf_builder_typedef(b, "list_t", 1);
        findings_expect_none("a struct that points to itself", b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_kernels_stack_has_32_places),
                cmocka_unit_test(both_types_of_an_array_are_searched),
                cmocka_unit_test(a_pointer_needs_no_more_room),
                cmocka_unit_test(pointers_come_to_an_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
