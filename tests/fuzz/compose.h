/*
 * Types written with btf_builder by someone who does not look: enough is known of each type that no rule of the format is
 * broken but by going beyond a bound, and that is noticed.
 */
#pragma once

#include <stdbool.h>

#include "support/btf_builder.h"

/* Types of one file: one byte can tell apart those of a module and its base together. */
#define COMPOSE_MAX_TYPES 120U

/* Pointers that wait for the struct that they point to. */
#define COMPOSE_MAX_WAITING 4U

/* This kind and the next have a length in the layout section only: 4 bytes, and 8 for each of vlen. */
#define COMPOSE_OPAQUE 40U

#define COMPOSE_N_NAMES 24U

/* What is known of a type. */
struct model {
        enum btf_kind kind;
        size_t origin; /* what compose->origin and n_visible were when it was written */
        uint32_t n_visible;
        uint32_t n_words;  /* of its record */
        uint32_t vlen;     /* of a FUNC, its prototype's */
        uint32_t stripped; /* the type behind modifiers; itself if it is none */
        bool is_type;      /* no function, variable, section or tag */
        bool has_size;
        uint64_t size;       /* bytes */
        uint64_t n_elements; /* of an array, those of its elements included; 1 of anything else */
        /* How deep it nests in the three ways that have bounds; see validate.c. */
        uint32_t chain, embedding, declarator;
};

struct compose {
        struct btf_builder *b;                          /* borrowed */
        struct model models[2 * COMPOSE_MAX_TYPES + 1]; /* by id: the base's, then the file's own */
        uint32_t n_base;                                /* types that are not the file's own, void included */
        uint32_t n_types;
        uint32_t pointer_size;                 /* bytes */
        bool has_layout;                       /* the file, or else its base */
        bool is_valid;                         /* nothing has been written that must not be */
        uint32_t waiting[COMPOSE_MAX_WAITING]; /* pointers */
        uint32_t n_waiting;
        uint32_t n_named[COMPOSE_N_NAMES]; /* types by name */
        /* Of the struct that is being written, in bits. */
        uint64_t position; /* of its next member */
        uint64_t end;      /* of its last one */
        bool is_flagged;
        /* Set by whoever calls, and kept with each type. */
        size_t origin;
        uint32_t n_visible;
};

/* Begins a file; a module continues what the last vmlinux left here. */
void compose_begin(struct compose *c, struct btf_builder *b, bool is_module);
/* Whether there is room for so many more types. */
bool compose_has_room(const struct compose *c, uint32_t n_types);
/* The name of that number, modulo how many there are; number 0 is "". */
const char *compose_name(uint8_t name);

/* Each adds a type and returns its id. Types that are referred to must be there and fit. */
uint32_t compose_int(struct compose *c, uint8_t name, uint32_t size, uint32_t bits, uint32_t bit_offset,
                     uint32_t encoding);
uint32_t compose_plain(struct compose *c, uint8_t name, enum btf_kind kind, bool kind_flag, uint32_t size);
uint32_t compose_modifier(struct compose *c, uint8_t name, enum btf_kind kind, bool kind_flag, uint32_t type);
uint32_t compose_pointer(struct compose *c, uint32_t type);
/* A pointer to the next struct or union that takes those that wait. */
uint32_t compose_pointer_waiting(struct compose *c);
uint32_t compose_array(struct compose *c, uint32_t type, uint32_t nelems);
uint32_t compose_proto(struct compose *c, uint32_t return_type);
uint32_t compose_func(struct compose *c, uint8_t name, uint32_t proto, uint32_t linkage);
uint32_t compose_var(struct compose *c, uint8_t name, uint32_t type, uint32_t linkage);
uint32_t compose_decl_tag(struct compose *c, uint8_t name, uint32_t type, int32_t component);
uint32_t compose_opaque(struct compose *c, uint8_t name, uint32_t kind, uint32_t vlen);
uint32_t compose_struct(struct compose *c, uint8_t name, enum btf_kind kind, bool kind_flag);

/* Each adds to the last type, of the kind that has such things. */
void compose_param(struct compose *c, uint8_t name, uint32_t type);
void compose_value(struct compose *c, uint8_t name, uint64_t value);
void compose_variable(struct compose *c, uint32_t var, uint32_t offset, uint32_t size);
/* `gap` bytes behind the last one; a bitfield if `bits` is not 0 and the struct and the type allow it. Left out where it
 * could not be written down. */
void compose_member(struct compose *c, uint8_t name, uint32_t type, uint32_t gap, uint32_t bits);
/* After the last member: the struct's size, and pointers that wait for it. */
void compose_struct_end(struct compose *c, uint32_t padding, bool takes_waiting);
