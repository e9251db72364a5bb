/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Macros of the real-mode code, and its register contract:
 *
 *	r31	the thread's slot		r30	the vcpu, where there is one
 *	r29	the core's shared data		r28..r26	link registers of nested calls
 *	r13	free, but r13 = paca around a call of a vmlinux function
 *	r1	the thread's own stack, set on every way into the image's code
 *	r0, r3-r12, cr, ctr, lr, xer	scratch of every routine unless its head says otherwise
 *
 * MSR is HV, SF, ME, of the host's byte order, EE = IR = DR = RI = 0.  Code runs at 0xc000...; only
 * the first instructions of a vector run at an address that HRMOR is ORed into.
 */
#ifndef SMT_ASM_MACROS_H
#define SMT_ASM_MACROS_H

#include <asm/ppc_asm.h>
#include <asm/reg.h>
#include <asm/kvm_asm.h>
#include <asm/hvcall.h>
#include <asm/kvm_book3s_asm.h>
#include "smt-offsets.h"
#include "gate.h"
#include "xics_icp.h"
#include "image.h"

/* XICS presentation controller, offsets from a thread's page (PowerPC External Interrupt Option) */
#define ICP_XIRR_POLL		0	/* the same without accepting */
#define ICP_XIRR		4	/* load: accept, store: end of interrupt */
#define ICP_MFRR		12	/* most favoured request register */
#define ICP_IPI_PRIORITY	4	/* what the host uses for its own IPIs */
#define ICP_MFRR_NONE		0xff
#define ICP_XISR_IPI		2

#define SRR1_NOT_MSR		0x783f0000	/* 33:36 and 42:47: status, not MSR bits */
#define LPCR_DOORBELLS		(LPCR_PECEDP | LPCR_PECEDH)	/* end a nap, POWER8 */

/*
 * Valid SLB entries from index r6 on, CTR many looked at, to r7: words ESID at \e, VSID at \v, of \size bytes each, the index in
 * the low bits of the ESID word as slbmte wants it.  r5 = how many.  Clobbers r0, r6-r9, ctr.
 */
.macro SLB_TO_MEMORY e, v, size
	li	r5, 0
	addi	r6, r6, -1
3:	addi	r6, r6, 1
	slbmfee	r8, r6
	andis.	r0, r8, 0x0800		/* SLB_ESID_V */
	bdnzt	eq, 3b			/* most are not valid */
	beq	4f
	slbmfev	r9, r6
	rldicr	r8, r8, 0, 51
	or	r8, r8, r6
	std	r8, \e(r7)
	std	r9, \v(r7)
	addi	r5, r5, 1
	addi	r7, r7, \size
	mfctr	r0
	cmpdi	r0, 0
	bne	3b
4:
.endm

/* bit = the lowest thread of the mask, which is not 0, as a bit, nr = its number; it is taken out of the mask */
.macro NEXT_THREAD mask, bit, nr
	neg	\bit, \mask
	and	\bit, \bit, \mask
	andc	\mask, \mask, \bit
	cntlzd	\nr, \bit
	subfic	\nr, \nr, 63
.endm
#define HDEC_MAX		0x7fffffff
#define HDEC_SOON		512		/* ticks: not worth an entry */

#define IMG(label)		((label) - smt_image_start)

#ifdef __LITTLE_ENDIAN__
#define LD_BE(rt, ra, rb)	ldbrx	rt, ra, rb
#else
#define LD_BE(rt, ra, rb)	ldx	rt, ra, rb
#endif

/* \r = 0xc000000000000000 | \r */
.macro TOP_BITS r
	rotldi	\r, \r, 4
	ori	\r, \r, 0xc
	rotrdi	\r, \r, 4
.endm

/* \r = EA of \label; r29 the core's shared data */
.macro IMG_EA r, label
	addis	\r, r29, (IMG(\label) - IMG_CORE)@ha
	addi	\r, \r, (IMG(\label) - IMG_CORE)@l
.endm

/* \rt = slot of thread \rn; r29 the core's shared data */
.macro SLOT_OF rt, rn
	sldi	\rt, \rn, IMG_SLOT_SHIFT
	add	\rt, \rt, r29
	addi	\rt, \rt, (IMG_SLOTS - IMG_CORE)
.endm

.macro SET_STATE value, rs
	li	\rs, \value
	std	\rs, SLOT_STATE(r31)
.endm

/* note when phase \n of the run began; clobbers \r */
.macro STAMP n, r
	mftb	\r
	std	\r, CORE_STAMP + 8 * (\n)(r29)
.endm

/* \r = the sequence number of the run, as it stands in the gate */
.macro GATE_SEQ r
	srdi	\r, \r, GATE_SEQ_SHIFT
.endm

/* \r = the phase in gate word \g */
.macro GATE_PHASE r, g
	extrdi	\r, \g, 8, (63 - GATE_PHASE_SHIFT - 7)
.endm

/* \r = the 8 bits of gate word \g that start at \shift; cr0 compares them with 0 */
.macro GATE_BITS r, g, shift
	rldicl.	\r, \g, (64 - \shift) & 63, 56
.endm

#endif /* SMT_ASM_MACROS_H */
