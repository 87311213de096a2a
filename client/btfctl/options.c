/*
 * btfctl's options: a table of all of them (OPTIONS in btfctl.h), of which each verb accepts some.
 */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btfctl/btfctl.h"

/* Takes an option's argument into `target`, a member of struct context. Returns NULL, or what was expected. */
typedef const char *option_taker(const char *argument, void *target);

static const char *take_text(const char *argument, void *target)
{
        *(const char **)target = argument;
        return NULL;
}

/* No sign, no blanks, and no leading zero, which might be meant as octal. */
const char *parse_number(const char *argument, uint64_t *ret)
{
        static const char expected[] = "a decimal or 0x number";
        bool is_hex = argument[0] == '0' && (argument[1] == 'x' || argument[1] == 'X');
        unsigned long long value;
        char *end;

        if (argument[0] < '0' || argument[0] > '9' || (argument[0] == '0' && !is_hex && argument[1] != '\0'))
                return expected;
        errno = 0;
        value = strtoull(argument, &end, is_hex ? 16 : 10);
        if (errno != 0 || *end != '\0')
                return expected;
        *ret = value;
        return NULL;
}

static const char *take_number(const char *argument, void *target)
{
        return parse_number(argument, target);
}

static const struct {
        const char *name;
        option_taker *take; /* NULL for a flag */
        size_t target;      /* in struct context */
} options_table[] = {
#define X(id, name, take, target) {name, take, offsetof(struct context, target)},
        OPTIONS(X)
#undef X
};

#define N_OPTIONS (sizeof(options_table) / sizeof(options_table[0]))

_Static_assert(N_OPTIONS <= 64, "a set of options has 64 bits");

/* What getopt_long() returns for options that every verb takes; those of the table are 256 and their position. */
enum {
        COMMON_JSON = 'J',
        COMMON_VERSION = 'V',
        TABLE_BEGIN = 256,
};

const char *options_first(option_set set)
{
        for (size_t i = 0; i < N_OPTIONS; i++) {
                if (set & UINT64_C(1) << i)
                        return options_table[i].name;
        }
        return NULL;
}

int usage(const char *problem, const char *subject)
{
        fprintf(stderr, "btfctl: %s%s\nTry 'btfctl --help'.\n", problem, subject);
        return STATUS_USAGE;
}

static const char *take_json_mode(const char *argument, enum json_mode *ret)
{
        if (strcmp(argument, "pretty") == 0)
                *ret = JSON_PRETTY;
        else if (strcmp(argument, "short") == 0)
                *ret = JSON_SHORT;
        else if (strcmp(argument, "off") == 0)
                *ret = JSON_OFF;
        else
                return "pretty, short or off";
        return NULL;
}

/* Returns NULL, or what was expected as the option's argument. */
static const char *take_option(struct context *context, int option, const char *argument)
{
        size_t i = (size_t)(option - TABLE_BEGIN);
        void *target;

        if (option == 'j') {
                context->json = isatty(STDOUT_FILENO) ? JSON_PRETTY : JSON_SHORT;
                return NULL;
        }
        if (option == COMMON_JSON)
                return take_json_mode(argument, &context->json);
        context->given |= UINT64_C(1) << i;
        target = (char *)context + options_table[i].target;
        if (options_table[i].take)
                return options_table[i].take(argument, target);
        *(bool *)target = true;
        return NULL;
}

/* The common ones, then those of the table, then the end mark. */
static void list_options(struct option *ret)
{
        ret[0] = (struct option){"json", required_argument, NULL, COMMON_JSON};
        ret[1] = (struct option){"help", no_argument, NULL, 'h'};
        ret[2] = (struct option){"version", no_argument, NULL, COMMON_VERSION};
        for (size_t i = 0; i < N_OPTIONS; i++)
                ret[3 + i] = (struct option){
                        options_table[i].name,
                        options_table[i].take ? required_argument : no_argument,
                        NULL,
                        TABLE_BEGIN + (int)i,
                };
        ret[3 + N_OPTIONS] = (struct option){0};
}

/* An id means nothing alone. */
static int check_id(struct context *context)
{
        option_set given = context->given;

        context->selector.has_size = given & OPT(SIZE);
        context->selector.has_id = given & OPT(ID);
        context->with.has_size = given & OPT(WITH_SIZE);
        context->with.has_id = given & OPT(WITH_ID);
        if (given & (OPT(WITH_ID) | OPT(WITH_INSTANCE)) &&
            !(given & OPT(WITH_ID) && given & OPT(WITH_INSTANCE) && given & OPT(WITH_SOURCE)))
                return usage("--with-id, --with-instance and --with-source go together: an id means nothing "
                             "alone",
                             "");
        if (!(given & (OPT(ID) | OPT(INSTANCE))) ||
            (given & OPT(ID) && given & OPT(INSTANCE) && given & OPT(SOURCE)))
                return STATUS_FINE;
        return usage("--id, --instance and --source go together: an id means nothing alone", "");
}

int options_parse(struct context *context, int argc, char *argv[], int *ret_first, bool *ret_help,
                  bool *ret_version)
{
        struct option options[N_OPTIONS + 4];
        int option, i_option = 0;

        *ret_help = *ret_version = false;
        list_options(options);
        while ((option = getopt_long(argc, argv, "jh", options, &i_option)) >= 0) {
                const char *expected;

                if (option == '?')
                        return usage("what begins with '-' and is no option goes behind '--'", "");
                if (option == 'h' || option == COMMON_VERSION) {
                        *(option == 'h' ? ret_help : ret_version) = true;
                        return STATUS_FINE;
                }
                expected = take_option(context, option, optarg);
                if (expected) {
                        fprintf(stderr, "btfctl: --%s=%s: expected %s\nTry 'btfctl --help'.\n",
                                options[i_option].name, optarg, expected);
                        return STATUS_USAGE;
                }
        }
        *ret_first = optind;
        return check_id(context);
}

char **split_words(const char *list, size_t *ret_n)
{
        size_t length = list ? strlen(list) : 0;
        /* A word and its comma or NUL have two bytes at least. */
        char **words = malloc((length / 2 + 1) * sizeof(*words) + length + 1);
        char *text, *rest = NULL;
        size_t n = 0;

        if (!words)
                return NULL;
        text = (char *)(words + length / 2 + 1);
        memcpy(text, list ? list : "", length + 1);
        for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
                words[n++] = word;
        *ret_n = n;
        return words;
}
