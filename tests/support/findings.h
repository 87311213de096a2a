/*
 * What btf_check() says of a file that was built, and what a test expects of it.
 */
#pragma once

#include "btf/check.h"
#include "support/btf_builder.h"

#define FINDINGS_MAX 32

struct finding {
        enum btf_severity severity;
        enum btf_error_reason reason;
        uint64_t offset; /* bytes from the start of the file */
};

struct findings {
        struct finding list[FINDINGS_MAX];
        size_t n; /* of those that there were; what is beyond FINDINGS_MAX is not kept */
        int result;
};

/* Checks a file of exactly these bytes, on a base that may be NULL. The result itself is of no interest. */
void findings_of(struct findings *findings, const struct btf_image *image, const struct btf *base);

/* Fails the test, which calls itself `name`, unless these were found in this order, and nothing else. */
void findings_expect(const struct findings *findings, const char *name, const struct finding *expected,
                     size_t n_expected);

/* An error or a warning at word `i_word` of type `id`'s record. */
struct finding findings_error(const struct btf_builder *b, enum btf_error_reason reason, uint32_t id,
                              size_t i_word);
struct finding findings_warning(const struct btf_builder *b, enum btf_error_reason reason, uint32_t id,
                                size_t i_word);

/* Builds the file in both byte orders and expects the same of both: these findings, one warning, nothing. Frees the
 * builder. */
void findings_expect_file(const char *name, struct btf_builder *b, const struct finding *expected,
                          size_t n_expected);
void findings_expect_one(const char *name, struct btf_builder *b, enum btf_error_reason reason, uint32_t id,
                         size_t i_word);
void findings_expect_none(const char *name, struct btf_builder *b);
