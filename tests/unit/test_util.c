/*
 * util/: the string buffer that ends where its memory does, and the hash of names.
 */
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"
#include "util/hash.h"
#include "util/strbuf.h"
#include "util/util.h"

static void a_string_grows(void **state)
{
        char data[16];
        struct strbuf text;

        (void)state;
        memset(data, 'x', sizeof(data));
        strbuf_init(&text, data, sizeof(data));
        assert_string_equal(data, "");
        strbuf_append(&text, "struct ");
        strbuf_append(&text, "");
        strbuf_printf(&text, "%s[%d]", "a", 3);
        assert_string_equal(data, "struct a[3]");
        assert_int_equal(text.length, 11);
        assert_false(text.overflow);
}

/* Appends to blocks of every size around the string's, which end where the sanitizer watches. */
static void a_string_ends_with_its_memory(void **state)
{
        (void)state;
        for (size_t size = 1; size <= 12; size++) {
                for (int formatted = 0; formatted < 2; formatted++) {
                        char *data = malloc(size);
                        bool fits = size >= 9; /* "12345678" and its NUL */
                        struct strbuf text;

                        assert_non_null(data);
                        strbuf_init(&text, data, size);
                        if (formatted)
                                strbuf_printf(&text, "%d", 12345678);
                        else
                                strbuf_append(&text, "12345678");
                        assert_int_equal(text.overflow, !fits);
                        assert_string_equal(data, fits ? "12345678" : "");
                        assert_int_equal(text.length, strlen(data));
                        free(data);
                }
        }
}

/* What comes behind a gap would make another string of it, one that looks whole. */
static void nothing_follows_an_overflow(void **state)
{
        char data[8];
        struct strbuf text;

        (void)state;
        strbuf_init(&text, data, sizeof(data));
        strbuf_append(&text, "abc");
        strbuf_append(&text, "defghijk");
        strbuf_append(&text, "l");
        strbuf_printf(&text, "%s", "m");
        assert_true(text.overflow);
        assert_string_equal(data, "abc");
        assert_int_equal(text.length, 3);
}

static void hashes_depend_on_every_byte_and_the_length(void **state)
{
        struct hash_seed seed = {.key = {0x0123456789abcdef, 0xfedcba9876543210}};
        char text[64];

        (void)state;
        memset(text, 'a', sizeof(text));
        for (size_t length = 0; length <= sizeof(text); length++) {
                uint64_t hash = hash_string(&seed, text, length);

                assert_true(hash == hash_string(&seed, text, length));
                if (length > 0)
                        assert_true(hash != hash_string(&seed, text, length - 1));
                for (size_t i = 0; i < length; i++) {
                        text[i] = 'b';
                        assert_true(hash != hash_string(&seed, text, length));
                        text[i] = 'a';
                }
        }
        /* A NUL at the end is not the same as no byte there: the padding must not be seen as a name's. */
        assert_true(hash_string(&seed, "a\0", 2) != hash_string(&seed, "a", 1));
}

static void hashes_read_no_byte_beyond(void **state)
{
        struct hash_seed seed = {.key = {1, 2}};

        (void)state;
        for (size_t length = 0; length < 40; length++) {
                char *data = malloc(length ? length : 1);

                assert_non_null(data);
                memset(data, 'z', length ? length : 1);
                (void)hash_string(&seed, data, length);
                free(data);
        }
}

static void seeds_differ(void **state)
{
        struct hash_seed a = {0}, b = {0};

        (void)state;
        hash_seed_init(&a);
        hash_seed_init(&b);
        assert_true(a.key[0] != b.key[0] || a.key[1] != b.key[1]);
        assert_true(hash_string(&a, "task_struct", 11) != hash_string(&b, "task_struct", 11));
}

/* Both ends of the hash are used, the low bits for the slot and the high ones for the tag. */
static void hashes_spread(void **state)
{
        struct hash_seed seed;
        unsigned int low[256] = {0}, high[256] = {0};

        (void)state;
        hash_seed_init(&seed);
        for (int i = 0; i < 25600; i++) {
                char name[16];
                uint64_t hash;
                struct strbuf text;

                strbuf_init(&text, name, sizeof(name));
                strbuf_printf(&text, "field_%d", i);
                hash = hash_string(&seed, name, text.length);
                low[hash & 0xff]++;
                high[hash >> 56]++;
        }
        for (int i = 0; i < 256; i++) {
                assert_in_range(low[i], 40, 180); /* 100 each; this is six standard deviations off */
                assert_in_range(high[i], 40, 180);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_string_grows),
                cmocka_unit_test(a_string_ends_with_its_memory),
                cmocka_unit_test(nothing_follows_an_overflow),
                cmocka_unit_test(hashes_depend_on_every_byte_and_the_length),
                cmocka_unit_test(hashes_read_no_byte_beyond),
                cmocka_unit_test(seeds_differ),
                cmocka_unit_test(hashes_spread),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
