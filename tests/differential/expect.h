/*
 * What a name means, in DESIGN's words: "Names", that is, which of its definitions answers a question, and which make it
 * ambiguous.
 */
#pragma once

#include "definition.h"

/* How a name can be asked for. */
enum form {
        FORM_STRUCT,
        FORM_UNION,
        FORM_ENUM,
        FORM_BARE,
        FORM_FUNC,
        FORM_VAR,
        FORM_DATASEC,
        N_FORMS,
};

struct question {
        const struct definition
                *definitions; /* all of the name: vmlinux's, then modules' in their order, each by id */
        size_t n_definitions;
        enum form form;
        bool all_tiers; /* "scope": "all" */
};

/* Lists have room for as many as the name has definitions. */
struct expected {
        const struct definition **list; /* the one that answers, or those that make the name ambiguous */
        size_t n;
        bool by_pointees;               /* they are ambiguous only by what their pointers lead to */
        const struct definition **also; /* modules' other definitions, where one of vmlinux answers */
        size_t n_also;
        const struct definition **meant; /* for expect()'s own use */
};

void expected_init(struct expected *expected, size_t max_definitions);
void expected_deinit(struct expected *expected);

/* Whether some definition of the name can be meant. */
bool can_mean(const struct question *question);

/* Finds out what the answer must be; can_mean() must be true. */
void expect(const struct kernel *kernel, const struct question *question, struct expected *ret);
