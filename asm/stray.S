/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strays: wake-ups of siblings that are the host's, and events that a nap's end brought for it.
 */

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
