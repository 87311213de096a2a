/*
 * Patterns: what they match, beside fnmatch(3) as a second opinion; and what is none.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/glob.h"
#include "support/unit.h"
#include "util/util.h"

static bool matches(const char *text, enum glob_mode mode, bool ignore_case, const char *name)
{
        struct glob glob;
        struct glob_error error;

        if (glob_compile(&glob, text, mode, ignore_case, &error) != 0)
                fail_msg("'%s': byte %zu: expected %s", text, error.position, error.expected);
        /* The prefix must never leave out what matches. */
        if (glob_match(&glob, name) && (strncmp(glob.prefix, name, glob.prefix_length) != 0 ||
                                        (glob.is_literal && name[glob.prefix_length] != '\0')))
                fail_msg("'%s': '%s' does not begin with '%s'", text, name, glob.prefix);
        return glob_match(&glob, name);
}

static void test_matches_whole_names(void **state)
{
        static const struct {
                const char *pattern, *name;
                bool expected;
        } cases[] = {
                {"abc", "abc", true},
                {"abc", "abcd", false},
                {"abc", "ab", false},
                {"*", "", true},
                {"*", "x", true},
                {"?", "", false},
                {"?", "x", true},
                {"?", "xy", false},
                {"a*", "a", true},
                {"a*", "ba", false},
                {"*a", "ba", true},
                {"*a", "ab", false},
                {"a*b*c", "aXbYbZc", true},
                {"a*b*c", "acb", false},
                {"a**b", "ab", true},
                {"*ab", "aab", true},
                {"*aab", "aaab", true},
                {"[abc]x", "bx", true},
                {"[abc]x", "dx", false},
                {"[a-c]x", "cx", true},
                {"[!a-c]x", "cx", false},
                {"[^a-c]x", "dx", true},
                {"[]]", "]", true},
                {"[!]]", "]", false},
                {"[!]]", "x", true},
                {"[-a]", "-", true},
                {"[a-]", "-", true},
                {"[a-]", "b", false},
                {"[\\]a]", "]", true},
                {"[\\!a]", "!", true},
                {"[a!]", "!", true},
                {"\\*", "*", true},
                {"\\*", "x", false},
                {"\\\\", "\\", true},
                {"a\\?", "a?", true},
                {"a]", "a]", true},
                {"[\xc0-\xff]", "\xe9", true},
                {"?", "\xff", true},
                {"[!a]", "", false},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                bool found = matches(cases[i].pattern, GLOB_PATTERN, false, cases[i].name);

                if (found != cases[i].expected)
                        fail_msg("'%s' on '%s': %d", cases[i].pattern, cases[i].name, found);
        }
}

static void test_matches_texts(void **state)
{
        (void)state;
        assert_true(matches("a*b", GLOB_EXACT, false, "a*b"));
        assert_false(matches("a*b", GLOB_EXACT, false, "aXb"));
        assert_true(matches("a\\", GLOB_EXACT, false, "a\\"));
        assert_true(matches("[a", GLOB_PREFIX, false, "[abc"));
        assert_false(matches("[a", GLOB_PREFIX, false, "x[a"));
        assert_true(matches("b?", GLOB_SUBSTRING, false, "ab?c"));
        assert_false(matches("b?", GLOB_SUBSTRING, false, "abxc"));
        assert_true(matches("", GLOB_PREFIX, false, "x"));
}

static void test_ignores_case_of_ascii_letters(void **state)
{
        (void)state;
        assert_true(matches("Sk_Buff", GLOB_EXACT, true, "sK_bUFF"));
        assert_false(matches("Sk_Buff", GLOB_EXACT, false, "sk_buff"));
        assert_true(matches("[a-c]*", GLOB_PATTERN, true, "Bx"));
        assert_false(matches("[!a-c]*", GLOB_PATTERN, true, "Bx"));
        /* '@' and '`', '[' and '{' differ by the same bit as letters do. */
        assert_false(matches("@", GLOB_EXACT, true, "`"));
        assert_false(matches("{", GLOB_EXACT, true, "["));
        assert_false(matches("\xe9", GLOB_EXACT, true, "\xc9"));
}

static void test_knows_what_matches_begin_with(void **state)
{
        static const struct {
                const char *pattern, *prefix;
                enum glob_mode mode;
                bool ignore_case, is_literal;
        } cases[] = {
                {"bpf_*_x", "bpf_", GLOB_PATTERN, false, false},
                {"a\\*b?c", "a*b", GLOB_PATTERN, false, false},
                {"*a", "", GLOB_PATTERN, false, false},
                {"ab", "ab", GLOB_PATTERN, false, true},
                {"ab", "ab", GLOB_PREFIX, false, false},
                {"ab", "", GLOB_SUBSTRING, false, false},
                {"_1a", "_1", GLOB_EXACT, true, false},
                {"a[b]c", "ab", GLOB_PATTERN, false, true},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct glob glob;
                struct glob_error error;

                assert_int_equal(
                        glob_compile(&glob, cases[i].pattern, cases[i].mode, cases[i].ignore_case, &error),
                        0);
                assert_int_equal(strncmp(glob.prefix, cases[i].prefix, strlen(cases[i].prefix)), 0);
                assert_int_equal(glob.is_literal, cases[i].is_literal);
        }
}

static void test_refuses_what_is_no_pattern(void **state)
{
        static const struct {
                const char *pattern;
                size_t position;
                const char *expected;
        } cases[] = {
                {"ab[cd", 2, "a ']' that ends what '[' begins"},
                {"ab[", 2, "a ']' that ends what '[' begins"},
                {"[]", 0, "a ']' that ends what '[' begins"},
                {"[!]", 0, "a ']' that ends what '[' begins"},
                {"abc\\", 4, "a byte behind the backslash"},
                {"[a\\", 3, "a byte behind the backslash"},
                {"[ab-", 0, "a ']' that ends what '[' begins"},
                {"x[z-a]", 2, "a range that goes up"},
                {"[[:alpha:]]", 1, "bytes and ranges, as names of classes are not known"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct glob glob;
                struct glob_error error;

                assert_int_equal(glob_compile(&glob, cases[i].pattern, GLOB_PATTERN, false, &error), 1);
                assert_string_equal(error.expected, cases[i].expected);
                assert_int_equal(error.position, cases[i].position);
        }
}

/* Stars cost nothing; tokens are bounded, at the boundaries of words as elsewhere. */
static void test_bounds_patterns(void **state)
{
        static char stars[4096], tokens[GLOB_MAX_TOKENS + 2], name[GLOB_MAX_TOKENS + 2];
        struct glob glob;
        struct glob_error error;

        (void)state;
        memset(stars, '*', sizeof(stars) - 2);
        stars[sizeof(stars) - 2] = 'b';
        assert_true(matches(stars, GLOB_PATTERN, false, "aaab"));
        assert_false(matches(stars, GLOB_PATTERN, false, "aaa"));
        memset(name, 'n', GLOB_MAX_TOKENS);
        for (size_t n = 62; n <= GLOB_MAX_TOKENS; n++) {
                memset(tokens, 'n', n);
                tokens[n] = '\0';
                name[n] = '\0';
                assert_true(matches(tokens, GLOB_PATTERN, false, name));
                assert_false(matches(tokens, GLOB_PATTERN, false, name + 1));
                tokens[n - 1] = '*';
                assert_true(matches(tokens, GLOB_PATTERN, false, name));
                assert_true(matches(tokens, GLOB_PATTERN, false, name + 1));
                assert_false(matches(tokens, GLOB_PATTERN, false, name + 2));
                name[n] = 'n';
        }
        memset(tokens, 'n', GLOB_MAX_TOKENS + 1);
        assert_int_equal(glob_compile(&glob, tokens, GLOB_EXACT, false, &error), 1);
        assert_int_equal(error.position, GLOB_MAX_TOKENS);
        assert_string_equal(error.expected, "no more than 511 bytes to match");
}

static void test_tells_patterns_from_texts(void **state)
{
        (void)state;
        assert_false(glob_has_wildcard("list_head"));
        assert_true(glob_has_wildcard("list_*"));
        assert_true(glob_has_wildcard("list_hea?"));
        assert_true(glob_has_wildcard("[l]ist_head"));
}

static void random_text(unsigned int *seed, const char *bytes, size_t max, char *ret)
{
        size_t length = (size_t)rand_r(seed) % (max + 1);

        for (size_t i = 0; i < length; i++)
                ret[i] = bytes[(size_t)rand_r(seed) % strlen(bytes)];
        ret[length] = '\0';
}

/*
 * fnmatch(3) takes a '[' that nothing ends for itself; of what both read, they must think the same. But for ranges where
 * case is ignored: in [A-a] it finds no 'b', which is there as 'B'.
 */
static void test_agrees_with_fnmatch(void **state)
{
        unsigned int seed = 1;
        size_t n_matches = 0, n_compared = 0;

        (void)state;
        for (size_t i = 0; i < 200000; i++) {
                char pattern[90], name[90];
                struct glob glob;
                struct glob_error error;
                bool is_match;

                /* Every other pattern has more tokens than bits in a word. */
                random_text(&seed, i % 2 == 0 ? "ab*?[]!^-\\A" : "aab*?", i % 2 == 0 ? 9 : 88, pattern);
                random_text(&seed, i % 2 == 0 ? "abA-]!" : "aaaab", i % 2 == 0 ? 7 : 88, name);
                if (glob_compile(&glob, pattern, GLOB_PATTERN, i % 4 == 0, &error) != 0 ||
                    (i % 4 == 0 && strchr(pattern, '-')))
                        continue;
                is_match = glob_match(&glob, name);
                n_matches += is_match;
                n_compared++;
                if (is_match != (fnmatch(pattern, name, i % 4 == 0 ? FNM_CASEFOLD : 0) == 0))
                        fail_msg("'%s' on '%s': %d", pattern, name, is_match);
        }
        assert_true(n_matches > 1000);
        assert_true(n_compared - n_matches > 1000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_matches_whole_names),
                cmocka_unit_test(test_matches_texts),
                cmocka_unit_test(test_ignores_case_of_ascii_letters),
                cmocka_unit_test(test_knows_what_matches_begin_with),
                cmocka_unit_test(test_refuses_what_is_no_pattern),
                cmocka_unit_test(test_bounds_patterns),
                cmocka_unit_test(test_tells_patterns_from_texts),
                cmocka_unit_test(test_agrees_with_fnmatch),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
