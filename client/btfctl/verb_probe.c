/*
 * probe: whether things exist, a line each, written much as C has them: a type (`task_struct`, `struct sock`), a field
 * (`task_struct.__state`), a function (`vfs_read()`) and what a parameter leads to (`vfs_read(file->f_path)`), an enumerator,
 * a per-CPU variable (`&runqueues`) and what is in it (`&runqueues.curr->pid`). A bare name may be a type or an enumerator.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* What one argument asks: up to two questions, of which one must be answered yes. */
struct item {
        char *text; /* owned: the argument, taken apart */
        size_t first, n;
};

static void free_items(struct item *items, size_t n_items)
{
        for (size_t i = 0; items && i < n_items; i++)
                free(items[i].text);
        free(items);
}

/* Ends `text` where a path in it begins, `.` or `->` of the outermost object; returns that path, or NULL. */
static char *cut_path(char *text)
{
        char *dot = strchr(text, '.'), *arrow = strstr(text, "->");
        char *cut = !dot || (arrow && arrow < dot) ? arrow : dot;
        size_t length = cut == arrow ? 2 : 1;

        if (!cut)
                return NULL;
        *cut = '\0';
        return cut + length;
}

/* `vfs_read()` or `vfs_read(file->f_path)`: ends the name, and returns the path, which may be "". NULL for anything else. */
static char *cut_parameters(char *text)
{
        char *open = strchr(text, '(');
        size_t length = strlen(text);

        if (!open || open == text || text[length - 1] != ')')
                return NULL;
        *open = text[length - 1] = '\0';
        return open + 1;
}

/* Adds the questions of an argument. Returns 0 or -ENOMEM. */
static int add_item(struct item *item, const char *argument, struct btfd_probe *questions,
                    size_t *n_questions)
{
        struct btfd_probe *question = &questions[*n_questions];
        bool is_variable = argument[0] == '&';
        char *name, *path;

        *item = (struct item){.text = strdup(argument), .first = *n_questions, .n = 1};
        if (!item->text)
                return -ENOMEM;
        name = item->text + is_variable;
        if ((path = cut_parameters(name))) {
                *question = (struct btfd_probe){BTFD_PROBE_FIELD, name, path, "func", false};
                if (path[0] == '\0')
                        question->kind = BTFD_PROBE_FUNCTION;
        } else if ((path = cut_path(name))) {
                /* An object and a pointer to one have the same fields. */
                *question = (struct btfd_probe){BTFD_PROBE_FIELD, name, path, is_variable ? "var" : "type",
                                                false};
        } else if (is_variable) {
                *question = (struct btfd_probe){.kind = BTFD_PROBE_VARIABLE, .name = name};
        } else {
                question[0] = (struct btfd_probe){.kind = BTFD_PROBE_TYPE, .name = name};
                question[1] = (struct btfd_probe){.kind = BTFD_PROBE_ENUMERATOR, .name = name};
                item->n = strchr(name, ' ') ? 1 : 2;
        }
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
