#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btfctl/btfctl.h"
#include "btfctl/version.h"

static const struct verb verbs[] = {
        {"info", "", "what the daemon is and serves", 0, 0, NARROWS_SET, false, verb_info},
        {"sources", "", "vmlinux and the modules, and what could not be loaded", 0, 0, NARROWS_SET, false,
         verb_sources},
        {"show", "TYPE", "a type with its members, values or parameters", 1, 1, NARROWS_TYPE, false,
         verb_show},
        {"offset", "TYPE PATH", "how to reach a field: mm->owner->comm", 2, 2, NARROWS_TYPE, false,
         verb_offset},
        {"call", "METHOD [JSON]", "any method with the given params; prints its result", 1, 2,
         NARROWS_NOTHING, false, verb_call},
        {"check", "FILE", "everything that is wrong with a file's BTF; needs no daemon", 1, 1,
         NARROWS_NOTHING, true, verb_check},
};

enum {
        OPTION_SOCKET = 256,
        OPTION_JSON,
        OPTION_BASE,
        OPTION_SET,
        OPTION_SOURCE,
        OPTION_KIND,
        OPTION_HAS,
        OPTION_ALL,
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
               "A path is what C writes after the object; quote it, as '>' redirects:\n"
               "  btfctl offset task_struct 'mm->owner->comm'\n"
               "  1136 -> 1296 -> 1752  char[16]  16\n"
               "Add 1136 and load a pointer there, add 1296 and load, add 1752: a char[16] of 16 bytes.\n"
               "\n"
               "Which definition of a name is meant:\n"
               "  --kind=KIND        struct, union, enum, typedef, func, var, ...\n"
               "  --size=BYTES       the one of that size\n"
               "  --has=MEMBER       the one with that member\n"
               "  --source=NAME      the one in that source: vmlinux or a module\n"
               "  --id=ID --instance=N\n"
               "                     the type of that id; needs --source too\n"
               "  --all              modules' definitions count as much as vmlinux's\n"
               "  --set=NAME         in another BTF directory that the daemon serves\n"
               "\n"
               "For check, whose FILE is raw BTF, an ELF object, or either compressed (gzip, xz, zstd):\n"
               "  --base=FILE        what a module's BTF continues: the vmlinux it was built for\n"
               "\n"
               "Exit status: 0 fine, 1 failed, 2 wrong usage, 3 not found, 4 no daemon.\n");
}

static int try_help(void)
{
        fprintf(stderr, "Try 'btfctl --help'.\n");
        return STATUS_USAGE;
}

static int usage(const char *problem, const char *subject)
{
        fprintf(stderr, "btfctl: %s%s\n", problem, subject);
        return try_help();
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

/* Decimal or 0x; no sign, no blanks, and no leading zero, which might be meant as octal. */
static bool parse_number(const char *text, uint64_t *ret)
{
        bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
        unsigned long long value;
        char *end;

        if (text[0] < '0' || text[0] > '9' || (text[0] == '0' && !is_hex && text[1] != '\0'))
                return false;
        errno = 0;
        value = strtoull(text, &end, is_hex ? 16 : 10);
        if (errno != 0 || *end != '\0')
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
        case OPTION_BASE:
                context->base = argument;
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
        case OPTION_ALL:
                selector->all_tiers = true;
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

/* What a closed standard descriptor's number would be given to next is the daemon's socket. */
static int open_standard_descriptors(void)
{
        int fd;

        do
                fd = open("/dev/null", O_RDWR);
        while (fd >= 0 && fd <= STDERR_FILENO);
        if (fd < 0)
                return -1;
        close(fd);
        return 0;
}

static int run_verb(struct context *context, const struct verb *verb, char **arguments)
{
        int r, status;

        if (verb->offline)
                return flush_output(verb->run(context, arguments));
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
                fprintf(stderr, "btfctl: expected: btfctl %s %s%s\n", verb->name, verb->arguments,
                        verb->narrowing == NARROWS_TYPE ? " (with --id, TYPE may be left out)" : "");
                return try_help();
        }
        if (context->narrowing > verb->narrowing)
                return usage("there is nothing to narrow for the verb ", verb->name);
        if (context->base && !verb->offline)
                return usage("--base is for check only, not for the verb ", verb->name);
        if (context->socket && verb->offline)
                return usage("no daemon is asked, so --socket makes no sense, for the verb ", verb->name);
        return run_verb(context, verb, arguments);
}

int main(int argc, char *argv[])
{
        static const struct option options[] = {
                {"json", required_argument, NULL, OPTION_JSON},
                {"socket", required_argument, NULL, OPTION_SOCKET},
                {"base", required_argument, NULL, OPTION_BASE},
                {"set", required_argument, NULL, OPTION_SET},
                {"source", required_argument, NULL, OPTION_SOURCE},
                {"kind", required_argument, NULL, OPTION_KIND},
                {"has", required_argument, NULL, OPTION_HAS},
                {"all", no_argument, NULL, OPTION_ALL},
                {"size", required_argument, NULL, OPTION_SIZE},
                {"id", required_argument, NULL, OPTION_ID},
                {"instance", required_argument, NULL, OPTION_INSTANCE},
                {"help", no_argument, NULL, 'h'},
                {"version", no_argument, NULL, OPTION_VERSION},
                {0},
        };
        struct context context = {0};
        int option, i_option = 0;

        if (open_standard_descriptors() < 0)
                return STATUS_FAILED;
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
                        return usage("what begins with '-' and is no option goes behind '--'", "");
                if (take_option(&context, option, optarg) < 0) {
                        fprintf(stderr, "btfctl: --%s=%s: expected %s\n", options[i_option].name, optarg,
                                option == OPTION_JSON ? "pretty, short or off" : "a decimal or 0x number");
                        return try_help();
                }
        }
        if (optind == argc)
                return usage("expected a verb: info, sources, show, offset, call or check", "");
        if (strcmp(argv[optind], "help") == 0) {
                print_help();
                return flush_output(STATUS_FINE);
        }
        if (context.has_instance != context.selector.has_id ||
            (context.has_instance && !context.selector.source))
                return usage("--id, --instance and --source go together: an id means nothing alone", "");
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
                if (strcmp(argv[optind], verbs[i].name) == 0)
                        return check_and_run(&context, &verbs[i], argc - optind - 1, argv + optind + 1);
        }
        return usage("expected info, sources, show, offset, call or check, not ", argv[optind]);
}
