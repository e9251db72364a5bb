/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a core has once, and LPIDR, SDR1, PCR, which it has once on hardware but the emulator
 * has in each thread: every thread reads, compares and writes only what differs.
 */

/* LPIDR, SDR1, PCR := r8, r9, r10.  Clobbers r5-r7.  The order is reserved LPID, SDR1, LPID. */
partition_thread:
	mfspr	r5, SPRN_LPID
	mfspr	r6, SPRN_SDR1
	cmpd	r5, r8
	cmpd	cr1, r6, r9
	crand	eq, eq, cr1*4+eq
	beq	1f
	ptesync
	ld	r7, CORE_LPID_RSVD(r29)
	mtspr	SPRN_LPID, r7
	isync
	mtspr	SPRN_SDR1, r9
	mtspr	SPRN_LPID, r8
	isync
1:	mfspr	r5, SPRN_PCR
	cmpd	r5, r10
	beqlr
	mtspr	SPRN_PCR, r10
	isync
	blr

partition_thread_guest:
	ld	r8, CORE_LPID(r29)
	ld	r9, CORE_SDR1(r29)
	ld	r10, CORE_PCR(r29)
	b	partition_thread

partition_thread_host:
	ld	r8, SLOT_H_LPID(r31)
	ld	r9, SLOT_H_SDR1(r31)
	ld	r10, CORE_HOST_PCR(r29)
	b	partition_thread

/* The core becomes the guest's.  Primary only, after the roll call, before phase OPEN. */
partition_load:
	mflr	r28
	bl	partition_thread_guest

	/* kvmppc_check_need_tlb_flush(kvm, pcpu): LPIDR must be the guest's */
	ld	r12, CORE_FN_TLB_FLUSH(r29)
	ld	r3, CORE_KVM(r29)
	cmpdi	r3, 0
	beq	1f
	ld	r4, CORE_PCPU(r29)
	li	r5, 0			/* a third argument in older kernels: not nested */
	bl	call_vmlinux
1:	bl	hdec_max
	ld	r3, CORE_TB_OFFSET(r29)
	bl	tb_add
	ld	r5, CORE_FLAGS(r29)
	andi.	r5, r5, SMT_F_207
	beq	2f
	ld	r5, CORE_VTB(r29)
	mtspr	SPRN_VTB, r5
	ld	r5, CORE_DPDES(r29)
	mtspr	SPRN_DPDES, r5
2:	mtlr	r28
	blr

/* POWER8 needs LPCR[HDICE] set before HDEC is written, else it may never fire.  Clobbers r5. */
hdice_on:
	mfspr	r5, SPRN_LPCR
	ori	r5, r5, LPCR_HDICE
	mtspr	SPRN_LPCR, r5
	isync
	blr

/* HDEC far away: no time slice.  Clobbers r4, r5. */
hdec_max:
	mflr	r4
	bl	hdice_on
	mtlr	r4
	lis	r5, HDEC_MAX@h
	ori	r5, r5, HDEC_MAX@l
	mtspr	SPRN_HDEC, r5
	isync
	blr

/*
 * The run ends when the host's decrementer is due, but lasts CORE_MIN_SLICE at least, else the cost of
 * calling the threads together buys nothing, and CORE_SLICE at most.
 */
start_slice:
	mflr	r28
	bl	hdice_on
	mtlr	r28
	mftb	r6
	ld	r5, CORE_TB_OFFSET(r29)
	subf	r6, r5, r6
	ld	r5, SLOT_H_DEC_EXPIRES(r31)
	subf	r5, r6, r5
	ld	r6, CORE_MIN_SLICE(r29)
	cmpd	r5, r6
	bge	1f
	mr	r5, r6
1:	ld	r6, CORE_SLICE(r29)
	cmpd	r5, r6
	ble	2f
	mr	r5, r6
2:	mtspr	SPRN_HDEC, r5
	isync
	blr

/* The core becomes the host's.  Primary only, when every entered thread has saved its vcpu (I2). */
partition_restore:
	mflr	r28
	ld	r5, CORE_FLAGS(r29)
	andi.	r5, r5, SMT_F_207
	beq	1f
	mfspr	r5, SPRN_VTB
	std	r5, CORE_VTB(r29)
	mfspr	r5, SPRN_DPDES
	std	r5, CORE_DPDES(r29)
	li	r5, 0
	mtspr	SPRN_DPDES, r5
1:	bl	hdec_max
	ld	r3, CORE_TB_OFFSET(r29)
	neg	r3, r3
	bl	tb_add
	bl	partition_thread_host
	mtlr	r28
	blr

/*
 * Add r3, a multiple of 2^24, to the time base; HDEC is positive and counts.  TBU40 writes the upper 40
 * bits; the lower 24 go on counting, and when they wrapped between the read and the write the carry is
 * added by hand.  Clobbers r4-r12, ctr.
 */
#define TB_TRIES	32

tb_add:
	cmpdi	r3, 0
	beqlr
	ld	r5, CORE_FLAGS(r29)
	andi.	r5, r5, SMT_F_TB_LOSSY
	bne	tb_add_lossy
	/*
	 * One wrap of the lower 24 bits is seen, 33 ms; a thread of the emulator can stand still for longer.  HDEC
	 * shows whole turns that were missed.
	 */
	mflr	r12
	li	r4, TB_TRIES
	mtctr	r4
	bl	tb_pair
1:	mr	r9, r5
	mr	r10, r6
	bl	tb_add_exact
	bl	tb_pair
	add	r9, r9, r3
	bl	tb_loss
	addis	r4, r4, 0x80
	srdi	r3, r4, 24
	sldi.	r3, r3, 24
	beq	2f
	bdnz	1b
2:	mtlr	r12
	blr

/* r3 on top, when less than a turn of the lower 24 bits passes meanwhile.  Clobbers r5-r8. */
tb_add_exact:
	mftb	r5
	add	r6, r5, r3
	mtspr	SPRN_TBU40, r6
	mftb	r7
	clrldi	r5, r5, 40
	clrldi	r8, r7, 40
	cmpld	r8, r5
	bgelr
	addis	r6, r6, 0x100
	mtspr	SPRN_TBU40, r6
	blr

/*
 * The emulator's quirk, probed at load (selftest.c): a write of the time base takes the time that passed
 * inside the emulator's own two looks at its clock, which a busy machine makes milliseconds; cores drift
 * apart and the host's clock jumps.  HDEC counts on undisturbed, so it shows what was lost.  The
 * sum is kept and, when it exceeds 2 us, given back by a write of the whole time base; that loses, too, and is
 * done again until the rest is small, or the host would run with it until the core's next run.
 */
#define TB_DEBT_MAX	1024
#define TB_PAIR_MAX	2048

tb_add_lossy:
	mflr	r12
	bl	tb_pair
	mr	r9, r5
	mr	r10, r6
	bl	tb_add_exact
	bl	tb_pair
	add	r9, r9, r3
	bl	tb_loss
	ld	r11, CORE_TB_DEBT(r29)
	add	r11, r11, r4
	li	r7, TB_TRIES
	mtctr	r7
1:	std	r11, CORE_TB_DEBT(r29)
	sradi	r7, r11, 63
	xor	r8, r11, r7
	subf	r8, r7, r8
	cmpdi	r8, TB_DEBT_MAX
	ble	2f
	mr	r9, r5
	mr	r10, r6
	add	r9, r9, r11
	mftb	r5
	add	r5, r5, r11
	li	r6, 0
	mtspr	SPRN_TBWL, r6
	srdi	r6, r5, 32
	mtspr	SPRN_TBWU, r6
	mtspr	SPRN_TBWL, r5
	bl	tb_pair
	bl	tb_loss
	mr	r11, r4
	bdnz	1b
	std	r11, CORE_TB_DEBT(r29)
2:	mtlr	r12
	blr

/* r5 = time base, r6 = HDEC, of one moment: read again when something came between.  Clobbers r7, r8. */
tb_pair:
	mftb	r5
	mfspr	r6, SPRN_HDEC
	mftb	r7
	subf	r8, r5, r7
	cmpldi	r8, TB_PAIR_MAX
	bgt	tb_pair
	srdi	r8, r8, 1
	add	r5, r5, r8
	extsw	r6, r6
	blr

/* r4 = what the time base lost: it should have been r9 when HDEC was r10; it is r5 when HDEC is r6. */
tb_loss:
	subf	r4, r6, r10
	add	r4, r4, r9
	subf	r4, r5, r4
	blr

/* Call vmlinux function r12 on the thread's stack: r13 = paca, r2 = its TOC.  Keeps r14-r31. */
call_vmlinux:
	mflr	r0
	std	r0, 16(r1)
	stdu	r1, -128(r1)
	std	r1, SLOT_IN_CALL(r31)
	ld	r13, SLOT_PACA(r31)
	ld	r2, CORE_TOC(r29)
	mtctr	r12
	bctrl
	li	r0, 0
	std	r0, SLOT_IN_CALL(r31)
	addi	r1, r1, 128
	ld	r0, 16(r1)
	mtlr	r0
	blr
