/*
 * BTF out of files: what form they have is seen by their first bytes, and what is wrong with them is said exactly.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/files.h"
#include "support/elf_image.h"
#include "support/fixture.h"
#include "support/unit.h"

#define MAX_UNPACKED ((size_t)1 << 20)

static const struct elf_image_form forms[] = {
        {.is_64 = true}, {.is_64 = false}, {.is_64 = true, .is_big_endian = true}, {.is_big_endian = true}};

static struct btf_image build_btf(const char *name, bool foreign)
{
        struct btf_builder *b = btf_builder_new();

        if (foreign)
                btf_builder_foreign(b);
        btf_builder_int(b, name, 4, 32, BTF_INT_SIGNED);
        return btf_builder_steal(b);
}

/* An object with text, .BTF and .BTF.base, whose bytes are those of two different files. */
struct object {
        struct elf_image_form form;
        struct btf_image btf, base, image;
};

static const uint8_t text[] = "\x90\x90\x90";

enum {
        SECTION_TEXT = 1,
        SECTION_BTF,
        SECTION_BASE,
        N_SECTIONS = SECTION_BASE,
};

static void build_object(struct object *object, struct elf_image_form form)
{
        *object = (struct object){.form = form};
        object->btf = build_btf("int", form.is_big_endian);
        object->base = build_btf("long int", form.is_big_endian);
        object->image =
                elf_image(form,
                          (struct elf_image_section[]){
                                  {.name = ".text", .data = text, .size = sizeof(text)},
                                  {.name = ".BTF", .data = object->btf.data, .size = object->btf.size},
                                  {.name = ".BTF.base", .data = object->base.data, .size = object->base.size},
                          },
                          N_SECTIONS);
}

static void free_object(struct object *object)
{
        btf_image_free(&object->image);
        btf_image_free(&object->base);
        btf_image_free(&object->btf);
}

static size_t header_of(const struct object *object, size_t i_section)
{
        return elf_image_header(&object->image, object->form, N_SECTIONS, i_section);
}

/* Changes a field of a section's header. */
static void patch_header(struct object *object, size_t i_section, size_t field, uint64_t value)
{
        elf_image_put(&object->image, object->form, header_of(object, i_section) + field, value,
                      object->form.is_64 ? 8 : 4);
}

static void check_bytes(const uint8_t *data, size_t size, const struct btf_image *expected)
{
        assert_int_equal(size, expected->size);
        assert_memory_equal(data, expected->data, size);
}

static void check_error(int result, const struct files_error *error, enum files_error_reason reason,
                        enum files_place place, uint64_t offset)
{
        if (result != 1 || error->reason != reason || error->place != place || error->offset != offset)
                fail_msg("result %d, %s in place %d at %llu (%s), expected %s in place %d at %llu", result,
                         result == 1 ? files_error_reason_name(error->reason) : "-", error->place,
                         (unsigned long long)error->offset, error->message, files_error_reason_name(reason),
                         place, (unsigned long long)offset);
}

static void refuse(const struct btf_image *image, enum files_error_reason reason, uint64_t offset)
{
        struct files_error error = {0};
        struct files_btf file;
        int r = files_read_bytes(&file, image->data, image->size, MAX_UNPACKED, &error);

        check_error(r, &error, reason, reason == FILES_ERROR_NO_BTF ? FILES_PLACE_NONE : FILES_PLACE_FILE,
                    offset);
}

static void raw_btf_is_taken_as_it_is(void **state)
{
        (void)state;
        for (int foreign = 0; foreign < 2; foreign++) {
                struct btf_image image = build_btf("int", foreign);
                struct files_error error;
                struct files_btf file;

                assert_int_equal(files_read_bytes(&file, image.data, image.size, MAX_UNPACKED, &error), 0);
                check_bytes(file.data, file.size, &image);
                assert_null(file.base);
                assert_int_equal(file.form, FILES_FORM_RAW);
                assert_int_equal(file.packing, FILES_PACKING_NONE);
                assert_int_equal(file.pointer_size, 0);
                assert_int_equal(files_btf_place(&file), FILES_PLACE_FILE);
                files_btf_deinit(&file);
                btf_image_free(&image);
        }
}

static void sections_of_any_object_are_found(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
                struct object object;
                struct files_error error;
                struct files_btf file;

                build_object(&object, forms[i]);
                assert_int_equal(
                        files_read_bytes(&file, object.image.data, object.image.size, MAX_UNPACKED, &error),
                        0);
                check_bytes(file.data, file.size, &object.btf);
                check_bytes(file.base, file.base_size, &object.base);
                assert_int_equal(file.form, FILES_FORM_ELF);
                assert_int_equal(file.pointer_size, forms[i].is_64 ? 8 : 4);
                assert_int_equal(files_btf_place(&file), FILES_PLACE_BTF);
                files_btf_deinit(&file);
                free_object(&object);
        }
}

static void what_is_neither_btf_nor_elf_is_refused(void **state)
{
        static const char *const texts[] = {"",
                                            "\x9f",
                                            "\x7f"
                                            "ELG",
                                            "MZ\x90",
                                            "!<arch>\n",
                                            "#!/bin/sh\n"};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
                struct btf_image image = {.data = (uint8_t *)strdup(texts[i]), .size = strlen(texts[i])};

                refuse(&image, i == 0 ? FILES_ERROR_EMPTY : FILES_ERROR_UNKNOWN_FORM, 0);
                btf_image_free(&image);
        }
}

static void an_object_without_btf_is_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
                struct elf_image_section section = {.name = ".BTF.ext", .data = text, .size = sizeof(text)};
                struct btf_image image = elf_image(forms[i], &section, 1);

                refuse(&image, FILES_ERROR_NO_BTF, 0);
                btf_image_free(&image);
        }
}

/* What a field of .BTF's, or of .BTF.base's, header may not be. */
static void a_section_that_cannot_be_taken_is_refused_at_its_header(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(forms) * 2; i++) {
                size_t i_section = i % 2 == 0 ? SECTION_BTF : SECTION_BASE;
                struct elf_image_form form = forms[i / 2];
                size_t flags = 8, offset = elf_image_offset_field(form), size = elf_image_size_field(form);
                uint64_t most = form.is_64 ? UINT64_MAX : UINT32_MAX;
                struct {
                        size_t field;
                        uint64_t value;
                        enum files_error_reason reason;
                } cases[] = {
                        {flags, SHF_COMPRESSED, FILES_ERROR_BAD_SECTION},
                        {offset, most, FILES_ERROR_BAD_SECTION},
                        {offset, 1 << 20, FILES_ERROR_BAD_SECTION},
                        {size, most, FILES_ERROR_BAD_SECTION},
                        {size, 1 << 20, FILES_ERROR_BAD_SECTION},
                        {size, 0, FILES_ERROR_EMPTY},
                };

                for (size_t j = 0; j < ARRAY_LENGTH(cases); j++) {
                        struct object object;

                        build_object(&object, form);
                        patch_header(&object, i_section, cases[j].field, cases[j].value);
                        refuse(&object.image, cases[j].reason, header_of(&object, i_section));
                        free_object(&object);
                }
        }
}

/* The remains of an object whose sections went to a file of their own, and one in which .BTF stands twice. */
static void btf_without_bytes_and_two_of_them_are_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
                struct elf_image_section sections[] = {
                        {.name = ".BTF", .size = 100, .type = SHT_NOBITS},
                        {.name = ".text", .data = text, .size = sizeof(text)},
                        {.name = ".BTF", .data = text, .size = sizeof(text)},
                };
                struct btf_image image = elf_image(forms[i], sections, 2);

                refuse(&image, FILES_ERROR_BAD_SECTION, elf_image_header(&image, forms[i], 2, 1));
                btf_image_free(&image);

                sections[0] = sections[2];
                image = elf_image(forms[i], sections, 3);
                refuse(&image, FILES_ERROR_BAD_SECTION, elf_image_header(&image, forms[i], 3, 3));
                btf_image_free(&image);
        }
}

static void a_section_may_be_as_large_as_btf_and_no_larger(void **state)
{
        struct elf_image_section section = {.name = ".BTF", .size = BTF_MAX_SIZE + 1};
        uint8_t *data = calloc(1, section.size);
        struct btf_image image;
        struct files_error error;
        struct files_btf file;

        (void)state;
        assert_non_null(data);
        section.data = data;
        image = elf_image(forms[0], &section, 1);
        refuse(&image, FILES_ERROR_TOO_LARGE, elf_image_header(&image, forms[0], 1, 1));
        elf_image_put(&image, forms[0],
                      elf_image_header(&image, forms[0], 1, 1) + elf_image_size_field(forms[0]), BTF_MAX_SIZE,
                      8);
        assert_int_equal(files_read_bytes(&file, image.data, image.size, MAX_UNPACKED, &error), 0);
        assert_int_equal(file.size, BTF_MAX_SIZE);
        files_btf_deinit(&file);
        btf_image_free(&image);
        free(data);
}

static void names_outside_their_section_are_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
                struct object object;
                size_t at;

                build_object(&object, forms[i]);
                at = header_of(&object, SECTION_TEXT);
                elf_image_put(&object.image, forms[i], at, 1 << 20, 4);
                refuse(&object.image, FILES_ERROR_BAD_ELF, at);
                free_object(&object);
        }
}

/* Whatever is in the headers: an answer, and what is taken lies inside the object. */
static void no_damaged_object_crashes(void **state)
{
        static const uint8_t masks[] = {0x01, 0x10, 0x80, 0xff};
        size_t n_taken = 0, n_tried = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
                struct object object;

                build_object(&object, forms[i]);
                for (size_t at = SELFMAG; at < object.image.size; at++) {
                        for (size_t j = 0; j < ARRAY_LENGTH(masks); j++) {
                                struct files_error error;
                                struct files_btf file;

                                object.image.data[at] ^= masks[j];
                                n_tried++;
                                if (files_read_bytes(&file, object.image.data, object.image.size,
                                                     MAX_UNPACKED, &error) == 0) {
                                        n_taken++;
                                        assert_true(file.size + file.base_size <= 2 * object.image.size);
                                        files_btf_deinit(&file);
                                }
                                object.image.data[at] ^= masks[j];
                        }
                }
                free_object(&object);
        }
        /* Both outcomes must be common, or else this tests nothing. */
        print_message("%zu of %zu are taken\n", n_taken, n_tried);
        assert_true(n_taken > n_tried / 10 && n_taken < n_tried / 10 * 9);
}

/* ---------------------------------------------------------------- on disk */

static char directory[] = "/tmp/btfd-files-XXXXXX";

static int make_directory(void **state)
{
        (void)state;
        return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
        (void)state;
        return rmdir(directory);
}

static const char *path_of(const char *name)
{
        static char path[128];

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        return path;
}

/* A file that is as long as `length` says, with a hole behind its bytes if it has fewer. */
static const char *write_file(const char *name, const uint8_t *data, size_t size, off_t length)
{
        const char *path = path_of(name);
        int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, data, size), (ssize_t)size);
        assert_int_equal(ftruncate(fd, length), 0);
        close(fd);
        return path;
}

/*
 * Section headers come last in an object, so one that was cut must not look as if it had none; libelf sees that in other
 * places for a file than for memory.
 */
static void no_object_that_was_cut_is_taken(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
                struct object object;

                build_object(&object, forms[i]);
                for (size_t size = SELFMAG; size < object.image.size; size++) {
                        struct files_error errors[2] = {0};
                        uint8_t *cut = malloc(size);
                        struct files_btf file;
                        const char *path;

                        assert_non_null(cut);
                        memcpy(cut, object.image.data, size);
                        path = write_file("cut", cut, size, (off_t)size);
                        assert_int_equal(files_read_bytes(&file, cut, size, MAX_UNPACKED, &errors[0]), 1);
                        assert_int_equal(files_read(&file, path, &errors[1]), 1);
                        for (int j = 0; j < 2; j++) {
                                if (errors[j].reason != FILES_ERROR_BAD_ELF)
                                        fail_msg("%s for the first %zu bytes (%s)",
                                                 files_error_reason_name(errors[j].reason), size,
                                                 errors[j].message);
                        }
                        free(cut);
                        unlink(path);
                }
                free_object(&object);
        }
}

static void refuse_path(const char *path, enum files_error_reason reason, enum files_place place,
                        uint64_t offset)
{
        struct files_error error = {0};
        struct files_btf file;

        check_error(files_read(&file, path, &error), &error, reason, place, offset);
}

/* The same for a file in our directory, which is removed then. */
static void refuse_ours(const char *name, enum files_error_reason reason, enum files_place place,
                        uint64_t offset)
{
        const char *path = path_of(name);

        refuse_path(path, reason, place, offset);
        assert_int_equal(unlink(path), 0);
}

static void files_are_read_from_disk(void **state)
{
        struct object object;
        struct files_error error;
        struct files_btf file;
        const char *path;

        (void)state;
        build_object(&object, forms[0]);
        path = write_file("raw", object.btf.data, object.btf.size, (off_t)object.btf.size);
        assert_int_equal(files_read(&file, path, &error), 0);
        check_bytes(file.data, file.size, &object.btf);
        files_btf_deinit(&file);
        unlink(path);

        /* Hundreds of gigabytes of debug information, if they were read. */
        path = write_file("elf", object.image.data, object.image.size, (off_t)1 << 38);
        assert_int_equal(files_read(&file, path, &error), 0);
        check_bytes(file.data, file.size, &object.btf);
        check_bytes(file.base, file.base_size, &object.base);
        files_btf_deinit(&file);
        unlink(path);
        free_object(&object);
}

static void what_cannot_be_read_is_refused_without_waiting(void **state)
{
        struct btf_image image = build_btf("int", /* foreign= */ false);
        static const uint8_t gzip[] = {0x1f, 0x8b};

        (void)state;
        refuse_path(path_of("absent"), FILES_ERROR_UNREADABLE, FILES_PLACE_NONE, 0);
        refuse_path(directory, FILES_ERROR_UNREADABLE, FILES_PLACE_NONE, 0);
        refuse_path("/dev/null", FILES_ERROR_UNREADABLE, FILES_PLACE_NONE, 0);
        assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
        refuse_ours("fifo", FILES_ERROR_UNREADABLE, FILES_PLACE_NONE, 0);
        write_file("empty", text, 0, 0);
        refuse_ours("empty", FILES_ERROR_EMPTY, FILES_PLACE_FILE, 0);
        write_file("one", text, 1, 1);
        refuse_ours("one", FILES_ERROR_UNKNOWN_FORM, FILES_PLACE_FILE, 0);
        write_file("large", image.data, image.size, (off_t)BTF_MAX_SIZE + 1);
        refuse_ours("large", FILES_ERROR_TOO_LARGE, FILES_PLACE_FILE, BTF_MAX_SIZE);
        write_file("packed", gzip, sizeof(gzip), (off_t)FILES_MAX_UNPACKED + 1);
        refuse_ours("packed", FILES_ERROR_TOO_LARGE, FILES_PLACE_FILE, FILES_MAX_UNPACKED);
        btf_image_free(&image);
}

static void a_file_without_permission_is_refused(void **state)
{
        struct btf_image image = build_btf("int", /* foreign= */ false);

        (void)state;
        if (geteuid() == 0) {
                btf_image_free(&image);
                print_message("skipped: root may read everything\n");
                skip();
        }
        assert_int_equal(chmod(write_file("secret", image.data, image.size, (off_t)image.size), 0), 0);
        refuse_ours("secret", FILES_ERROR_UNREADABLE, FILES_PLACE_NONE, 0);
        btf_image_free(&image);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(raw_btf_is_taken_as_it_is),
                cmocka_unit_test(sections_of_any_object_are_found),
                cmocka_unit_test(what_is_neither_btf_nor_elf_is_refused),
                cmocka_unit_test(an_object_without_btf_is_refused),
                cmocka_unit_test(a_section_that_cannot_be_taken_is_refused_at_its_header),
                cmocka_unit_test(btf_without_bytes_and_two_of_them_are_refused),
                cmocka_unit_test(a_section_may_be_as_large_as_btf_and_no_larger),
                cmocka_unit_test(no_object_that_was_cut_is_taken),
                cmocka_unit_test(names_outside_their_section_are_refused),
                cmocka_unit_test(no_damaged_object_crashes),
                cmocka_unit_test(files_are_read_from_disk),
                cmocka_unit_test(what_cannot_be_read_is_refused_without_waiting),
                cmocka_unit_test(a_file_without_permission_is_refused),
        };

        return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
