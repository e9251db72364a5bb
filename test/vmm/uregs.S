/* SPDX-License-Identifier: GPL-2.0-only */
/* uregs_ioctl(): see uregs.h */
#include <asm/unistd.h>
#include "uregs.h"

	.machine "power8"
#if _CALL_ELF == 2
	.abiversion 2
#endif

#define FRAME		(UR_SIZE + 96)	/* keeps r1 16-byte aligned */
#define F_SAVE		64		/* the caller's values, as a struct uregs */
#define F_OUT		32
#define F_HAS		40
#define F_RET		48
#define F_CRERR		56

	.section .text
	.globl	uregs_ioctl
#if _CALL_ELF == 2
	.type	uregs_ioctl, @function
uregs_ioctl:
#else
	.section .opd, "aw"
	.balign	8
uregs_ioctl:
	.quad	.L.uregs_ioctl, .TOC.@tocbase, 0
	.previous
	.type	uregs_ioctl, @function
.L.uregs_ioctl:
#endif
	mflr	%r0
	std	%r0, 16(%r1)
	stdu	%r1, -FRAME(%r1)
	std	%r7, F_OUT(%r1)
	std	%r8, F_HAS(%r1)
	addi	%r9, %r1, F_SAVE
	mr	%r10, %r8
	bl	store
	/* load() leaves r3-r7 alone */
	mr	%r9, %r6
	bl	load
	ld	%r11, UR_LR(%r9)
	mtlr	%r11
	li	%r0, __NR_ioctl
	sc
	std	%r3, F_RET(%r1)
	mfcr	%r0
	std	%r0, F_CRERR(%r1)
	mflr	%r11
	ld	%r9, F_OUT(%r1)
	std	%r11, UR_LR(%r9)
	ld	%r10, F_HAS(%r1)
	bl	store
	addi	%r9, %r1, F_SAVE
	bl	load
	ld	%r3, F_RET(%r1)
	ld	%r0, F_CRERR(%r1)
	andis.	%r0, %r0, 0x1000		/* CR0[SO]: r3 is an errno */
	beq	1f
	neg	%r3, %r3
1:	addi	%r1, %r1, FRAME
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr

/* r9 = struct uregs, r10 = has; uses r0, r11, and f0 and v0 after they are stored */
store:
	.irp	n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, UR_GPR+8*(\n-14)(%r9)
	.endr
	mfcr	%r0
	std	%r0, UR_CR(%r9)
	andi.	%r0, %r10, UR_HAS_TAR
	beq	1f
	mfspr	%r0, 815
	std	%r0, UR_TAR(%r9)
1:	andi.	%r0, %r10, UR_HAS_DSCR
	beq	1f
	mfspr	%r0, 3
	std	%r0, UR_DSCR(%r9)
1:	andi.	%r0, %r10, UR_HAS_EBB
	beq	1f
	mfspr	%r0, 804
	std	%r0, UR_EBB(%r9)
	mfspr	%r0, 805
	std	%r0, UR_EBB+8(%r9)
	mfspr	%r0, 806
	std	%r0, UR_EBB+16(%r9)
1:	mfspr	%r0, 256
	std	%r0, UR_VRSAVE(%r9)
	addi	%r11, %r9, UR_VSR
	.set	vsr, 0
	.rept	64
	stxvd2x	vsr, 0, %r11
	addi	%r11, %r11, 16
	.set	vsr, vsr + 1
	.endr
	mffs	%f0
	stfd	%f0, UR_FPSCR(%r9)
	mfvscr	%v0
	addi	%r11, %r9, UR_VSCR
	stvx	%v0, 0, %r11
	blr

/* r9 = struct uregs, r10 = has; uses r0, r11 */
load:
	lfd	%f0, UR_FPSCR(%r9)
	mtfsf	0xff, %f0, 1, 0
	addi	%r11, %r9, UR_VSCR
	lvx	%v0, 0, %r11
	mtvscr	%v0
	addi	%r11, %r9, UR_VSR
	.set	vsr, 0
	.rept	64
	lxvd2x	vsr, 0, %r11
	addi	%r11, %r11, 16
	.set	vsr, vsr + 1
	.endr
	ld	%r0, UR_VRSAVE(%r9)
	mtspr	256, %r0
	andi.	%r0, %r10, UR_HAS_TAR
	beq	1f
	ld	%r0, UR_TAR(%r9)
	mtspr	815, %r0
1:	andi.	%r0, %r10, UR_HAS_DSCR
	beq	1f
	ld	%r0, UR_DSCR(%r9)
	mtspr	3, %r0
1:	andi.	%r0, %r10, UR_HAS_EBB
	beq	1f
	ld	%r0, UR_EBB(%r9)
	mtspr	804, %r0
	ld	%r0, UR_EBB+8(%r9)
	mtspr	805, %r0
	ld	%r0, UR_EBB+16(%r9)
	mtspr	806, %r0
1:	.irp	n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	%r\n, UR_GPR+8*(\n-14)(%r9)
	.endr
	ld	%r0, UR_CR(%r9)
	mtcr	%r0
	blr

	.section .note.GNU-stack, "", @progbits
