/*
 * find: what is called like a pattern, a line each, page after page until there is no more. Regular expressions are
 * matched here: the daemon matches nothing whose time is not bounded.
 */
#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* Columns are as wide as what they hold, but one very long name does not push all sources off the screen. */
#define NAME_COLUMN_MAX 56

/* Bytes of a name that a regular expression is known to begin with. */
#define PREFIX_SIZE 128U

struct search {
        struct context *context;
        struct btfd_find question;
        char prefix[PREFIX_SIZE];
        regex_t regex; /* with --regex */
};

static bool is_plain(char byte)
{
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
               byte == '_';
}

/* What every match of `^prefix...` begins with, so that the daemon need not send all names. */
static void find_prefix(struct search *search, const char *expression)
{
        size_t length = 0;

        if (expression[0] != '^' || strchr(expression, '|'))
                return;
        while (length < PREFIX_SIZE - 1 && is_plain(expression[1 + length]))
                length++;
        /* The last one may be there any number of times. */
        if (length > 0 && expression[1 + length] != '\0' && strchr("*?{", expression[1 + length]))
                length--;
        memcpy(search->prefix, expression + 1, length);
}

static int take_pattern(struct search *search, const char *pattern)
{
        int flags = REG_EXTENDED | REG_NOSUB | (search->context->ignore_case ? REG_ICASE : 0);
        char message[128];
        int r;

        search->question.name = pattern;
        if (!search->context->regex)
                return STATUS_FINE;
        r = regcomp(&search->regex, pattern, flags);
        if (r != 0) {
                regerror(r, &search->regex, message, sizeof(message));
                return usage("regular expression: ", message);
        }
        find_prefix(search, pattern);
        search->question.match = search->prefix[0] != '\0' ? "prefix" : "glob";
        search->question.name = search->prefix[0] != '\0' ? search->prefix : "*";
        return STATUS_FINE;
}

static bool is_wanted(const struct search *search, const struct btfd_found *found)
{
        return !search->context->regex || regexec(&search->regex, found->name, 0, NULL, 0) == 0;
}

static const char *word(const struct btfd_found *found)
{
        return found->declares ? found->declares : found->kind;
}

static int widths(const struct search *search, const struct btfd_found_list *list, int *ret_source)
{
        int name = 0, source = 0;

        for (size_t i = 0; i < list->n_found; i++) {
                const struct btfd_found *found = &list->found[i];
                int name_length = (int)(strlen(word(found)) + 1 + strlen(found->name));

                if (!is_wanted(search, found))
                        continue;
                if (name_length > name && name_length <= NAME_COLUMN_MAX)
                        name = name_length;
                if ((int)strlen(found->source) > source)
                        source = (int)strlen(found->source);
        }
        *ret_source = source;
        return name;
}

static void print_found(const struct btfd_found *found, int name_width, int source_width)
{
        int length = (int)(strlen(word(found)) + 1 + strlen(found->name));

        printf("%s ", word(found));
        print_plain(stdout, found->name, strlen(found->name));
        printf("%*s  ", length < name_width ? name_width - length : 0, "");
        print_plain(stdout, found->source, strlen(found->source));
        printf("%*s  ", source_width - (int)strlen(found->source), "");
        if (found->declares)
                puts("declared");
        else if (found->size == BTFD_NONE)
                puts("-");
        else
                printf("%" PRIu64 "\n", found->size);
}

/* Returns how many it printed, `n_max` at the most. */
static uint64_t print_page(const struct search *search, const struct btfd_found_list *list, uint64_t n_max)
{
        int source_width, name_width = widths(search, list, &source_width);
        uint64_t n = 0;

        for (size_t i = 0; i < list->n_found && n < n_max; i++) {
                if (!is_wanted(search, &list->found[i]))
                        continue;
                print_found(&list->found[i], name_width, source_width);
                n++;
        }
        return n;
}

static int take_page(struct pages *pages, void *userdata)
{
        struct search *search = userdata;
        struct context *context = pages->context;
        struct btfd_found_list *list;
        uint64_t n_shown;
        int r, status = STATUS_FINE;

        /* How many of a page an expression matches is known only when it is here. */
        search->question.limit = context->regex ? PAGE_MAX : page_limit(pages->n_left);
        search->question.cursor = pages->cursor;
        r = btfd_type_find(context->client, &search->question, &list);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF) {
                status = print_json_result(context);
                n_shown = list->n_found;
        } else {
                n_shown = print_page(search, list, pages->n_left);
        }
        if (status == STATUS_FINE)
                status = pages_turn(pages, n_shown, list->cursor);
        btfd_found_list_free(list);
        return status;
}

static int run(struct search *search, const char *pattern)
{
        struct context *context = search->context;
        uint64_t n_found = 0;
        int status;

        if (context->regex && context->json != JSON_OFF)
                return usage("--regex filters lines, not JSON", "");
        status = take_pattern(search, pattern);
        if (status != STATUS_FINE)
                return status;
        status = pages_take(context, take_page, search, &n_found);
        if (context->regex)
                regfree(&search->regex);
        if (status != STATUS_FINE || n_found > 0)
                return status;
        fprintf(stderr, "btfctl: nothing is called like '%s'\n", pattern);
        return STATUS_NOT_FOUND;
}

int verb_find(struct context *context, char **arguments)
{
        size_t n_kinds;
        char **kinds = split_words(context->kinds, &n_kinds);
        struct search search = {
                .context = context,
                .question.ignore_case = context->ignore_case,
                .question.source = context->selector.source,
                .question.set = context->selector.set,
        };
        int status;

        if (!kinds)
                return report_failure(context, -ENOMEM, /* path= */ NULL);
        search.question.kinds = (const char *const *)kinds;
        search.question.n_kinds = n_kinds;
        status = run(&search, arguments[0]);
        free(kinds);
        return status;
}
