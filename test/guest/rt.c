// SPDX-License-Identifier: GPL-2.0-only
/* Runtime of the bare-metal guests: start, hcalls, reports, interrupts, barriers. */
#include "guest.h"

struct share share __attribute__((section(".share"), aligned(256))) = { .magic = T_MAGIC };

union cpu_block {
	struct cpu c;
	char room[1 << CPU_SIZE_SHIFT];
};
union cpu_block cpus[T_MAXCPU] __attribute__((section(".bss.cpus"), aligned(65536)));

#define AT(s, f, n) _Static_assert(__builtin_offsetof(struct s, f) == (n), #f)
AT(cpu, lr, CPU_LR); AT(cpu, ctr, CPU_CTR); AT(cpu, cr, CPU_CR); AT(cpu, xer, CPU_XER);
AT(cpu, srr0, CPU_SRR0); AT(cpu, srr1, CPU_SRR1); AT(cpu, dar, CPU_DAR); AT(cpu, dsisr, CPU_DSISR);
AT(cpu, vec, CPU_VEC); AT(cpu, idx, CPU_IDX); AT(cpu, fixup, CPU_FIXUP); AT(cpu, trapstk, CPU_TRAPSTK);
AT(gregs, cr, GR_CR); AT(gregs, xer, GR_XER); AT(gregs, lr, GR_LR); AT(gregs, ctr, GR_CTR);
AT(gregs, fpscr, GR_FPSCR); AT(gregs, vrsave, GR_VRSAVE); AT(gregs, vscr, GR_VSCR); AT(gregs, vsr, GR_VSR);

long hcall(u64 nr, u64 a0, u64 a1, u64 a2, u64 a3)
{
	u64 a[9] = { a0, a1, a2, a3 };

	return hcall9(nr, a);
}

void report(int result, const char *name, const char *reason, u64 v0, u64 v1, u64 v2, u64 v3)
{
	u64 a[9] = { (u64)name, result, (u64)reason, v0, v1, v2, v3 };

	hcall9(T_CHECK, a);
}

void puts_(const char *s)
{
	hcall(T_PUTS, (u64)s, 0, 0, 0);
}

long sync_point(u64 point, u64 a, u64 b, u64 c)
{
	return hcall(T_SYNC, point, a, b, c);
}

_Noreturn void done(u64 status)
{
	for (;;)
		hcall(T_DONE, status, 0, 0, 0);
}

void rt_start(struct cpu *c);
void rt_start(struct cpu *c)
{
	c->sh = &share.cpu[c->idx];
	c->seed = mix(c->idx + 1, 0x1234567);
	mtspr(SPR_DEC, 0x7fffffff);
	guest_main(c);
	done(0);
}

static _Noreturn void fatal_trap(struct cpu *c)
{
	u64 a[9] = { c->vec, c->srr0, c->srr1, c->dar, c->dsisr };

	ACCESS(share.abort) = 1;
	for (;;)
		hcall9(T_TRAP, a);
}

/*
 * From the vectors. An interrupt that probe_call() expects ends its code;
 * decrementer and doorbell are counted, whoever enabled them; an external interrupt has its function; the rest is fatal.
 */
void rt_trap(struct cpu *c);
void rt_trap(struct cpu *c)
{
	if (c->in_trap)
		fatal_trap(c);
	c->in_trap = 1;
	if (c->vec == 0x900) {
		c->decs++;
		mtspr(SPR_DEC, 0x7fffffff);
	} else if (c->vec == 0xa00) {
		c->doorbells++;
	} else if (c->vec == 0x500 && c->external) {
		c->externals++;
		c->external(c);
	} else if (c->fixup) {
		c->last = (struct trap){ c->vec, c->srr0, c->srr1, c->dar, c->dsisr };
		c->srr0 = c->fixup;
		c->srr1 = mfmsr();
		c->fixup = 0;
	} else {
		fatal_trap(c);
	}
	c->in_trap = 0;
}

void make_code(u32 *at, const u32 *insns, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		at[i] = insns[i];
	for (i = 0; i < n; i += 8)
		asm volatile("dcbst 0,%0" : : "r"(&at[i]) : "memory");
	mb();
	for (i = 0; i < n; i += 8)
		asm volatile("icbi 0,%0" : : "r"(&at[i]) : "memory");
	asm volatile("sync; isync" : : : "memory");
}

u64 run_insn(struct cpu *c, u32 insn, u64 *val, u64 arg, u64 msr_on)
{
	const u32 code[] = { insn, 0x4e800020 /* blr */ };

	make_code(c->code, code, 2);
	c->last.vec = 0;
	*val = probe_call(c, c->code, *val, arg, msr_on);
	return c->last.vec;
}

void *memset(void *p, int v, unsigned long n)
{
	volatile u8 *d = p;

	while (n--)
		*d++ = v;
	return p;
}

void *memcpy(void *d, const void *s, unsigned long n)
{
	volatile u8 *p = d;
	const u8 *q = s;

	while (n--)
		*p++ = *q++;
	return d;
}

/* A well mixed value of two numbers (splitmix64's finalizer). */
u64 mix(u64 a, u64 b)
{
	u64 z = a * 0x9e3779b97f4a7c15 + b + 0x632be59bd9b4e019;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

u64 rnd(struct cpu *c)
{
	return mix(c->seed++, 0x77);
}

void spin_tb(u64 ticks)
{
	u64 t0 = tb();

	while (tb() - t0 < ticks)
		spin_hint();
}

void give_up(void)
{
	ACCESS(share.abort) = 1;
	mb();
}

/* Wait until *p == value; 0, or -1 after share.tb_limit or when another has given up. */
int wait_flag(volatile u64 *p, u64 value)
{
	u64 t0 = tb();

	while (*p != value) {
		if (ACCESS(share.abort))
			return -1;
		if (tb() - t0 > share.tb_limit) {
			give_up();
			return -1;
		}
		spin_hint();
	}
	lwmb();
	return 0;
}

/* Meet n vcpus; 0, or -1 when one of them does not come. */
int barrier_wait(struct barrier *b, u64 n)
{
	u64 gen = ACCESS(b->gen);

	lwmb();
	if (__atomic_add_fetch(&b->count, 1, __ATOMIC_ACQ_REL) == n) {
		ACCESS(b->count) = 0;
		lwmb();
		ACCESS(b->gen) = gen + 1;
		return 0;
	}
	return wait_flag(&b->gen, gen + 1);
}

/* PAPR: eye catcher, size at byte 4; 1 KiB is what every KVM accepts. */
int vpa_register(struct cpu *c, void *at)
{
	volatile u8 *p = at;

	memset(at, 0, 1024);
	p[4] = 1024 >> 8;
	mb();
	return hcall(H_REGISTER_VPA, VPA_REG, c->sh->id, (u64)at, 0);
}

/* yield_count, big-endian at byte 0x100: odd while not dispatched */
u64 vpa_yields(void *at)
{
	volatile u8 *p = (volatile u8 *)at + 0x100;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap32(*(volatile u32 *)p);
#else
	return *(volatile u32 *)p;
#endif
}
