/*
 * The operations of a program (see program.h) that add one type.
 */
#pragma once

#include "fuzz/compose.h"

struct program {
        const uint8_t *data; /* borrowed */
        size_t size;         /* bytes */
        size_t position;     /* of the byte that is read next */
        struct compose c;
        uint32_t renamed[2 * COMPOSE_MAX_TYPES +
                         1]; /* what an id stands for: another one while types are repeated */
        uint32_t padding;    /* bytes that structs get beside what is asked for */
};

/* The operations' numbers are below it. */
#define OPERATION_END 17U

/* The next byte; 0 behind the last one. */
uint8_t program_next(struct program *p);
/* The next byte as a type, void included. */
uint32_t program_next_type(struct program *p);

/* Reads the operation's arguments and adds its type, or none if it refers to a kind that there is none of yet. */
void operation_run(struct program *p, uint8_t number);
