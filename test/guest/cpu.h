/* SPDX-License-Identifier: GPL-2.0-only */
/* struct cpu and struct gregs as the assembler sees them; rt.c asserts that they agree. */
#ifndef CPU_H
#define CPU_H

#define CPU_GPR		0
#define CPU_LR		256
#define CPU_CTR		264
#define CPU_CR		272
#define CPU_XER		280
#define CPU_SRR0	288
#define CPU_SRR1	296
#define CPU_DAR		304
#define CPU_DSISR	312
#define CPU_VEC		320
#define CPU_IDX		328
#define CPU_FIXUP	336
#define CPU_TRAPSTK	344
#define CPU_SIZE_SHIFT	16		/* one struct cpu with its stacks */
#define CPU_STACK_TOP	0xf000
#define CPU_TRAP_TOP	0xff00

#define GR_GPR		0
#define GR_CR		256
#define GR_XER		264
#define GR_LR		272
#define GR_CTR		280
#define GR_FPSCR	288
#define GR_VRSAVE	296
#define GR_VSCR		304		/* 16 bytes */
#define GR_VSR		320		/* 64 times 16 bytes */
#define GR_SIZE		1344

#endif /* CPU_H */
