/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt presentation of one vcpu as kvm.ko's XICS device keeps it: a mirror of the head of its struct kvmppc_icp,
 * which is private and has been the same from 5.10 to 7.2.  src/xics.c looks whether it is true before it is used.
 *
 *	offset 0	the vcpu
 *	8		the number of the server
 *	16		the state, one word, changed by compare and swap:
 *			byte 0	output to the processor, and "something was rejected, present it again", the first two bit
 *				fields of a byte: from the right on little-endian, from the left on big-endian
 *			byte 1	CPPR
 *			byte 2	MFRR
 *			byte 3	priority of the pending interrupt, 0xff without one
 *			4-7	its source, 0 without one, 2 for an IPI
 *
 * Below: how far to the left in the word's register.
 */
#ifndef SMT_XICS_ICP_H
#define SMT_XICS_ICP_H

#define ICP_SERVER	8
#define ICP_STATE	16

#ifdef __LITTLE_ENDIAN__
#define ICP_OUT_EE	0
#define ICP_NEED_RESEND	1
#define ICP_CPPR	8
#define ICP_MFRR_FIELD	16
#define ICP_PRIO	24
#define ICP_XISR	32
#define ICP_BYTE0	0xff
#else
#define ICP_OUT_EE	63
#define ICP_NEED_RESEND	62
#define ICP_CPPR	48
#define ICP_MFRR_FIELD	40
#define ICP_PRIO	32
#define ICP_XISR	0
#define ICP_BYTE0	(0xffULL << 56)
#endif

#endif /* SMT_XICS_ICP_H */
