/*
 * probe: whether things exist, a line each, written as C has them: a type (`task_struct`, `struct sock`), a field
 * (`task_struct.__state`), a function (`vfs_read()`), an enumerator, a per-CPU variable (`&runqueues`). A bare name may be a
 * type or an enumerator.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* What one argument asks: up to two questions, of which one must be answered yes. */
struct item {
        char *name; /* owned; the type's of a field */
        size_t first, n;
};

static void free_items(struct item *items, size_t n_items)
{
        for (size_t i = 0; items && i < n_items; i++)
                free(items[i].name);
        free(items);
}

/* Where a field's path begins, behind its type; NULL if the argument is no field. */
static const char *find_path(const char *argument)
{
        const char *dot = strchr(argument, '.'), *arrow = strstr(argument, "->");

        return !dot || (arrow && arrow < dot) ? arrow : dot;
}

/* Adds the questions of an argument. Returns 0 or -ENOMEM. */
static int add_item(struct item *item, const char *argument, struct btfd_probe *questions,
                    size_t *n_questions)
{
        const char *path = find_path(argument);
        size_t length = path ? (size_t)(path - argument) : strlen(argument);
        bool is_variable = argument[0] == '&';
        bool is_function = !path && length > 2 && strcmp(argument + length - 2, "()") == 0;
        struct btfd_probe *question = &questions[*n_questions];

        item->name = strndup(argument + is_variable, length - is_variable - (is_function ? 2 : 0));
        if (!item->name)
                return -ENOMEM;
        item->first = *n_questions;
        item->n = 1;
        *question = (struct btfd_probe){.kind = BTFD_PROBE_TYPE, .name = item->name};
        if (path) {
                /* An object and a pointer to one have the same fields. */
                question->kind = BTFD_PROBE_FIELD;
                question->path = path + (path[0] == '.' ? 1 : 2);
        } else if (is_function) {
                question->kind = BTFD_PROBE_FUNCTION;
        } else if (is_variable) {
                question->kind = BTFD_PROBE_VARIABLE;
        } else if (!strchr(argument, ' ')) {
                item->n = 2;
        }
        if (item->n == 2)
                question[1] = (struct btfd_probe){.kind = BTFD_PROBE_ENUMERATOR, .name = item->name};
        *n_questions += item->n;
        return 0;
}

static const char *kind_name(enum btfd_probe_kind kind)
{
        switch (kind) {
        case BTFD_PROBE_TYPE:
                return "type";
        case BTFD_PROBE_FIELD:
                return "field";
        case BTFD_PROBE_ENUMERATOR:
                return "enumerator";
        case BTFD_PROBE_FUNCTION:
                return "function";
        case BTFD_PROBE_VARIABLE:
                return "variable";
        }
        return "";
}

/* Returns whether it exists. */
static bool print_item(const struct item *item, const struct btfd_probe *questions, const char *argument)
{
        const struct btfd_probe *answer = NULL;

        for (size_t i = 0; i < item->n && !answer; i++) {
                if (questions[item->first + i].exists)
                        answer = &questions[item->first + i];
        }
        printf("%s  %-10s  %s\n", answer ? "yes" : "no ",
               answer || item->n == 1 ? kind_name(answer ? answer->kind : questions[item->first].kind) : "-",
               argument);
        return answer;
}

static int ask(struct context *context, char **arguments, struct item *items, struct btfd_probe *questions)
{
        size_t n_items = 0, n_questions = 0;
        bool all = true;
        int r = 0;

        for (; arguments[n_items] && r == 0; n_items++)
                r = add_item(&items[n_items], arguments[n_items], questions, &n_questions);
        if (r == 0)
                r = btfd_probe(context->client, context->selector.set, questions, n_questions);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF)
                return print_json_result(context);
        for (size_t i = 0; i < n_items; i++)
                all = print_item(&items[i], questions, arguments[i]) && all;
        return all ? STATUS_FINE : STATUS_NOT_FOUND;
}

int verb_probe(struct context *context, char **arguments)
{
        size_t n = 0;
        struct item *items;
        struct btfd_probe *questions;
        int status;

        while (arguments[n])
                n++;
        items = calloc(n, sizeof(*items));
        questions = calloc(2 * n, sizeof(*questions));
        if (items && questions)
                status = ask(context, arguments, items, questions);
        else
                status = report_failure(context, -ENOMEM, /* path= */ NULL);
        free_items(items, n);
        free(questions);
        return status;
}
