/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest images; GUEST(name) for each comes from the Makefile's list. */
	.section .rodata, "a", @progbits

	.macro	IMAGE name
	.balign	64
	.globl	image_le_\name
image_le_\name:
	.incbin	"guest/le/\name\().bin"
	.globl	image_le_\name\()_end
image_le_\name\()_end:
	.balign	64
	.globl	image_be_\name
image_be_\name:
	.incbin	"guest/be/\name\().bin"
	.globl	image_be_\name\()_end
image_be_\name\()_end:
	.endm

	IMAGE	basic
	IMAGE	smt
	IMAGE	regs
	IMAGE	abuse
	IMAGE	mem
	IMAGE	bench

	.section .note.GNU-stack, "", @progbits
