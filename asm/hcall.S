/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's system calls to the hypervisor that are answered here, with all threads in the guest.
 *
 * Whatever is more than that goes to virtual mode (hcall_virtual), with everything still as the guest left it: a handler
 * changes something only when it can do all of it.  Each has its virtual-mode twin in src/ with the same results; the module's
 * parameter "fast" (CORE_FAST) says which are used.
 *
 *	at a handler	r31 slot, r30 vcpu, r29 core; r4 = the guest's r4
 *	it ends by	b hcall_done	r3 = status; other results are in the vcpu
 *			b hcall_virtual
 */

/* By number / 4: SMT_FAST_* that must be set, handler; 0 0: vmlinux's, if it has one.  In ascending order. */
	.balign	8
hcall_table:
	.macro HCALL nr, fast, handler
	.org	hcall_table + (\nr / 4) * 8
	.long	\fast
	.long	IMG(\handler)
	.endm
	HCALL	H_SET_DABR,	SMT_FAST_DEBUG,	hcall_set_dabr
#ifdef CONFIG_KVM_XICS
	HCALL	H_EOI,		SMT_FAST_XICS,	hcall_eoi
	HCALL	H_CPPR,		SMT_FAST_XICS,	hcall_cppr
	HCALL	H_IPI,		SMT_FAST_XICS,	hcall_ipi
	HCALL	H_IPOLL,	SMT_FAST_XICS,	hcall_ipoll
	HCALL	H_XIRR,		SMT_FAST_XICS,	hcall_xirr
#endif
	HCALL	H_CEDE,		SMT_FAST_SLEEP,	hcall_cede
	HCALL	H_CONFER,	SMT_FAST_SLEEP,	hcall_confer
	HCALL	H_PROD,		SMT_FAST_SLEEP,	hcall_prod
	.org	hcall_table + IMG_HCALLS * 8

/* r9 = NIP, r10 = MSR of the guest */
exit_hcall:
	ld	r3, SV_GPR + 8 * 3(r30)
	andi.	r0, r10, MSR_PR
	bne	thread_exit
	andi.	r0, r3, 3
	bne	thread_exit
	cmpldi	r3, IMG_HCALLS * 4
	bge	thread_exit
	/* enabled for this VM? */
	ld	r5, CORE_KVM(r29)
	srdi	r6, r3, 2 + 6
	sldi	r6, r6, 3
	addi	r6, r6, SKVM_ENABLED_HCALLS@l
	addis	r5, r5, SKVM_ENABLED_HCALLS@ha
	ldx	r5, r5, r6
	extrdi	r6, r3, 6, 56		/* bit in the word: srd takes 7 bits of its count */
	srd	r5, r5, r6
	srdi	r6, r3, 2
	andi.	r0, r5, 1
	beq	thread_exit

	IMG_EA	r7, hcall_table
	ld	r8, CORE_FAST(r29)
	sldi	r5, r6, 3
	add	r7, r7, r5
	lwz	r5, 0(r7)
	cmpwi	r5, 0
	beq	hcall_vmlinux
	and.	r5, r5, r8
	beq	hcall_virtual
	lwz	r7, 4(r7)
	ld	r5, CORE_BASE(r29)
	add	r6, r7, r5
	mtctr	r6
	ld	r4, SV_GPR + 8 * 4(r30)
	bctr

hcall_done:
	std	r3, SV_GPR + 8 * 3(r30)
	b	resume_guest

hcall_virtual:
	li	r12, 0xc00
	b	thread_exit

/*
 * Handlers in vmlinux take (vcpu, r4, r5, r6, r7), leave results in the vcpu and return the status; 9999 (H_TOO_HARD)
 * goes to virtual mode.  All are of the hash table.  r6 = number / 4, r8 = CORE_FAST.
 */
hcall_vmlinux:
	andi.	r0, r8, SMT_FAST_HASH
	beq	hcall_virtual
	sldi	r10, r6, 3
	add	r6, r10, r29
	ld	r12, CORE_HCALL(r6)
	cmpdi	r12, 0
	beq	hcall_virtual
	/*
	 * The host works on this VM's page tables, which can take it seconds: virtual mode can wait for
	 * that, a thread in here would keep its whole core.  A hint only; see SLOT_IN_CALL.
	 */
	ld	r7, CORE_KVM(r29)
	addis	r7, r7, SKVM_MMU_LOCK@ha
	lwz	r7, SKVM_MMU_LOCK@l(r7)
	cmpwi	r7, 0
	bne	hcall_virtual
	mr	r3, r30
	.irp r, 4,5,6,7,8,9
	ld	\r, SV_GPR + 8 * \r(r30)
	.endr
	bl	enter_filter
	bne	hcall_virtual
	bl	call_vmlinux
	cmpdi	r3, H_TOO_HARD
	bne	hcall_done
	b	hcall_virtual

/*
 * cr0: ne when the hcall at r10 is one that vmlinux's real-mode H_ENTER does not check well enough: it
 * does not zero the page (H_ZERO_PAGE), and does not look whether a large page is aligned in the
 * process that backs it.  A 64 KiB page on a host with such pages always is.  r10 = offset in hcall[].
 * Clobbers r0, r11.
 */
enter_filter:
	cmpdi	r10, (H_ENTER / 4) * 8
	bne	2f
	rldicl.	r0, r4, 64 - 15, 63	/* H_ZERO_PAGE */
	bnelr
	andi.	r0, r6, SHPTE_V_LARGE
	beqlr
#ifdef CONFIG_PPC_64K_PAGES
	extrdi	r11, r7, 4, 48		/* LP: 1 and 7 are 64 KiB, the latter in a 4 KiB segment */
	cmpdi	r11, 1
	beqlr
	cmpdi	r11, 7
#endif
	blr
2:	cmpd	r10, r10
	blr

/* --- one another's vcpu --- */

/*
 * The vcpu of this run with the id r4: r3 = the vcpu, r5 = its thread, r8 = that thread's bit, cr0 eq; ne when there is none.
 * It stays until all threads have left: a slot's vcpu is set before the run or by a join, and cleared by no thread.
 * Clobbers r0, r6, r7.
 */
find_vcpu:
	li	r5, 0
	li	r8, 1
1:	SLOT_OF r6, r5
	ld	r3, SLOT_VCPU(r6)
	cmpdi	r3, 0
	beq	2f
	lwz	r0, SV_VCPU_ID(r3)
	cmpd	r0, r4
	beqlr
2:	addi	r5, r5, 1
	sldi	r8, r8, 1
	cmpdi	r5, 8
	blt	1b
	cmpdi	r5, 0
	blr

/*
 * cr0: ne when thread r5 can be poked: a sibling by XICS IPI, the primary, whose XICS interrupts are the host's, by a
 * hypervisor doorbell, which POWER7 has not.  Clobbers r6.
 */
can_poke:
	cmpdi	r5, 0
	bnelr
	ld	r6, CORE_FLAGS(r29)
	andi.	r6, r6, SMT_F_207
	blr

/*
 * Have thread r5, bit r8, look at what waits for its vcpu, which is stored already.  None when the run ends: then what
 * waits is seen by C.  POWER8's msgsnd reaches threads of the core only.  Clobbers r0, r3, r6, r7, r9-r11.
 */
poke:
	mflr	r3
	cmpdi	r5, 0
	beq	1f
	li	r7, 0xff
	sldi	r7, r7, GATE_EXITING_SHIFT
	bl	send_held
	mtlr	r3
	blr
1:	ld	r6, CORE_FLAGS(r29)
	andi.	r6, r6, SMT_F_207
	beq	2f
	sync				/* what waits, before the look at the exit bits; litmus: kick-in-run */
	ld	r6, CORE_GATE(r29)
	GATE_BITS r6, r6, GATE_EXITING_SHIFT
	bne	2f
	li	r6, 1
	std	r6, CORE_POKED(r29)
	/* litmus: ipi-ack */
	sync				/* what waits, and CORE_POKED, before the doorbell; partner: exit_doorbell, wake_ceded */
	lis	r6, DBELL_MSG@h
	PPC_MSGSND(6)
2:	mtlr	r3
	blr

/* H_PROD (PAPR 14.11.3.4) of a vcpu in this run: its H_CEDE ends, or its next one does nothing. */
hcall_prod:
	bl	find_vcpu
	bne	hcall_virtual
	bl	can_poke
	beq	hcall_virtual
	/* litmus: prod-flag */
	sync				/* what the guest stored, before its prod; partner: ceded_resume, cede_not */
	li	r6, 1
	stb	r6, SV_PRODDED(r3)
	/* litmus: nap-lost-wakeup */
	sync				/* prodded before the look at the nap bit; partner: hcall_cede, ceded_resume */
	ld	r6, CORE_GATE(r29)
	sldi	r7, r8, GATE_NAPPING_SHIFT
	and.	r0, r6, r7
	beq	1f
	bl	poke
1:	li	r3, H_SUCCESS
	b	hcall_done

/* H_CONFER to a vcpu in this run: it runs when the caller does, there is nothing to do. */
hcall_confer:
	bl	find_vcpu
	bne	hcall_virtual
	li	r3, H_SUCCESS
	b	hcall_done

#ifdef CONFIG_KVM_XICS
/*
 * --- XICS (PAPR 11, "Interrupt Source Controller", and 14.11.1) ---
 *
 * kvm.ko's device keeps the presentation of each server in one word, changed by compare and swap; the word is described
 * in include/xics_icp.h.  Here the same is done by larx/stcx., for what is the presentation's alone: interrupts that must be
 * given back to their source, or presented anew, are virtual mode's.
 */

/* \r = field \f of the state \s, 8 bits */
.macro ICP_GET8 r, s, f
	extrdi	\r, \s, 8, (63 - 7 - \f)
.endm
.macro ICP_PUT8 s, r, f
	rldimi	\s, \r, \f, (63 - 7 - \f)
.endm

/* cr0: ne when bit \f of the state \s is set.  Clobbers r0. */
.macro ICP_BIT s, f
	rldicl.	r0, \s, (64 - \f) & 63, 63
.endm

/* r4 = the state of the vcpu's own presentation; one without goes to virtual mode */
.macro OWN_ICP
	ld	r4, SV_ICP(r30)
	cmpdi	r4, 0
	beq	hcall_virtual
	addi	r4, r4, ICP_STATE
.endm

/*
 * Output of the state r5: cr0 ne, and its bit set, when an interrupt is to be signalled to the processor.
 * Clobbers r0, r6, r7.
 */
icp_output:
	li	r0, 0
	extrdi	r6, r5, 32, (63 - 31 - ICP_XISR)
	cmpdi	r6, 0
	beq	1f
	ICP_GET8 r6, r5, ICP_PRIO
	ICP_GET8 r7, r5, ICP_CPPR
	cmpd	r6, r7
	bge	1f
	li	r0, 1
1:	rldimi	r5, r0, ICP_OUT_EE, 63 - ICP_OUT_EE
	cmpdi	r0, 0
	blr

/*
 * Does the MFRR, r8, of state r5 present an IPI when the CPPR is r9?  Then it is in the state.  cr0: eq when an interrupt
 * of a source would be displaced.  Clobbers r0, r6.
 */
icp_check_ipi:
	cmpd	r8, r9
	bge	1f
	ICP_GET8 r6, r5, ICP_PRIO
	cmpd	r8, r6
	bgt	1f
	extrdi	r6, r5, 32, (63 - 31 - ICP_XISR)
	cmpdi	r6, 0
	beq	2f
	cmpdi	r6, ICP_XISR_IPI
	bne	3f
2:	ICP_PUT8 r5, r8, ICP_PRIO
	li	r6, ICP_XISR_IPI
	rldimi	r5, r6, ICP_XISR, (63 - 31 - ICP_XISR)
1:	li	r0, 1
	cmpdi	r0, 0			/* ne */
	blr
3:	cmpd	r6, r6			/* eq */
	blr

/* The external interrupt waits for vcpu r3.  Clobbers r0, r6, r7. */
queue_external:
	addi	r6, r3, SV_PENDING
	li	r7, 1
	sldi	r7, r7, PENDING_EXT_BIT
1:	ldarx	r0, 0, r6
	or	r0, r0, r7
	stdcx.	r0, 0, r6
	bne-	1b
	blr

/*
 * No external interrupt waits for this vcpu, unless the state that is read after this says so again.  Clobbers r0,
 * r6, r7.
 */
unqueue_external:
	ld	r0, SV_PENDING(r30)
	li	r7, 1
	sldi	r7, r7, PENDING_EXT_BIT
	and.	r0, r0, r7
	beqlr
	addi	r6, r30, SV_PENDING
1:	ldarx	r0, 0, r6
	andc	r0, r0, r7
	stdcx.	r0, 0, r6
	bne-	1b
	/* litmus: xics-unqueue */
	sync				/* the bit before the state; partner: kvm.ko's cmpxchg of the state, before its set_bit */
	blr

/* H_XIRR: r4 = CPPR and source of the interrupt, which is accepted: the CPPR becomes its priority. */
hcall_xirr:
	OWN_ICP
	bl	unqueue_external
1:	ldarx	r5, 0, r4
	extrdi	r6, r5, 32, (63 - 31 - ICP_XISR)
	ICP_GET8 r7, r5, ICP_CPPR
	sldi	r7, r7, 24
	or	r8, r6, r7
	cmpdi	r6, 0
	beq	2f
	ICP_GET8 r7, r5, ICP_PRIO
	ICP_PUT8 r5, r7, ICP_CPPR
	li	r7, 0xff
	ICP_PUT8 r5, r7, ICP_PRIO
	li	r6, 0
	rldimi	r5, r6, ICP_XISR, (63 - 31 - ICP_XISR)
	rldimi	r5, r6, ICP_OUT_EE, 63 - ICP_OUT_EE
	stdcx.	r5, 0, r4
	bne-	1b
2:	std	r8, SV_GPR + 8 * 4(r30)
	li	r3, H_SUCCESS
	/* litmus: xics-ipi */
	lwsync				/* accepted, before what the interrupt tells; partner: hcall_ipi */
	b	hcall_done

/* H_EOI of an IPI, which has no source: the CPPR of before. */
hcall_eoi:
	clrldi	r6, r4, 40
	cmpdi	r6, ICP_XISR_IPI
	bne	hcall_virtual
	extrdi	r9, r4, 8, 32
	OWN_ICP
1:	ldarx	r5, 0, r4
	ICP_BIT	r5, ICP_NEED_RESEND	/* rejected before, to be presented again: virtual mode's */
	bne	hcall_virtual
	ICP_PUT8 r5, r9, ICP_CPPR
	ICP_GET8 r8, r5, ICP_MFRR_FIELD
	bl	icp_check_ipi
	beq	hcall_virtual
	bl	icp_output
	stdcx.	r5, 0, r4
	bne-	1b
	ICP_BIT	r5, ICP_OUT_EE
	beq	2f
	mr	r3, r30
	bl	queue_external
2:	li	r3, H_SUCCESS
	b	hcall_done

/* H_CPPR(r4).  More favoured than a pending interrupt of a source: that is to be rejected, by virtual mode. */
hcall_cppr:
	cmpldi	r4, 0xff
	bgt	hcall_virtual
	mr	r9, r4
	OWN_ICP
	ld	r5, 0(r4)
	ICP_GET8 r6, r5, ICP_CPPR	/* only this vcpu changes it */
	cmpd	r9, r6
	beq	4f
	bl	unqueue_external
1:	ldarx	r5, 0, r4
	ICP_GET8 r6, r5, ICP_CPPR
	cmpd	r9, r6
	ICP_PUT8 r5, r9, ICP_CPPR
	blt	2f
	ICP_BIT	r5, ICP_NEED_RESEND	/* rejected before, to be presented again: virtual mode's */
	bne	5f
	ICP_GET8 r8, r5, ICP_MFRR_FIELD
	bl	icp_check_ipi
	beq	5f
2:	ICP_GET8 r6, r5, ICP_PRIO
	cmpd	r9, r6
	bgt	3f
	extrdi	r6, r5, 32, (63 - 31 - ICP_XISR)
	cmpdi	r6, 0
	beq	6f
	cmpdi	r6, ICP_XISR_IPI
	bne	5f
6:	li	r6, 0
	rldimi	r5, r6, ICP_XISR, (63 - 31 - ICP_XISR)
	li	r6, 0xff
	ICP_PUT8 r5, r6, ICP_PRIO
3:	bl	icp_output
	stdcx.	r5, 0, r4
	bne-	1b
	ICP_BIT	r5, ICP_OUT_EE
	beq	4f
	mr	r3, r30
	bl	queue_external
4:	li	r3, H_SUCCESS
	b	hcall_done
	/* what was pending still is */
5:	ld	r5, 0(r4)
	ICP_BIT	r5, ICP_OUT_EE
	beq	hcall_virtual
	mr	r3, r30
	bl	queue_external
	b	hcall_virtual

/*
 * The presentation of the server r4, if it is one of this run: r3 = its vcpu, r9 = its state's address, r5 = its thread, r8 =
 * that one's bit, cr0 eq; ne when there is none.  Clobbers r0, r6.
 */
find_server:
	li	r5, 0
	li	r8, 1
1:	SLOT_OF r6, r5
	ld	r3, SLOT_VCPU(r6)
	cmpdi	r3, 0
	beq	2f
	ld	r9, SV_ICP(r3)
	cmpdi	r9, 0
	beq	2f
	ld	r0, ICP_SERVER(r9)
	addi	r9, r9, ICP_STATE
	cmpd	r0, r4
	beqlr
2:	addi	r5, r5, 1
	sldi	r8, r8, 1
	cmpdi	r5, 8
	blt	1b
	cmpdi	r5, 0
	blr

/* H_IPI(r4 server, r5 MFRR) */
hcall_ipi:
	ld	r26, SV_GPR + 8 * 5(r30)
	cmpldi	r26, 0xff
	bgt	hcall_virtual
	OWN_ICP
	ld	r4, SV_GPR + 8 * 4(r30)
	bl	find_server
	bne	hcall_virtual
	bl	can_poke
	bne	1f
	cmpd	r3, r30
	bne	hcall_virtual
1:	mr	r4, r9
	mr	r27, r5
	mr	r10, r8
	/* litmus: xics-ipi */
	lwsync				/* what the guest stored, before its IPI; partner: hcall_xirr, kvm.ko's cmpxchg */
2:	ldarx	r5, 0, r4
	ICP_GET8 r8, r5, ICP_MFRR_FIELD
	cmpd	r26, r8
	ble	3f
	ICP_BIT	r5, ICP_NEED_RESEND	/* rejected before, to be presented again: virtual mode's */
	bne	hcall_virtual
3:	ICP_PUT8 r5, r26, ICP_MFRR_FIELD
	mr	r8, r26
	ICP_GET8 r9, r5, ICP_CPPR
	bl	icp_check_ipi
	beq	hcall_virtual
	bl	icp_output
	stdcx.	r5, 0, r4
	bne-	2b
	ICP_BIT	r5, ICP_OUT_EE
	beq	4f
	/* litmus: xics-unqueue */
	sync				/* the state before the bit; partner: unqueue_external */
	bl	queue_external
	cmpd	r3, r30
	beq	4f
	mr	r5, r27
	mr	r8, r10
	bl	poke			/* its sync is between the bit and the IPI */
4:	li	r3, H_SUCCESS
	b	hcall_done

/* H_IPOLL(r4 server): r4 = CPPR and source, r5 = MFRR */
hcall_ipoll:
	ld	r5, SV_ICP(r30)
	cmpdi	r5, 0
	beq	hcall_virtual
	bl	find_server
	bne	hcall_virtual
	ld	r5, 0(r9)
	extrdi	r6, r5, 32, (63 - 31 - ICP_XISR)
	ICP_GET8 r7, r5, ICP_CPPR
	sldi	r7, r7, 24
	or	r6, r6, r7
	std	r6, SV_GPR + 8 * 4(r30)
	ICP_GET8 r7, r5, ICP_MFRR_FIELD
	std	r7, SV_GPR + 8 * 5(r30)
	li	r3, H_SUCCESS
	b	hcall_done

#endif /* CONFIG_KVM_XICS */

/* --- breakpoints --- */

/*
 * H_SET_DABR(r4) on a POWER8: the guest's DABR in the DAWR, see set_dabr_in_dawr() in src/hcall_debug.c.  POWER7's DABR is
 * set by virtual mode.
 */
hcall_set_dabr:
	ld	r5, CORE_FLAGS(r29)
	andi.	r5, r5, SMT_F_207
	beq	hcall_virtual
	li	r6, DAWRX_USER | DAWRX_KERNEL
	rlwimi	r6, r4, 5, 25, 26	/* DABR: loads 1, stores 2; DAWRX: 1 << 5, 1 << 6 */
	rlwimi	r6, r4, 2, 27, 27	/* translation 4; 1 << 4 */
	clrrdi	r4, r4, 3
	std	r4, SV_R_DAWR0(r30)
	std	r6, SV_R_DAWRX0(r30)
	mtspr	SPRN_DAWR0, r4
	mtspr	SPRN_DAWRX0, r6
	isync				/* arch: mtspr */
	li	r3, H_SUCCESS
	b	hcall_done
