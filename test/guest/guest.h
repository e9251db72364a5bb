/* SPDX-License-Identifier: GPL-2.0-only */
/* The runtime of the bare-metal guests. No FP, no vector registers in C. */
#ifndef GUEST_H
#define GUEST_H

#include "proto.h"
#include "cpu.h"

typedef t_u64 u64;
typedef long long s64;
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;
typedef _Bool bool;
#define true 1
#define false 0
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ACCESS(x)	(*(volatile __typeof__(x) *)&(x))

struct trap {
	u64 vec, srr0, srr1, dar, dsisr;
};

/* One per vcpu, with its stacks, 64 KiB; head.S knows the first fields (cpu.h). */
struct cpu {
	u64 gpr[32];
	u64 lr, ctr, cr, xer, srr0, srr1, dar, dsisr, vec, idx;
	u64 fixup;		/* where an expected interrupt goes on */
	u64 trapstk;
	u64 in_trap;
	struct trap last;	/* the last expected interrupt */
	u64 decs, doorbells, externals;
	void (*external)(struct cpu *c);	/* takes an external interrupt; without it that is fatal */
	struct share_cpu *sh;
	u64 seed;
	u32 code[64] __attribute__((aligned(128)));
};

/* All the registers that regs.S moves (GR_* in cpu.h) */
struct gregs {
	u64 gpr[32];
	u64 cr, xer, lr, ctr, fpscr, vrsave;
	u64 vscr[2];
	u64 vsr[64][2];
} __attribute__((aligned(128)));

extern struct share share;

#define MSR_SF	(1ULL << 63)
#define MSR_VEC	(1ULL << 25)
#define MSR_VSX	(1ULL << 23)
#define MSR_EE	(1ULL << 15)
#define MSR_PR	(1ULL << 14)
#define MSR_FP	(1ULL << 13)
#define MSR_ME	(1ULL << 12)
#define MSR_IR	(1ULL << 5)
#define MSR_DR	(1ULL << 4)
#define MSR_RI	(1ULL << 1)
#define MSR_LE	(1ULL << 0)
#define MSR_HV	(1ULL << 60)

#define mfspr(n)	({ u64 v_; asm volatile("mfspr %0,%1" : "=r"(v_) : "i"(n)); v_; })
#define mtspr(n, v)	asm volatile("mtspr %0,%1" : : "i"(n), "r"((u64)(v)) : "memory")
#define mfmsr()		({ u64 v_; asm volatile("mfmsr %0" : "=r"(v_)); v_; })
#define mtmsr(v)	asm volatile("mtmsrd %0; isync" : : "r"((u64)(v)) : "memory")
#define mb()		asm volatile("sync" : : : "memory")
#define lwmb()		asm volatile("lwsync" : : : "memory")
/* "or 27,27,27": a hint to let the other threads go (Power ISA, yield) */
#define spin_hint()	asm volatile("or 27,27,27" : : : "memory")

#define SPR_PVR		287
#define SPR_PIR		1023
#define SPR_TIR		446
#define SPR_DEC		22
#define SPR_MMCRS	894

static inline u64 tb(void)
{
	u64 v;

	asm volatile("mfspr %0,268" : "=r"(v) : : "memory");
	return v;
}

static inline bool power8(void)
{
	u32 ver = mfspr(SPR_PVR) >> 16;

	return ver == 0x4b || ver == 0x4c || ver == 0x4d;
}

/* PAPR */
#define H_SUCCESS	0
#define H_FUNCTION	-2
#define H_PRIVILEGE	-3
#define H_PARAMETER	-4
#define H_PTEG_FULL	-6
#define H_NOT_FOUND	-7
#define H_RESOURCE	-16
#define H_REMOVE	0x04
#define H_ENTER		0x08
#define H_READ		0x0c
#define H_CLEAR_MOD	0x10
#define H_CLEAR_REF	0x14
#define H_PROTECT	0x18
#define H_SET_DABR	0x28
#define H_BULK_REMOVE	0x124
#define H_REGISTER_VPA	0xdc
#define H_CEDE		0xe0
#define H_CONFER	0xe4
#define H_PROD		0xe8
#define H_SET_XDABR	0x134
#define H_SET_MODE	0x31c
#define H_EXACT		(1ULL << (63 - 24))
#define H_READ_4	(1ULL << (63 - 26))
#define H_AVPN		(1ULL << (63 - 32))
#define H_ANDCOND	(1ULL << (63 - 33))
#define VPA_REG		(1ULL << (63 - 18))
#define VPA_DEREG	(5ULL << (63 - 18))

long hcall9(u64 nr, u64 a[9]);
u64 probe_call(struct cpu *c, void *code, u64 r3, u64 r4, u64 on);
void regs_hcall(const struct gregs *in, struct gregs *out);
void regs_spin(const struct gregs *in, struct gregs *out);

/* rt.c */
long hcall(u64 nr, u64 a0, u64 a1, u64 a2, u64 a3);
void report(int result, const char *name, const char *reason, u64 v0, u64 v1, u64 v2, u64 v3);
#define ok(cond, name, reason, v0, v1, v2, v3) \
	({ bool c_ = (cond); report(c_ ? T_OK : T_FAILED, name, reason, (u64)(v0), (u64)(v1), (u64)(v2), (u64)(v3)); c_; })
/* as ok(), but silent when true: for checks in a loop */
#define must(cond, name, reason, v0, v1, v2, v3) \
	({ bool c_ = (cond); if (!c_) report(T_FAILED, name, reason, (u64)(v0), (u64)(v1), (u64)(v2), (u64)(v3)); c_; })
void puts_(const char *s);
long sync_point(u64 point, u64 a, u64 b, u64 c);
_Noreturn void done(u64 status);
void *memset(void *p, int c, unsigned long n);
void *memcpy(void *d, const void *s, unsigned long n);
u64 rnd(struct cpu *c);
u64 mix(u64 a, u64 b);
void spin_tb(u64 ticks);

/* Run one instruction with r3 = *val, r4 = arg; the vector it took or 0. */
u64 run_insn(struct cpu *c, u32 insn, u64 *val, u64 arg, u64 msr_on);
void make_code(u32 *at, const u32 *insns, unsigned int n);

/* mmu.c */
#define PP_RWXX	0
#define PP_RWRX	1
#define PP_RWRW	2
#define PP_RXRX	3
#define R_M	0x10		/* cacheable, coherent */
#define R_IG	0x28		/* caching inhibited, guarded */
#define R_C	0x80
#define R_R	0x100

struct map {
	u64 ea, index, v, r;
};
void slb_set(unsigned int slot, u64 ea, u64 vsid, u64 flags);
u64 ea_vsid(u64 ea);
u64 hpte_v(u64 ea, unsigned int shift);
u64 hpte_group(u64 ea, unsigned int shift);
long map_page(struct map *m, u64 ea, u64 ra, u64 bits, unsigned int shift);
long unmap_page(struct map *m);
long h_read(u64 index, u64 *v, u64 *r);
u64 dr_load(struct cpu *c, u64 ea, u64 *val);
u64 dr_store(struct cpu *c, u64 ea, u64 val);
#define INSN_LD		0xe8630000	/* ld  r3,0(r3) */
#define INSN_STD	0xf8830000	/* std r4,0(r3) */

/* sprs.c */
struct spr_hold {
	u32 num, wnum;
	const char *name;
	u64 fixed, vary;	/* bits always set, bits that take the pattern */
	u32 flags;
};
#define SPR_SPIN_ONLY	1	/* an hcall changes it */
#define SPR_P8		2	/* Power ISA 2.07 */
#define SPR_TRAP_USES	4	/* no trap may be taken while it holds a value */
#define SPR_SCRATCH	8	/* regs.S takes r1 through it */
extern const struct spr_hold spr_table[];
extern const unsigned int spr_count;
struct spr_set {
	u64 live[64];		/* bits that hold a value here, 0: no such register */
	u64 want[64];
	u64 lost[2];		/* by line of the table: lost over an exit, over a spin */
};
void sprs_probe(struct cpu *c, struct spr_set *s);
void sprs_write(struct cpu *c, struct spr_set *s, u64 seed);
bool sprs_check(struct cpu *c, struct spr_set *set, bool spin);
void sprs_park(struct cpu *c, struct spr_set *s);

/* regs.c */
void gregs_fill(struct gregs *g, u64 seed);
int gregs_compare(const struct gregs *want, const struct gregs *got, u64 gpr_mask, u64 *where);

/* bar.c */
struct barrier {
	u64 count, gen, pad[30];
};
int barrier_wait(struct barrier *b, u64 n);
int wait_flag(volatile u64 *p, u64 value);
void give_up(void);

/* VPA */
int vpa_register(struct cpu *c, void *at);
u64 vpa_yields(void *at);

/* The program: called on every vcpu, interrupts off. */
void guest_main(struct cpu *c);

#endif /* GUEST_H */
