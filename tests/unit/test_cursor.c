/*
 * The cursor: reads that fit move it, reads that do not move nothing and touch nothing.
 */
#include <stdlib.h>

#include "btf/cursor.h"
#include "support/unit.h"
#include "util/util.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07};

static bool host_is_big_endian(void)
{
        return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

static void reads_take_what_they_say(void **state)
{
        /* Swapping exactly where the machine is big-endian reads little-endian bytes anywhere. */
        struct btf_cursor cursor = btf_cursor(bytes, 0, sizeof(bytes), host_is_big_endian());
        uint8_t u8 = 0;
        uint16_t u16 = 0;
        uint32_t u32 = 0;

        (void)state;
        assert_true(btf_cursor_u8(&cursor, &u8));
        assert_int_equal(u8, 0x01);
        assert_true(btf_cursor_u16(&cursor, &u16));
        assert_int_equal(u16, 0x0302);
        assert_true(btf_cursor_u32(&cursor, &u32));
        assert_int_equal(u32, 0x07060504);
        assert_int_equal(btf_cursor_left(&cursor), 0);
}

static void swapped_reads_turn_the_bytes(void **state)
{
        struct btf_cursor cursor = btf_cursor(bytes, 0, sizeof(bytes), !host_is_big_endian());
        uint8_t u8 = 0;
        uint16_t u16 = 0;
        uint32_t u32 = 0;

        (void)state;
        assert_true(btf_cursor_u16(&cursor, &u16));
        assert_int_equal(u16, 0x0102);
        assert_true(btf_cursor_u32(&cursor, &u32));
        assert_int_equal(u32, 0x03040506);
        assert_true(btf_cursor_u8(&cursor, &u8));
        assert_int_equal(u8, 0x07);
}

/* From a block of exactly the cursor's size, so that the sanitizer sees a read too far. */
static void reads_that_do_not_fit_change_nothing(void **state)
{
        (void)state;
        for (size_t left = 0; left < 5; left++) {
                uint8_t *data = malloc(left ? left : 1);
                struct btf_cursor cursor = btf_cursor(data, 0, left, false);
                uint8_t u8 = 0xaa;
                uint16_t u16 = 0xaaaa;
                uint32_t u32 = 0xaaaaaaaa;

                assert_non_null(data);
                memset(data, 0x11, left ? left : 1);
                if (left < 4) {
                        assert_false(btf_cursor_u32(&cursor, &u32));
                        assert_int_equal(u32, 0xaaaaaaaa);
                }
                if (left < 2) {
                        assert_false(btf_cursor_u16(&cursor, &u16));
                        assert_int_equal(u16, 0xaaaa);
                }
                if (left < 1) {
                        assert_false(btf_cursor_u8(&cursor, &u8));
                        assert_int_equal(u8, 0xaa);
                }
                assert_false(btf_cursor_skip(&cursor, left + 1));
                assert_int_equal(cursor.position, 0);
                assert_true(btf_cursor_skip(&cursor, left));
                assert_int_equal(btf_cursor_left(&cursor), 0);
                free(data);
        }
}

/* What a record claims to take may be larger than any position. */
static void skips_do_not_wrap(void **state)
{
        struct btf_cursor cursor = btf_cursor(bytes, 3, sizeof(bytes), false);

        (void)state;
        assert_false(btf_cursor_skip(&cursor, UINT64_MAX));
        assert_false(btf_cursor_skip(&cursor, UINT64_MAX - 2));
        assert_false(btf_cursor_skip(&cursor, UINT64_C(1) << 32));
        assert_int_equal(cursor.position, 3);
        assert_true(btf_cursor_skip(&cursor, 4));
}

static void a_cursor_ends_before_its_data_may(void **state)
{
        struct btf_cursor cursor = btf_cursor(bytes, 2, 4, host_is_big_endian());
        uint16_t u16 = 0;
        uint8_t u8;

        (void)state;
        assert_int_equal(btf_cursor_left(&cursor), 2);
        assert_true(btf_cursor_u16(&cursor, &u16));
        assert_int_equal(u16, 0x0403);
        assert_false(btf_cursor_u8(&cursor, &u8));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_take_what_they_say),
                cmocka_unit_test(swapped_reads_turn_the_bytes),
                cmocka_unit_test(reads_that_do_not_fit_change_nothing),
                cmocka_unit_test(skips_do_not_wrap),
                cmocka_unit_test(a_cursor_ends_before_its_data_may),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
