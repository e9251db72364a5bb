/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the VMM (test/vmm) and the bare-metal guests (test/guest) agree on: where
 * things lie in guest memory, the private hcalls, the program numbers.
 *
 * A guest image is a flat binary at guest real address 0. It starts at 0x100 in
 * real mode (MSR = SF|ME, LE as the guest is) with
 *	r3 = index of the vcpu, 0 ... ncpu-1
 *	r4 = T_START
 * on every vcpu. struct share is at T_SHARE_RA, in the guest's byte order.
 */
#ifndef PROTO_H
#define PROTO_H

#define T_START		0x534d5430		/* "SMT0" */
#define T_MAGIC		0x6b766d2d736d7430	/* "kvm-smt0" */
#define T_SHARE_RA	0x10000
#define T_MAXCPU	16

/*
 * Private hcalls: above every number PAPR and KVM use, so the hypervisor has to
 * pass them to userspace.
 */
#define T_PUTS		0xf100	/* r4 = string */
#define T_CHECK		0xf104	/* r4 = name, r5 = 0 ok / 1 failed / 2 skipped, r6 = reason, r7...r10 values */
#define T_DONE		0xf108	/* r4 = status; this vcpu is ready, does not return */
#define T_SYNC		0xf10c	/* r4 = point, r5...r12 = values; the test program answers */
#define T_TRAP		0xf110	/* r4 = vector, r5 = SRR0, r6 = SRR1, r7 = DAR, r8 = DSISR; fatal */
#define T_ECHO		0xf114	/* r4...r12 come back as T_ECHO_MIX(i, r), r3 = number of the exit */

#define T_ECHO_MIX(i, x)	(((x) ^ 0x5aa5c33c96690ff0) + (i))

#define T_OK		0
#define T_FAILED	1
#define T_SKIPPED	2

#ifndef __ASSEMBLER__
typedef unsigned long long t_u64;

/* Per vcpu, 256 bytes: no two vcpus share a cache line. */
struct share_cpu {
	t_u64 id;		/* vcpu id */
	t_u64 group;		/* vcore: who meets at the same barrier */
	t_u64 members;		/* vcpus in the group */
	t_u64 role;
	t_u64 progress;		/* written by the guest */
	t_u64 out[11];		/* results, by program */
	t_u64 line[16];
};

struct share {
	t_u64 magic;		/* T_MAGIC, from the image */
	t_u64 ncpu;
	t_u64 mem;		/* bytes of memory slot 0 */
	t_u64 htab_order;
	t_u64 prog;		/* what to run */
	t_u64 arg[8];
	t_u64 abort;		/* a vcpu has given up, all shall end */
	t_u64 tb_limit;		/* no wait in the guest is longer (time base ticks) */
	t_u64 endless;		/* set by the VMM to 0 when a program that goes round shall come to its end */
	t_u64 in_tree;		/* the module under test is the kernel's kvm-hv: leave out what it is known to lose */
	t_u64 pad[15];
	t_u64 flag[16];		/* by program */
	struct share_cpu cpu[T_MAXCPU];
};
#endif

/* Guest real memory that programs may use freely begins here; the image ends below. */
#define T_FREE_RA	0x200000
/* Effective addresses for mappings with translation on: 256 MiB segments from here */
#define T_MAP_EA	0x0000100000000000
/* A guest real address that no memory slot covers */
#define T_HOLE_RA	0x0000004000000000

/* g_basic */
#define B_HCALL		1	/* arg[0] rounds */
#define B_REGS		2	/* T_SYNC(1, struct gregs *in): values over an exit to userspace */
#define B_DEC		3
#define B_CEDE		4
#define B_MMIO		5
#define B_TOUCH		6
#define B_HPT		7
#define B_MAP		8
#define B_WATCH		9
#define B_IDLE		10	/* T_SYNC(0) until it returns 0, then T_DONE */
#define B_USER		11	/* problem state: sc 1, sc 0, privileged instruction; arg[0]: a fetch that IAMR denies */
#define B_VPA		12
#define B_SEG		13	/* SLB of the guest over exits */

/* g_smt */
#define S_BARRIER	1	/* arg[0] rounds */
#define S_JOIN		2	/* flag[0]: cpu 0 waits for it, cpu 1 sets it */
#define S_PINGPONG	3	/* arg[0] rounds, between the even and the odd of a pair */
#define S_EXITS		4	/* arg[0] rounds; role 1: exits all the time, role 0: counts */
#define S_DOORBELL	5	/* arg[0] rounds */
#define S_SPIN		6	/* counts in progress until endless is 0; out[2] = TIR */
#define S_CEDER		7	/* cede with the decrementer, arg[0] rounds, over and over */
#define S_SHARE		9	/* role 0 counts in progress, role 1 cedes, until endless is 0; out[1] = address of the VPA */
#define S_TIME		8	/* arg[0] rounds: the time base never steps back between threads */
#define S_REJOIN	10	/* arg[0] rounds of T_SYNC(1) on all but cpu 0, which waits; out[1] of cpu 0: who came back */
#define S_RESET		11	/* flag[0] 0: sleeps with the decrementer far away; else counts in progress */
#define S_CLOCK		12	/* role 0: reads its clocks (out[0..3]), counts until endless is 0, reads them (out[4..7]); arg[0]: it has a VTB.
				   role 1: sets DEC to arg[1] unless that is 0, cedes until its decrementer comes or endless is 0; out[0],
				   out[1]: time base before and after, out[2]: how often H_CEDE returned */

#define S_IPI		13	/* arg[0] rounds of IPIs round a ring */

/* g_regs */
#define R_RUN		1	/* arg[0] rounds; role 0 hold, 1 scribble */

/* g_abuse */
#define A_PRIV		1	/* instructions and SPRs a guest may not use */
#define A_HCALLS	2	/* arg[0] = first, arg[1] = end, arg[2] = step */
#define A_EELOOP	3	/* EE=0 for ever */
#define A_WILD		4	/* destroys its vectors and jumps into nowhere */
#define A_SLB		5
#define A_JUMP		6
#define A_SLOT		7	/* touches memory that comes and goes; counts */
#define A_FUZZ		8	/* arg[0] seed: executes random words */

/* g_mem: arg[0] pages of 64 KiB for each vcpu's patterns */
#define M_SERVE		1	/* vcpu 0: T_SYNC(M_POINT, answer) -> operation; the others as M_PATTERN */
#define M_PATTERN	2	/* until endless is 0; flag[0]: 1 removes and enters HPTEs, too */
#define M_POINT		9
#define M_OP_END	0
#define M_OP_HCALL	1
#define M_OP_ENTER	2
#define M_OP_SLB	3
#define M_OP_LOAD	4
#define M_OP_STORE	5
#define M_OP_RLOAD	6
#define M_OP_RSTORE	7
#define M_OP_AMR	8

/* g_bench: arg[0] rounds of operation arg[1]; arg[2] is the operation's */
#define N_USERSPACE	1
#define N_VIRTUAL	2
#define N_PROD		3
#define N_SET_DABR	4
#define N_READ		5
#define N_ENTER		6
#define N_REMOVE	7
#define N_TOUCH		8	/* arg[2]: T_SYNC first */
#define N_TOUCH_RA	0x2000000
#define N_MMIO		9
#define N_CEDE_DUE	10
#define N_LATE		11	/* arg[2]: ticks */
#define N_IPI_SELF	12
#define N_IPI		13	/* cpu 1 has role 2; arg[2]: it cedes */

#endif /* PROTO_H */
