/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UREGS_H
#define UREGS_H

/* offsets of struct uregs for uregs.S */
#define UR_GPR		0	/* r14-r31 */
#define UR_CR		144
#define UR_LR		152
#define UR_TAR		160
#define UR_DSCR		168
#define UR_VRSAVE	176
#define UR_FPSCR	184
#define UR_EBB		192	/* EBBHR, EBBRR, BESCR */
#define UR_PAD		216
#define UR_VSCR		224	/* 16 bytes */
#define UR_VSR		240
#define UR_SIZE		1264

#define UR_HAS_TAR	1
#define UR_HAS_DSCR	2
#define UR_HAS_EBB	4

#ifndef __ASSEMBLER__
#include "vmm.h"

/* What a user task of POWER7/8 owns and a system call must leave alone */
struct uregs {
	u64 gpr[18];
	u64 cr, lr, tar, dscr, vrsave, fpscr, ebb[3], pad;
	u64 vscr[2];
	u64 vsr[64][2];
} __attribute__((aligned(16)));

/*
 * ioctl() with all of "in" in the registers, what they hold afterwards in "out".
 * "has": UR_HAS_*. -errno on failure. The caller's own registers come back.
 */
long uregs_ioctl(long fd, unsigned long req, unsigned long arg, const struct uregs *in, struct uregs *out, unsigned long has);

/* userstate.c: a vm->run_ioctl that does so with changing patterns */
int userstate_run(struct vcpu *v);
/* The same around an ioctl that runs no guest: shows that the look-out itself is right. */
void userstate_baseline(int kvm_fd, u64 seed);
/* Reports what was lost since the start, and how many runs were looked at. */
void userstate_report(void);
#endif

#endif
