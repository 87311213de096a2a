/*
 * Paths: what a C programmer writes after an object, `mm->owner->comm`, `se.avg.util_avg`, `files->fdt->fd[3]`,
 * `((struct tty_file_private *)private_data)->tty->name`.
 *
 *   path      = operand ;
 *   operand   = cast , operand | "&" , operand | postfix ;
 *   cast      = "(" , type , { "*" } , ")" ;         (* to a pointer: without "*", to a typedef of one *)
 *   postfix   = primary , { step } ;
 *   primary   = name | step                          (* a name alone is `.name` *)
 *             | "."                                  (* the object itself *)
 *             | "(" , operand , ")"
 *             | "container_of" , "(" , operand , "," , type , "," , name , { field } , ")" ;
 *   step      = "->" , name | field ;
 *   field     = "." , name | "[" , number , "]" ;
 *   type      = name , { name } ;                    (* struct file, unsigned long, u8; qualifiers are ignored *)
 *   name      = ( letter | "_" ) , { letter | digit | "_" } ;
 *   number    = "0" | digit1-9 , { digit } | ( "0x" | "0X" ) , hex digit , { hex digit } ;
 *
 * Blanks may stand between any two of these. As in C, a cast or `&` applies to the whole postfix expression behind it. A
 * word in parentheses is a cast if an operand follows.
 *
 * The result is a flat list in the order of evaluation, as each component applies to what all before it yield:
 * `container_of(&a, struct b, c.d)->e` is `.a`, `&`, container_of with `.c` and `.d`, `->e`.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* libbpf allows as many in an access string; the deepest embedding seen in a kernel is 18. Also how many parentheses,
 * casts and `&` may be open at once. */
#define PATH_MAX_COMPONENTS 64U

/* Bytes of a type's name in a cast. The longest in the kernels seen has 89. */
#define PATH_MAX_TYPE_NAME 255U

enum path_kind {
        PATH_MEMBER,  /* .name: a member of the object itself */
        PATH_ARROW,   /* ->name: follow the pointer, then a member */
        PATH_INDEX,   /* [n]: an array's element, or follow the pointer to its n-th object */
        PATH_CAST,    /* take what is there for a pointer to another type */
        PATH_ADDRESS, /* &: the object's address */
        PATH_CONTAINER, /* container_of: from the address of a member to that of what holds it; which member, the
                         * components behind it say, that apply to nothing else */
};

struct path_component {
        enum path_kind kind;
        uint32_t count;   /* PATH_CAST: how many '*'; PATH_CONTAINER: components that name the member */
        const char *text; /* the name, the type's name, the digits or '&'; borrowed from the parsed text */
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
