/* SPDX-License-Identifier: GPL-2.0-only */
/* For every line of sprs.def: mfspr r3; blr; mtspr r3; blr */
	.machine "power8"
	.abiversion 2
	.text
	.globl	spr_stubs
spr_stubs:
#define SPR(num, wnum, name, fixed, vary, flags) \
	mfspr %r3, num; blr; mtspr wnum, %r3; blr;
#include "sprs.def"
