/*
 * libbtfd: ask btfd about the types of the running kernel.
 *
 *     struct btfd_client *client;
 *     struct btfd_field *field;
 *
 *     if (btfd_connect(&client, NULL) < 0)
 *             return;
 *     if (btfd_field_offset(client, "task_struct", "mm->owner->comm", NULL, &field) == 0) {
 *             for (size_t i = 0; i < field->n_steps; i++)
 *                     printf("%+" PRId64 "%s\n", field->steps[i].offset,
 *                            field->steps[i].deref ? ", load" : "");
 *             btfd_field_free(field);
 *     } else if (btfd_last_error(client)) {
 *             fprintf(stderr, "%s\n", btfd_last_error(client)->message);
 *     }
 *     btfd_close(client);
 *
 * Every call returns 0; a negative errno if the daemon cannot be reached or does not speak the protocol; or
 * BTFD_REFUSED if it answered with an error, which btfd_last_error() describes. Outputs are untouched unless the
 * call returns 0. Objects that calls return are read-only and belong to the caller, who frees each with its own
 * function; what they point to goes with them, and they outlive the client. Offsets and sizes are in bytes unless
 * a name says bit.
 *
 * A client may be used by one thread at a time. The library starts no threads, changes no signal's disposition,
 * and writes nothing to standard output or error. Until version 1.0 structures may grow, and with them the
 * library's soname.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BTFD_API __attribute__((__visibility__("default")))

/* The daemon understood the call and answered with an error. */
#define BTFD_REFUSED 1

/* Stands for a size or number that does not exist, such as the size of void. */
#define BTFD_NONE UINT64_MAX

/* Reply deadline of a new client, in milliseconds: no question takes a daemon that works as long. */
#define BTFD_DEFAULT_TIMEOUT_MSEC 10000

struct btfd_client;

/* One definition of a name that has several. source, id and instance select it: see struct btfd_selector. */
struct btfd_candidate {
        const char *source;
        const char *kind;
        const char *name; /* NULL of an unnamed enum */
        uint64_t id;
        uint64_t instance;
        uint64_t size;          /* BTFD_NONE if it has none */
        const char *type;       /* of a function, its prototype as C writes it, else NULL */
        bool resolves;          /* the asked path leads somewhere in it */
        const char *value_text; /* of the asked enumerator in it, else NULL */
};

/* Why one of several questions has no answer. */
struct btfd_failure {
        const char *reason;
        const char *message;
};

/* Why the daemon refused. What does not apply to a reason is NULL or 0. */
struct btfd_error {
        int code;                /* of the protocol; negative ones are JSON-RPC's own */
        const char *reason;      /* stable, for programs: "name-not-found", "ambiguous-name", ... */
        const char *message;     /* a sentence for people */
        const char *name;        /* the name that was not found or is ambiguous */
        const char *param;       /* the parameter to blame */
        const char *component;   /* the piece of the path to blame */
        size_t position;         /* where it begins: bytes from the start of the path */
        const char *in;          /* the type that it was looked up in, as C writes it */
        const char *const *near; /* names that exist and resemble the one that does not */
        size_t n_near;
        const struct btfd_candidate *candidates; /* at most 16 */
        size_t n_candidates;
        uint64_t count;                      /* how many there are in truth */
        size_t which;                        /* the one of several questions that all this is about */
        const struct btfd_failure *failures; /* of each of them that was tried, in order */
        size_t n_failures;
};

/* Narrows a name to the definition that is meant. Zero-initialise it; what is NULL or false
 * does not narrow. */
struct btfd_selector {
        const char *set;    /* one of the BTF directories that the daemon serves; "running" by default */
        const char *source; /* "vmlinux" or a module's name: only what it holds itself */
        bool all_tiers;     /* modules' definitions count as much as vmlinux's, which else goes first */
        const char *kind;   /* "struct", "typedef", "func", ... */
        const char *has;    /* the name of a member that it must have */
        bool has_size;
        uint64_t size;
        bool has_id; /* needs source and instance too: an id means nothing alone */
        uint64_t id;
        uint64_t instance;
};

/* Add `offset` to the current address; then, if `deref`, load a pointer from there and go on at what it points
 * to. */
struct btfd_step {
        int64_t offset; /* less than 0 out of a container_of() */
        bool deref;
        const char *source;      /* that has the type in which the offset is */
        const char *const *tags; /* type tags of what the pointer leads to: "user", "percpu", "rcu", ... */
        size_t n_tags;
};

/*
 * A bitfield: load `load_size` bytes at the offset given beside it as one integer of the kernel's byte order
 * into 64 bits, shift left by `lshift`, then right by `rshift`, arithmetically if `is_signed`.
 */
struct btfd_bitfield {
        uint64_t bit_offset; /* bits from that offset, as BTF numbers them */
        uint64_t bit_size;   /* bits */
        uint64_t load_size;  /* bytes; 0 if no 8 bytes cover the bits: then there is nothing to load */
        unsigned int lshift;
        unsigned int rshift;
        bool is_signed;
};

/* What lies at a place. */
struct btfd_value {
        const char *type;     /* as C writes it: "char[16]" */
        const char *kind;     /* the BTF kind behind typedefs and qualifiers: "array" */
        uint64_t size;        /* BTFD_NONE for void, forward declarations and functions */
        const char *encoding; /* "signed", "unsigned", "bool", "char" of an int or enum, else NULL */
        uint64_t nelems;      /* of an array, else BTFD_NONE */
        uint64_t elem_size; /* bytes that one index step of an array or pointer passes over, else BTFD_NONE */
        bool flexible;      /* an array without a fixed number of elements */
        const char *pointee; /* what a pointer points to, as C writes it, else NULL */
        bool is_bitfield;
        struct btfd_bitfield bitfield;
};

/* Where a plan starts in a function: at an argument's value, or at what it returns. */
struct btfd_argument {
        bool returns;     /* it is the return value; then there is nothing of what follows but by_value */
        uint64_t index;   /* of the parameter, from 0, else BTFD_NONE */
        const char *name; /* the parameter's, else NULL */
        uint64_t slot; /* where its value is, in register-sized slots, as in the context of a BPF trampoline's
                           * program; BTFD_NONE of a struct that is too large for registers, and behind one */
        bool by_value; /* a struct or union itself: the steps start at where it lies, its first slot */
};

/* Where a variable lies; a per-CPU one in each CPU's copy of the section. */
struct btfd_section_place {
        const char *section;
        uint64_t offset; /* from the section's start */
        uint64_t size;
};

/* The plan to reach a field from its object's or variable's address or an argument's value, and what lies there. */
struct btfd_field {
        uint64_t generation;
        const char *source;
        size_t which;                              /* of several questions, the one that this answers */
        const struct btfd_argument *argument;      /* of a function, else NULL */
        const struct btfd_section_place *variable; /* of a variable that is in a section, else NULL */
        const struct btfd_step *steps;             /* only the last does not dereference */
        size_t n_steps;  /* 0 if an argument's value itself is what was asked for, else at least 1 */
        bool has_offset; /* the plan is one step from an address, without a dereference */
        int64_t offset;  /* then its offset, else 0 */
        const char
                *type_source; /* that has the value's type: another one than `source` if the path led there */
        struct btfd_value value;
        const struct btfd_candidate
                *also; /* different definitions of the type that modules have beside vmlinux's */
        size_t n_also; /* at most 16 */
};

/* A member of a struct or union. */
struct btfd_member {
        const char *name; /* NULL if unnamed: its own members then count as the outer type's */
        uint64_t offset;  /* of a bitfield, where its load begins */
        uint64_t type_id; /* of its type, in the same source and instance */
        struct btfd_value value;
};

/* One value of an enum. */
struct btfd_enumerator {
        const char *name;
        const char *value_text; /* in decimal */
        int64_t value;          /* the same; for unsigned enums, cast it to uint64_t */
};

/* A parameter of a function. */
struct btfd_param {
        const char *name; /* NULL if BTF records none */
        const char *type; /* as C writes it; "..." for variable arguments */
        uint64_t type_id;
};

/* A variable in a section. */
struct btfd_variable {
        const char *name;
        const char *type;
        uint64_t type_id; /* of its type */
        uint64_t id;      /* of the var itself */
        uint64_t offset;  /* from the section's start */
        uint64_t size;
};

/* One type with what hangs below it; what its kind does not have is NULL, 0 or BTFD_NONE. */
struct btfd_type {
        uint64_t generation;
        const char *source;
        uint64_t instance;
        uint64_t id;
        const char *kind;
        const char *name; /* NULL if unnamed */
        const char
                *type; /* what it stands for, as C writes it: a typedef's target, a func's prototype, ... */
        uint64_t type_id; /* what it refers to, else BTFD_NONE */
        uint64_t size;
        const char *encoding; /* of an int or enum */
        uint64_t bits;        /* of an int, that are its value */
        uint64_t nelems;
        uint64_t elem_size;   /* of an array's element or a pointer's pointee */
        const char *declares; /* "struct" or "union", of a forward declaration */
        const char *linkage;  /* "static", "global" or "extern", of a func or var */
        const char *returns;  /* of a func or func_proto, as C writes it */
        const struct btfd_member
                *members; /* of a struct or union, or of the unnamed one that a typedef names */
        size_t n_members;
        const struct btfd_enumerator *values; /* likewise of an enum */
        size_t n_values;
        const struct btfd_param *params;
        size_t n_params;
        const struct btfd_variable *variables; /* of a datasec */
        size_t n_variables;
        const struct btfd_candidate
                *also; /* different definitions of the name that modules have beside vmlinux's */
        size_t n_also; /* at most 16 */
};

/* What to look for by name. Zero-initialise it; only `name` must be given. */
struct btfd_find {
        const char *name; /* or a pattern: *, ?, [a-z], [!a-z], and a backslash before any of these */
        const char *
                match; /* "glob", "exact", "prefix" or "substring"; NULL: glob if the name has one of *?[, else exact */
        bool ignore_case;         /* of ASCII letters */
        const char *const *kinds; /* only these: "struct", "func", ... */
        size_t n_kinds;           /* 0: all kinds */
        const char *source; /* all that "vmlinux" or this module holds itself; NULL: each definition once */
        const char *set;    /* as in struct btfd_selector */
        uint64_t limit;     /* entries in one answer, at most 1,000; 0: 100 */
        const char *cursor; /* of the answer before; NULL for the first */
};

/* Something that has a name. source, id and instance select it: see struct btfd_selector. */
struct btfd_found {
        const char *source;
        const char *kind;
        const char *name;
        uint64_t id;
        uint64_t instance;
        uint64_t size; /* BTFD_NONE if it has none */
        const char
                *declares; /* "struct", "union" or "enum" of what is only a declaration of that, else NULL */
};

/* By name, vmlinux before modules, id. */
struct btfd_found_list {
        uint64_t generation;
        uint64_t count; /* of all that there is, on the first page; else BTFD_NONE */
        const struct btfd_found *found;
        size_t n_found;
        const char *cursor; /* asks for what comes behind these; NULL if there is nothing */
};

/* Where nothing lies: whole bytes, or bits beside a bitfield. What does not apply is BTFD_NONE or NULL. */
struct btfd_gap {
        uint64_t offset; /* from the start of the type */
        uint64_t size;
        uint64_t bit_offset; /* likewise, as BTF numbers bits: bit n is in byte n / 8 */
        uint64_t bit_size;
        const char *after;  /* path of the member before it */
        const char *before; /* path of the member behind it; only of a btfd_alternative */
};

/* A named member. */
struct btfd_layout_member {
        const char *path;        /* what C writes after the object */
        uint64_t offset;         /* from the start of the type; of a bitfield, where its load begins */
        uint64_t cacheline;      /* the one in which it begins */
        bool straddles;          /* it ends in another one */
        struct btfd_value value; /* only type, size, flexible and bitfield are known */
};

/* A gap between members. */
struct btfd_layout_hole {
        struct btfd_gap gap;
        const char *in;  /* path of the expanded member that it is in; NULL in the type itself */
        uint64_t nested; /* which of `nested` it is in; BTFD_NONE if it is directly in the type */
        bool forced;     /* it is larger than the natural alignment of what follows asks for */
};

/* A struct or union in another, whose members are listed: an anonymous or an expanded one. */
struct btfd_layout_nested {
        const char *kind; /* "struct" or "union" */
        const char *path; /* of the expanded member that it is; NULL if it is anonymous */
        const char *type; /* as C writes it */
        uint64_t nested;  /* which of `nested` it is in itself; BTFD_NONE if it is directly in the type */
        uint64_t offset;  /* from the start of the outermost type */
        uint64_t size;
        uint64_t natural_align;
        uint64_t first;     /* of `members` */
        uint64_t n_members; /* from that one on, all that are in it */
        uint64_t padding, bit_padding;
        bool padding_forced, packed;
};

/* Everything that is in a struct or union, and what is not. */
struct btfd_layout {
        uint64_t generation;
        const char *source;
        const char *kind; /* "struct" or "union" */
        const char *name; /* NULL if unnamed */
        const char *type; /* what was asked about, if it is a typedef of it; else NULL */
        uint64_t size;
        uint64_t natural_align; /* the largest that a member's type asks for; BTF records no alignment */
        uint64_t cacheline;     /* bytes of one */
        uint64_t cachelines;    /* how many it takes */
        uint64_t padding;       /* bytes at the end that belong to no member */
        uint64_t bit_padding;   /* bits before these, left of the last bitfield's unit */
        bool padding_forced;    /* there is more of it than natural_align asks for */
        bool packed;            /* members lie where their types may not */
        const struct btfd_layout_member *members; /* in the order of declaration; what is in one follows it */
        size_t n_members;
        const struct btfd_layout_hole *holes;
        size_t n_holes;
        const struct btfd_layout_nested *nested; /* each comes before those in it */
        size_t n_nested;
        const struct btfd_candidate
                *also; /* different definitions of the type that modules have beside vmlinux's */
        size_t n_also; /* at most 16 */
};

/* An object that a place is in. */
struct btfd_level {
        const char *path; /* what C writes after the outermost object: "comm[3]" */
        uint64_t offset;  /* from the start of the outermost type; of a bitfield, where its load begins */
        struct btfd_value value; /* only type, size, flexible and bitfield are known */
};

/* One chain of objects, each in the one before; it ends in a member, in a hole or in padding. */
struct btfd_alternative {
        const char *path;        /* of the innermost object; NULL if nothing lies there */
        uint64_t remaining;      /* bytes from where that begins; BTFD_NONE of a bitfield or a bit */
        uint64_t remaining_bits; /* likewise, if a bit was asked for */
        bool is_hole, is_padding;
        struct btfd_gap gap; /* of these */
        const struct btfd_level
                *levels; /* from the outermost member to the innermost; none if it is the type's own gap */
        size_t n_levels;
};

/* What lies at a place. */
struct btfd_at {
        uint64_t generation;
        const char *source;
        const char *kind; /* "struct" or "union" */
        const char *name; /* NULL if unnamed */
        uint64_t size;
        const struct btfd_alternative *alternatives; /* several where members overlap */
        size_t n_alternatives;                       /* at least 1 */
        const struct btfd_candidate
                *also; /* different definitions of the type that modules have beside vmlinux's */
        size_t n_also; /* at most 16 */
};

/* A parameter of a function, hook or tracepoint. */
struct btfd_function_param {
        const char *name; /* NULL if BTF records none */
        struct btfd_value value;
        uint64_t type_id; /* of its type, in the same source and instance */
        uint64_t slot;    /* where it begins in a BPF program's context, see below */
        uint64_t n_slots;
        const char *const *tags; /* decl tags on it */
        size_t n_tags;
};

/*
 * A function, an LSM hook (which is one as well) or a tracepoint. In the context of a function's or hook's BPF program each
 * slot is as wide as a pointer, and a struct by value takes several; of a tracepoint's (BPF_TRACE_RAW_TP) each parameter has one
 * slot of 8 bytes. Both are BTFD_NONE from the first parameter on that no trampoline hands over, such as a struct of more than 16
 * bytes.
 */
struct btfd_function {
        uint64_t generation;
        const char *source;
        uint64_t instance;
        uint64_t id; /* of the func, or of a tracepoint's typedef */
        const char *
                name; /* as BTF has it: "vfs_read", "bpf_lsm_file_open", "btf_trace_sched_switch"; NULL if unnamed */
        const char *hook;       /* "file_open", of an LSM hook; else NULL */
        const char *tracepoint; /* "sched_switch", of a tracepoint; else NULL */
        const char *linkage;    /* "static", "global" or "extern"; NULL of a tracepoint */
        const char *prototype;  /* as C declares it */
        struct btfd_value returns;
        uint64_t returns_id; /* of its type */
        const struct btfd_function_param *params;
        size_t n_params;
        bool variadic;           /* `...` follows */
        const char *const *tags; /* decl tags on the whole: "bpf_kfunc", ... */
        size_t n_tags;
        const struct btfd_candidate
                *also; /* different functions of the name that modules have beside vmlinux's */
        size_t n_also; /* at most 16 */
};

/* Which functions to look for; all that is given must hold. Zero-initialise it. */
struct btfd_function_question {
        const char *category; /* "function" (NULL: this one), "lsm" or "tracepoint" */
        const char *name;  /* or a pattern, as in struct btfd_find; of hooks and tracepoints without prefix */
        const char *match; /* likewise */
        bool ignore_case;
        const char *source; /* only "vmlinux"'s or this module's */
        const char *tag;    /* a decl tag: "bpf_kfunc" */
        const char *param;  /* the type of a parameter as C writes it: "struct sk_buff *" */
        const struct btfd_selector *param_selector; /* narrows that type, without set; NULL: not */
        bool has_position;                          /* only the parameter at `position`, from 0 */
        uint64_t position;
        uint64_t within;     /* only the first ones, so many; 0: any */
        const char *returns; /* the type of what is returned */
        const struct btfd_selector *returns_selector;
        const char *set;    /* as in struct btfd_selector */
        uint64_t limit;     /* entries in one answer, at most 1,000; 0: 100 */
        const char *cursor; /* of the answer before; NULL for the first */
};

/* A parameter that is of the type that was asked for. */
struct btfd_match {
        uint64_t index;
        uint64_t slot; /* as in struct btfd_function_param */
};

/* One that was found; as in struct btfd_function. */
struct btfd_found_function {
        const char *source;
        uint64_t instance;
        uint64_t id;
        const char *name;
        const char *hook;
        const char *tracepoint;
        const char *prototype;
        const struct btfd_match *matches; /* if a parameter was asked for */
        size_t n_matches;
};

/* By name, vmlinux before modules, id. */
struct btfd_function_list {
        uint64_t generation;
        const struct btfd_found_function *found;
        size_t n_found;
        const char *cursor; /* asks for what comes behind these; NULL if there is nothing */
};

/* Which users of a type are wanted. Zero-initialise it. */
struct btfd_users {
        const char *const
                *relations; /* only these: "embeds", "points", "takes", "returns", "variable", "typedef" */
        size_t n_relations; /* 0: all of them */
        bool transitive;    /* what embeds the type at any depth, and nothing else */
        uint64_t limit;     /* entries in one answer, at most 1,000; 0: 100 */
        const char *cursor; /* of the answer before; NULL for the first */
};

/* Where a user uses the type. */
struct btfd_user_place {
        const char *relation;
        const char *path; /* of a member, from the user; "" if it has no name, NULL if it is not a member */
        uint64_t param;   /* of "takes": which one, from 0; else BTFD_NONE */
        const char *type; /* what stands there, as C writes it */
};

/* A struct, union, function, variable or typedef that uses the type. source, id and instance select it. */
struct btfd_user {
        const char *source;
        const char *kind;
        const char *name;
        uint64_t id;
        uint64_t instance;
        uint64_t size;  /* BTFD_NONE if it has none */
        uint64_t uses;  /* how many there are */
        uint64_t depth; /* transitively, how many types deep the type lies; else BTFD_NONE */
        const struct btfd_user_place *places; /* at most 16 of the uses */
        size_t n_places;
};

/* A type and its users, by name, vmlinux before modules, id. */
struct btfd_user_list {
        uint64_t generation;
        const char *source; /* of the type that was asked about, as the next four */
        const char *kind;
        const char *name;
        uint64_t id;
        uint64_t instance;
        uint64_t count; /* of all users, on the first page; else BTFD_NONE */
        const struct btfd_user *users;
        size_t n_users;
        const char *cursor;                /* asks for what comes behind these; NULL if there is nothing */
        const struct btfd_candidate *also; /* different definitions that modules have beside vmlinux's */
        size_t n_also;                     /* at most 16 */
};

/* An enum. */
struct btfd_enum {
        uint64_t generation;
        const char *source;
        uint64_t instance;
        uint64_t id;
        const char *kind; /* "enum" or "enum64" */
        const char *name; /* NULL if unnamed */
        uint64_t size;
        const char *encoding;                 /* "signed" or "unsigned" */
        const struct btfd_enumerator *values; /* all, or the one that was asked for */
        size_t n_values;
        const struct btfd_candidate *also; /* different enums that modules have beside vmlinux's */
        size_t n_also;                     /* at most 16 */
};

/* A variable: what lies there, and where. */
struct btfd_var {
        uint64_t generation;
        const char *source;
        uint64_t instance;
        uint64_t id; /* of the var itself */
        const char *name;
        const char *linkage; /* "static", "global" or "extern" */
        struct btfd_value value;
        uint64_t type_id;    /* of its type */
        const char *section; /* ".data..percpu"; NULL if BTF does not say, and what follows is BTFD_NONE */
        uint64_t section_id;
        uint64_t offset; /* from the section's start; of a per-CPU variable what is added to a CPU's base */
        uint64_t space;  /* that the section has for it */
        bool percpu;     /* there is one for each CPU */
        const struct btfd_candidate *also; /* variables of that name that modules have beside vmlinux's */
        size_t n_also;                     /* at most 16 */
};

/* What has happened to a member, parameter, enumerator or variable; to be or'ed. */
enum btfd_diff_what {
        BTFD_DIFF_ADDED = 1 << 0,
        BTFD_DIFF_REMOVED = 1 << 1,
        BTFD_DIFF_MOVED = 1 << 2,     /* to another offset, or position */
        BTFD_DIFF_RESIZED = 1 << 3,   /* to another number of bytes, or bits */
        BTFD_DIFF_RETYPED = 1 << 4,   /* its type is called otherwise, or means another kind of value */
        BTFD_DIFF_REDEFINED = 1 << 5, /* its type is called the same and as large, but holds something else */
        BTFD_DIFF_REVALUED = 1 << 6,  /* an enumerator */
        BTFD_DIFF_RENAMED = 1 << 7,   /* a parameter */
        BTFD_DIFF_OTHER = 1 << 30,    /* something that this library does not know */
};

/* One side of a change. What is not there, or does not apply, is NULL or BTFD_NONE. */
struct btfd_diff_entry {
        uint64_t offset;  /* of a member or variable; of a bitfield, where its load begins */
        uint64_t index;   /* of a parameter, from 0 */
        const char *name; /* of a parameter */
        const char *type; /* as C writes it */
        uint64_t size;
        const char *value_text; /* of an enumerator */
        bool is_bitfield;
        struct btfd_bitfield bitfield;
};

struct btfd_diff_change {
        const char *path;  /* NULL of a parameter without a name */
        unsigned int what; /* a set of btfd_diff_what */
        struct btfd_diff_entry a, b;
};

/* One of the types that are compared. */
struct btfd_diff_side {
        const char *set;
        const char *source;
        uint64_t instance;
        uint64_t id;
        const char *kind;
        const char *name; /* NULL if unnamed */
        uint64_t size;
        const char *encoding; /* of an int or enum */
        const char *type;     /* what a typedef, pointer, array or variable is of */
        const char *returns;  /* of a function */
        const char *linkage;  /* of a function or variable */
};

/* What is different between two types, typedefs seen through. */
struct btfd_diff {
        uint64_t generation;
        struct btfd_diff_side a, b;
        bool same;                  /* nothing is different */
        const char *const *differs; /* what is, in the types themselves: "kind", "size", "encoding", ... */
        size_t n_differs;
        const struct btfd_diff_change *changes; /* in the order of b, what is removed where a had it */
        size_t n_changes;                       /* at most 4,096 */
        uint64_t count;                         /* how many there are in truth */
};

enum btfd_probe_kind {
        BTFD_PROBE_TYPE,
        BTFD_PROBE_FIELD, /* a path */
        BTFD_PROBE_ENUMERATOR,
        BTFD_PROBE_FUNCTION,
        BTFD_PROBE_VARIABLE,
};

/* Whether something exists: a question, and once it is answered its answer. */
struct btfd_probe {
        enum btfd_probe_kind kind;
        const char *name; /* of a field, that of what the path begins at */
        const char *path; /* of a field: "mm->owner" */
        const char *
                root; /* of a field, what `name` is: "type", "func" (of which the path begins with a parameter) or
                           * "var"; NULL: a type */
        bool exists;
};

/* One file of a BTF directory: a source if it could be loaded. */
struct btfd_source {
        const char *name;      /* "vmlinux", or the module's as /sys/kernel/btf spells it */
        bool loaded;           /* else only name, bytes and the error are known */
        uint64_t bytes;        /* of the file; BTFD_NONE if it could not be read */
        uint64_t types;        /* that it holds itself */
        uint64_t first_id;     /* of its first type */
        uint64_t instance;     /* differs for each load */
        const char *reason;    /* stable: "bad-magic", "unreadable", ...; NULL if it is loaded */
        const char *message;   /* a sentence for people, likewise */
        uint64_t error_offset; /* where the error is: bytes from the start of the file */
};

/* The files of a BTF directory: vmlinux, then modules by name, then what could not be loaded. */
struct btfd_source_list {
        uint64_t generation;
        const struct btfd_source *sources;
        size_t n_sources;
        uint64_t left_out; /* files beyond the daemon's limit, of which nothing is known */
};

/* What the daemon is and serves. */
struct btfd_info {
        uint64_t generation; /* grows when anything that is served changes */
        const char *version;
        uint64_t protocol;
        const char
                *kernel_release; /* as uname -r prints it; NULL unless the types are the running kernel's */
        const char *arch;        /* as uname -m prints it; likewise */
        uint64_t pointer_size;
        const char *endianness; /* "little" or "big" */
        const char *directory;  /* where the BTF is from */
        uint64_t sources;       /* files that are loaded: vmlinux and modules */
        uint64_t failed;        /* files that are not: see btfd_source_list_get() */
};

/*
 * Connects to the daemon at `path`; NULL takes $BTFD_SOCKET, or else /run/btfd/btfd.sock, or else
 * $XDG_RUNTIME_DIR/btfd.sock. Returns 0 or -errno: -ENOENT or -ECONNREFUSED mean that no daemon is there.
 */
BTFD_API int btfd_connect(struct btfd_client **ret, const char *path);

/* Closes the connection and frees the client, which may be NULL. Returns NULL. */
BTFD_API struct btfd_client *btfd_close(struct btfd_client *client);

/* How long to wait for a reply, in milliseconds; 0 for ever. A call that waits longer returns -ETIMEDOUT. */
BTFD_API void btfd_set_timeout(struct btfd_client *client, unsigned int timeout_msec);

/*
 * Calls any method. `params` is a JSON object as text, or NULL for none; -EINVAL if it is none. The result is
 * what btfd_last_result() gives. If the connection was lost, for instance because the daemon was restarted,
 * it is made anew and the call repeated, once: no method changes anything in the daemon.
 */
BTFD_API int btfd_call(struct btfd_client *client, const char *method, const char *params);

/*
 * The result of the last call, whichever function made it, as JSON text: on one line with `indent` 0, else
 * broken into lines and indented by as many blanks a level. NULL if the last call did not return 0, or
 * without memory. Borrowed until the next call on the client.
 */
BTFD_API const char *btfd_last_result(struct btfd_client *client, unsigned int indent);

/* What the last call was refused for; NULL unless it returned BTFD_REFUSED. Borrowed until the next call. */
BTFD_API const struct btfd_error *btfd_last_error(const struct btfd_client *client);

/* The same as JSON text, as btfd_last_result() does. */
BTFD_API const char *btfd_last_error_json(struct btfd_client *client, unsigned int indent);

/* btfd.info: what the daemon is and serves. `set` as in struct btfd_selector, or NULL. */
BTFD_API int btfd_info_get(struct btfd_client *client, const char *set, struct btfd_info **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_info *btfd_info_free(struct btfd_info *info);

/* source.list: every file of a set. `set` as in struct btfd_selector, or NULL. */
BTFD_API int btfd_source_list_get(struct btfd_client *client, const char *set, struct btfd_source_list **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_source_list *btfd_source_list_free(struct btfd_source_list *list);

/*
 * field.offset: how to reach `path` (what C would write after the object: "mm->owner->comm") in an object of
 * `type`
 * ("struct task_struct", "task_struct"). `type` may be NULL if the selector has an id, the selector NULL.
 */
BTFD_API int btfd_field_offset(struct btfd_client *client, const char *type, const char *path,
                               const struct btfd_selector *selector, struct btfd_field **ret);

/* What a path begins at. */
enum btfd_root {
        BTFD_ROOT_TYPE, /* an object of a type */
        BTFD_ROOT_FUNC, /* a function's argument, whose name the path begins with, or `return` */
        BTFD_ROOT_VAR,  /* a variable */
};

/* One way to ask for a field. Zero-initialise it. */
struct btfd_question {
        enum btfd_root root;
        const char *name; /* of the type, function or variable; NULL only with an id */
        const char *path;
        const struct btfd_selector *selector; /* narrows the name; may be NULL */
};

/*
 * field.offset: the answer to the first of `n_questions` (1 to 16) that this kernel has, so that one call states how kernels
 * have renamed what is looked for:
 *
 *     struct btfd_question state[] = {
 *             {.name = "task_struct", .path = "__state"},
 *             {.name = "task_struct", .path = "state"},
 *     };
 *     r = btfd_field_offset_any(client, state, 2, &field);
 *
 * Whichever does not exist passes on to the next; any other error ends it. All must be about the same set: -EINVAL
 * if their selectors say otherwise, or if there is no question.
 */
BTFD_API int btfd_field_offset_any(struct btfd_client *client, const struct btfd_question *questions,
                                   size_t n_questions, struct btfd_field **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_field *btfd_field_free(struct btfd_field *field);

/* type.get: one type with its direct members, values, parameters or variables. As above. */
BTFD_API int btfd_type_get(struct btfd_client *client, const char *type, const struct btfd_selector *selector,
                           struct btfd_type **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_type *btfd_type_free(struct btfd_type *type);

/* type.find: everything whose name matches, a page at a time. */
BTFD_API int btfd_type_find(struct btfd_client *client, const struct btfd_find *question,
                            struct btfd_found_list **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_found_list *btfd_found_list_free(struct btfd_found_list *list);

/*
 * type.layout: everything that is in a struct or union, with the members that are structs or unions themselves expanded
 * `expand` levels deep, of 32. `cacheline` is a power of two in bytes, or 0 for 64. As above.
 */
BTFD_API int btfd_type_layout(struct btfd_client *client, const char *type, unsigned int expand,
                              unsigned int cacheline, const struct btfd_selector *selector,
                              struct btfd_layout **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_layout *btfd_layout_free(struct btfd_layout *layout);

/* type.at: what lies at a byte of a struct or union, or at a bit (bit n is in byte n / 8). As above. */
BTFD_API int btfd_type_at(struct btfd_client *client, const char *type, uint64_t offset,
                          const struct btfd_selector *selector, struct btfd_at **ret);
BTFD_API int btfd_type_at_bit(struct btfd_client *client, const char *type, uint64_t bit_offset,
                              const struct btfd_selector *selector, struct btfd_at **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_at *btfd_at_free(struct btfd_at *at);

/* func.get: a function's prototype. `func` may be NULL if the selector, of which kind, size and has do not count, has an id. */
BTFD_API int btfd_func_get(struct btfd_client *client, const char *func, const struct btfd_selector *selector,
                           struct btfd_function **ret);
/* func.get: likewise a tracepoint's, by its name: "sched_switch". */
BTFD_API int btfd_tracepoint_get(struct btfd_client *client, const char *tracepoint,
                                 const struct btfd_selector *selector, struct btfd_function **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_function *btfd_function_free(struct btfd_function *function);

/* func.find: functions, LSM hooks or tracepoints, a page at a time. */
BTFD_API int btfd_func_find(struct btfd_client *client, const struct btfd_function_question *question,
                            struct btfd_function_list **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_function_list *btfd_function_list_free(struct btfd_function_list *list);

/* type.users: who uses a type, a page at a time. `type` and `selector` as above; `question` may be NULL. */
BTFD_API int btfd_type_users(struct btfd_client *client, const char *type,
                             const struct btfd_selector *selector, const struct btfd_users *question,
                             struct btfd_user_list **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_user_list *btfd_user_list_free(struct btfd_user_list *list);

/*
 * enum.get: the enum `type`, or with `enumerator` that one of its values; or with a NULL type and a selector without an id
 * the enum of whatever name that has the enumerator. `enumerator` and the selector may be NULL.
 */
BTFD_API int btfd_enum_get(struct btfd_client *client, const char *type, const char *enumerator,
                           const struct btfd_selector *selector, struct btfd_enum **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_enum *btfd_enum_free(struct btfd_enum *type);

/* var.get: the variable `name`, which may be NULL if the selector has an id. A variable has no kind, size or member to be
 * selected by. */
BTFD_API int btfd_var_get(struct btfd_client *client, const char *name, const struct btfd_selector *selector,
                          struct btfd_var **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_var *btfd_var_free(struct btfd_var *var);

/*
 * type.diff: what is different in `with_type`, as `with` selects it, compared with `type`. What `with_type` (NULL) and `with`
 * do not say is as on the first side: {.set = "other"} compares two kernels' idea of one type.
 */
BTFD_API int btfd_type_diff(struct btfd_client *client, const char *type,
                            const struct btfd_selector *selector, const char *with_type,
                            const struct btfd_selector *with, struct btfd_diff **ret);
/* Accepts NULL; returns NULL. */
BTFD_API struct btfd_diff *btfd_diff_free(struct btfd_diff *diff);

/*
 * btfd.probe: answers `n` questions, at most 1,024 and of any kinds, by filling in `exists` of each. `set` as in struct
 * btfd_selector, or NULL.
 */
BTFD_API int btfd_probe(struct btfd_client *client, const char *set, struct btfd_probe *probes, size_t n);

#ifdef __cplusplus
}
#endif
