/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * H_CEDE: a vcpu whose thread naps in its run, and how it goes on.
 */

/*
 * H_CEDE (PAPR 14.11.3.3): MSR[EE] on, idle until an interrupt or H_PROD.  The thread naps, its siblings
 * go on.  When it is the last one that does not nap, all leave, as the vcore is blocked; unless one of the others has been
 * given a reason to go on and only has not woken yet: who prods and then cedes must not end the run.  Nor must who sleeps only
 * shortly (stay_short): an interrupt of the host's ends the primary's nap, and its decrementer is later.
 */
hcall_cede:
	ld	r10, SV_MSR(r30)
	ori	r10, r10, MSR_EE
	std	r10, SV_MSR(r30)
	li	r5, 0
	std	r5, SV_GPR + 8 * 3(r30)		/* H_SUCCESS */
	bl	cede_over
	bne	cede_not
	li	r5, 1
	stb	r5, SV_CEDED(r30)
	bl	log_time
	mftb	r5
	std	r5, SLOT_CEDE_TB(r31)

	ld	r10, SLOT_BIT(r31)
	sldi	r8, r10, GATE_NAPPING_SHIFT
	addi	r6, r29, CORE_GATE
	sync				/* ceded before the nap bit (I3); litmus: cede-flag */
1:	ldarx	r5, 0, r6
	GATE_BITS r7, r5, GATE_EXITING_SHIFT
	bne	2f
	or	r9, r5, r8
	GATE_BITS r7, r9, GATE_NAPPING_SHIFT
	clrldi	r11, r9, 56
	cmpd	r7, r11
	beq	3f
4:	stdcx.	r9, 0, r6
	bne-	1b
	/* litmus: nap-lost-wakeup */
	sync				/* the nap bit before the last look (I3); partner: the kicker's */
	bl	cede_over
	bne	cede_end
	bl	guest_save
	li	r5, 1
	std	r5, SLOT_OWNED(r31)
	SET_STATE SMT_T_CEDED, r5
	b	nap_ceded
3:	bl	napper_waking		/* nobody is left in the guest */
	bne	4b
	bl	stay_short
	blt	4b
2:	li	r12, 0
	std	r12, SLOT_TRAP(r31)
	stw	r12, SV_TRAP(r30)
	b	thread_exit_logged

/*
 * cr0: lt when the guest's decrementer, in the register, comes before CORE_STAY is over, before the slice ends, and before
 * the host's decrementer, which the slice may be longer than.  Clobbers r3, r4, r7.
 */
stay_short:
	mfspr	r3, SPRN_DEC
	extsw	r3, r3
	ld	r4, CORE_STAY(r29)
	cmpd	r3, r4
	bgelr
	mfspr	r4, SPRN_HDEC
	extsw	r4, r4
	cmpd	r3, r4
	bgelr
	ld	r4, (IMG_SLOTS - IMG_CORE + SLOT_H_DEC_EXPIRES)(r29)	/* the primary's */
	ld	r7, CORE_TB_OFFSET(r29)
	add	r4, r4, r7
	mftb	r7
	subf	r4, r7, r4
	cmpd	r3, r4
	blr

/*
 * cr0: ne when a thread that naps in gate word r5 has been prodded, interrupted or sent a doorbell.  That wakes it, so it comes.  Only
 * a look: who is missed leaves the run with the others and finds its reason then.  Clobbers r0, r3, r4, r7, r11, r12.
 */
napper_waking:
	li	r12, 0			/* those with a vcpu: only they wake by a doorbell */
	li	r3, 0
	li	r4, 1
1:	sldi	r7, r4, GATE_NAPPING_SHIFT
	and.	r0, r5, r7
	beq	2f
	SLOT_OF r7, r3
	ld	r7, SLOT_VCPU(r7)
	cmpdi	r7, 0
	beq	2f
	lbz	r0, SV_PRODDED(r7)
	ld	r7, SV_PENDING(r7)
	li	r11, 1
	sldi	r11, r11, PENDING_DEC_BIT
	andc	r7, r7, r11
	or.	r0, r0, r7
	bnelr
	or	r12, r12, r4
2:	addi	r3, r3, 1
	sldi	r4, r4, 1
	cmpdi	r3, 8
	blt	1b
	ld	r7, CORE_FLAGS(r29)
	andi.	r7, r7, SMT_F_207
	beqlr				/* eq: none */
	mfspr	r7, SPRN_DPDES
	and.	r7, r7, r12
	blr

/* Woken while ceded: leave with the others, go on in the guest, or nap again. */
wake_ceded:
	ld	r30, SLOT_VCPU(r31)
	bne	cr1, ceded_exit		/* r12: an event that is the host's */
	ld	r5, SLOT_BIT(r31)
	cmpdi	r5, 1
	beq	1f
	bl	ack_ipi
	b	2f
1:	bl	ack_doorbell
	li	r12, 0xe80
	bne	ceded_exit		/* the host's */
2:	li	r12, 0
	ld	r5, CORE_GATE(r29)
	GATE_BITS r6, r5, GATE_EXITING_SHIFT
	bne	ceded_exit
	mfspr	r5, SPRN_HDEC
	extsw.	r5, r5
	li	r12, 0x980
	blt	ceded_exit
	bl	ceded_over
	bne	ceded_resume
	ld	r5, SLOT_BIT(r31)
	cmpdi	r5, 1
	bne	nap_ceded
	ld	r5, SLOT_WAKE_SRR1(r31)
	WAKE_REASON r5
	cmpdi	r5, WAKE_DECREMENTER
	beq	nap_ceded
	cmpdi	r5, WAKE_HDOORBELL
	beq	nap_ceded
	li	r12, 0x500		/* the host's interrupt */

/* Leave the run from the nap: the context is saved already. */
ceded_exit:
	std	r12, SLOT_TRAP(r31)
	li	r12, 0
	stw	r12, SV_TRAP(r30)
	li	r5, 0
	std	r5, SLOT_OWNED(r31)
	bl	gate_exit
	b	thread_saved

/*
 * The primary was woken: if by a hypervisor doorbell, that is over, as the nap's end leaves it pending (2.07 Book III-S,
 * "Processor Control").  cr0: ne when it was one and nobody poked.  Clobbers r5, r6.
 */
ack_doorbell:
	ld	r5, SLOT_WAKE_SRR1(r31)
	WAKE_REASON r5
	cmpdi	r5, WAKE_HDOORBELL
	bne	1f
	ld	r5, CORE_FLAGS(r29)
	andi.	r5, r5, SMT_F_207
	beq	1f
	lis	r6, DBELL_MSG@h
	PPC_MSGCLR(6)
	/* litmus: ipi-ack */
	sync				/* cleared, before the look at what waits; partner: poke's */
	ld	r5, CORE_POKED(r29)
	cmpdi	r5, 1
	blr
1:	cmpd	r5, r5
	blr

/* Clear the nap bit unless the run is ending, then enter again from the vcpu. */
ceded_resume:
	ld	r10, SLOT_BIT(r31)
	sldi	r8, r10, GATE_NAPPING_SHIFT
	addi	r6, r29, CORE_GATE
1:	ldarx	r5, 0, r6
	GATE_BITS r7, r5, GATE_EXITING_SHIFT
	li	r12, 0
	bne	ceded_exit
	andc	r5, r5, r8
	stdcx.	r5, 0, r6
	bne-	1b
	sync				/* litmus: nap-over */
	li	r5, 0
	std	r5, SLOT_OWNED(r31)
	stb	r5, SV_CEDED(r30)
	stb	r5, SV_PRODDED(r30)
	/* litmus: prod-flag */
	sync				/* the prod is used up, before the guest looks what it was for; partner: hcall_prod */
	ld	r5, SLOT_JOINS(r31)
	addi	r5, r5, 1
	std	r5, SLOT_JOINS(r31)
	bl	idle_over
	b	enter_guest

/* The vcpu is not idle any more: add its idle time to the slot's.  Clobbers r5, r6. */
idle_over:
	mftb	r5
	ld	r6, SLOT_CEDE_TB(r31)
	subf	r5, r6, r5
	ld	r6, SLOT_IDLE_TB(r31)
	add	r5, r5, r6
	std	r5, SLOT_IDLE_TB(r31)
	blr

/* The last look found a reason: take the nap bit back; the registers are still the guest's. */
cede_end:
	ld	r10, SLOT_BIT(r31)
	sldi	r8, r10, GATE_NAPPING_SHIFT
	addi	r6, r29, CORE_GATE
1:	ldarx	r5, 0, r6
	andc	r5, r5, r8
	stdcx.	r5, 0, r6
	bne-	1b
	sync				/* litmus: nap-over */
	bl	log_time
	bl	idle_over
cede_not:
	li	r5, 0
	stb	r5, SV_CEDED(r30)
	stb	r5, SV_PRODDED(r30)		/* a prod is used up by the cede that it ends, and only then */
	/* litmus: prod-flag */
	sync				/* as in ceded_resume */
	b	resume_guest

/*
 * cr0: ne when the vcpu has a reason to go on: prodded, an interrupt pending in software, its decrementer
 * due, a doorbell (POWER8).  cede_over: the guest's DEC is in the register; ceded_over: in the
 * vcpu.  Clobbers r5-r8.
 */
cede_over:
	mfspr	r8, SPRN_DEC
	extsw	r8, r8
	b	1f
ceded_over:
	ld	r8, SV_DEC_EXPIRES(r30)
	mftb	r5
	subf	r8, r5, r8
1:	lbz	r5, SV_PRODDED(r30)
	ld	r6, SV_PENDING(r30)
	li	r7, 1
	sldi	r7, r7, PENDING_DEC_BIT		/* the decrementer itself is looked at */
	andc	r6, r6, r7
	or	r5, r5, r6
	srdi	r8, r8, 63
	or	r5, r5, r8
	ld	r6, CORE_FLAGS(r29)
	andi.	r6, r6, SMT_F_207
	beq	2f
	mfspr	r6, SPRN_DPDES
	ld	r7, SLOT_BIT(r31)
	and	r6, r6, r7
	or	r5, r5, r6
2:	cmpdi	r5, 0
	blr

/* Nap, at the latest until the vcpu's decrementer or the end of the host's time slice. */
nap_ceded:
	ld	r5, SLOT_LPCR(r31)		/* without MER */
	mtspr	SPRN_LPCR, r5
	isync				/* arch: mtspr */
	bl	slice_end
	ld	r6, SV_DEC_EXPIRES(r30)
	mftb	r7
	subf	r6, r7, r6
	cmpd	r6, r5
	bge	1f
	lis	r5, 0x8000		/* as long overdue as DEC can say */
	cmpd	r6, r5
	blt	1f
	mr	r5, r6
1:	mtspr	SPRN_DEC, r5
	b	nap
