/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bridge from module text, MMU on, into the image, MMU off, and back.
 *
 *	u64 smt_image_call(u64 entry, struct smt_slot *slot);
 *
 * entry: EA of a routine of the image.  Context: interrupts hard-disabled, the slot is this thread's.
 * Keeps what the ABI says a function keeps; returns slot->result.  The routine ends by rfid to
 * slot->ret_nip with slot->ret_msr, having restored r1, r2, r13.
 */
#include "macros.h"

#define FRAME		320
#define FRAME_GPRS	48

	.machine "power8"

_GLOBAL(smt_image_call)
	mflr	r0
	std	r0, 16(r1)
	mfcr	r0
	std	r0, 8(r1)
	stdu	r1, -FRAME(r1)
	.irp r, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	\r, FRAME_GPRS + 8 * (\r - 14)(r1)
	.endr
	std	r4, FRAME - 16(r1)
	std	r1, SLOT_RET_R1(r4)
	std	r2, SLOT_RET_R2(r4)
	std	r13, SLOT_RET_R13(r4)
	mfmsr	r5
	std	r5, SLOT_RET_MSR(r4)
	bcl	20, 31, 1f
1:	mflr	r6
	addi	r6, r6, 2f - 1b
	std	r6, SLOT_RET_NIP(r4)
	/* the image empties the SLB: its last entry becomes that of this text, so that coming back is no SLB miss */
	clrrdi	r8, r6, 28
	li	r6, 0
	slbfee.	r7, r8
	bne	3f
	rldicl.	r9, r7, 2, 62		/* segment size: 0 256 MiB, 1 1 TiB */
	beq	4f
	clrrdi	r8, r8, 40
4:	oris	r6, r8, 0x0800		/* SLB_ESID_V */
	ori	r6, r6, HOST_SLB_NR - 1
3:	std	r6, SLOT_TEXT_E(r4)
	std	r7, SLOT_TEXT_V(r4)
	li	r7, MSR_IR | MSR_DR | MSR_RI
	andc	r6, r5, r7
	li	r8, 0
	mtmsrd	r8, 1			/* EE = RI = 0: SRR0/1 are live */
	mtspr	SPRN_SRR0, r3
	mtspr	SPRN_SRR1, r6
	rfid
	b	.
2:	ld	r4, FRAME - 16(r1)
	ld	r3, SLOT_RESULT(r4)
	.irp r, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\r, FRAME_GPRS + 8 * (\r - 14)(r1)
	.endr
	addi	r1, r1, FRAME
	ld	r0, 8(r1)
	mtcr	r0
	ld	r0, 16(r1)
	mtlr	r0
	blr
