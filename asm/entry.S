/* SPDX-License-Identifier: GPL-2.0-only */
/* Into the guest. */

/*
 * A sibling with a vcpu in its slot and the gate in phase OPEN: take part in the run if it is not
 * ending (I1).  r31; does not return.
 */
try_enter:
	ld	r30, SLOT_VCPU(r31)
	ld	r11, CORE_SEQ(r29)
	bl	entry_bits
	addi	r6, r29, CORE_GATE
1:	ldarx	r5, 0, r6
	GATE_BITS r7, r5, GATE_EXITING_SHIFT
	bne	2f
	GATE_PHASE r7, r5
	cmpdi	r7, GATE_PHASE_OPEN
	bne	wait_open
	or	r5, r5, r10
	stdcx.	r5, 0, r6
	bne-	1b
	sync
	std	r11, SLOT_ENTERED_SEQ(r31)
	bl	host_save
	/*
	 * On hardware the primary has set LPIDR and SDR1 for the core.  Where they are a thread's own (the
	 * emulator) this thread does it, and undoes it when it leaves; elsewhere it must not.
	 */
	mfspr	r5, SPRN_LPID
	ld	r6, CORE_LPID(r29)
	xor	r5, r5, r6
	std	r5, SLOT_OWN_LPIDR(r31)
	bl	partition_thread_guest
	b	enter_guest_or_nap
2:	b	leave_waiting		/* late: the next run is its */

/*
 * r10 = what thread r31 sets in the gate when it enters: its entered bit, and its nap bit when it has no
 * vcpu (r30 = 0) or one that has ceded.  Clobbers r5, r7.
 */
entry_bits:
	ld	r10, SLOT_BIT(r31)
	cmpdi	r30, 0
	beq	1f
	lbz	r5, SV_CEDED(r30)
	cmpwi	r5, 0
	beqlr
1:	sldi	r7, r10, GATE_NAPPING_SHIFT
	or	r10, r10, r7
	blr

/* A vcpu that has ceded takes part by napping: what ends its idleness is seen here, without an exit. */
enter_guest_or_nap:
	lbz	r5, SV_CEDED(r30)
	cmpwi	r5, 0
	beq	enter_guest
	li	r5, 1
	std	r5, SLOT_OWNED(r31)
	ld	r5, SLOT_LPCR(r31)		/* its power-saving exits: external, decrementer, doorbell */
	mtspr	SPRN_LPCR, r5
	isync
	SET_STATE SMT_T_CEDED, r5
	bl	ceded_over
	bne	ceded_resume
	b	nap_ceded

/* All guest registers are in the vcpu r30; load them and go. */
enter_guest:
	SET_STATE SMT_T_GUEST, r5
	bl	guest_load
	bl	log_time

/*
 * Back into the guest: only GPR, CR, LR, CTR, XER, PPR and the state of an interrupt are to load.
 * An external interrupt that waits for the vcpu is delivered here, or LPCR[MER] makes
 * the thread come out when the guest sets MSR[EE] (2.07 Book III-S 2.2; the emulator has no MER, there
 * the interrupt waits for the next exit).
 */
resume_guest:
	ld	r5, CORE_GATE(r29)
	GATE_BITS r5, r5, GATE_EXITING_SHIFT
	li	r12, 0
	bne	thread_exit

	ld	r8, SLOT_LPCR(r31)
	ld	r9, SV_NIP(r30)
	ld	r10, SV_MSR(r30)
	ld	r5, SV_PENDING(r30)
	rldicl.	r5, r5, 64 - PENDING_EXT_BIT, 63
	beq	2f
	andi.	r0, r10, MSR_EE
	bnel	inject_external
	ori	r8, r8, LPCR_MER
2:	ld	r5, SLOT_CUR_LPCR(r31)
	cmpd	r5, r8
	beq	3f
	std	r8, SLOT_CUR_LPCR(r31)
	mtspr	SPRN_LPCR, r8
	isync
3:
	/* HDEC may have passed while HDICE was the host's: nobody calls a thread out for that */
	mfspr	r5, SPRN_HDEC
	extsw	r5, r5
	cmpdi	r5, HDEC_SOON
	li	r12, 0x980
	blt	thread_exit
	ori	r10, r10, MSR_ME
	rldicl	r10, r10, 63 - MSR_HV_LG, 1	/* MSR[HV] = 0 */
	rotldi	r10, r10, MSR_HV_LG + 1
	rldicl	r10, r10, 62 - MSR_TS_S_LG, 2	/* MSR[TS] = 0: there are no transactions */
	rotldi	r10, r10, MSR_TS_S_LG + 2
	mtspr	SPRN_HSRR0, r9
	mtspr	SPRN_HSRR1, r10
	li	r5, 1
	std	r5, SLOT_IN_GUEST(r31)

	ld	r5, SV_CFAR(r30)
	mtspr	SPRN_CFAR, r5
	ld	r5, SV_LR(r30)
	mtlr	r5
	ld	r5, SV_CTR(r30)
	mtctr	r5
	ld	r5, SV_XER(r30)
	mtxer	r5
	ld	r5, SV_CR(r30)
	mtcr	r5
	ld	r5, SV_PPR(r30)
	mtspr	SPRN_PPR, r5
	mr	r4, r30
	.irp r, 0,1,2,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\r, SV_GPR + 8 * \r(r4)
	.endr
	ld	r4, SV_GPR + 8 * 4(r4)
	hrfid
	b	.

/*
 * The vcpu goes to its handler of vector r9; r10 = its MSR, r8 = LPCR.  NIP and MSR of the handler (2.07
 * Book III-S 6.4: LPCR[AIL]) to the vcpu and to r9, r10.  Clobbers r5.
 */
guest_handler:
	rldicl	r5, r8, 64 - 23, 62		/* LPCR[AIL], zero on POWER7 */
	cmpdi	r5, 3
	bne	1f
	andi.	r5, r10, MSR_IR | MSR_DR
	cmpdi	r5, MSR_IR | MSR_DR
	bne	1f
	ori	r9, r9, 0x4000
	TOP_BITS r9
1:	ld	r10, SV_INTR_MSR(r30)
	bne	2f
	ori	r10, r10, MSR_IR | MSR_DR
2:	std	r9, SV_NIP(r30)
	std	r10, SV_MSR(r30)
	blr

/*
 * Deliver an external interrupt: r9 = NIP, r10 = MSR, replaced by those of the handler.  A one-shot
 * request (KVM_INTERRUPT_SET) is used up by it.
 */
inject_external:
	mflr	r28
	mtspr	SPRN_SRR0, r9
	mtspr	SPRN_SRR1, r10
	li	r9, 0x500
	bl	guest_handler
	mtlr	r28
	lbz	r5, SV_ONESHOT(r30)
	cmpwi	r5, 0
	beqlr
	li	r5, 0
	stb	r5, SV_ONESHOT(r30)
	addi	r6, r30, SV_PENDING
	li	r7, 1
	sldi	r7, r7, PENDING_EXT_BIT
3:	ldarx	r5, 0, r6
	andc	r5, r5, r7
	stdcx.	r5, 0, r6
	bne-	3b
	blr

/* Note the guest's time base in the slot's log: in, out, in, out; the last one is overwritten when full. */
log_time:
	ld	r5, SLOT_LOG_N(r31)
	addi	r6, r31, SLOT_LOG
	sldi	r7, r5, 3
	mftb	r8
	stdx	r8, r6, r7
	addi	r5, r5, 1
	cmpdi	r5, IMG_LOG_N
	blt	1f
	addi	r5, r5, -2
1:	std	r5, SLOT_LOG_N(r31)
	blr
