/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image: one section, position independent, without relocations; src/image.c copies it into
 * linear memory, once a core.  Its parts, each with one subject:
 */
#include "macros.h"

	.section ".smt_image", "a", @progbits
	.machine "power8"
	.balign	0x1000
	.globl	smt_image_start
smt_image_start:

#include "vectors.S"
#include "takeover.S"
#include "partition.S"
#include "context.S"
#include "entry.S"
#include "exit.S"
#include "hcall.S"
#include "nap.S"
#include "cede.S"
#include "stray.S"

	.balign	8
	.globl	smt_image_end
smt_image_end:
