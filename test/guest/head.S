/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt vectors, start, and the little assembler that C cannot do.
 *
 * SPRG0 holds the vcpu's struct cpu from the start on, SPRG1 is scratch of the
 * vectors, SPRG3 belongs to regs.S. A vector may use nothing else.
 */
#include "cpu.h"
#include "proto.h"

	.machine "power7"
	.abiversion 2

	.section .vectors, "ax", @progbits

	.macro	VECTOR at
	.org	\at
	mtspr	273, %r1		/* SPRG1 */
	mfspr	%r1, 272		/* SPRG0 */
	std	%r3, CPU_GPR+8*3(%r1)
	li	%r3, \at
	b	trap
	.endm

	.org	0x100
	.globl	_start
_start:
	/* the VMM's start or a system reset? only the start has r4 = T_START */
	xoris	%r0, %r4, T_START >> 16
	cmpldi	%cr7, %r0, T_START & 0xffff
	beq	%cr7, start
	mtspr	273, %r1
	mfspr	%r1, 272
	std	%r3, CPU_GPR+8*3(%r1)
	li	%r3, 0x100
	b	trap

	VECTOR	0x200
	VECTOR	0x300
	VECTOR	0x380
	VECTOR	0x400
	VECTOR	0x480
	VECTOR	0x500
	VECTOR	0x600
	VECTOR	0x700
	VECTOR	0x800
	VECTOR	0x900
	VECTOR	0x980
	VECTOR	0xa00
	VECTOR	0xb00
	VECTOR	0xc00
	VECTOR	0xd00
	VECTOR	0xe00
	VECTOR	0xe20
	VECTOR	0xe40
	VECTOR	0xe60
	VECTOR	0xe80
	VECTOR	0xf00
	VECTOR	0xf20
	VECTOR	0xf40
	VECTOR	0xf60
	VECTOR	0xf80
	VECTOR	0x1500

	.org	0x1800
start:
	cmpldi	%r3, T_MAXCPU
	bge	.
	lis	%r2, .TOC.@ha
	addi	%r2, %r2, .TOC.@l
	lis	%r13, cpus@ha
	addi	%r13, %r13, cpus@l
	sldi	%r4, %r3, CPU_SIZE_SHIFT
	add	%r13, %r13, %r4
	mtspr	272, %r13
	std	%r3, CPU_IDX(%r13)
	li	%r0, 0
	std	%r0, CPU_FIXUP(%r13)
	ori	%r4, %r0, CPU_TRAP_TOP
	add	%r4, %r13, %r4
	std	%r4, CPU_TRAPSTK(%r13)
	ori	%r4, %r0, CPU_STACK_TOP
	add	%r1, %r13, %r4
	std	%r0, 0(%r1)
	mr	%r3, %r13
	bl	rt_start
	nop
	b	.

/* r1 = struct cpu, r3 = vector, SPRG1 = the r1 of the interrupted code */
trap:
	std	%r3, CPU_VEC(%r1)
	std	%r0, CPU_GPR+8*0(%r1)
	std	%r2, CPU_GPR+8*2(%r1)
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, CPU_GPR+8*\n(%r1)
	.endr
	mfspr	%r4, 273
	std	%r4, CPU_GPR+8*1(%r1)
	mflr	%r4
	std	%r4, CPU_LR(%r1)
	mfctr	%r4
	std	%r4, CPU_CTR(%r1)
	mfcr	%r4
	std	%r4, CPU_CR(%r1)
	mfxer	%r4
	std	%r4, CPU_XER(%r1)
	mfsrr0	%r4
	std	%r4, CPU_SRR0(%r1)
	mfsrr1	%r4
	std	%r4, CPU_SRR1(%r1)
	mfdar	%r4
	std	%r4, CPU_DAR(%r1)
	mfdsisr	%r4
	std	%r4, CPU_DSISR(%r1)
	mr	%r3, %r1
	ld	%r1, CPU_TRAPSTK(%r3)
	lis	%r2, .TOC.@ha
	addi	%r2, %r2, .TOC.@l
	mr	%r31, %r3
	bl	rt_trap
	nop
	mr	%r1, %r31
	ld	%r4, CPU_LR(%r1)
	mtlr	%r4
	ld	%r4, CPU_CTR(%r1)
	mtctr	%r4
	ld	%r4, CPU_CR(%r1)
	mtcr	%r4
	ld	%r4, CPU_XER(%r1)
	mtxer	%r4
	ld	%r4, CPU_SRR0(%r1)
	mtsrr0	%r4
	ld	%r4, CPU_SRR1(%r1)
	mtsrr1	%r4
	ld	%r0, CPU_GPR+8*0(%r1)
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	%r\n, CPU_GPR+8*\n(%r1)
	.endr
	ld	%r1, CPU_GPR+8*1(%r1)
	rfid

	.text
/*
 * long hcall9(u64 nr, u64 a[9]): r4...r12 = a[0]...a[8], sc 1, back into a[].
 */
	.globl	hcall9
	.type	hcall9, @function
hcall9:
	std	%r4, -8(%r1)
	mfcr	%r0
	std	%r0, -16(%r1)
	mr	%r11, %r4
	.irp	n, 4,5,6,7,8,9,10
	ld	%r\n, 8*(\n-4)(%r11)
	.endr
	ld	%r12, 8*8(%r11)
	ld	%r11, 8*7(%r11)
	sc	1
	std	%r12, -24(%r1)
	ld	%r12, -8(%r1)
	.irp	n, 4,5,6,7,8,9,10,11
	std	%r\n, 8*(\n-4)(%r12)
	.endr
	ld	%r0, -24(%r1)
	std	%r0, 8*8(%r12)
	ld	%r0, -16(%r1)
	mtcr	%r0
	blr

/*
 * u64 probe_call(struct cpu *c, void *code, u64 r3, u64 r4, u64 on):
 * Set the MSR bits "on" (DR and the like), call code with these r3 and r4 and
 * return its r3. An interrupt on the way ends the code; rt_trap continues at
 * the label below, with the MSR it was called with. The code may change r0,
 * r3-r12, CR, CTR, XER and nothing else.
 */
	.globl	probe_call
	.type	probe_call, @function
probe_call:
	mflr	%r0
	std	%r0, 16(%r1)
	mfcr	%r0
	std	%r0, 8(%r1)
	stdu	%r1, -80(%r1)
	std	%r31, 72(%r1)
	std	%r30, 64(%r1)
	mr	%r31, %r3
	lis	%r8, 1f@ha
	addi	%r8, %r8, 1f@l
	mtctr	%r4
	mr	%r3, %r5
	mr	%r4, %r6
	mfmsr	%r30
	or	%r9, %r30, %r7
	std	%r8, CPU_FIXUP(%r31)
	mtmsrd	%r9
	isync
	bctrl
1:	mtmsrd	%r30
	isync
	li	%r0, 0
	std	%r0, CPU_FIXUP(%r31)
	ld	%r31, 72(%r1)
	ld	%r30, 64(%r1)
	addi	%r1, %r1, 80
	ld	%r0, 8(%r1)
	mtcr	%r0
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr
