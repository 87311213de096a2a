#include "support/findings.h"

#include <string.h>

#include "support/unit.h"

static void add(void *context, enum btf_severity severity, const struct btf_error *error)
{
        struct findings *findings = context;

        assert_true(strlen(error->message) > 0);
        if (findings->n < FINDINGS_MAX)
                findings->list[findings->n] = (struct finding){severity, error->reason, error->offset};
        findings->n++;
}

void findings_of(struct findings *findings, const struct btf_image *image, const struct btf *base)
{
        struct btf *btf = NULL;

        *findings = (struct findings){0};
        findings->result = btf_check(&btf, image->data, image->size, base, add, findings);
        assert_true((btf != NULL) == (findings->result == 0));
        btf_free(btf);
}

static void print(const char *what, const struct finding *list, size_t n)
{
        for (size_t i = 0; i < n && i < FINDINGS_MAX; i++)
                print_error("  %s %s %s at %llu\n", what,
                            list[i].severity == BTF_SEVERITY_ERROR ? "error" : "warning",
                            btf_error_reason_name(list[i].reason), (unsigned long long)list[i].offset);
}

void findings_expect(const struct findings *findings, const char *name, const struct finding *expected,
                     size_t n_expected)
{
        bool is_equal = findings->n == n_expected && n_expected <= FINDINGS_MAX;

        for (size_t i = 0; i < n_expected && is_equal; i++)
                is_equal = findings->list[i].severity == expected[i].severity &&
                           findings->list[i].reason == expected[i].reason &&
                           findings->list[i].offset == expected[i].offset;
        if (is_equal)
                return;
        print_error("%s:\n", name);
        print("expected", expected, n_expected);
        print("found", findings->list, findings->n);
        fail();
}

struct finding findings_error(const struct btf_builder *b, enum btf_error_reason reason, uint32_t id,
                              size_t i_word)
{
        return (struct finding){BTF_SEVERITY_ERROR, reason, btf_builder_offset(b, id) + i_word * 4};
}

struct finding findings_warning(const struct btf_builder *b, enum btf_error_reason reason, uint32_t id,
                                size_t i_word)
{
        return (struct finding){BTF_SEVERITY_WARNING, reason, btf_builder_offset(b, id) + i_word * 4};
}

void findings_expect_file(const char *name, struct btf_builder *b, const struct finding *expected,
                          size_t n_expected)
{
        for (int i = 0; i < 2; i++) {
                struct btf_image image = btf_builder_finish(b);
                struct findings findings;

                findings_of(&findings, &image, /* base= */ NULL);
                btf_image_free(&image);
                findings_expect(&findings, name, expected, n_expected);
                btf_builder_foreign(b);
        }
        btf_builder_free(b);
}

void findings_expect_one(const char *name, struct btf_builder *b, enum btf_error_reason reason, uint32_t id,
                         size_t i_word)
{
        struct finding expected = findings_warning(b, reason, id, i_word);

        findings_expect_file(name, b, &expected, 1);
}

void findings_expect_none(const char *name, struct btf_builder *b)
{
        findings_expect_file(name, b, NULL, 0);
}
