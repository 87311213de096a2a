/*
 * What a generated program consists of: a table of facts, each with the daemon's answer beside what the compiler says, and a
 * table of bitfields, which the program writes through the compiler and reads through the daemon's recipe. check.c goes
 * through both and prints one line for each difference:
 *
 *     QUESTION WHAT: BTFD COMPILER
 *
 * the question's number, and both values in hexadecimal. run.py, which wrote the tables, makes sentences of them.
 *
 * Needs two functions of a libc, declared here, so that freestanding.c can stand in for it: `gcc -m32` then needs no 32-bit
 * libc.
 */
#pragma once

typedef unsigned long long check_u64;
typedef long long check_s64;

struct check_fact {
        int question;
        const char *what;
        check_s64 btfd;
        check_s64 compiler;
};

struct check_bits {
        int question;
        void (*set)(void *object, check_u64 value); /* through the compiler's bitfield */
        check_s64 (*get)(const void *object);
        check_u64 object_size; /* bytes, at most CHECK_OBJECT_MAX */
        /* From here on, the daemon's. */
        check_u64 offset; /* bytes; of the last step */
        unsigned int bit_offset;
        unsigned int bit_size;
        unsigned int load_size; /* bytes, at most 8 */
        unsigned int lshift;
        unsigned int rshift;
        int is_signed;
};

/* Bytes. Nearly every struct with bitfields is smaller; sample.py knows this number too. */
#define CHECK_OBJECT_MAX (64 * 1024)

#define check_sizeof_member(type, member) sizeof(((type *)0)->member)

extern const struct check_fact check_facts[];
extern const unsigned int check_n_facts;
extern const struct check_bits check_bits[];
extern const unsigned int check_n_bits;

long write(int fd, const void *data, unsigned long size);
void _exit(int status) __attribute__((noreturn));
