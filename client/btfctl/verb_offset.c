#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "btfctl/btfctl.h"

static void print_bitfield(const struct btfd_bitfield *bitfield)
{
        printf("  bit %" PRIu64 ", %" PRIu64 " wide", bitfield->bit_offset, bitfield->bit_size);
        if (bitfield->load_size > 0)
                printf(": load %" PRIu64 ", << %u, >> %u%s", bitfield->load_size, bitfield->lshift,
                       bitfield->rshift, bitfield->is_signed ? " signed" : "");
}

/* Where the first step starts, if not at an object: `argument 0, slot 0: `, `.data..percpu + 178816: `. */
static void print_start(const struct btfd_field *field)
{
        const struct btfd_argument *argument = field->argument;

        if (argument && argument->returns)
                printf("return value");
        else if (argument)
                printf("argument %" PRIu64, argument->index);
        if (argument && argument->slot != BTFD_NONE)
                printf(", slot %" PRIu64, argument->slot);
        else if (argument && !argument->returns)
                printf(", no slot");
        if (argument && argument->by_value)
                printf(", by value");
        if (field->variable)
                printf("%s + %" PRIu64, field->variable->section, field->variable->offset);
        if (argument || field->variable)
                printf(": ");
}

/* A module that the path has led into; vmlinux goes without saying. */
static void print_source(const struct btfd_field *field, const char *source)
{
        if (strcmp(source, field->source) != 0 && strcmp(source, "vmlinux") != 0)
                printf(" [%s]", source);
}

static void print_steps(const struct btfd_field *field)
{
        for (size_t i = 0; i < field->n_steps; i++) {
                const struct btfd_step *step = &field->steps[i];

                printf("%" PRId64, step->offset);
                print_source(field, step->source);
                for (size_t j = 0; j < step->n_tags; j++)
                        printf(" (%s)", step->tags[j]);
                if (step->deref)
                        printf(" -> ");
        }
        if (field->n_steps > 0)
                printf("  ");
}

static void print_field(const struct btfd_field *field)
{
        const struct btfd_value *value = &field->value;

        print_start(field);
        print_steps(field);
        fputs(value->type, stdout);
        print_source(field, field->type_source);
        if (value->size == BTFD_NONE)
                printf("  -");
        else
                printf("  %" PRIu64, value->size);
        if (value->is_bitfield)
                print_bitfield(&value->bitfield);
}

/* As many as the daemon takes. */
#define MAX_QUESTIONS 16

/*
 * [TYPE] PATH [or TYPE PATH]...: the first TYPE is left out with --func, --var or an id, and those behind an `or` are
 * functions or variables too with the former two. Returns how many questions there are, 0 if they are none.
 */
static size_t take_questions(const struct context *context, char **arguments, struct btfd_question *questions)
{
        const char *name = context->func ? context->func : context->var;
        enum btfd_root root = context->func ? BTFD_ROOT_FUNC : context->var ? BTFD_ROOT_VAR : BTFD_ROOT_TYPE;
        size_t n = 0;

        if (!name && !(context->selector.has_id && !arguments[1]))
                name = *arguments++;
        for (;;) {
                if (n == MAX_QUESTIONS || !arguments[0])
                        return 0;
                questions[n++] = (struct btfd_question){
                        .root = root, .name = name, .path = arguments[0], .selector = &context->selector};
                if (!arguments[1])
                        return n;
                if (strcmp(arguments[1], "or") != 0 || !arguments[2])
                        return 0;
                name = arguments[2];
                arguments += 3;
        }
}

bool offset_check(const struct context *context, char **arguments)
{
        struct btfd_question questions[MAX_QUESTIONS];

        if (!(context->func && context->var) && take_questions(context, arguments, questions) > 0)
                return true;
        usage("expected: btfctl offset TYPE PATH [or TYPE PATH]..., up to 16 of them, or --func=NAME or "
              "--var=NAME instead of the first TYPE",
              "");
        return false;
}

static int report_refusal(struct context *context, int result, const struct btfd_question *questions)
{
        const struct btfd_error *error = btfd_last_error(context->client);

        return report_failure(context, result, questions[error ? error->which : 0].path);
}

int verb_offset(struct context *context, char **arguments)
{
        struct btfd_question questions[MAX_QUESTIONS];
        size_t n = take_questions(context, arguments, questions);
        struct btfd_field *field;
        int r, status = STATUS_FINE;

        r = btfd_field_offset_any(context->client, questions, n, &field);
        if (r != 0)
                return report_refusal(context, r, questions);
        if (context->json != JSON_OFF) {
                status = print_json_result(context);
        } else {
                print_field(field);
                if (n > 1)
                        printf("  (%s %s)", questions[field->which].name, questions[field->which].path);
                putchar('\n');
        }
        report_also(field->also, field->n_also);
        btfd_field_free(field);
        return status;
}
