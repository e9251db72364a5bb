/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Naps and wake-ups: siblings between host and run, threads whose vcpu ceded, strays.
 *
 * Every wake-up comes to vector_wake with no register but HRMOR, PIR and SRR1 to rely on: hardware may
 * have lost all GPRs, LR and CTR (SRR1[46:47] = 10); the emulator keeps them, so a test flag
 * destroys them.
 */

/* SRR1[42:45]: what ended the nap; POWER7 has the first three of these bits and 0 in the fourth */
.macro WAKE_REASON r
	rlwinm	\r, \r, 32 - 18, 28, 31
.endm
#define WAKE_RESET		4
#define WAKE_HDOORBELL		3
#define WAKE_DECREMENTER	6
#define WAKE_HMI		10
#define SRR1_WAKE_REASON	0x003c0000
#define SRR1_WAKE_STATE		0x00030000	/* 46:47 */

/* r29 = the core's shared data, r4 = the vector */
wake:
	ld	r5, CORE_FLAGS(r29)
	andi.	r5, r5, SMT_F_TRASH
	bne	wake_trash
wake_trashed:
	mfspr	r5, SPRN_PIR
	ld	r6, CORE_THREAD_MASK(r29)
	and	r5, r5, r6
	SLOT_OF r31, r5
	ld	r1, SLOT_STACK(r31)
	mtspr	SPRN_HSPRG0, r31
	mfspr	r5, SPRN_SRR0
	std	r5, SLOT_WAKE_SRR0(r31)
	mfspr	r5, SPRN_SRR1
	std	r5, SLOT_WAKE_SRR1(r31)
	std	r4, SLOT_WAKE_VEC(r31)
	ld	r5, SLOT_WAKES(r31)
	addi	r5, r5, 1
	std	r5, SLOT_WAKES(r31)
	bl	slb_load_host		/* slbia: no real-mode translation of before survives */
	bl	wake_event

	ld	r5, SLOT_WAKE_SRR1(r31)
	rlwinm	r6, r5, 47 - 31, 30, 31
	cmpdi	r6, 3
	beq	wake_deep
	ld	r5, SLOT_OWNED(r31)
	cmpdi	r5, 0
	bne	wake_owned
	bl	command
	bne	stray

/*
 * A sibling is called: report (I5, I7), then enter, or nap until somebody joins.  With SMT_CMD_REPORT nobody can: it goes
 * back to its nap for the host at once, and is the host's already when it reports.  Its real-mode translations are
 * gone (wake), so if it wakes in this run it is by the image's vectors, and after it by the host's.
 */
called:
	ld	r9, SLOT_CMD(r31)
	srdi	r10, r9, 8
	clrldi	r5, r9, 56
	cmpdi	cr1, r5, SMT_CMD_REPORT
	bne	cr1, 3f
	/*
	 * A thread that woke for something else can see the command before its IPI, which must not end its next nap: the
	 * IPI is there before the command is taken.  One that is pending is this run's, unless the last run failed, which
	 * can have left its own.  Bounded: the primary sends them right behind the gate.  A thread so slow that this run
	 * is over waits as a stray, for the next run or for the host.
	 */
	HMT_LOW
	ld	r11, SLOT_ICP(r31)
	li	r12, ICP_MFRR
1:	ld	r5, CORE_GATE(r29)
	srdi	r5, r5, GATE_SEQ_SHIFT
	cmpd	r5, r10
	bne	stray
	ld	r5, CORE_CALL_SENT(r29)
	cmpd	r5, r10
	beq	2f
	ld	r5, CORE_SHOOTDOWN(r29)
	cmpdi	r5, 0
	bne	1b
	lbzcix	r5, r12, r11
	cmpwi	r5, ICP_MFRR_NONE
	beq	1b
2:	lwsync				/* litmus: exit-sent */
3:	HMT_MEDIUM
	bl	ack_ipi
	li	r5, 0
	addi	r6, r31, SLOT_CMD
1:	ldarx	r7, 0, r6
	cmpd	r7, r9
	bne	called			/* another run's by now, or a vcpu has joined */
	stdcx.	r5, 0, r6
	bne-	1b
	std	r5, SLOT_IN_GUEST(r31)
	std	r5, SLOT_LOG_N(r31)
	SET_STATE SMT_T_HOST, r5
	beq	cr1, 3f
	li	r5, 1
	std	r5, SLOT_OWNED(r31)
	SET_STATE SMT_T_REPORTED, r5
3:	mr	r9, r10
	ld	r10, SLOT_BIT(r31)
	sldi	r10, r10, GATE_PRESENT_SHIFT
	addi	r6, r29, CORE_GATE
	lwsync				/* litmus: roll-report */
1:	ldarx	r5, 0, r6
	GATE_PHASE r7, r5
	cmpdi	r7, GATE_PHASE_ROLL
	bne	4f
	GATE_BITS r7, r5, GATE_EXITING_SHIFT
	bne	4f
	srdi	r7, r5, GATE_SEQ_SHIFT
	cmpd	r7, r9
	bne	4f
	or	r5, r5, r10
	stdcx.	r5, 0, r6
	bne-	1b
	beq	cr1, left
	sync				/* litmus: join-over-roll */
	mfspr	r5, SPRN_LPCR
	std	r5, SLOT_H_LPCR(r31)
	mfspr	r5, SPRN_DEC
	std	r5, SLOT_H_DEC(r31)
	li	r5, 0
	bl	wait_start
	ld	r5, SLOT_VCPU(r31)
	cmpdi	r5, 0
	bne	wait_open
	b	idle_nap
4:	li	r5, 0			/* too late for the roll call */
	std	r5, SLOT_OWNED(r31)
	SET_STATE SMT_T_HOST, r5
	b	left

/*
 * Hypervisor state is lost: the host mends it first.  A run that calls this thread is told, and need not wait.
 * (Not run here: the emulator loses nothing.)
 */
wake_deep:
	bl	command
	bne	stray
	ld	r5, CORE_SEQ(r29)
	std	r5, CORE_DEEP(r29)
	b	stray

/*
 * A machine check, a system reset or hypervisor maintenance that ended the nap is for the host's own vector: noted
 * here, given to it when this thread goes back.  (Not run here: the emulator wakes nobody so.)
 * Clobbers r5-r7.
 */
wake_event:
	ld	r5, SLOT_WAKE_VEC(r31)
	ld	r6, SLOT_WAKE_SRR1(r31)
	cmpdi	r5, 0x200
	beq	1f
	mr	r7, r6
	WAKE_REASON r7
	cmpdi	r7, WAKE_HMI
	li	r5, 0xe60
	beq	1f
	cmpdi	r7, WAKE_RESET
	li	r5, 0x100
	bnelr
1:	std	r5, SLOT_EVENT(r31)
	lis	r7, SRR1_WAKE_STATE@h
	cmpdi	r5, 0x200
	beq	2f
	oris	r7, r7, SRR1_WAKE_REASON@h
2:	andc	r6, r6, r7		/* as if the thread had not napped */
	std	r6, SLOT_EVENT_SRR1(r31)
	mfspr	r5, SPRN_DAR
	std	r5, SLOT_EVENT_DAR(r31)
	mfspr	r5, SPRN_DSISR
	std	r5, SLOT_EVENT_DSISR(r31)
	blr

/*
 * cr0: eq when the command in the slot belongs to the run in the gate.  Clobbers r5-r7.
 */
command:
	ld	r5, SLOT_CMD(r31)
	cmpdi	r5, 0
	beq	1f
	srdi	r5, r5, 8
	/* litmus: command-vcpu */
	lwsync				/* the command before what it announces (I5); partner: C's smp_wmb */
	ld	r6, CORE_GATE(r29)
	srdi	r6, r6, GATE_SEQ_SHIFT
	cmpd	r5, r6
	blr
1:	cmpdi	r5, 1
	blr

/* Reported, with a vcpu: until the partition is loaded, or the run is called off. */
wait_open:
	ld	r5, CORE_GATE(r29)
	GATE_BITS r6, r5, GATE_EXITING_SHIFT
	bne	try_enter
	GATE_PHASE r6, r5
	cmpdi	r6, GATE_PHASE_ROLL
	bne	try_enter
	IMG_EA	r12, wait_open		/* the primary's bound on the roll call bounds this too */
	b	wait_on

/* A sibling without a vcpu naps in the image, so that one can join, at the longest until the slice ends. */
idle_nap:
	SET_STATE SMT_T_IDLE, r5
	/* only the bits that end a nap: on POWER7 others are the core's, and siblings may be in the guest */
	mfspr	r6, SPRN_LPCR
	ori	r5, r6, LPCR_PECE0 | LPCR_PECE1
	cmpd	r5, r6
	beq	2f
	mtspr	SPRN_LPCR, r5
	isync				/* arch: mtspr */
2:	bl	slice_end
	li	r6, SMT_SOON_TB
	cmpd	r5, r6
	bge	1f
	neg	r5, r5			/* over: those in the guest set the exit bits, soon or, if they are slow, later */
	cmpd	r5, r6
	mr	r5, r6
	ble	1f
	li	r5, SMT_RELAX_TB
1:	mtspr	SPRN_DEC, r5
	b	nap

/*
 * r5 = ticks until the time slice ends; SMT_RELAX_TB while it has not begun, so that who naps finds out when.
 * HDEC does not end a nap: DEC stands for it.  Clobbers r6.
 */
slice_end:
	mfspr	r5, SPRN_HDEC
	extsw	r5, r5
	ld	r6, CORE_SLICE(r29)
	cmpd	r5, r6
	blelr
	li	r5, SMT_RELAX_TB
	blr

wake_owned:
	ld	r5, SLOT_STATE(r31)
	cmpdi	r5, SMT_T_WAITING
	beq	wake_waiting
	ld	r12, SLOT_EVENT(r31)
	cmpdi	cr1, r12, 0
	cmpdi	r5, SMT_T_CEDED
	beq	wake_ceded
	ld	r5, SLOT_BIT(r31)
	cmpdi	r5, 1
	beq	wake_primary_idle
	bl	ack_ipi
	ld	r5, CORE_GATE(r29)
	GATE_BITS r6, r5, GATE_EXITING_SHIFT
	bne	leave_waiting
	bl	command
	bne	idle_nap
	li	r5, 0
	std	r5, SLOT_CMD(r31)
	b	try_enter

/* The primary without a vcpu of its own: entered and napping, woken by the host or by those who leave. */
primary_idle:
	li	r5, 0
	std	r5, SLOT_TRAP(r31)
	std	r5, SLOT_LOG_N(r31)
	ld	r5, SLOT_LPCR(r31)
	li	r6, 0
	oris	r6, r6, LPCR_DOORBELLS@h	/* for a vcpu that is not there: no reason */
	ori	r6, r6, LPCR_DOORBELLS@l
	andc	r5, r5, r6
	mtspr	SPRN_LPCR, r5
	isync				/* arch: mtspr */
	SET_STATE SMT_T_IDLE, r5
	li	r5, 1
	std	r5, SLOT_OWNED(r31)
	b	nap_primary_idle

wake_primary_idle:
	bne	cr1, 1f			/* r12: an event that is the host's */
	li	r12, 0
	ld	r5, CORE_GATE(r29)
	GATE_BITS r6, r5, GATE_EXITING_SHIFT
	bne	1f
	mfspr	r5, SPRN_HDEC
	extsw.	r5, r5
	li	r12, 0x980
	blt	1f
	ld	r5, SLOT_WAKE_SRR1(r31)
	WAKE_REASON r5
	cmpdi	r5, WAKE_DECREMENTER		/* not over yet */
	beq	nap_primary_idle
	li	r12, 0x500
1:	std	r12, SLOT_TRAP(r31)
	li	r5, 0
	std	r5, SLOT_OWNED(r31)
	bl	gate_exit
	SET_STATE SMT_T_SAVED, r5
	ld	r6, CORE_SEQ(r29)
	lwsync				/* litmus: saved-vcpu */
	std	r6, SLOT_SAVED(r31)
	b	primary_finish

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
	SET_STATE SMT_T_SAVED, r5
	ld	r6, CORE_SEQ(r29)
	lwsync				/* litmus: saved-vcpu */
	std	r6, SLOT_SAVED(r31)
	ld	r5, SLOT_BIT(r31)
	cmpdi	r5, 1
	beq	primary_finish
	b	leave_entered

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

nap_primary_idle:
	mfspr	r6, SPRN_HDEC
	mtspr	SPRN_DEC, r6

/* The sequence of Power ISA 2.07 Book III-S 3.3.2: all stores performed, then the instruction. */
nap:
	ptesync				/* arch: nap */
	ld	r5, SLOT_STATE(r31)
1:	cmpd	r5, r5
	bne	1b
	nap
	b	.

/* The guest's context is saved: back to what the host left, at once, whatever the others do. */
leave_entered:
	ld	r5, SLOT_OWN_LPIDR(r31)
	cmpdi	r5, 0
	beq	1f
	bl	partition_thread_host
1:	bl	host_restore
	bl	slb_load_host
	b	leave

/* The same for a thread that never entered: it only waited. */
leave_waiting:
	mfspr	r5, SPRN_LPCR
	ld	r6, SLOT_H_LPCR(r31)
	rlwimi	r5, r6, 0, 15, 19	/* PECEDP, PECEDH (POWER7 has 0 there), PECE0-2; the others were not changed */
	mtspr	SPRN_LPCR, r5
	isync				/* arch: mtspr */
	ld	r5, SLOT_H_DEC(r31)
	mtspr	SPRN_DEC, r5

/* Out of the run: an exit bit is set, and this thread has no guest context. */
leave:
	/* litmus: senders-exit senders-exit3 exit-bit */
	sync				/* the exit bit before both looks; partners: gate_exit, smt_send_ipi */
	HMT_LOW
	ld	r6, CORE_SEQ(r29)
1:	ld	r5, CORE_EXIT_SENT(r29)		/* bounded: a few stores of the thread that left first */
	cmpd	r5, r6
	bne	1b
2:	ld	r5, SLOT_SENDERS(r31)		/* bounded: senders have their interrupts off */
	cmpdi	r5, 0
	bne	2b
	HMT_MEDIUM
	lwsync				/* litmus: exit-sent senders-ack */
	bl	ack_ipi
	li	r5, 0
	std	r5, SLOT_CMD(r31)
	ld	r10, SLOT_BIT(r31)
	sldi	r10, r10, GATE_PRESENT_SHIFT
	li	r5, 0
	std	r5, SLOT_OWNED(r31)
	SET_STATE SMT_T_HOST, r5
	addi	r6, r29, CORE_GATE
	/* litmus: left */
	sync				/* all of ours before the present bit; partner: wait_left's isync */
1:	ldarx	r5, 0, r6
	andc	r5, r5, r10
	stdcx.	r5, 0, r6
	bne-	1b

left:
	ld	r5, SLOT_EVENT(r31)
	cmpdi	r5, 0
	bne	event_to_host

/*
 * Nap as the host's idle loop left it: its registers as the frame at paca->saved_r1 has them (the
 * loop trusts them when SRR1 says nothing was lost), HSPRG0 its paca.  r31, r29.
 */
nap_for_host:
	bl	host_idle_registers
	ptesync				/* arch: nap */
	ld	r5, 0(r1)
1:	cmpd	r5, r5
	bne	1b
	nap
	b	.

/* r13 = HSPRG0 = paca, r1, r2, r14-r31, LR', CR of the host's idle frame; LR is this call's. */
host_idle_registers:
	mflr	r12
	ld	r13, SLOT_PACA(r31)
	mtspr	SPRN_HSPRG0, r13
	ld	r5, CORE_PACA_SAVED_R1(r29)
	ldx	r1, r13, r5
	ld	r2, -8 * 1(r1)
	ld	r5, -8 * 21(r1)
	mtcr	r5
	.irp r, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\r, -8 * (\r - 12)(r1)
	.endr
	mtctr	r12
	ld	r5, -8 * 20(r1)
	mtlr	r5
	bctr

/*
 * Nobody of ours woke this thread, or it is so slow that its run is over: leave its interrupt alone, wait at this address until HRMOR is the
 * host's again, then go to the host's own vector, saying that the GPRs are lost, which they
 * are.  A command that arrives meanwhile is taken.
 */
stray:
	ld	r5, SLOT_STRAYS(r31)
	addi	r5, r5, 1
	std	r5, SLOT_STRAYS(r31)
stray_wait:
	SET_STATE SMT_T_STRAY, r5
	ld	r10, SLOT_BIT(r31)
	sldi	r10, r10, SMT_LIVE_STRAY_SHIFT
	addi	r11, r29, CORE_LIVE
	HMT_LOW
1:	ld	r5, SLOT_EVENT(r31)
	cmpdi	r5, 0
	bne	2f
	bl	command
	bne	2f
	ld	r5, SLOT_WAKE_SRR1(r31)
	rlwinm	r6, r5, 47 - 31, 30, 31
	cmpdi	r6, 3
	bne	called			/* not when the host has state to mend */
2:	ld	r5, CORE_LIVE(r29)
	andi.	r6, r5, SMT_LIVE
	bne	1b			/* bounded by the run, which HDEC bounds */
	/*
	 * As the host's wake-up code will, and before the stray bit: when the bit is seen and the host says
	 * IDLE the thread naps again.
	 */
	ld	r8, SLOT_PACA(r31)
	li	r6, KVM_HWTHREAD_IN_KERNEL
	stb	r6, SPACA_HWTHREAD_STATE(r8)
	lwsync				/* partner: strays_settled's smp_rmb; litmus: stray-state */
3:	ldarx	r5, 0, r11
	andi.	r6, r5, SMT_LIVE
	bne	5f
	or	r5, r5, r10
	stdcx.	r5, 0, r11
	bne-	3b
	b	6f
5:	li	r6, KVM_HWTHREAD_IN_IDLE	/* the next run has begun */
	stb	r6, SPACA_HWTHREAD_STATE(r8)
	b	1b
6:	isync				/* litmus: give-back */
	HMT_MEDIUM
	SET_STATE SMT_T_TO_HOST, r5
	ld	r13, SLOT_PACA(r31)
	mtspr	SPRN_HSPRG0, r13
	ld	r5, SLOT_WAKE_SRR0(r31)
	mtspr	SPRN_SRR0, r5
	ld	r5, SLOT_WAKE_SRR1(r31)
	rlwinm	r6, r5, 47 - 31, 30, 31
	cmpdi	r6, 3
	beq	3f
	lis	r6, 3			/* SRR1[46:47] = 10: GPRs lost */
	andc	r5, r5, r6
	oris	r5, r5, 2
3:	mtspr	SPRN_SRR1, r5
	li	r5, 0x100
	ld	r6, SLOT_EVENT(r31)
	cmpdi	r6, 0x200
	bne	4f
	mr	r5, r6
	ld	r6, SLOT_EVENT_DAR(r31)
	mtspr	SPRN_DAR, r6
	ld	r6, SLOT_EVENT_DSISR(r31)
	mtspr	SPRN_DSISR, r6
4:	li	r6, 0
	std	r6, SLOT_EVENT(r31)
	TOP_BITS r5
	mtctr	r5
	bctr

/* A sibling's reset, machine check or HMI: the host hears of it as of the end of a nap. */
#define SRR1_WAKE_HMI	0x0028
#define SRR1_WAKE_RESET	0x0010

event_to_host:
	mfmsr	r6
	cmpdi	r5, 0xe60
	oris	r7, r6, SRR1_WAKE_HMI
	beq	1f
	cmpdi	r5, 0x100
	oris	r7, r6, SRR1_WAKE_RESET
	beq	1f
	ld	r8, SLOT_EVENT_SRR1(r31)
	lis	r9, SRR1_NOT_MSR@h
	ori	r9, r9, SRR1_NOT_MSR@l
	and	r8, r8, r9
	or	r7, r6, r8
1:	lis	r8, SRR1_WAKE_STATE@h
	andc	r7, r7, r8
	oris	r7, r7, 2		/* 46:47 = 10 */
	std	r7, SLOT_WAKE_SRR1(r31)
	b	stray_wait

/*
 * Test flag: what hardware may lose in a nap is lost.  r29 and r4 are kept, which the vector has loaded
 * with constants.
 */
wake_trash:
	lis	r3, 0x6666
	ori	r3, r3, 0x6666
	mtlr	r3
	mtctr	r3
	mtcr	r3
	mtxer	r3
	mfspr	r6, SPRN_SRR1
	rlwinm	r5, r6, 47 - 31, 30, 31
	cmpdi	r5, 1
	bne	1f
	lis	r5, SRR1_WAKE_STATE@h
	andc	r6, r6, r5
	oris	r6, r6, 2
	mtspr	SPRN_SRR1, r6
1:	.irp r, 0,1,2,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,30,31
	mr	\r, r3
	.endr
	b	wake_trashed
