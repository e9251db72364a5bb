/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vectors of a core that is ours (Power ISA 2.07 Book III-S 6.5).
 *
 * HSPRG0 is the slot of a thread that is in the image; of one that naps for the host it is the paca,
 * so nothing may be stored through it before SRR1 said that this is no wake-up.  HSPRG1 is scratch
 * (the host's vectors use it so too).  r12 becomes the vector, + 1 where HSRR0/1 hold the state.
 */

/* from the guest: at most 8 instructions, vectors can be 0x20 apart; CFAR before any branch of ours is taken */
.macro VECTOR vec, hsrr=0
	.org	smt_image_start + \vec
	mtspr	SPRN_HSPRG1, r13
	mfspr	r13, SPRN_HSPRG0
	std	r12, SLOT_R12(r13)
	mfspr	r12, SPRN_CFAR
	std	r12, SLOT_CFAR(r13)
	li	r12, \vec + \hsrr
	b	vector_common
.endm

/*
 * System reset and machine check: also the ways out of nap.  SRR1[46:47] != 0 tells a wake-up.  HSRR0/1
 * serve as scratch: a reset between their load and hrfid is lost to the guest, not to the host.
 */
.macro VECTOR_WAKE vec
	.org	smt_image_start + \vec
	mtspr	SPRN_HSPRG1, r13
	mtspr	SPRN_HSRR0, r12
	mfcr	r12
	mtspr	SPRN_HSRR1, r12
	mfspr	r12, SPRN_SRR1
	rlwinm.	r12, r12, 47 - 31, 30, 31
	bne	1f
	mfspr	r12, SPRN_HSRR1
	mtcr	r12
	mfspr	r12, SPRN_HSRR0
	mfspr	r13, SPRN_HSPRG0
	std	r12, SLOT_R12(r13)
	mfspr	r12, SPRN_CFAR
	std	r12, SLOT_CFAR(r13)
	li	r12, \vec
	b	vector_common
1:
	/*
	 * A wake-up: no GPR holds anything.  The image's address is a constant of this copy (image.c): HRMOR
	 * may be given back by now.
	 */
	.globl	smt_image_ra_\vec
smt_image_ra_\vec:
	lis	r3, 0
	ori	r3, r3, 0
	sldi	r3, r3, 32
	oris	r3, r3, 0
	ori	r3, r3, 0
	addis	r29, r3, IMG_CORE@ha
	addi	r29, r29, IMG_CORE@l
	addi	r4, r3, IMG(wake)@l
	mtctr	r4
	li	r4, \vec
	bctr
.endm

	VECTOR_WAKE 0x100
	VECTOR_WAKE 0x200
	VECTOR	0x300
	VECTOR	0x380
	VECTOR	0x400
	VECTOR	0x480
	VECTOR	0x500, 1
	VECTOR	0x600
	VECTOR	0x700
	VECTOR	0x800
	VECTOR	0x900
	VECTOR	0x980, 1
	VECTOR	0xa00
	VECTOR	0xb00
	VECTOR	0xc00
	VECTOR	0xd00
	VECTOR	0xe00, 1
	VECTOR	0xe20, 1
	VECTOR	0xe40, 1
	VECTOR	0xe60, 1
	VECTOR	0xe80, 1
	VECTOR	0xea0, 1
	VECTOR	0xf00
	VECTOR	0xf20
	VECTOR	0xf40
	VECTOR	0xf60
	VECTOR	0xf80, 1
	VECTOR	0x1500, 1
	VECTOR	0x1600
	VECTOR	0x1700
	VECTOR	0x1800

	.org	smt_image_start + 0x1900

/* still at the low address: leave it at once */
vector_common:
	std	r11, SLOT_R11(r13)
	mfctr	r11
	std	r11, SLOT_CTR(r13)
	ld	r11, SLOT_EXIT_EA(r13)
	mtctr	r11
	bctr
