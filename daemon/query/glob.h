/*
 * Patterns that names are matched with: a whole name with wildcards, or one that is, begins with or contains a text.
 *
 *   pattern   = { "*" | token } ;            (* "*": any bytes, or none *)
 *   token     = "?" | class | byte ;         (* one byte each *)
 *   class     = "[" , [ "!" | "^" ] , range , { range } , "]" ;
 *   range     = byte , [ "-" , byte ] ;      (* "]" is itself where a class begins, "-" at either end *)
 *   byte      = "\" , any byte | any other byte ;
 *
 * All tokens are tried at once, a bit for each: bit i of a number is set when the first i tokens, with the stars between
 * them, match what has been read of the name. So a name takes one step a byte whatever the pattern, and none is tried
 * twice:
 *
 *   a*b?   on "aabc":  read       states (b has been read: 2 tokens)
 *                      a          {1}      1 stays from here on, as the star stands there
 *                      aa         {1}
 *                      aab        {1, 2}
 *                      aabc       {1, 3}   3 is all of them: it matches
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tokens, not counting stars. No name of a kernel is longer than 511 bytes (KSYM_NAME_LEN), so none could match more. */
#define GLOB_MAX_TOKENS 511U

#define GLOB_WORDS ((GLOB_MAX_TOKENS + 1) / 64)

enum glob_mode {
        GLOB_PATTERN,   /* the grammar above */
        GLOB_EXACT,     /* the text, which has no wildcards */
        GLOB_PREFIX,    /* the same, and anything behind it */
        GLOB_SUBSTRING, /* the same, and anything on both sides */
};

struct glob {
        uint64_t accepts[GLOB_WORDS][256]; /* [.][byte of a name] bit i: whether the i-th token takes that */
        uint64_t stays[GLOB_WORDS];        /* bit i: whether a star stands before the i-th token */
        size_t n_tokens;
        char prefix[GLOB_MAX_TOKENS + 1]; /* what every name that matches begins with */
        size_t prefix_length;             /* bytes */
        bool is_literal;                  /* nothing but the prefix matches */
};

/* Where and why a pattern is none. */
struct glob_error {
        size_t position;      /* bytes from the start of the text */
        const char *expected; /* for instance "']'" */
};

/* `ignore_case` is about the letters of ASCII. Returns 0, or 1 with *ret_error set. */
int glob_compile(struct glob *ret, const char *text, enum glob_mode mode, bool ignore_case,
                 struct glob_error *ret_error);

/* Takes at most GLOB_WORDS steps a byte of the name, and one for patterns of up to 63 tokens. */
bool glob_match(const struct glob *glob, const char *name);

/* Whether a text has what only a pattern has a meaning for. */
bool glob_has_wildcard(const char *text);
