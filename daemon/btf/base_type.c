#include "btf/base_type.h"

#include <stdbool.h>
#include <string.h>

#include "util/util.h"

enum word {
        WORD_SIGNED,
        WORD_UNSIGNED,
        WORD_CHAR,
        WORD_SHORT,
        WORD_INT,
        WORD_LONG,
        N_WORDS,
};

static bool count_words(const char *name, size_t length, unsigned int counts[N_WORDS])
{
        static const char *const words[N_WORDS] = {"signed", "unsigned", "char", "short", "int", "long"};
        const char *end = name + length;

        while (name < end) {
                const char *blank = memchr(name, ' ', (size_t)(end - name));
                size_t word_length = (size_t)((blank ? blank : end) - name);
                size_t i = 0;

                while (i < N_WORDS &&
                       !(strlen(words[i]) == word_length && memcmp(words[i], name, word_length) == 0))
                        i++;
                if (i == N_WORDS && word_length > 0)
                        return false;
                if (i < N_WORDS)
                        counts[i]++;
                name += word_length + (blank ? 1 : 0);
        }
        return true;
}

const char *const *base_type_spellings(const char *name, size_t length)
{
        /* gcc's and clang's, signed and unsigned */
        static const char *const chars[][BASE_TYPE_MAX_SPELLINGS] = {
                {"char"}, {"signed char"}, {"unsigned char"}};
        static const char *const shorts[][BASE_TYPE_MAX_SPELLINGS] = {
                {"short int", "short"}, {"short unsigned int", "unsigned short"}};
        static const char *const ints[][BASE_TYPE_MAX_SPELLINGS] = {{"int"}, {"unsigned int"}};
        static const char *const longs[][BASE_TYPE_MAX_SPELLINGS] = {{"long int", "long"},
                                                                     {"long unsigned int", "unsigned long"}};
        static const char *const long_longs[][BASE_TYPE_MAX_SPELLINGS] = {
                {"long long int", "long long"}, {"long long unsigned int", "unsigned long long"}};
        unsigned int counts[N_WORDS] = {0};
        bool is_signed, is_unsigned;

        if (length == 0 || !count_words(name, length, counts))
                return NULL;
        is_signed = counts[WORD_SIGNED] > 0;
        is_unsigned = counts[WORD_UNSIGNED] > 0;
        if (counts[WORD_SIGNED] + counts[WORD_UNSIGNED] > 1 || counts[WORD_INT] > 1 ||
            counts[WORD_CHAR] + counts[WORD_SHORT] + (counts[WORD_LONG] > 0) > 1)
                return NULL;
        if (counts[WORD_CHAR] > 0)
                return counts[WORD_INT] > 0 ? NULL : chars[is_unsigned ? 2 : is_signed];
        if (counts[WORD_SHORT] > 0)
                return shorts[is_unsigned];
        switch (counts[WORD_LONG]) {
        case 0:
                return ints[is_unsigned];
        case 1:
                return longs[is_unsigned];
        case 2:
                return long_longs[is_unsigned];
        default:
                return NULL;
        }
}
