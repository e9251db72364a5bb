/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread's registers between host and guest.  The plain ones come from include/sprs.def; here
 * stands what needs an order of its own.
 *
 *	host_save	r31	host's values to the slot, but LPCR and DEC, which waits change before; the
 *				PMU is frozen afterwards
 *	guest_load	r31 r30	guest's values to the registers, all but GPR, CR, LR, CTR, XER, PPR, LPCR
 *	guest_save	r31 r30	and back to the vcpu
 *	host_restore	r31	the host's values as host_save found them
 */

#define SAVE_HOST(num, name)	mfspr r5, num; std r5, HOST_##name(r31);
#define LOAD_HOST(num, name)	ld r5, HOST_##name(r31); mtspr num, r5;

#define MMCR0_FREEZE	0x8000		/* MMCR0[FC], upper half of the low word */
#define MMCR2_FREEZE_SHIFT	10	/* MMCR2: nine freeze bits for each of six counters above these */

/*
 * Stop counting before a counter is read or written.  r6 = MMCR0, on POWER8 r8 = MMCR2 as they were.  POWER8 can
 * lose an alert that comes between the read and the write of MMCR0, so all counters are frozen by MMCR2
 * first (hardware knowledge, not run: the emulator has no such fault).  Clobbers r5, r7.
 */
.macro PMU_FREEZE
	ld	r7, CORE_FLAGS(r29)
	andi.	r7, r7, SMT_F_207
	beq	9f
	mfspr	r8, SPRN_MMCR2
	li	r5, -1
	clrrdi	r5, r5, MMCR2_FREEZE_SHIFT
	mtspr	SPRN_MMCR2, r5
	isync				/* arch: mtspr */
9:	mfspr	r6, SPRN_MMCR0
	lis	r5, MMCR0_FREEZE
	clrldi	r5, r5, 32
	mtspr	SPRN_MMCR0, r5
	isync				/* arch: mtspr */
.endm

host_save:
#define SPR64(name, num, field) SAVE_HOST(num, name)
#define SPR32(name, num, field) SAVE_HOST(num, name)
	PMU_FREEZE
	std	r6, SLOT_H_MMCR0(r31)
#define SPRS_206
#define SPRS_PMU
#include "sprs.def"
#undef SPRS_206
#undef SPRS_PMU
	ld	r7, CORE_FLAGS(r29)
	andi.	r7, r7, SMT_F_207
	beq	1f
#define SPRS_207
#define SPRS_PMU_207
#include "sprs.def"
#undef SPRS_207
#undef SPRS_PMU_207
	std	r8, HOST_MMCR2(r31)	/* as it was before the freeze */
	b	2f
1:
#define SPRS_206_ONLY
#include "sprs.def"
#undef SPRS_206_ONLY
2:
#undef SPR64
#undef SPR32
	mfspr	r5, SPRN_CTRLF
	std	r5, SLOT_H_CTRL(r31)
	mfspr	r5, SPRN_LPID
	std	r5, SLOT_H_LPID(r31)
	mfspr	r5, SPRN_SDR1
	std	r5, SLOT_H_SDR1(r31)
	mfspr	r5, SPRN_PURR
	std	r5, SLOT_H_PURR(r31)
	std	r5, SLOT_PURR_IN(r31)
	mfspr	r5, SPRN_SPURR
	std	r5, SLOT_H_SPURR(r31)
	std	r5, SLOT_SPURR_IN(r31)
	li	r5, 0
	std	r5, SLOT_PURR_USED(r31)
	std	r5, SLOT_SPURR_USED(r31)
	blr

/* Add the stretch that ends here to what the thread has used of PURR and SPURR.  Clobbers r5-r7. */
purr_account:
	mfspr	r5, SPRN_PURR
	ld	r6, SLOT_PURR_IN(r31)
	ld	r7, SLOT_PURR_USED(r31)
	subf	r5, r6, r5
	add	r7, r7, r5
	std	r7, SLOT_PURR_USED(r31)
	mfspr	r5, SPRN_SPURR
	ld	r6, SLOT_SPURR_IN(r31)
	ld	r7, SLOT_SPURR_USED(r31)
	subf	r5, r6, r5
	add	r7, r7, r5
	std	r7, SLOT_SPURR_USED(r31)
	blr

guest_load:
	mflr	r28
	/* what of AMR, IAMR, UAMOR the guest may change: all; a nap may have lost it, the host has it so, too */
	li	r5, -1
	mtspr	SPRN_AMOR, r5
#define SPR64(name, num, field) ld r5, SV_R_##name(r30); mtspr num, r5;
#define SPR32(name, num, field) lwz r5, SV_R_##name(r30); mtspr num, r5;
#define SPRS_206
#define SPRS_PMU
#include "sprs.def"
#undef SPRS_206
#undef SPRS_PMU
	ld	r7, CORE_FLAGS(r29)
	andi.	r7, r7, SMT_F_207
	beq	1f
#define SPRS_207
#define SPRS_PMU_207
#include "sprs.def"
#undef SPRS_207
#undef SPRS_PMU_207
	b	2f
1:
#define SPRS_206_ONLY
#include "sprs.def"
#undef SPRS_206_ONLY
2:
#undef SPR64
#undef SPR32
	bl	purr_account
	ld	r5, SV_PURR(r30)
	std	r5, SLOT_PURR_IN(r31)
	mtspr	SPRN_PURR, r5
	ld	r5, SV_SPURR(r30)
	std	r5, SLOT_SPURR_IN(r31)
	mtspr	SPRN_SPURR, r5
	lwz	r5, SV_CTRL(r30)
	mtspr	SPRN_CTRLT, r5

	/* DEC = dec_expires - time base, both the guest's; the register is 32 bits, signed */
	ld	r5, SV_DEC_EXPIRES(r30)
	mftb	r6
	subf	r5, r6, r5
	lis	r6, 0x7fff
	ori	r6, r6, 0xffff
	cmpd	r5, r6
	ble	3f
	mr	r5, r6
3:	not	r6, r6			/* -2^31 */
	cmpd	r5, r6
	bge	4f
	mr	r5, r6
4:	mtspr	SPRN_DEC, r5

	bl	fp_on
	addi	r3, r30, SV_FP
	ld	r12, CORE_FN_LOAD_FP(r29)
	bl	call_vmlinux
	addi	r3, r30, SV_VR
	ld	r12, CORE_FN_LOAD_VR(r29)
	bl	call_vmlinux

	/* the guest's SLB, from nothing */
	lwz	r5, SV_SLB_MAX(r30)
	li	r0, 0
	isync				/* arch: slb */
	slbmte	r0, r0
	slbia
	cmpwi	r5, 0
	beq	6f
	mtctr	r5
	addi	r6, r30, SV_SLB
5:	ld	r7, SLB_ORIGE(r6)
	ld	r8, SLB_ORIGV(r6)
	slbmte	r8, r7
	addi	r6, r6, SLB_ENTRY_SIZE
	bdnz	5b
6:
	/* counting starts last */
	ld	r5, SV_MMCR0(r30)
	mtspr	SPRN_MMCR0, r5
	li	r5, -1
	std	r5, SLOT_CUR_LPCR(r31)	/* enter_guest writes LPCR */
	mtlr	r28
	blr

guest_save:
	mflr	r28
	PMU_FREEZE
	std	r6, SV_MMCR0(r30)
	mfspr	r5, SPRN_PURR
	std	r5, SV_PURR(r30)
	mfspr	r5, SPRN_SPURR
	std	r5, SV_SPURR(r30)
	mfspr	r5, SPRN_DEC
	extsw	r5, r5
	mftb	r6
	add	r5, r5, r6
	std	r5, SV_DEC_EXPIRES(r30)
	mfspr	r5, SPRN_CTRLF
	stw	r5, SV_CTRL(r30)
#define SPR64(name, num, field) mfspr r5, num; std r5, SV_R_##name(r30);
#define SPR32(name, num, field) mfspr r5, num; stw r5, SV_R_##name(r30);
#define SPRS_206
#define SPRS_PMU
#include "sprs.def"
#undef SPRS_206
#undef SPRS_PMU
	ld	r7, CORE_FLAGS(r29)
	andi.	r7, r7, SMT_F_207
	beq	1f
#define SPRS_207
#define SPRS_PMU_207
#include "sprs.def"
#undef SPRS_207
#undef SPRS_PMU_207
	std	r8, SV_R_MMCR2(r30)	/* as it was before the freeze */
	b	2f
1:
#define SPRS_206_ONLY
#include "sprs.def"
#undef SPRS_206_ONLY
2:
#undef SPR64
#undef SPR32
	bl	fp_on
	addi	r3, r30, SV_FP
	ld	r12, CORE_FN_STORE_FP(r29)
	bl	call_vmlinux
	addi	r3, r30, SV_VR
	ld	r12, CORE_FN_STORE_VR(r29)
	bl	call_vmlinux

	lwz	r5, SV_SLB_NR(r30)
	mtctr	r5
	li	r6, 0
	addi	r7, r30, SV_SLB
	SLB_TO_MEMORY SLB_ORIGE, SLB_ORIGV, SLB_ENTRY_SIZE
	stw	r5, SV_SLB_MAX(r30)
	li	r0, 0
	isync				/* arch: slb */
	slbmte	r0, r0
	slbia
	isync				/* arch: slb */
	mtlr	r28
	blr

host_restore:
	mflr	r28
	/* the guest's time here counts for the thread: what it used is added to the host's counters */
	bl	purr_account
	ld	r5, SLOT_PURR_USED(r31)
	ld	r6, SLOT_H_PURR(r31)
	add	r5, r5, r6
	mtspr	SPRN_PURR, r5
	ld	r5, SLOT_SPURR_USED(r31)
	ld	r6, SLOT_H_SPURR(r31)
	add	r5, r5, r6
	mtspr	SPRN_SPURR, r5
#define SPR64(name, num, field) LOAD_HOST(num, name)
#define SPR32(name, num, field) LOAD_HOST(num, name)
#define SPRS_206
#define SPRS_PMU
#include "sprs.def"
#undef SPRS_206
#undef SPRS_PMU
	ld	r7, CORE_FLAGS(r29)
	andi.	r7, r7, SMT_F_207
	beq	1f
#define SPRS_207
#define SPRS_PMU_207
#include "sprs.def"
#undef SPRS_207
#undef SPRS_PMU_207
	b	2f
1:
#define SPRS_206_ONLY
#include "sprs.def"
#undef SPRS_206_ONLY
2:
#undef SPR64
#undef SPR32
	ld	r5, SLOT_H_MMCR0(r31)
	mtspr	SPRN_MMCR0, r5
	ld	r5, SLOT_H_CTRL(r31)
	mtspr	SPRN_CTRLT, r5
	ld	r7, CORE_FLAGS(r29)
	ld	r5, SLOT_H_LPCR(r31)
	ld	r6, SLOT_BIT(r31)
	andi.	r7, r7, SMT_F_207
	cmpdi	cr1, r6, 1
	bne	0f
	beq	cr1, 0f
	/*
	 * POWER7 has some bits of LPCR once a core: a sibling leaves them to the primary, others may still be
	 * in the guest.  Its own are those that end a nap.
	 */
	mfspr	r6, SPRN_LPCR
	rlwimi	r6, r5, 0, 17, 19	/* PECE0-2 */
	mr	r5, r6
0:	mtspr	SPRN_LPCR, r5
	isync				/* arch: mtspr */
	/*
	 * The primary's decrementer went on.  A sibling's has no meaning while it is offline, and the time
	 * base may be the guest's or the host's by now: it gets the value back that it had.
	 */
	ld	r6, SLOT_BIT(r31)
	cmpdi	r6, 1
	ld	r5, SLOT_H_DEC(r31)
	bne	3f
	ld	r5, SLOT_H_DEC_EXPIRES(r31)
	mftb	r6
	subf	r5, r6, r5
	lis	r6, 0x8000		/* as long overdue as DEC can say */
	cmpd	r5, r6
	bge	3f
	mr	r5, r6
3:	mtspr	SPRN_DEC, r5
	mtlr	r28
	blr

/* MSR[FP], [VEC], [VSX] on; they stay on until the thread leaves the image.  Clobbers r5. */
fp_on:
	mfmsr	r5
	ori	r5, r5, MSR_FP
	oris	r5, r5, (MSR_VEC | MSR_VSX)@h
	mtmsrd	r5
	isync				/* arch: mtspr */
	blr
