/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The primary: take the core over, call the siblings, give the core back (DESIGN §2, §3).
 *
 *	u64 smt_rm_run(struct smt_slot *slot);		through smt_image_call()
 *
 * Runs on the primary, MMU off, hard-disabled, every sibling napping in the host's idle loop.  Returns
 * SMT_RUN_* in slot->result, the core as it was.
 */

	.globl	smt_rm_run
smt_rm_run:
	mr	r31, r4
	ld	r29, SLOT_CORE(r31)
	ld	r1, SLOT_STACK(r31)
	li	r3, SMT_RUN_STRAY
	addi	r6, r29, CORE_LIVE
1:	ldarx	r5, 0, r6
	cmpdi	r5, 0
	bne	back_to_c		/* pairs with the stray's stdcx. in stray.S */
	li	r5, SMT_LIVE
	stdcx.	r5, 0, r6
	bne-	1b
	sync				/* litmus: live-hrmor */

	mfspr	r5, SPRN_HSPRG0
	std	r5, SLOT_H_HSPRG0(r31)
	li	r5, 0
	std	r5, SLOT_IN_GUEST(r31)
	SET_STATE SMT_T_REPORTED, r5
	bl	host_save
	mfspr	r5, SPRN_LPCR
	std	r5, SLOT_H_LPCR(r31)
	mftb	r6
	mfspr	r5, SPRN_DEC
	extsw	r5, r5
	add	r5, r5, r6
	std	r5, SLOT_H_DEC_EXPIRES(r31)
	ld	r5, CORE_KEEP_SLB(r29)
	cmpdi	r5, 0
	beq	1f
	bl	slb_keep_host
1:	ld	r5, CORE_HRMOR(r29)
	mr	r6, r31
	bl	set_hrmor
	ld	r5, CORE_SHOOTDOWN(r29)
	cmpdi	r5, 0
	beq	1f
	bl	shoot_down
1:	mfspr	r5, SPRN_HRMOR
	ld	r6, CORE_HRMOR(r29)
	cmpd	r5, r6
	li	r3, SMT_RUN_HRMOR
	bne	give_back

	STAMP	SMT_STAMP_TAKEN, r5
	/* phase ROLL; alone on the gate: every earlier run's threads have left */
	ld	r5, CORE_SEQ(r29)
	sldi	r5, r5, GATE_SEQ_SHIFT
	li	r6, GATE_PHASE_ROLL
	sldi	r6, r6, GATE_PHASE_SHIFT
	or	r5, r5, r6
	std	r5, CORE_GATE(r29)
	li	r5, 0
	std	r5, CORE_RESENT(r29)
	/* litmus: ipi-command kick-in-run */
	sync				/* gate and commands before the IPIs; partner: ack_ipi */
	ld	r3, CORE_ROLL(r29)
	bl	send_ipis
	sync				/* the IPIs before CALL_SENT; partner: called; litmus: exit-sent */
	ld	r5, CORE_SEQ(r29)
	std	r5, CORE_CALL_SENT(r29)
	ld	r5, CORE_ROLL_BOUND(r29)
	bl	wait_start

/* Until all threads of CORE_ROLL are present. */
wait_reports:
	ld	r5, CORE_GATE(r29)
	GATE_BITS r6, r5, GATE_PRESENT_SHIFT
	ld	r7, CORE_ROLL(r29)
	andc.	r6, r7, r6
	beq	1f
	ld	r6, CORE_DEEP(r29)
	GATE_SEQ r5
	cmpd	r5, r6
	li	r3, SMT_RUN_DEEP
	beq	roll_call_off
	bl	wait_expired
	li	r3, SMT_RUN_ROLL_CALL
	bgt	roll_call_off
	IMG_EA	r12, wait_reports
	b	wait_on
1:	isync				/* litmus: roll-report */
	STAMP	SMT_STAMP_REPORTED, r5
	bl	partition_load
	STAMP	SMT_STAMP_LOADED, r5

	/* phase OPEN, the primary entered */
	ld	r30, SLOT_VCPU(r31)
	bl	entry_bits
	addi	r6, r29, CORE_GATE
	li	r9, GATE_PHASE_ROLL ^ GATE_PHASE_OPEN
	sldi	r9, r9, GATE_PHASE_SHIFT
	ld	r7, CORE_HOME(r29)
	sldi	r7, r7, GATE_PRESENT_SHIFT
	/* litmus: open-partition */
	lwsync				/* partition before the phase; partner: try_enter */
3:	ldarx	r5, 0, r6
	xor	r5, r5, r9
	or	r5, r5, r10
	andc	r5, r5, r7
	stdcx.	r5, 0, r6
	bne-	3b
	/* litmus: join-open */
	sync				/* OPEN before the look at the commands; partner: smt_join */
	bl	call_joiners
	ld	r5, CORE_ROLL_BOUND(r29)
	bl	wait_start

/*
 * The time slice starts when those who are to run together have entered, or one leaves again.  Nothing
 * is lost if the bound expires.
 */
wait_entered:
	ld	r5, CORE_GATE(r29)
	ld	r6, CORE_EXPECT(r29)
	andc.	r6, r6, r5
	beq	1f
	GATE_BITS r6, r5, GATE_EXITING_SHIFT
	bne	1f
	bl	wait_expired
	bgt	1f
	IMG_EA	r12, wait_entered
	b	wait_on
1:	STAMP	SMT_STAMP_ENTERED, r5
	bl	start_slice
	ld	r30, SLOT_VCPU(r31)
	cmpdi	r30, 0
	beq	primary_idle
	ld	r5, CORE_SEQ(r29)
	std	r5, SLOT_ENTERED_SEQ(r31)
	b	enter_guest_or_nap

/*
 * A vcpu that joined before phase OPEN could not send its thread an IPI: done here for it.  A command that
 * is written later finds OPEN.
 */
call_joiners:
	mflr	r28
	ld	r3, CORE_ROLL(r29)
	ld	r5, CORE_HOME(r29)
	andc	r3, r3, r5		/* nobody joins on the others */
1:	cmpdi	r3, 0
	beq	2f
	NEXT_THREAD r3, r8, r5
	SLOT_OF r6, r5
	ld	r7, SLOT_CMD(r6)
	cmpdi	r7, 0
	beq	1b
	li	r7, 0xff		/* nobody leaves */
	sldi	r7, r7, GATE_EXITING_SHIFT
	bl	send_held
	b	1b
2:	mtlr	r28
	blr

/* An IPI for each thread of the mask r3, not 0, that is not leaving yet.  Clobbers r0, r3, r5-r11. */
resend_ipis:
	mflr	r28
1:	NEXT_THREAD r3, r8, r5
	sldi	r7, r8, GATE_EXITING_SHIFT
	bl	send_held
	cmpdi	r3, 0
	bne	1b
	mtlr	r28
	blr

/*
 * Send our IPI to sibling r5, bit r8, if it is present and no bit of r7 is set in the gate.  What smt_send_ipi() does in
 * C: slot.senders is raised, and the thread does not leave the image while it is.  Clobbers r0, r6, r9-r11.
 */
send_held:
	SLOT_OF r6, r5
	addi	r9, r6, SLOT_SENDERS
1:	ldarx	r10, 0, r9
	addi	r10, r10, 1
	stdcx.	r10, 0, r9
	bne-	1b
	/* litmus: senders-exit senders-exit3 */
	sync				/* the count before the gate; partner: leave */
	ld	r10, CORE_GATE(r29)
	sldi	r11, r8, GATE_PRESENT_SHIFT
	and.	r0, r10, r11
	beq	2f
	and.	r0, r10, r7
	bne	2f
	ld	r10, SLOT_ICP(r6)
	li	r11, ICP_MFRR
	li	r0, ICP_IPI_PRIORITY
	stbcix	r0, r10, r11
	/* litmus: senders-ack */
2:	sync				/* the IPI before the count; partner: leave */
3:	ldarx	r10, 0, r9
	addi	r10, r10, -1
	stdcx.	r10, 0, r9
	bne-	3b
	blr

/*
 * Waits.  A wait is a loop at a label that needs nothing but r29 and r31, because it may nap:
 *
 *	wait_start	r5 = bound, time base ticks; begins a wait.  Clobbers r5, r6.
 *	wait_expired	cr0: gt when the bound has passed, r5 = by how much; of a time between two looks in which this thread
 *			was held itself (firmware; an emulator's host) 2^SMT_STALL_SHIFT counts.  Clobbers r5, r6.
 *	wait_on		r12 = the loop: comes back there, soon
 */
wait_start:
	mftb	r6
	std	r6, SLOT_WAIT_LOOK(r31)
	add	r5, r5, r6
	std	r5, SLOT_WAIT_END(r31)
	addi	r6, r6, SMT_SPIN_TB
	std	r6, SLOT_SPIN_END(r31)
	blr

wait_expired:
	mftb	r5
	ld	r6, SLOT_WAIT_LOOK(r31)
	std	r5, SLOT_WAIT_LOOK(r31)
	subf	r6, r6, r5
	srdi.	r5, r6, SMT_STALL_SHIFT
	ld	r5, SLOT_WAIT_END(r31)
	beq	1f
	addis	r6, r6, -(1 << (SMT_STALL_SHIFT - 16))
	add	r5, r5, r6		/* whatever held this thread may have held the others */
	std	r5, SLOT_WAIT_END(r31)
1:	ld	r6, SLOT_WAIT_LOOK(r31)
	subf.	r5, r5, r6
	blr

wait_on:
	mtctr	r12
	mftb	r5
	ld	r6, SLOT_SPIN_END(r31)
	subf.	r5, r6, r5
	bgt	1f
	HMT_LOW
	HMT_MEDIUM
	bctr
1:	std	r12, SLOT_RESUME(r31)
	SET_STATE SMT_T_WAITING, r5
	li	r5, 1
	std	r5, SLOT_OWNED(r31)
	/* only the decrementer ends this nap; whoever goes on from here sets LPCR and DEC anew */
	mfspr	r5, SPRN_LPCR
	lis	r6, (LPCR_DOORBELLS | LPCR_PECE0)@h
	ori	r6, r6, (LPCR_DOORBELLS | LPCR_PECE0)@l
	andc	r5, r5, r6
	ori	r5, r5, LPCR_PECE1
	mtspr	SPRN_LPCR, r5
	isync				/* arch: mtspr */
	li	r5, SMT_RELAX_TB
	mtspr	SPRN_DEC, r5
	b	nap

wake_waiting:
	li	r5, 0
	std	r5, SLOT_OWNED(r31)
	ld	r12, SLOT_RESUME(r31)
	mtctr	r12
	bctr

/* Send our IPI to the threads of the mask r3.  Clobbers r0, r3, r5-r9. */
send_ipis:
	/* litmus: ipi-ack ipi-command */
	sync				/* what the IPI tells, before the IPI; partner: ack_ipi */
	li	r5, 0
	li	r8, ICP_IPI_PRIORITY
	li	r9, ICP_MFRR
1:	andi.	r0, r3, 1
	beq	2f
	SLOT_OF r6, r5
	ld	r7, SLOT_ICP(r6)
	stbcix	r8, r7, r9
2:	addi	r5, r5, 1
	srdi.	r3, r3, 1
	bne	1b
	blr

/* Called off, r3 says why: an exit bit calls those out that reported and stay. */
roll_call_off:
	mr	r27, r3
	li	r5, 0
	std	r5, SLOT_TRAP(r31)
	bl	gate_exit
	/* after the exit bit no thread reports any more; those of CORE_HOME that did were not called */
	ld	r7, CORE_HOME(r29)
	sldi	r7, r7, GATE_PRESENT_SHIFT
	addi	r6, r29, CORE_GATE
1:	ldarx	r5, 0, r6
	andc	r5, r5, r7
	stdcx.	r5, 0, r6
	bne-	1b
	mr	r3, r27
	b	see_off

/*
 * The primary's guest context is saved.  Wait until the others' are, switch the partition back, see
 * the siblings off, return.
 */
primary_finish:
	STAMP	SMT_STAMP_LEFT, r5
	li	r5, 0
	std	r5, CORE_RESENT(r29)
	std	r5, CORE_CALL_WAITS(r29)
	ld	r5, CORE_EXIT_BOUND(r29)
	bl	wait_start

/*
 * Until every entered thread is exiting and saved (I2).  An eighth of the bound without progress sends the
 * exit IPIs again.
 */
wait_saved:
	bl	unsaved
	cmpdi	r3, 0
	beq	2f
	bl	wait_expired
	bgt	3f
	ld	r7, CORE_EXIT_BOUND(r29)
	srdi	r8, r7, 3
	ld	r9, CORE_RESENT(r29)
	addi	r10, r9, 1
	mulld	r8, r8, r10		/* when the next IPI is due, after the start */
	add	r5, r5, r7		/* ticks since the start */
	cmpd	r5, r8
	blt	1f
	std	r10, CORE_RESENT(r29)
	ld	r5, CORE_GATE(r29)
	GATE_BITS r6, r5, GATE_EXITING_SHIFT
	andc.	r3, r3, r6		/* who is exiting needs none */
	beq	1f
	bl	resend_ipis
1:	IMG_EA	r12, wait_saved
	b	wait_on
	/*
	 * One that is in a function of vmlinux waits for a lock that the host holds: it will come.  It gets
	 * SMT_CALL_BOUNDS times the time.
	 */
3:	ld	r5, CORE_CALL_WAITS(r29)
	addi	r5, r5, 1
	std	r5, CORE_CALL_WAITS(r29)
	cmpdi	r5, SMT_CALL_BOUNDS
	bgt	threads_lost
	bl	any_in_call
	beq	threads_lost
	li	r5, 0
	std	r5, CORE_RESENT(r29)
	ld	r5, CORE_EXIT_BOUND(r29)
	bl	wait_start
	b	1b
2:	ld	r5, SLOT_BAD_TRAP(r31)
	cmpdi	r5, 0
	bne	threads_lost
	ld	r5, CORE_FLAGS(r29)
	andi.	r5, r5, SMT_F_207
	beq	4f
	ld	r5, CORE_POKED(r29)
	cmpdi	r5, 0
	beq	4f
	lis	r6, DBELL_MSG@h		/* nobody pokes any more; the host is given one by C */
	PPC_MSGCLR(6)
4:
	/* litmus: saved-vcpu */
	sync				/* their saved context before the partition; partner: exit.S */
	STAMP	SMT_STAMP_SAVED, r5
	bl	partition_restore
	STAMP	SMT_STAMP_RESTORED, r5
	li	r3, SMT_RUN_OK
	b	see_off

/* cr0: ne when a thread of the mask r3 is in a function of vmlinux.  Clobbers r3, r5-r8. */
any_in_call:
1:	cmpdi	r3, 0
	beqlr
	NEXT_THREAD r3, r8, r5
	SLOT_OF r6, r5
	ld	r7, SLOT_IN_CALL(r6)
	cmpdi	r7, 0
	beq	1b
	blr

/* r3 = mask of the entered threads whose guest context is not saved.  Clobbers r0, r5-r9. */
unsaved:
	ld	r9, CORE_GATE(r29)
	clrldi	r3, r9, 56
	GATE_SEQ r9
	mr	r0, r3
1:	cmpdi	r0, 0
	beqlr
	NEXT_THREAD r0, r8, r5
	SLOT_OF r6, r5
	ld	r7, SLOT_SAVED(r6)
	cmpd	r7, r9
	bne	1b
	andc	r3, r3, r8
	b	1b

/* Wait until no sibling is present, then give the core back.  r3: the result. */
see_off:
	std	r3, SLOT_RESULT(r31)
	ld	r5, CORE_GATE(r29)
	std	r5, CORE_LAST_GATE(r29)
	ld	r5, CORE_EXIT_BOUND(r29)
	bl	wait_start
wait_left:
	ld	r5, CORE_GATE(r29)
	GATE_BITS r6, r5, GATE_PRESENT_SHIFT
	beq	1f
	bl	wait_expired
	li	r3, SMT_RUN_STUCK
	bgt	give_back
	IMG_EA	r12, wait_left
	b	wait_on
1:	isync				/* litmus: left */
	STAMP	SMT_STAMP_GONE, r5
	ld	r3, SLOT_RESULT(r31)
	b	give_back

/*
 * A thread did not leave the guest.  It holds the guest's translations, so the partition must not be
 * the host's while the host goes on: C stops the machine with a message that names the thread.
 */
threads_lost:
	ld	r5, CORE_GATE(r29)
	std	r5, CORE_LAST_GATE(r29)
	bl	partition_restore
	li	r3, SMT_RUN_LOST

give_back:
	mr	r26, r3
	bl	host_restore
	li	r5, 0
	ld	r6, SLOT_H_HSPRG0(r31)
	bl	set_hrmor
	bl	slb_load_rest
	STAMP	SMT_STAMP_BACK, r5
	SET_STATE SMT_T_HOST, r5
	li	r5, 0
	/* litmus: give-back */
	lwsync				/* all of the run before the core is free; partner: stray.S */
	std	r5, CORE_GATE(r29)
	std	r5, CORE_LIVE(r29)
	mr	r3, r26

/* r3: the result.  MMU on, to the instruction after smt_image_call()'s rfid. */
back_to_c:
	std	r3, SLOT_RESULT(r31)
	ld	r1, SLOT_RET_R1(r31)
	ld	r2, SLOT_RET_R2(r31)
	ld	r13, SLOT_RET_R13(r31)
	ld	r6, SLOT_RET_NIP(r31)
	ld	r7, SLOT_RET_MSR(r31)
	ld	r5, SLOT_EVENT(r31)
	cmpdi	r5, 0
	bne	1f
	mtspr	SPRN_SRR0, r6
	mtspr	SPRN_SRR1, r7
	rfid
	b	.
1:	li	r8, 0
	std	r8, SLOT_EVENT(r31)
	ld	r8, SLOT_EVENT_SRR1(r31)
	lis	r9, SRR1_NOT_MSR@h
	ori	r9, r9, SRR1_NOT_MSR@l
	and	r8, r8, r9
	or	r7, r7, r8
	cmpdi	r5, 0xe60
	beq	2f
	mtspr	SPRN_SRR0, r6
	mtspr	SPRN_SRR1, r7
	cmpdi	r5, 0x200
	bne	3f
	ld	r6, SLOT_EVENT_DAR(r31)
	mtspr	SPRN_DAR, r6
	ld	r6, SLOT_EVENT_DSISR(r31)
	mtspr	SPRN_DSISR, r6
	b	3f
2:	mtspr	SPRN_HSRR0, r6
	mtspr	SPRN_HSRR1, r7
3:	TOP_BITS r5
	mtctr	r5
	bctr

/*
 * HRMOR = r5, HSPRG0 = r6, which belong to the same vectors, and none of this thread's real-mode translations
 * left (slbia).  The SLB comes back as the host's bolted entries.  The siblings' translations:
 *
 *	a sibling that leaves the image does slbia at its 0xc000... address, and so naps without one;
 *	one that meets the image's vectors after HRMOR is the host's goes to the host (stray);
 *	one that meets the host's vectors while HRMOR is the image's does not report, and the run is called off: so
 *	where the host's vectors may have run on a sibling since, the takeover begins with shoot_down.
 */
set_hrmor:
	mflr	r28
	ptesync				/* arch: mtspr */
	mtspr	SPRN_HSPRG0, r6
	mtspr	SPRN_HRMOR, r5
	isync				/* arch: mtspr */
	bl	slb_load_host
	mtlr	r28
	blr

/*
 * Stale real-mode translations of the siblings go: by tlbie of an address of nobody, LPID 0.  In the emulator
 * it drops them (run); hardware need not (reasoned), and the roll call finds out.  Clobbers r5, r6.
 */
shoot_down:
	li	r5, 0
	lis	r6, 7
	sldi	r6, r6, 32
	ptesync				/* arch: tlbie */
	tlbie	r6, r5
	eieio				/* arch: tlbie */
	tlbsync				/* arch: tlbie */
	ptesync				/* arch: tlbie */
	blr

/*
 * SLB := the host's bolted entries, from its SLB shadow (big-endian, PAPR layout).  Without them the
 * host cannot take its next SLB miss.  Entry 0 survives slbia, so it is cleared first.
 * Clobbers r0, r5-r10, ctr.
 */
slb_load_host:
	ld	r5, SLOT_PACA(r31)
	ld	r6, CORE_PACA_SLB_SHADOW(r29)
	ldx	r6, r5, r6
	addi	r6, r6, SHADOW_SAVE_AREA
	li	r0, 0
	isync				/* arch: slb */
	slbmte	r0, r0
	slbia
	li	r5, SHADOW_NR
	mtctr	r5
	li	r10, 8
1:	LD_BE(r7, 0, r6)
	LD_BE(r8, r10, r6)
	andis.	r0, r7, 0x0800		/* SLB_ESID_V */
	beq	2f
	slbmte	r8, r7
2:	addi	r6, r6, 16
	bdnz	1b
	isync				/* arch: slb */
	blr

/* The host's entries that are not bolted, for slb_load_rest.  Clobbers r0, r5-r9, ctr. */
slb_keep_host:
	li	r5, HOST_SLB_NR - SHADOW_NR
	mtctr	r5
	li	r6, SHADOW_NR
	addi	r7, r29, CORE_HOST_SLB
	SLB_TO_MEMORY 0, 8, 16
	std	r5, CORE_KEPT_SLB(r29)
	blr

/*
 * Behind the bolted entries: all others, where they were, or only the one by which the way back to C is no SLB miss.  The host's
 * notes on its SLB hold either way.  Clobbers r5-r7, ctr.
 */
slb_load_rest:
	ld	r5, CORE_KEEP_SLB(r29)
	cmpdi	r5, 0
	beq	2f
	ld	r5, CORE_KEPT_SLB(r29)
	cmpdi	r5, 0
	beqlr
	mtctr	r5
	addi	r7, r29, CORE_HOST_SLB
1:	ld	r5, 0(r7)
	ld	r6, 8(r7)
	slbmte	r6, r5
	addi	r7, r7, 16
	bdnz	1b
	isync				/* arch: slb */
	blr
2:	ld	r5, SLOT_TEXT_E(r31)
	ld	r6, SLOT_TEXT_V(r31)
	cmpdi	r5, 0
	beqlr
	slbmte	r6, r5
	isync				/* arch: slb */
	blr
