#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btfctl/btfctl.h"
#include "btfctl/version.h"

/* The daemon answers twice as many questions at once, and an argument may be two. */
#define PROBE_MAX_ARGUMENTS 512

static const struct verb verbs[] = {
        {
                .name = "info",
                .arguments = "",
                .summary = "what the daemon is and serves",
                .accepted = OPT(SOCKET) | OPT(SET),
                .run = verb_info,
        },
        {
                .name = "sources",
                .arguments = "",
                .summary = "vmlinux and the modules, and what could not be loaded",
                .accepted = OPT(SOCKET) | OPT(SET),
                .run = verb_sources,
        },
        {
                .name = "show",
                .arguments = "TYPE",
                .summary = "a type with its members, values or parameters",
                .min_arguments = 1,
                .max_arguments = 1,
                .accepted = OPT(SOCKET) | OPTS_TYPE,
                .run = verb_show,
        },
        {
                .name = "layout",
                .arguments = "TYPE",
                .summary = "a struct or union with its holes, padding and cache lines",
                .min_arguments = 1,
                .max_arguments = 1,
                .accepted = OPT(SOCKET) | OPTS_TYPE | OPT(EXPAND) | OPT(CACHELINE),
                .run = verb_layout,
        },
        {
                .name = "at",
                .arguments = "TYPE OFFSET",
                .summary = "what lies at a byte of a struct or union",
                .min_arguments = 2,
                .max_arguments = 2,
                .accepted = OPT(SOCKET) | OPTS_TYPE | OPT(BIT),
                .run = verb_at,
        },
        {
                .name = "offset",
                .arguments = "TYPE PATH",
                .summary = "how to reach a field: mm->owner->comm",
                .min_arguments = 2,
                .max_arguments = 47, /* 16 alternatives, with `or` between them */
                .accepted = OPT(SOCKET) | OPTS_TYPE | OPT(FUNC) | OPT(VAR),
                .check = offset_check,
                .run = verb_offset,
        },
        {
                .name = "find",
                .arguments = "PATTERN",
                .summary = "what is called like that: list_*, *_ops, sk_buff",
                .min_arguments = 1,
                .max_arguments = 1,
                .accepted = OPT(SOCKET) | OPT(SET) | OPT(SOURCE) | OPT(KINDS) | OPT(IGNORE_CASE) |
                            OPT(REGEX) | OPT(LIMIT),
                .run = verb_find,
        },
        {
                .name = "users",
                .arguments = "TYPE",
                .summary = "who embeds a type, points to it, takes or returns it",
                .min_arguments = 1,
                .max_arguments = 1,
                .accepted = OPT(SOCKET) | OPTS_TYPE | OPT(RELATIONS) | OPT(TRANSITIVE) | OPT(LIMIT),
                .run = verb_users,
        },
        {
                .name = "func",
                .arguments = "NAME",
                .summary = "a function's prototype, and where its parameters are",
                .min_arguments = 1,
                .max_arguments = 1,
                .accepted = OPT(SOCKET) | OPT(SET) | OPT(SOURCE) | OPT(ALL) | OPT(ID) | OPT(INSTANCE) |
                            OPT(TRACEPOINT),
                .run = verb_func,
        },
        {
                .name = "funcs",
                .arguments = "[PATTERN]",
                .summary = "functions by name, parameter, return type or tag",
                .max_arguments = 1,
                .accepted = OPT(SOCKET) | OPT(SET) | OPT(SOURCE) | OPT(IGNORE_CASE) | OPT(LIMIT) |
                            OPT(PARAM) | OPT(WITHIN) | OPT(POSITION) | OPT(RETURNS) | OPT(TAG) | OPT(LSM) |
                            OPT(TRACEPOINTS),
                .run = verb_funcs,
        },
        {
                .name = "enum",
                .arguments = "NAME [ENUMERATOR]",
                .summary = "an enum's values, or the value of an enumerator",
                .min_arguments = 1,
                .max_arguments = 2,
                .accepted = OPT(SOCKET) | (OPTS_TYPE & ~OPT(HAS)),
                .run = verb_enum,
        },
        {
                .name = "var",
                .arguments = "NAME",
                .summary = "a per-CPU variable's type and place",
                .min_arguments = 1,
                .max_arguments = 1,
                .accepted = OPT(SOCKET) | OPT(SET) | OPT(SOURCE) | OPT(ALL) | OPT(ID) | OPT(INSTANCE),
                .run = verb_var,
        },
        {
                .name = "diff",
                .arguments = "TYPE [TYPE]",
                .summary = "what is different between two types, or in another set or source",
                .min_arguments = 1,
                .max_arguments = 2,
                .accepted = OPT(SOCKET) | OPTS_TYPE | OPTS_WITH,
                .check = diff_check,
                .run = verb_diff,
        },
        {
                .name = "probe",
                .arguments = "THING...",
                .summary = "what exists: task_struct.__state, 'vfs_read()', sk_buff",
                .min_arguments = 1,
                .max_arguments = PROBE_MAX_ARGUMENTS,
                .accepted = OPT(SOCKET) | OPT(SET),
                .run = verb_probe,
        },
        {
                .name = "call",
                .arguments = "METHOD [JSON]",
                .summary = "any method with the given params; prints its result",
                .min_arguments = 1,
                .max_arguments = 2,
                .accepted = OPT(SOCKET),
                .run = verb_call,
        },
        {
                .name = "check",
                .arguments = "FILE",
                .summary = "everything that is wrong with a file's BTF; needs no daemon",
                .min_arguments = 1,
                .max_arguments = 1,
                .accepted = OPT(BASE),
                .offline = true,
                .run = verb_check,
        },
};

/* Options that mean something for some verbs only. */
static void print_verb_options(void)
{
        printf("For find, whose PATTERN has *, ? and [a-z] and is matched with whole names:\n"
               "  --kinds=KIND,...   only these: struct,union,typedef,func,...\n"
               "  --source=NAME      all that vmlinux or a module holds itself\n"
               "  --ignore-case      upper and lower case are the same\n"
               "  --regex            PATTERN is an extended regular expression, found anywhere in a name\n"
               "  --limit=N          no more than N\n"
               "\n"
               "For layout:\n"
               "  --expand=LEVELS    members that are structs or unions are written out, so deep; 32 for "
               "all\n"
               "  --cacheline=BYTES  a power of two; 64 by default\n"
               "\n"
               "For at:\n"
               "  --bit              OFFSET counts bits, not bytes\n"
               "\n");
        printf("For func, whose NAME is a function's, and for funcs:\n"
               "  --tracepoint       of func: NAME is a tracepoint's, sched_switch\n"
               "  --param=TYPE       those with a parameter of that type: 'struct sk_buff *'\n"
               "  --within=N         among the first N parameters\n"
               "  --position=N       in that place, from 0\n"
               "  --returns=TYPE     those that return it\n"
               "  --tag=TAG          those with that decl tag: bpf_kfunc\n"
               "  --lsm              LSM hooks; PATTERN is without bpf_lsm_\n"
               "  --tracepoints      tracepoints, with what they hand over\n"
               "\n"
               "For users:\n"
               "  --relations=WORD,...\n"
               "                     only these: embeds,points,takes,returns,variable,typedef\n"
               "  --transitive       whatever embeds the type at any depth\n"
               "  --limit=N          no more than N\n"
               "\n"
               "For diff, which compares TYPE with the second TYPE, or with what these choose:\n"
               "  --with-set=NAME    the same type in another BTF directory that the daemon serves\n"
               "  --with-source=NAME the same type in that source\n"
               "  --with-size=BYTES, --with-has=MEMBER, --with-id=ID --with-instance=N\n"
               "                     as above, of the other side\n"
               "\n"
               "For probe, whose THING is a type or enumerator (a bare name), a field (TYPE.PATH, "
               "TYPE->PATH),\n"
               "a function ('vfs_read()'), a path from its parameter ('vfs_read(file->f_path)'), a variable\n"
               "('&runqueues') or a field of it: the exit status is 3 unless all are there.\n"
               "\n"
               "For check, whose FILE is raw BTF, an ELF object, or either compressed (gzip, xz, zstd):\n"
               "  --base=FILE        what a module's BTF continues: the vmlinux it was built for\n"
               "\n");
}

static void print_help(void)
{
        printf("Usage: btfctl [OPTION]... VERB [ARGUMENT]...\n"
               "Ask btfd about kernel types.\n\n");
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                printf("  %-8s%-19s%s\n", verbs[i].name, verbs[i].arguments, verbs[i].summary);
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
               "It may cast, step back from a member to what holds it, and begin elsewhere:\n"
               "  btfctl offset file '((struct tty_file_private *)private_data)->tty->name'\n"
               "  btfctl offset dentry 'container_of(d_inode, struct ext4_inode_info, "
               "vfs_inode)->i_disksize'\n"
               "  btfctl offset --func=vfs_read 'file->f_path.dentry->d_name.name'\n"
               "  btfctl offset --var=runqueues 'curr->pid'\n"
               "  --func=NAME        at an argument of that function, or 'return'\n"
               "  --var=NAME         at that variable; '.' is the variable itself\n"
               "Of several, with the word `or` between them, the first that this kernel has:\n"
               "  btfctl offset task_struct __state or task_struct state\n"
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
               "\n");
        print_verb_options();
        printf("Exit status: 0 fine, 1 failed, 2 wrong usage, 3 not found, 4 no daemon,\n"
               "5 different (diff).\n");
}

/* A full disk or a closed pipe must not look like an answer. */
static int flush_output(int status)
{
        if (fflush(stdout) == 0 || status != STATUS_FINE)
                return status;
        fprintf(stderr, "btfctl: cannot write: %s\n", strerror(errno));
        return STATUS_FAILED;
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
        bool takes_id = verb->accepted & OPT(ID);
        bool is_named = context->given & verb->accepted & (OPT(FUNC) | OPT(VAR));
        int n_optional = (takes_id && context->selector.has_id) || is_named ? 1 : 0;
        const char *unfit = options_first(context->given & ~verb->accepted);
        char problem[64];

        if (n_arguments < verb->min_arguments - n_optional || n_arguments > verb->max_arguments) {
                fprintf(stderr, "btfctl: expected: btfctl %s %s%s\nTry 'btfctl --help'.\n", verb->name,
                        verb->arguments, takes_id ? " (with --id, TYPE may be left out)" : "");
                return STATUS_USAGE;
        }
        if (unfit) {
                snprintf(problem, sizeof(problem), "--%s makes no sense for the verb ", unfit);
                return usage(problem, verb->name);
        }
        if (verb->check && !verb->check(context, arguments))
                return STATUS_USAGE;
        return run_verb(context, verb, arguments);
}

/* A verb that does not exist, or none at all. */
static int expected_verb(const char *instead)
{
        fprintf(stderr, "btfctl: expected a verb:");
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                fprintf(stderr, "%s %s", i > 0 ? "," : "", verbs[i].name);
        if (instead)
                fprintf(stderr, "; not '%s'", instead);
        fprintf(stderr, "\nTry 'btfctl --help'.\n");
        return STATUS_USAGE;
}

int main(int argc, char *argv[])
{
        struct context context = {0};
        bool help, version;
        int first, status;

        if (open_standard_descriptors() < 0)
                return STATUS_FAILED;
        status = options_parse(&context, argc, argv, &first, &help, &version);
        if (status != STATUS_FINE)
                return status;
        if (version) {
                puts("btfctl " BTFD_VERSION);
                return flush_output(STATUS_FINE);
        }
        if (help || (first < argc && strcmp(argv[first], "help") == 0)) {
                print_help();
                return flush_output(STATUS_FINE);
        }
        if (first == argc)
                return expected_verb(NULL);
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
                if (strcmp(argv[first], verbs[i].name) == 0)
                        return check_and_run(&context, &verbs[i], argc - first - 1, argv + first + 1);
        }
        return expected_verb(argv[first]);
}
