#include "query/glob.h"

#include <string.h>

#include "util/util.h"

/* Bytes that a token accepts. */
struct byte_set {
        bool has[256];
};

struct compiler {
        struct glob *glob;
        const char *text;
        size_t position; /* of the next byte of `text` */
        bool ignore_case;
        bool is_prefix; /* nothing but tokens of one byte so far */
        struct glob_error *error;
};

static int refuse(struct compiler *compiler, size_t position, const char *expected)
{
        *compiler->error = (struct glob_error){.position = position, .expected = expected};
        return 1;
}

static bool is_letter(unsigned char byte)
{
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void add_byte(const struct compiler *compiler, struct byte_set *set, unsigned char byte)
{
        set->has[byte] = true;
        if (compiler->ignore_case && is_letter(byte))
                set->has[byte ^ ('a' ^ 'A')] = true;
}

/* The token behind those that stand already accepts these bytes; `position` is where it begins. */
static int add_token(struct compiler *compiler, size_t position, const struct byte_set *set)
{
        struct glob *glob = compiler->glob;
        size_t word = glob->n_tokens / 64;
        unsigned int n = 0, byte = 0;

        if (glob->n_tokens == GLOB_MAX_TOKENS)
                return refuse(compiler, position, "no more than 511 bytes to match");
        for (unsigned int i = 0; i < ARRAY_LENGTH(set->has); i++) {
                if (!set->has[i])
                        continue;
                glob->accepts[word][i] |= UINT64_C(1) << glob->n_tokens % 64;
                byte = i;
                n++;
        }
        glob->n_tokens++;
        compiler->is_prefix = compiler->is_prefix && n == 1;
        if (compiler->is_prefix)
                glob->prefix[glob->prefix_length++] = (char)byte;
        return 0;
}

static void add_star(struct compiler *compiler)
{
        struct glob *glob = compiler->glob;

        glob->stays[glob->n_tokens / 64] |= UINT64_C(1) << glob->n_tokens % 64;
        compiler->is_prefix = false;
}

/* The next byte, which a backslash may stand before. */
static int take_byte(struct compiler *compiler, unsigned char *ret)
{
        if (compiler->text[compiler->position] == '\\')
                compiler->position++;
        if (compiler->text[compiler->position] == '\0')
                return refuse(compiler, compiler->position, "a byte behind the backslash");
        *ret = (unsigned char)compiler->text[compiler->position++];
        return 0;
}

static int take_range(struct compiler *compiler, size_t begin, struct byte_set *set)
{
        const char *at = compiler->text + compiler->position;
        size_t position = compiler->position;
        unsigned char first, last;

        if (*at == '\0')
                return refuse(compiler, begin, "a ']' that ends what '[' begins");
        if (*at == '[' && (at[1] == ':' || at[1] == '.' || at[1] == '='))
                return refuse(compiler, position, "bytes and ranges, as names of classes are not known");
        if (take_byte(compiler, &first) != 0)
                return 1;
        last = first;
        at = compiler->text + compiler->position;
        if (at[0] == '-' && at[1] != ']' && at[1] != '\0') {
                compiler->position++;
                if (take_byte(compiler, &last) != 0)
                        return 1;
        }
        if (last < first)
                return refuse(compiler, position, "a range that goes up");
        for (unsigned int byte = first; byte <= last; byte++)
                add_byte(compiler, set, (unsigned char)byte);
        return 0;
}

static int take_class(struct compiler *compiler)
{
        size_t begin = compiler->position++;
        struct byte_set set = {0};
        bool negates = compiler->text[compiler->position] == '!' || compiler->text[compiler->position] == '^';

        compiler->position += negates;
        do {
                if (take_range(compiler, begin, &set) != 0)
                        return 1;
        } while (compiler->text[compiler->position] != ']');
        compiler->position++;
        for (size_t i = 1; i < ARRAY_LENGTH(set.has) && negates; i++)
                set.has[i] = !set.has[i];
        return add_token(compiler, begin, &set);
}

static int take_literal(struct compiler *compiler, bool is_escaped)
{
        size_t begin = compiler->position;
        struct byte_set set = {0};
        unsigned char byte;

        if (!is_escaped)
                byte = (unsigned char)compiler->text[compiler->position++];
        else if (take_byte(compiler, &byte) != 0)
                return 1;
        add_byte(compiler, &set, byte);
        return add_token(compiler, begin, &set);
}

static int take_token(struct compiler *compiler)
{
        struct byte_set any;

        switch (compiler->text[compiler->position]) {
        case '*':
                compiler->position++;
                add_star(compiler);
                return 0;
        case '?':
                memset(any.has, true, sizeof(any.has));
                return add_token(compiler, compiler->position++, &any);
        case '[':
                return take_class(compiler);
        default:
                return take_literal(compiler, /* is_escaped= */ true);
        }
}

int glob_compile(struct glob *ret, const char *text, enum glob_mode mode, bool ignore_case,
                 struct glob_error *ret_error)
{
        struct compiler compiler = {
                .glob = ret,
                .text = text,
                .ignore_case = ignore_case,
                .is_prefix = true,
                .error = ret_error,
        };
        int r = 0;

        memset(ret, 0, sizeof(*ret));
        if (mode == GLOB_SUBSTRING)
                add_star(&compiler);
        while (text[compiler.position] != '\0' && r == 0)
                r = mode == GLOB_PATTERN ? take_token(&compiler)
                                         : take_literal(&compiler, /* is_escaped= */ false);
        if (mode == GLOB_PREFIX || mode == GLOB_SUBSTRING)
                add_star(&compiler);
        ret->is_literal = compiler.is_prefix;
        return r;
}

static bool has_bit(const uint64_t *words, size_t bit)
{
        return words[bit / 64] >> bit % 64 & 1;
}

/* All states in one number, which is every pattern that people write. */
static bool match_word(const struct glob *glob, const char *name)
{
        const uint64_t *accepts = glob->accepts[0];
        uint64_t states = 1, stays = glob->stays[0], all = UINT64_C(1) << glob->n_tokens;
        uint64_t settled = stays & all; /* behind a last star nothing can go wrong */

        for (const unsigned char *byte = (const unsigned char *)name; *byte != '\0'; byte++) {
                states = (states & accepts[*byte]) << 1 | (states & stays);
                if (states == 0 || (states & settled))
                        break;
        }
        return states & all;
}

static bool match_words(const struct glob *glob, const char *name)
{
        size_t n_words = glob->n_tokens / 64 + 1;
        uint64_t states[GLOB_WORDS] = {1};

        /* Each token takes a byte. */
        if (strnlen(name, glob->n_tokens) < glob->n_tokens)
                return false;
        for (const unsigned char *byte = (const unsigned char *)name; *byte != '\0'; byte++) {
                uint64_t carry = 0, any = 0;

                for (size_t i = 0; i < n_words; i++) {
                        uint64_t advanced = states[i] & glob->accepts[i][*byte];

                        states[i] = advanced << 1 | carry | (states[i] & glob->stays[i]);
                        carry = advanced >> 63;
                        any |= states[i];
                }
                if (any == 0)
                        return false;
        }
        return has_bit(states, glob->n_tokens);
}

bool glob_match(const struct glob *glob, const char *name)
{
        return glob->n_tokens < 64 ? match_word(glob, name) : match_words(glob, name);
}

bool glob_has_wildcard(const char *text)
{
        return strpbrk(text, "*?[") != NULL;
}
