/*
 * A small snapshot to ask questions about: the types of types.c.
 */
#pragma once

#include "index/snapshot.h"

/* A new reference on it; ends the program if it cannot be loaded. */
struct snapshot *sample_snapshot(void);
