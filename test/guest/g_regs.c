// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of one vcpu must not reach another. role 0 holds values in every
 * register and looks after them; role 1 writes new values into all of them all
 * the time. Both with the host's interrupts coming and with exits of their own.
 */
#include "guest.h"

static struct gregs in[T_MAXCPU], out[T_MAXCPU];
static struct spr_set sprs[T_MAXCPU];
static struct barrier all_bar;

static u64 slb_get(unsigned int n, u64 *v)
{
	u64 e;

	asm volatile("slbmfee %0,%2; slbmfev %1,%2" : "=r"(e), "=r"(*v) : "r"((u64)n));
	return e;
}

static u64 slb_ea(struct cpu *c, u64 seed, unsigned int n)
{
	return T_MAP_EA + ((mix(seed, n) % 64 + 64 * n + 4096 * c->idx) << 28);
}

static void slb_fill(struct cpu *c, u64 seed)
{
	unsigned int n;

	asm volatile("isync; slbia; isync" : : : "memory");
	for (n = 1; n < 32; n++)
		slb_set(n, slb_ea(c, seed, n), ea_vsid(slb_ea(c, seed, n)), mix(seed, n) & 0xe00);
}

static int slb_check(struct cpu *c, u64 seed)
{
	unsigned int n;
	u64 e, v;

	for (n = 1; n < 32; n++) {
		u64 ea = slb_ea(c, seed, n);

		e = slb_get(n, &v);
		if (e != ((ea & ~0xfffffffULL) | 1ULL << 27) || v != (ea_vsid(ea) << 12 | (mix(seed, n) & 0xe00)))
			return n;
	}
	return 0;
}

/* One round of holding; false when a register other than an SPR was lost (those: once each, at the end). */
static bool hold(struct cpu *c, u64 seed, bool spin)
{
	struct gregs *i = &in[c->idx], *o = &out[c->idx];
	struct spr_set *s = &sprs[c->idx];
	const char *how = spin ? "hold.spin" : "hold.exit";
	u64 where[2] = { 0, 0 };
	int rc;

	gregs_fill(i, seed);
	slb_fill(c, seed);
	sprs_write(c, s, seed);
	if (spin) {
		i->ctr = share.arg[1];
		regs_spin(i, o);
		i->ctr = 0;
	} else {
		i->gpr[3] = T_SYNC;
		i->gpr[4] = 2;
		regs_hcall(i, o);
		/* the VMM answers 0 and leaves r4...r12; r0, CTR, XER, CR but 2-4 are volatile for an hcall */
		i->gpr[3] = 0;
		i->gpr[0] = o->gpr[0];
		i->ctr = o->ctr;
		i->xer = o->xer;
		i->cr = (i->cr & 0x00fff000) | (o->cr & 0xff000fff);
	}
	sprs_check(c, s, spin);
	rc = gregs_compare(i, o, ~0ULL, where);
	if (rc) {
		report(T_FAILED, how, "register (regs.c), want, got", rc, where[0], where[1], 0);
		return false;
	}
	rc = slb_check(c, seed);
	if (rc) {
		report(T_FAILED, how, "SLB entry", rc, 0, 0, 0);
		return false;
	}
	return true;
}

/* What a guest may reach only through hcalls: breakpoints and watchpoints far from anything */
static void scribble_hcalls(struct cpu *c, u64 n)
{
	static const u64 far = 0x0fff000000000000;

	switch (n % 4) {
	case 0:
		hcall(H_SET_XDABR, far | (rnd(c) & 0xfffff8) | 7, 3, 0, 0);
		break;
	case 1:
		hcall(H_SET_DABR, far | (rnd(c) & 0xfffff8) | 3, 0, 0, 0);
		break;
	case 2:	/* DAWR0, CIABR; only where userspace has enabled H_SET_MODE */
		hcall(H_SET_MODE, 0, 2, far | (rnd(c) & 0xfffff8), 0x1b);
		hcall(H_SET_MODE, 0, 1, far | (rnd(c) & 0xfffffc) | 2, 0);
		break;
	default:
		hcall(H_SET_DABR, 0, 0, 0, 0);
		hcall(H_SET_MODE, 0, 2, 0, 0);
		hcall(H_SET_MODE, 0, 1, 0, 0);
	}
}

static void scribble(struct cpu *c, u64 n)
{
	struct gregs *i = &in[c->idx], *o = &out[c->idx];
	u64 seed = rnd(c);

	gregs_fill(i, seed);
	slb_fill(c, seed);
	sprs_write(c, &sprs[c->idx], seed);
	if (n & 1) {
		i->ctr = rnd(c) % share.arg[1] + 1;
		regs_spin(i, o);
	} else {
		i->gpr[3] = T_SYNC;
		i->gpr[4] = 2;
		regs_hcall(i, o);
	}
	scribble_hcalls(c, n);
}

static void r_run(struct cpu *c)
{
	u64 round;

	mtmsr(mfmsr() | MSR_FP | MSR_VEC | MSR_VSX);
	sprs_probe(c, &sprs[c->idx]);
	if (barrier_wait(&all_bar, share.ncpu))
		return;
	for (round = 0; round < share.arg[0] && !ACCESS(share.abort); round++) {
		if (c->sh->role)
			scribble(c, round);
		else if (!hold(c, mix(c->idx, round), round & 1)) {
			give_up();
			break;
		}
		ACCESS(c->sh->progress) = round + 1;
	}
	sprs_park(c, &sprs[c->idx]);
	hcall(H_SET_DABR, 0, 0, 0, 0);
	c->sh->out[0] = round;
	barrier_wait(&all_bar, share.ncpu);
}

void guest_main(struct cpu *c)
{
	if (share.prog == R_RUN)
		r_run(c);
	else
		report(T_FAILED, "prog", "no such program", share.prog, 0, 0, 0);
}
