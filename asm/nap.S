/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Naps and wake-ups: siblings between host and run; cede.S has threads whose vcpu ceded, stray.S those that wake for nobody.
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
	b	thread_saved

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
