/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load every GPR, CR, XER, LR, CTR, FPSCR, VSCR, VRSAVE and VSR 0-63 from a
 * struct gregs, do one thing, store them all to another.
 *
 *	void regs_hcall(const struct gregs *in, struct gregs *out);	sc 1 with in's r3...r12
 *	void regs_spin(const struct gregs *in, struct gregs *out);	bdnz until CTR is 0
 *
 * In between SPRG3 points to the frame and SPRG2 takes r1; so all 32 GPRs carry
 * values. MSR[FP, VEC, VSX] must be on. No interrupt may be taken by the guest.
 */
#include "cpu.h"

	.machine "power7"
	.abiversion 2
	.text

#define FRAME	256
#define F_OUT	32
#define F_R3	40
#define F_LR	(FRAME+16)
#define F_CR	48
#define F_GPR	56		/* r14-r31, r2, r13 */

	.macro	REGS_FUNC name, what:vararg
	.globl	\name
	.type	\name, @function
\name:
	mflr	%r0
	std	%r0, 16(%r1)
	stdu	%r1, -FRAME(%r1)
	mfcr	%r0
	std	%r0, F_CR(%r1)
	std	%r4, F_OUT(%r1)
	std	%r2, F_GPR+8*18(%r1)
	std	%r13, F_GPR+8*19(%r1)
	.irp	n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, F_GPR+8*(\n-14)(%r1)
	.endr
	mtspr	275, %r1
	bl	load_vsrs
	ld	%r4, GR_VRSAVE(%r3)
	mtspr	256, %r4
	ld	%r4, GR_CR(%r3)
	mtcr	%r4
	ld	%r4, GR_XER(%r3)
	mtxer	%r4
	ld	%r4, GR_LR(%r3)
	mtlr	%r4
	ld	%r4, GR_CTR(%r3)
	mtctr	%r4
	.irp	n, 0,1,2,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	%r\n, GR_GPR+8*\n(%r3)
	.endr
	ld	%r3, GR_GPR+8*3(%r3)
1:	\what
	mtspr	274, %r1
	mfspr	%r1, 275
	std	%r3, F_R3(%r1)
	ld	%r3, F_OUT(%r1)
	.irp	n, 0,2,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, GR_GPR+8*\n(%r3)
	.endr
	ld	%r4, F_R3(%r1)
	std	%r4, GR_GPR+8*3(%r3)
	mfspr	%r4, 274
	std	%r4, GR_GPR+8*1(%r3)
	mfcr	%r4
	std	%r4, GR_CR(%r3)
	mfxer	%r4
	std	%r4, GR_XER(%r3)
	mflr	%r4
	std	%r4, GR_LR(%r3)
	mfctr	%r4
	std	%r4, GR_CTR(%r3)
	mfspr	%r4, 256
	std	%r4, GR_VRSAVE(%r3)
	bl	store_vsrs
	.irp	n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	%r\n, F_GPR+8*(\n-14)(%r1)
	.endr
	ld	%r2, F_GPR+8*18(%r1)
	ld	%r13, F_GPR+8*19(%r1)
	ld	%r0, F_CR(%r1)
	mtcr	%r0
	ld	%r0, F_LR(%r1)
	mtlr	%r0
	addi	%r1, %r1, FRAME
	blr
	.endm

	REGS_FUNC regs_hcall, sc 1
	REGS_FUNC regs_spin, bdnz 1b

/* r3 = struct gregs; changes r5, all VSRs, FPSCR, VSCR */
load_vsrs:
	lfd	%f0, GR_FPSCR(%r3)
	mtfsf	0xff, %f0, 1, 0
	addi	%r5, %r3, GR_VSCR
	lvx	%v0, 0, %r5
	mtvscr	%v0
	addi	%r5, %r3, GR_VSR
	.set	vsr, 0
	.rept	64
	lxvd2x	vsr, 0, %r5
	addi	%r5, %r5, 16
	.set	vsr, vsr + 1
	.endr
	blr

/* r3 = struct gregs; changes r5, f0, v0 */
store_vsrs:
	addi	%r5, %r3, GR_VSR
	.set	vsr, 0
	.rept	64
	stxvd2x	vsr, 0, %r5
	addi	%r5, %r5, 16
	.set	vsr, vsr + 1
	.endr
	mffs	%f0
	stfd	%f0, GR_FPSCR(%r3)
	mfvscr	%v0
	addi	%r5, %r3, GR_VSCR
	stvx	%v0, 0, %r5
	blr
