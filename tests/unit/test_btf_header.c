/*
 * Headers and sections that are wrong: each must be refused for the right reason at the right byte.
 */
#include <string.h>

#include "support/fixture.h"
#include "support/unit.h"

/*
 * The file that all cases begin with, 45 bytes: a header, one INT, its name.
 *
 *   0 header   24 types: name_off 1, info, size 4, encoding   40 strings: NUL "int" NUL
 */
enum {
        TYPES = 24,
        STRINGS = 40,
        SIZE = 45,
};

static struct btf_image small_file(bool foreign)
{
        struct btf_builder *b = btf_builder_new();

        if (foreign)
                btf_builder_foreign(b);
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        return btf_builder_steal(b);
}

static void check_refused_on(const char *name, const struct btf_image *image, const struct btf *base,
                             enum btf_error_reason reason, uint64_t offset)
{
        struct btf_error error = {0};
        struct btf *btf = NULL;
        int r = btf_new(&btf, image->data, image->size, base, &error);

        if (r != 1 || error.reason != reason || error.offset != offset)
                print_error("%s%s: result %d, %s at %llu (%s), expected %s at %llu\n", name,
                            base ? " on a base" : "", r, btf_error_reason_name(error.reason),
                            (unsigned long long)error.offset, error.message, btf_error_reason_name(reason),
                            (unsigned long long)offset);
        assert_int_equal(r, 1);
        assert_null(btf);
        assert_int_equal(error.reason, reason);
        assert_true(error.offset == offset);
        assert_true(strlen(error.message) > 0);
}

static void check_refused(const char *name, const struct btf_image *image, enum btf_error_reason reason,
                          uint64_t offset)
{
        check_refused_on(name, image, /* base= */ NULL, reason, offset);
}

struct patch {
        size_t offset;
        uint32_t value;
        size_t width; /* bytes, 1 or 4; 0 ends the list */
};

struct header_case {
        const char *name;
        struct patch patches[4];
        enum btf_error_reason reason;
        uint64_t offset;
};

#define BYTE(offset, value)                                                                                  \
        {                                                                                                    \
                offset, value, 1                                                                             \
        }
#define WORD(offset, value)                                                                                  \
        {                                                                                                    \
                offset, value, 4                                                                             \
        }

static const struct header_case header_cases[] = {
        {"magic's first byte", {BYTE(0, 0x00)}, BTF_ERROR_BAD_MAGIC, 0},
        {"magic's second byte", {BYTE(1, 0x00)}, BTF_ERROR_BAD_MAGIC, 0},
        {"an ELF file", {WORD(0, 0x464c457f)}, BTF_ERROR_BAD_MAGIC, 0},
        {"version 0", {BYTE(2, 0)}, BTF_ERROR_BAD_VERSION, 2},
        {"version 2", {BYTE(2, 2)}, BTF_ERROR_BAD_VERSION, 2},
        {"flags", {BYTE(3, 1)}, BTF_ERROR_BAD_FLAGS, 3},
        {"flags' last bit", {BYTE(3, 0x80)}, BTF_ERROR_BAD_FLAGS, 3},
        {"hdr_len 0", {WORD(4, 0)}, BTF_ERROR_BAD_HEADER_LENGTH, 4},
        {"hdr_len 23", {WORD(4, 23)}, BTF_ERROR_BAD_HEADER_LENGTH, 4},
        {"hdr_len one beyond the file", {WORD(4, SIZE + 1)}, BTF_ERROR_BAD_HEADER_LENGTH, 4},
        {"hdr_len 0xffffffff", {WORD(4, UINT32_MAX)}, BTF_ERROR_BAD_HEADER_LENGTH, 4},
        /* The INT's name_off is 1, which then stands in the unknown part. */
        {"hdr_len 25 with a tail", {WORD(4, 25)}, BTF_ERROR_UNKNOWN_HEADER, 24},
        {"hdr_len 36 with a tail",
         {WORD(4, 36), WORD(24, 0), WORD(28, 0), BYTE(34, 7)},
         BTF_ERROR_UNKNOWN_HEADER,
         32},
        {"hdr_len is the file's size", {WORD(4, SIZE)}, BTF_ERROR_UNKNOWN_HEADER, 32},

        {"type_off unaligned", {WORD(8, 2)}, BTF_ERROR_BAD_SECTION, 8},
        {"type section beyond the file", {WORD(12, 24)}, BTF_ERROR_BAD_SECTION, 8},
        {"type_off + type_len wraps", {WORD(8, 0xfffffff0), WORD(12, 0x20)}, BTF_ERROR_BAD_SECTION, 8},
        {"type section begins late", {WORD(8, 4), WORD(12, 12)}, BTF_ERROR_BAD_SECTION, 8},
        {"string section beyond the file", {WORD(20, 6)}, BTF_ERROR_BAD_SECTION, 16},
        {"str_off + str_len wraps", {WORD(16, 0xfffffffc), WORD(20, 8)}, BTF_ERROR_BAD_SECTION, 16},
        {"str_len 0xffffffff", {WORD(20, UINT32_MAX)}, BTF_ERROR_BAD_SECTION, 16},
        {"sections overlap", {WORD(16, 12), WORD(20, 9)}, BTF_ERROR_BAD_SECTION, 16},
        {"sections are the same bytes", {WORD(16, 0), WORD(20, 21)}, BTF_ERROR_BAD_SECTION, 16},
        {"sections leave a gap", {WORD(12, 12)}, BTF_ERROR_BAD_SECTION, 16},
        {"bytes follow the last section", {WORD(20, 4)}, BTF_ERROR_BAD_SECTION, SIZE - 1},

        {"strings end with no NUL", {BYTE(SIZE - 1, 'x')}, BTF_ERROR_BAD_STRINGS, SIZE - 1},

        {"a record's head is cut", {WORD(12, 20), WORD(16, 20), WORD(20, 1)}, BTF_ERROR_BAD_RECORD, STRINGS},
        {"the first record's head is cut",
         {WORD(12, 10), WORD(16, 10), WORD(20, 11)},
         BTF_ERROR_BAD_RECORD,
         TYPES},
        {"a record's tail is cut",
         {WORD(12, 12), WORD(16, 12), WORD(20, 9), BYTE(36, 0)},
         BTF_ERROR_BAD_RECORD,
         TYPES},
};

/* What split BTF may be like. */
static const struct header_case base_cases[] = {
        {"type section is empty",
         {WORD(12, 0), WORD(16, 0), WORD(20, 21), BYTE(24, 0)},
         BTF_ERROR_BAD_SECTION,
         12},
        {"strings begin with no NUL", {BYTE(STRINGS, 'x')}, BTF_ERROR_BAD_STRINGS, STRINGS},
};

static void apply(struct btf_image *image, const struct patch patches[static 4])
{
        for (size_t i = 0; i < 4 && patches[i].width > 0; i++) {
                if (patches[i].width == 1)
                        image->data[patches[i].offset] = (uint8_t)patches[i].value;
                else
                        btf_image_patch_u32(image, patches[i].offset, patches[i].value);
        }
}

static void check_cases(const struct header_case *cases, size_t n_cases, const struct btf *base)
{
        for (size_t i = 0; i < n_cases; i++) {
                struct btf_image image = small_file(/* foreign= */ false);

                assert_int_equal(image.size, SIZE);
                apply(&image, cases[i].patches);
                check_refused_on(cases[i].name, &image, base, cases[i].reason, cases[i].offset);
                btf_image_free(&image);
        }
}

static void bad_headers_are_refused(void **state)
{
        static const struct header_case no_strings = {"no strings", {WORD(20, 0)}, BTF_ERROR_BAD_STRINGS, 20};
        struct btf_image base_image = small_file(/* foreign= */ false);
        struct btf *base = fixture_btf(&base_image);

        (void)state;
        check_cases(header_cases, ARRAY_LENGTH(header_cases), /* base= */ NULL);
        check_cases(header_cases, ARRAY_LENGTH(header_cases), base);
        check_cases(base_cases, ARRAY_LENGTH(base_cases), /* base= */ NULL);
        check_cases(&no_strings, 1, /* base= */ NULL);
        btf_free(base);
        btf_image_free(&base_image);
}

static void split_btf_needs_less(void **state)
{
        struct btf_image base_image = small_file(/* foreign= */ false);
        struct btf *base = fixture_btf(&base_image);

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(base_cases); i++) {
                struct btf_image image = small_file(/* foreign= */ false);
                struct btf_error error = {0};
                struct btf *btf = NULL;

                apply(&image, base_cases[i].patches);
                if (btf_new(&btf, image.data, image.size, base, &error) != 0)
                        fail_msg("%s: %s", base_cases[i].name, error.message);
                btf_free(btf);
                btf_image_free(&image);
        }
        btf_free(base);
        btf_image_free(&base_image);
}

static void swap(uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n / 2; i++) {
                uint8_t byte = bytes[i];

                bytes[i] = bytes[n - 1 - i];
                bytes[n - 1 - i] = byte;
        }
}

/* The words of a foreign header are swapped before they are judged. Bytes are where they are. */
static void bad_foreign_headers_are_refused(void **state)
{
        struct btf_image image;

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(header_cases); i++) {
                const struct header_case *c = &header_cases[i];
                size_t types_end;

                /* What lies behind the header counts by its bytes, not its words. */
                if (c->reason == BTF_ERROR_UNKNOWN_HEADER)
                        continue;
                image = small_file(/* foreign= */ false);
                apply(&image, c->patches);
                swap(image.data, 2);
                types_end = TYPES + btf_image_u32(&image, 12);
                for (size_t at = 4; at + 4 <= types_end && at < STRINGS; at += 4)
                        swap(image.data + at, 4);
                check_refused(c->name, &image, c->reason, c->offset);
                btf_image_free(&image);
        }

        image = small_file(/* foreign= */ true);
        btf_image_patch_u32(&image, 4, 24); /* in the machine's order, where the file has the other */
        check_refused("foreign hdr_len", &image, BTF_ERROR_BAD_HEADER_LENGTH, 4);
        btf_image_free(&image);
}

static void files_shorter_than_a_header_are_truncated(void **state)
{
        struct btf_image base_image = small_file(/* foreign= */ false);
        struct btf *base = fixture_btf(&base_image);

        (void)state;
        for (size_t size = 0; size < BTF_HEADER_LENGTH; size++) {
                struct btf_image whole = small_file(/* foreign= */ false);
                struct btf_image image = {.data = malloc(size ? size : 1), .size = size};

                assert_non_null(image.data);
                memcpy(image.data, whole.data, size);
                check_refused("short file", &image, BTF_ERROR_TRUNCATED, size);
                check_refused_on("short file", &image, base, BTF_ERROR_TRUNCATED, size);
                btf_image_free(&image);
                btf_image_free(&whole);
        }
        btf_free(base);
        btf_image_free(&base_image);
}

struct layout_case {
        const char *name;
        uint32_t offset, length; /* of the layout section, from the header's end */
        enum btf_error_reason reason;
        uint64_t error_offset;
};

/* A 32-byte header: types 0 to 16, layout 16 to 24, strings 24 to 29. */
static void bad_layout_sections_are_refused(void **state)
{
        static const struct layout_case cases[] = {
                {"layout_len no multiple of 4", 16, 6, BTF_ERROR_BAD_SECTION, 24},
                {"layout_off no multiple of 4", 18, 4, BTF_ERROR_BAD_SECTION, 24},
                {"layout beyond the file", 16, 16, BTF_ERROR_BAD_SECTION, 24},
                {"layout wraps", 0xfffffff8, 16, BTF_ERROR_BAD_SECTION, 24},
                {"layout overlaps the types", 12, 12, BTF_ERROR_BAD_SECTION, 24},
                {"layout shorter than its room", 16, 4, BTF_ERROR_BAD_SECTION, 16},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct btf_builder *b = btf_builder_new();
                struct btf_image image;

                btf_builder_layout(b, 8);
                btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
                image = btf_builder_steal(b);
                btf_image_patch_u32(&image, 24, cases[i].offset);
                btf_image_patch_u32(&image, 28, cases[i].length);
                check_refused(cases[i].name, &image, cases[i].reason, cases[i].error_offset);
                btf_image_free(&image);
        }
}

/* Adds strings of 64 bytes each, their NUL included, and one of `n_bytes` that are left. */
static void add_strings(struct btf_builder *b, size_t n_bytes)
{
        char text[64];

        memset(text, 'x', sizeof(text));
        text[63] = '\0';
        for (; n_bytes >= sizeof(text); n_bytes -= sizeof(text))
                btf_builder_string(b, text);
        if (n_bytes > 0)
                btf_builder_string(b, text + sizeof(text) - n_bytes);
}

static void strings_have_at_most_16_mib(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;
        struct btf *btf;

        (void)state;
        btf_builder_const(b, 0);
        add_strings(b, (1U << 24) - 1); /* behind the first NUL */
        image = btf_builder_finish(b);
        btf = fixture_btf(&image); /* exactly 2^24 bytes: the kernel's bound */
        btf_free(btf);
        btf_image_free(&image);

        btf_builder_string(b, "y");
        image = btf_builder_steal(b);
        check_refused("2^24 + 2 bytes of strings", &image, BTF_ERROR_BAD_STRINGS, 20);
        btf_image_free(&image);
}

/* A file whose strings are 100 bytes, one of `length` without its NUL, and 100 bytes more. */
static struct btf_image long_string(size_t length)
{
        struct btf_builder *b = btf_builder_new();
        char *text = malloc(length + 1);
        struct btf_image image;

        assert_non_null(text);
        memset(text, 'x', length);
        text[length] = '\0';
        btf_builder_const(b, 0);
        add_strings(b, 99);
        btf_builder_string(b, text);
        add_strings(b, 100);
        image = btf_builder_steal(b);
        free(text);
        return image;
}

/* Whether or not anything is named by it: whoever hashes the names of millions of types is not to meet one. */
static void a_string_has_at_most_4096_bytes(void **state)
{
        size_t begin = BTF_HEADER_LENGTH + BTF_RECORD_LENGTH + 100;
        struct btf_image image = long_string(4096);
        struct btf *btf;

        (void)state;
        btf = fixture_btf(&image);
        btf_free(btf);
        btf_image_free(&image);

        image = long_string(4097);
        check_refused("4097 bytes", &image, BTF_ERROR_BAD_STRINGS, begin);
        btf_image_free(&image);

        image = long_string(100000);
        check_refused("100000 bytes", &image, BTF_ERROR_BAD_STRINGS, begin);
        /* Cut behind the 4096th byte by a NUL, what follows is still too long. */
        image.data[begin + 4096] = '\0';
        check_refused("the rest of 100000 bytes", &image, BTF_ERROR_BAD_STRINGS, begin + 4097);
        btf_image_free(&image);
}

static void files_have_at_most_64_mib(void **state)
{
        struct btf_image image = {.size = (size_t)BTF_MAX_SIZE + 1};

        (void)state;
        image.data = calloc(1, image.size);
        assert_non_null(image.data);
        check_refused("64 MiB and a byte", &image, BTF_ERROR_TOO_LARGE, BTF_MAX_SIZE);
        btf_image_free(&image);
}

static void reasons_have_names(void **state)
{
        (void)state;
        assert_string_equal(btf_error_reason_name(BTF_ERROR_TRUNCATED), "truncated");
        assert_string_equal(btf_error_reason_name(BTF_ERROR_BAD_HEADER_LENGTH), "bad-header-length");
        assert_string_equal(btf_error_reason_name(BTF_ERROR_UNREADABLE), "unreadable");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(bad_headers_are_refused),
                cmocka_unit_test(split_btf_needs_less),
                cmocka_unit_test(bad_foreign_headers_are_refused),
                cmocka_unit_test(files_shorter_than_a_header_are_truncated),
                cmocka_unit_test(bad_layout_sections_are_refused),
                cmocka_unit_test(strings_have_at_most_16_mib),
                cmocka_unit_test(a_string_has_at_most_4096_bytes),
                cmocka_unit_test(files_have_at_most_64_mib),
                cmocka_unit_test(reasons_have_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
