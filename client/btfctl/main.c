#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btfctl/btfctl.h"
#include "btfctl/version.h"

static const struct verb verbs[] = {
        {"info", "", "what the daemon is and serves", 0, 0, NARROWS_SET, verb_info},
        {"show", "TYPE", "a type with its members, values or parameters", 1, 1, NARROWS_TYPE, verb_show},
        {"offset", "TYPE PATH", "how to reach a field: mm->owner->comm", 2, 2, NARROWS_TYPE, verb_offset},
        {"call", "METHOD [JSON]", "any method with the given params; prints its result", 1, 2,
         NARROWS_NOTHING, verb_call},
};

enum {
        OPTION_SOCKET = 256,
        OPTION_JSON,
        OPTION_SET,
        OPTION_SOURCE,
        OPTION_KIND,
        OPTION_HAS,
        OPTION_SIZE,
        OPTION_ID,
        OPTION_INSTANCE,
        OPTION_VERSION,
};

static void print_help(void)
{
        printf("Usage: btfctl [OPTION]... VERB [ARGUMENT]...\n"
               "Ask btfd about kernel types.\n\n");
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                printf("  %-7s%-15s%s\n", verbs[i].name, verbs[i].arguments, verbs[i].summary);
        printf("\n"
               "  -j                 JSON: pretty on a terminal, else short\n"
               "  --json=MODE        pretty, short, or off (default)\n"
               "  --socket=PATH      the daemon's socket; default $BTFD_SOCKET, else /run/btfd/btfd.sock,\n"
               "                     else $XDG_RUNTIME_DIR/btfd.sock\n"
               "  --                 what follows is no option: btfctl offset TYPE -- '->next'\n"
               "  -h, --help         show this and exit\n"
               "  --version          show the version and exit\n"
               "\n"
               "Which definition of a name is meant:\n"
               "  --kind=KIND        struct, union, enum, typedef, func, var, ...\n"
               "  --size=BYTES       the one of that size\n"
               "  --has=MEMBER       the one with that member\n"
               "  --source=NAME      the one in that source: vmlinux or a module\n"
               "  --id=ID --instance=N\n"
               "                     the type of that id; needs --source too\n"
               "  --set=NAME         in another BTF directory that the daemon serves\n"
               "\n"
               "Exit status: 0 fine, 1 failed, 2 wrong usage, 3 not found, 4 no daemon.\n");
}

static int usage(const char *problem, const char *subject)
{
        fprintf(stderr, "btfctl: %s%s\nTry 'btfctl --help'.\n", problem, subject);
        return STATUS_USAGE;
}

static bool parse_json_mode(const char *name, enum json_mode *ret)
{
        if (strcmp(name, "pretty") == 0)
                *ret = JSON_PRETTY;
        else if (strcmp(name, "short") == 0)
                *ret = JSON_SHORT;
        else if (strcmp(name, "off") == 0)
                *ret = JSON_OFF;
        else
                return false;
        return true;
}

/* Decimal or 0x; neither sign nor blanks. */
static bool parse_number(const char *text, uint64_t *ret)
{
        unsigned long long value;
        char *end;

        errno = 0;
        value = strtoull(text, &end, text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
        if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0')
                return false;
        *ret = value;
        return true;
}

/* A full disk or a closed pipe must not look like an answer. */
static int flush_output(int status)
{
        if (fflush(stdout) == 0 || status != STATUS_FINE)
                return status;
        fprintf(stderr, "btfctl: cannot write: %s\n", strerror(errno));
        return STATUS_FAILED;
}

/* Takes one option into the context. Returns 0, or -1 if its argument is wrong. */
static int take_option(struct context *context, int option, const char *argument)
{
        struct btfd_selector *selector = &context->selector;

        if (option >= OPTION_SOURCE && option <= OPTION_INSTANCE)
                context->narrowing = NARROWS_TYPE;
        else if (option == OPTION_SET && context->narrowing == NARROWS_NOTHING)
                context->narrowing = NARROWS_SET;
        switch (option) {
        case 'j':
                context->json = isatty(STDOUT_FILENO) ? JSON_PRETTY : JSON_SHORT;
                return 0;
        case OPTION_JSON:
                return parse_json_mode(argument, &context->json) ? 0 : -1;
        case OPTION_SOCKET:
                context->socket = argument;
                return 0;
        case OPTION_SET:
                selector->set = argument;
                return 0;
        case OPTION_SOURCE:
                selector->source = argument;
                return 0;
        case OPTION_KIND:
                selector->kind = argument;
                return 0;
        case OPTION_HAS:
                selector->has = argument;
                return 0;
        case OPTION_SIZE:
                selector->has_size = true;
                return parse_number(argument, &selector->size) ? 0 : -1;
        case OPTION_ID:
                selector->has_id = true;
                return parse_number(argument, &selector->id) ? 0 : -1;
        case OPTION_INSTANCE:
                context->has_instance = true;
                return parse_number(argument, &selector->instance) ? 0 : -1;
        default:
                return -1;
        }
}

static int run_verb(struct context *context, const struct verb *verb, char **arguments)
{
        int r, status;

        r = btfd_connect(&context->client, context->socket);
        if (r < 0)
                return report_failure(context, r, /* path= */ NULL);
        status = verb->run(context, arguments);
        btfd_close(context->client);
        return flush_output(status);
}

static int check_and_run(struct context *context, const struct verb *verb, int n_arguments, char **arguments)
{
        /* With an id, the type's name may be left out. */
        int n_optional = context->selector.has_id && verb->narrowing == NARROWS_TYPE ? 1 : 0;

        if (n_arguments < verb->min_arguments - n_optional || n_arguments > verb->max_arguments) {
                fprintf(stderr, "btfctl: expected: btfctl %s %s\n", verb->name, verb->arguments);
                return usage("wrong number of arguments", "");
        }
        if (context->narrowing > verb->narrowing)
                return usage("there is nothing to narrow for the verb ", verb->name);
        return run_verb(context, verb, arguments);
}

int main(int argc, char *argv[])
{
        static const struct option options[] = {
                {"json", required_argument, NULL, OPTION_JSON},
                {"socket", required_argument, NULL, OPTION_SOCKET},
                {"set", required_argument, NULL, OPTION_SET},
                {"source", required_argument, NULL, OPTION_SOURCE},
                {"kind", required_argument, NULL, OPTION_KIND},
                {"has", required_argument, NULL, OPTION_HAS},
                {"size", required_argument, NULL, OPTION_SIZE},
                {"id", required_argument, NULL, OPTION_ID},
                {"instance", required_argument, NULL, OPTION_INSTANCE},
                {"help", no_argument, NULL, 'h'},
                {"version", no_argument, NULL, OPTION_VERSION},
                {0},
        };
        struct context context = {0};
        int option, i_option = 0;

        while ((option = getopt_long(argc, argv, "jh", options, &i_option)) >= 0) {
                if (option == 'h') {
                        print_help();
                        return flush_output(STATUS_FINE);
                }
                if (option == OPTION_VERSION) {
                        puts("btfctl " BTFD_VERSION);
                        return flush_output(STATUS_FINE);
                }
                if (option == '?')
                        return usage("the command line is wrong", "");
                if (take_option(&context, option, optarg) < 0)
                        return usage("not a valid value: ", argv[optind - 1]);
        }
        if (optind == argc)
                return usage("which verb?", "");
        if (context.has_instance != context.selector.has_id ||
            (context.has_instance && !context.selector.source))
                return usage("--id, --instance and --source go together: an id means nothing alone", "");
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
                if (strcmp(argv[optind], verbs[i].name) == 0)
                        return check_and_run(&context, &verbs[i], argc - optind - 1, argv + optind + 1);
        }
        return usage("no such verb: ", argv[optind]);
}
