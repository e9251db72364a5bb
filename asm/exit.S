/* SPDX-License-Identifier: GPL-2.0-only */
/* Out of the guest: from a vector to the host, or back in. */

/* r13 = slot, r12 = vector (+ 1: HSRR0/1), guest r13 in HSPRG1, r12, r11, CTR in the slot. */
	.globl	smt_rm_guest_exit
smt_rm_guest_exit:
	mfcr	r11
	std	r11, SLOT_CR(r13)
	ld	r11, SLOT_IN_GUEST(r13)
	cmpdi	r11, 0
	beq	bad_trap
	/* not quite in the guest yet, or an interrupt of this code itself? */
	andi.	r11, r12, 1
	mfspr	r11, SPRN_HSRR1
	bne	1f
	mfspr	r11, SPRN_SRR1
1:	rldicl.	r11, r11, 64 - MSR_HV_LG, 63
	bne	bad_trap
	ld	r11, SLOT_VCPU(r13)
	.irp r, 0,1,2,3,4,5,6,7,8,9,10,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	\r, SV_GPR + 8 * \r(r11)
	.endr
	mr	r31, r13
	mr	r30, r11
	ld	r29, SLOT_CORE(r31)
	ld	r1, SLOT_STACK(r31)
	mfmsr	r5
	rldicl.	r5, r5, 64 - MSR_TS_S_LG, 62
	bne	reclaim
reclaimed:
	mfspr	r5, SPRN_PPR
	std	r5, SV_PPR(r30)
	HMT_MEDIUM
	ld	r5, SLOT_R11(r31)
	std	r5, SV_GPR + 8 * 11(r30)
	ld	r5, SLOT_R12(r31)
	std	r5, SV_GPR + 8 * 12(r30)
	mfspr	r5, SPRN_HSPRG1
	std	r5, SV_GPR + 8 * 13(r30)
	ld	r5, SLOT_CTR(r31)
	std	r5, SV_CTR(r30)
	ld	r5, SLOT_CR(r31)
	std	r5, SV_CR(r30)
	mflr	r5
	std	r5, SV_LR(r30)
	mfxer	r5
	std	r5, SV_XER(r30)
	ld	r5, SLOT_CFAR(r31)
	std	r5, SV_CFAR(r30)
	li	r5, 0
	std	r5, SLOT_IN_GUEST(r31)

	andi.	r0, r12, 1
	beq	1f
	mfspr	r9, SPRN_HSRR0
	mfspr	r10, SPRN_HSRR1
	b	2f
1:	mfspr	r9, SPRN_SRR0
	mfspr	r10, SPRN_SRR1
2:	lis	r5, SRR1_NOT_MSR@h
	ori	r5, r5, SRR1_NOT_MSR@l
	andc	r5, r10, r5
	std	r9, SV_NIP(r30)
	std	r5, SV_MSR(r30)
	rlwinm	r12, r12, 0, 0, 26

	/* r9 = NIP, r10 = (H)SRR1, r12 = vector */
	srdi	r6, r12, 3
	IMG_EA	r5, exit_table
	lwzx	r6, r5, r6
	ld	r5, CORE_BASE(r29)
	add	r6, r6, r5
	mtctr	r6
	bctr

/*
 * The guest has set MSR[TS] by rfid, although it is not granted transactions: no return from an interrupt is
 * allowed in that state.  treclaim. ends it and loads all problem state registers from a checkpoint that
 * nobody took; GPR, CR, LR, CTR and XER of the guest are saved already or, like PPR, its own loss (2.07 Book III-S
 * 3.2.2; not run, the emulator has no transactional state).
 */
reclaim:
	mflr	r5
	std	r5, SV_LR(r30)
	mfxer	r5
	std	r5, SV_XER(r30)
	std	r12, SLOT_WAKE_VEC(r31)
	mfmsr	r5
	li	r6, 1
	rldimi	r5, r6, MSR_TM_LG, 63 - MSR_TM_LG
	mtmsrd	r5
	TRECLAIM(R0)
	mfspr	r31, SPRN_HSPRG0
	ld	r30, SLOT_VCPU(r31)
	ld	r29, SLOT_CORE(r31)
	ld	r1, SLOT_STACK(r31)
	mfmsr	r5
	li	r6, 0
	rldimi	r5, r6, MSR_TM_LG, 63 - MSR_TM_LG
	mtmsrd	r5
	ld	r5, SV_LR(r30)
	mtlr	r5
	ld	r5, SV_XER(r30)
	mtxer	r5
	ld	r12, SLOT_WAKE_VEC(r31)
	b	reclaimed

/* One word for each 0x20 of the vectors: where in the image the exit is handled. */
	.balign	4
exit_table:
	.set	vec, 0
	.rept	0x1900 / 0x20
	.if	vec == 0x500
	.long	IMG(exit_external)
	.elseif	vec == 0x100 || vec == 0x200 || vec == 0xe60
	.long	IMG(exit_event)
	.elseif	vec == 0x980
	.long	IMG(exit_decrementer)
	.elseif	vec == 0xc00
	.long	IMG(exit_hcall)
	.elseif	vec == 0xe00
	.long	IMG(exit_data_storage)
	.elseif	vec == 0xe20
	.long	IMG(exit_instr_storage)
	.elseif	vec == 0xe40
	.long	IMG(exit_emulation)
	.elseif	vec == 0xe80
	.long	IMG(exit_doorbell)
	.elseif	vec == 0x1500
	.long	IMG(exit_denormal)
	.else
	.long	IMG(thread_exit)
	.endif
	.set	vec, vec + 0x20
	.endr

/*
 * System reset, machine check, hypervisor maintenance: the host's to handle, with its own code.  All leave;
 * the primary then enters the host's vector as if the interrupt had come where smt_image_call()
 * returns (back_to_c), a sibling as if it had ended its nap (event_to_host).  Not run here but for the
 * system reset: the emulator injects none of the others.
 */
exit_event:
	std	r10, SLOT_EVENT_SRR1(r31)
	mfspr	r5, SPRN_DAR
	std	r5, SLOT_EVENT_DAR(r31)
	mfspr	r5, SPRN_DSISR
	std	r5, SLOT_EVENT_DSISR(r31)
	std	r12, SLOT_EVENT(r31)
	b	thread_exit

/*
 * An external interrupt: on a sibling it can only be ours, on the primary it may be any of the
 * host's, which stays in the interrupt controller for the host to take.
 */
exit_external:
	ld	r5, SLOT_BIT(r31)
	cmpdi	r5, 1
	beq	1f
	bl	ack_ipi
	b	resume_guest		/* looks at the exit bits and at what waits for the vcpu */
	/*
	 * When the interrupt controller, polled, presents none of the host's it was LPCR[MER]: the guest can take its own interrupt
	 * now, or it is gone and resume_guest clears MER (reasoned: the emulator has no MER).
	 */
1:	ld	r5, SLOT_ICP(r31)
	li	r7, ICP_XIRR_POLL
	lwzcix	r6, r5, r7
	bl	xisr
	beq	resume_guest
	b	thread_exit

/*
 * A hypervisor doorbell.  Threads of this core poke the primary so (poke, hcall.S); the host's own come from threads that
 * are offline now, but one can have been on its way when the core was taken over: after a run with a poke C gives the host one.
 */
exit_doorbell:
	ld	r5, CORE_POKED(r29)
	cmpdi	r5, 0
	beq	thread_exit
	/* litmus: ipi-ack */
	sync				/* the doorbell before the look at what waits; partner: poke's */
	b	resume_guest

/* The host's time slice.  The emulator latches the edge in each thread: an old one is not the end. */
exit_decrementer:
	mfspr	r5, SPRN_HDEC
	extsw.	r5, r5
	blt	thread_exit
	b	resume_guest

exit_emulation:
	mfspr	r5, SPRN_HEIR
	.if	SV_HEIR_SIZE == 8
	std	r5, SV_HEIR(r30)
	.else
	stw	r5, SV_HEIR(r30)
	.endif
	b	thread_exit

/*
 * 0x1500 with HSRR1[denorm]: an operand is denormal and the unit cannot use it as it stands in the
 * register.  A copy of each register normalises its form; then the instruction runs again (POWER7
 * and POWER8 user manuals; not run here, the emulator has no such interrupt).
 */
exit_denormal:
	andis.	r0, r10, 0x0010
	beq	thread_exit
	bl	fp_on
	.set	vsr, 0
	.rept	32
	xvcpsgndp vsr, vsr, vsr
	.set	vsr, vsr + 1
	.endr
	ld	r5, CORE_FLAGS(r29)
	andi.	r5, r5, SMT_F_207
	beq	2f
	.rept	32
	xvcpsgndp vsr, vsr, vsr
	.set	vsr, vsr + 1
	.endr
2:	addi	r9, r9, -4
	std	r9, SV_NIP(r30)
	b	resume_guest

/*
 * Storage interrupts.  vmlinux's kvmppc_hpte_hv_fault(vcpu, ea, slb_v, dsisr, data) looks into the
 * HPT: 0 the instruction may run again, -1 the kernel's page fault, -2 MMIO, positive: the guest's
 * own fault with that DSISR.  Without a segment, or without the function, C does it.
 */
exit_data_storage:
	mfspr	r4, SPRN_HDAR
	mfspr	r6, SPRN_HDSISR
	std	r4, SV_FAULT_DAR(r30)
	stw	r6, SV_FAULT_DSISR(r30)
	li	r7, 1
	andi.	r0, r10, MSR_DR
	li	r11, 0x300
	b	storage
exit_instr_storage:
	mr	r4, r9
	lis	r6, (SRR1_ISI_NOPT | SRR1_ISI_N_G_OR_CIP | SRR1_ISI_PROT | DSISR_KEYFAULT)@h
	and	r6, r10, r6
	std	r4, SV_FAULT_DAR(r30)
	stw	r6, SV_FAULT_DSISR(r30)
	li	r7, 0
	andi.	r0, r10, MSR_IR
	li	r11, 0x400
storage:
	mfspr	r3, SPRN_AMR		/* storage keys are judged by the vcpu's copy */
	std	r3, SV_R_AMR(r30)
	ld	r3, CORE_KVM(r29)
	ld	r5, SKVM_VRMA_SLB_V(r3)
	beq	1f
	clrrdi	r0, r4, 28
	slbfee.	r5, r0
	bne	thread_exit		/* no segment any more */
1:	std	r5, SV_FAULT_GPA(r30)
	mr	r27, r11
	mr	r3, r30
	ld	r12, CORE_FN_HPTE_FAULT(r29)
	cmpdi	r12, 0
	beq	2f
	ld	r0, CORE_FAST(r29)
	andi.	r0, r0, SMT_FAST_FAULT
	beq	2f
	bl	call_vmlinux
	cmpdi	r3, 0
	beq	resume_guest
	blt	3f
	/* the guest's own */
	cmpdi	r27, 0x300
	ld	r9, SV_NIP(r30)
	ld	r10, SV_MSR(r30)
	mtspr	SPRN_SRR0, r9
	bne	4f
	ld	r5, SV_FAULT_DAR(r30)
	mtspr	SPRN_DAR, r5
	mtspr	SPRN_DSISR, r3
	mtspr	SPRN_SRR1, r10
	b	5f
4:	or	r5, r10, r3
	mtspr	SPRN_SRR1, r5
5:	ld	r8, SLOT_LPCR(r31)
	mr	r9, r27
	bl	guest_handler
	b	resume_guest
2:
3:	cmpdi	r27, 0x300
	li	r12, 0xe00
	beq	thread_exit
	li	r12, 0xe20
	b	thread_exit

/*
 * This thread leaves the run.  r12 = vector, 0: only because others leave.  r31, r30.  The first one
 * out calls the others; when it is the host's time slice (0x980) all come by themselves, those that nap
 * by the decrementer (slice_end).
 */
thread_exit:
	std	r12, SLOT_TRAP(r31)
	stw	r12, SV_TRAP(r30)
	bl	log_time
thread_exit_logged:
	bl	gate_exit
	bl	guest_save

/* The exit bit is set, and no guest context is left on this thread: say so, then out of the run. */
thread_saved:
	SET_STATE SMT_T_SAVED, r5
	ld	r6, CORE_SEQ(r29)
	/* litmus: saved-vcpu */
	lwsync				/* the vcpu before SAVED; partner: wait_saved's sync */
	std	r6, SLOT_SAVED(r31)
	ld	r5, SLOT_BIT(r31)
	cmpdi	r5, 1
	beq	primary_finish
	b	leave_entered

/*
 * Set this thread's exit bit, clear its nap bit.  The first one calls the others, also those that have no vcpu
 * but for CORE_HOME, then says so in CORE_EXIT_SENT.  Clobbers r0, r3-r10.
 */
gate_exit:
	mflr	r28
	ld	r10, SLOT_BIT(r31)
	sldi	r7, r10, GATE_NAPPING_SHIFT
	sldi	r8, r10, GATE_EXITING_SHIFT
	addi	r6, r29, CORE_GATE
	lwsync				/* litmus: exit-bit */
1:	ldarx	r5, 0, r6
	mr	r9, r5
	andc	r5, r5, r7
	or	r5, r5, r8
	stdcx.	r5, 0, r6
	bne-	1b
	sync				/* litmus: exit-ipi */
	mtlr	r28
	GATE_BITS r5, r9, GATE_EXITING_SHIFT
	bnelr				/* not the first */
	clrldi	r3, r9, 56
	GATE_BITS r6, r9, GATE_PRESENT_SHIFT
	andc	r6, r6, r3		/* called, not entered */
	ld	r5, CORE_HOME(r29)
	andc	r6, r6, r5		/* but who only reported naps for the host */
	ld	r5, SLOT_TRAP(r31)
	std	r5, CORE_FIRST_TRAP(r29)
	cmpdi	r5, 0x980
	beq	3f
	or	r3, r3, r6
	andc.	r3, r3, r10
	beq	3f
	popcntd	r5, r3
	std	r5, CORE_EXIT_IPIS(r29)
	bl	send_ipis
	sync				/* the IPIs before EXIT_SENT; partner: leave; litmus: exit-sent */
3:	ld	r5, CORE_SEQ(r29)
	std	r5, CORE_EXIT_SENT(r29)
	mtlr	r28
	blr

/* r8 = the source in r6, an XIRR as loaded from the controller, which is big-endian; cr0 compares it with 0 */
xisr:
#ifdef __LITTLE_ENDIAN__
	rotlwi	r8, r6, 8
	rlwimi	r8, r6, 24, 0, 7
	rlwimi	r8, r6, 24, 16, 23
	clrlwi	r8, r8, 8
#else
	clrlwi	r8, r6, 8
#endif
	cmpwi	r8, 0
	blr

/*
 * Take and finish the IPI, if there is one.  Siblings only: a secondary that is offline has no
 * interrupts but IPIs.  What the IPI announces is loaded after this (I4).  Clobbers r5-r8.
 */
ack_ipi:
	ld	r5, SLOT_ICP(r31)
	li	r6, ICP_MFRR_NONE
	li	r7, ICP_MFRR
	stbcix	r6, r5, r7
	eieio				/* arch: ci */
	li	r7, ICP_XIRR
	lwzcix	r6, r5, r7
	mflr	r7
	bl	xisr
	mtlr	r7
	li	r7, ICP_XIRR
	beq	1f
	stwcix	r6, r5, r7
	cmpwi	r8, ICP_XISR_IPI
	addi	r8, r31, SLOT_IPIS
	beq	0f
	addi	r8, r31, SLOT_FOREIGN_IRQS
0:	ld	r6, 0(r8)
	addi	r6, r6, 1
	std	r6, 0(r8)
	/* litmus: ipi-ack ipi-command exit-ipi */
1:	sync				/* partner: the sync before every send_ipis, xics_wake_cpu's */
	blr

/*
 * An interrupt this code cannot take, at a place where it holds no guest: keep the evidence, and
 * stop this thread.  The primary's wait for it expires and C tells.
 */
bad_trap:
	std	r12, SLOT_BAD_TRAP(r13)
	andi.	r11, r12, 1
	beq	1f
	mfspr	r11, SPRN_HSRR0
	std	r11, SLOT_BAD_NIP(r13)
	mfspr	r11, SPRN_HSRR1
	std	r11, SLOT_BAD_MSR(r13)
	b	2f
1:	mfspr	r11, SPRN_SRR0
	std	r11, SLOT_BAD_NIP(r13)
	mfspr	r11, SPRN_SRR1
	std	r11, SLOT_BAD_MSR(r13)
2:	mflr	r11
	std	r11, SLOT_BAD_LR(r13)
	mr	r31, r13
	ld	r29, SLOT_CORE(r31)
	ld	r1, SLOT_STACK(r31)
	li	r5, 0
	std	r5, SLOT_IN_CALL(r31)	/* it does not come back from there */
	std	r5, SLOT_TRAP(r31)
	SET_STATE SMT_T_DEAD, r5
	ld	r5, SLOT_BIT(r31)
	cmpdi	r5, 1
	bne	3f
	/* the siblings must be out of the guest before the partition is the host's, even if only to stop */
	bl	gate_exit
	ld	r5, CORE_SEQ(r29)
	std	r5, SLOT_SAVED(r31)
	b	primary_finish
3:	sync				/* arch: stop */
	HMT_LOW
4:	b	4b
