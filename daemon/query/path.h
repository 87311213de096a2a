/*
 * Paths: what a C programmer writes after an object, `mm->owner->comm`, `se.avg.util_avg`,
 * `files->fdt->fd[3]`.
 *
 *   path      = first , { step } ;
 *   first     = name | step ;                        (* a name alone is `.name` *)
 *   step      = "." , name | "->" , name | "[" , number , "]" ;
 *   name      = ( letter | "_" ) , { letter | digit | "_" } ;
 *   number    = "0" | digit1-9 , { digit } | ( "0x" | "0X" ) , hex digit , { hex digit } ;
 *
 * Blanks may stand between any two of these. The result is a flat list in the order of evaluation, as each
 * step applies to what all before it yield.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* libbpf allows as many in an access string; the deepest embedding seen in a kernel is 18. */
#define PATH_MAX_COMPONENTS 64U

enum path_kind {
        PATH_MEMBER, /* .name: a member of the object itself */
        PATH_ARROW,  /* ->name: follow the pointer, then a member */
        PATH_INDEX,  /* [n]: an array's element, or follow the pointer to its n-th object */
};

struct path_component {
        enum path_kind kind;
        const char *text; /* the name, or the digits; borrowed from the parsed text */
        size_t length;    /* of `text`, in bytes */
        size_t position;  /* of `text`, in bytes from the start of the path */
        uint64_t index;   /* PATH_INDEX */
};

struct path {
        struct path_component components[PATH_MAX_COMPONENTS];
        size_t n_components;
};

/* Where and why a path is none. */
struct path_error {
        size_t position;      /* bytes from the start of the path */
        const char *expected; /* for instance "a member's name" */
};

/* Returns 0, or 1 with *ret_error set. The path borrows `text`. */
int path_parse(const char *text, struct path *ret, struct path_error *ret_error);
