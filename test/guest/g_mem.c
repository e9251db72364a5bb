// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory: vcpu 0 does what the VMM tells it, one operation at a time (M_SERVE); the others, or all,
 * write and read back patterns through translation as fast as they can (M_PATTERN).
 */
#include "guest.h"

#define SPR_AMR		29
#define PATTERN_SEG(c)	(T_MAP_EA + ((64 + 4 * (u64)(c)->idx) << 28))
#define PATTERN_SLOT	16

/* One access with MSR[DR]=1 that must not fault: a fault is fatal. */
static u64 load_dr(u64 ea)
{
	u64 msr = mfmsr(), v;

	asm volatile("mtmsrd %2; isync; ld %0,0(%1); mtmsrd %3; isync"
		     : "=&r"(v) : "b"(ea), "r"(msr | MSR_DR), "r"(msr) : "memory");
	return v;
}

static void store_dr(u64 ea, u64 v)
{
	u64 msr = mfmsr();

	asm volatile("mtmsrd %2; isync; std %0,0(%1); mtmsrd %3; isync"
		     : : "r"(v), "b"(ea), "r"(msr | MSR_DR), "r"(msr) : "memory");
}

/* a[0] op, a[1...8] arguments; the answer: a[1...8] */
static void serve_one(struct cpu *c, u64 a[9])
{
	u64 h[9] = { 0 }, val = 0, nr = a[1], rc;
	struct map m;
	int i;

	switch (a[0]) {
	case M_OP_HCALL:	/* number, r4...r10: rc, r4...r10 */
		for (i = 0; i < 7; i++)
			h[i] = a[2 + i];
		a[1] = hcall9(nr, h);
		for (i = 0; i < 7; i++)
			a[2 + i] = h[i];
		return;
	case M_OP_ENTER:	/* ea, ra, bits, shift: rc, index, v */
		rc = map_page(&m, a[1], a[2], a[3], a[4]);
		a[1] = rc;
		a[2] = m.index;
		a[3] = m.v;
		return;
	case M_OP_SLB:		/* slot, ea, flags */
		slb_set(a[1], a[2], ea_vsid(a[2]), a[3]);
		return;
	case M_OP_LOAD:		/* ea: vector, value, DSISR */
		a[1] = dr_load(c, a[1], &val);
		a[2] = val;
		a[3] = c->last.dsisr;
		return;
	case M_OP_STORE:	/* ea, value: vector, -, DSISR */
		a[1] = dr_store(c, a[1], a[2]);
		a[3] = c->last.dsisr;
		return;
	case M_OP_RLOAD:	/* ra: value */
		a[1] = *(volatile u64 *)a[1];
		return;
	case M_OP_RSTORE:	/* ra, value */
		*(volatile u64 *)a[1] = a[2];
		return;
	case M_OP_AMR:		/* value */
		mtspr(SPR_AMR, a[1]);
		asm volatile("isync" : : : "memory");
		return;
	}
	report(T_FAILED, "serve", "no such operation", a[0], 0, 0, 0);
}

static void m_serve(struct cpu *c)
{
	u64 a[9] = { M_POINT };

	for (;;) {
		hcall9(T_SYNC, a);
		if (a[0] == M_OP_END)
			return;
		serve_one(c, a);
		a[0] = M_POINT;
	}
}

static u64 page_ea(struct cpu *c, u64 n)
{
	return PATTERN_SEG(c) + (n << 16);
}

static u64 page_ra(struct cpu *c, u64 n)
{
	return T_FREE_RA + 0x100000 + ((c->idx * share.arg[0] + n) << 16);
}

static long enter(struct cpu *c, struct map *m, u64 n)
{
	return map_page(m, page_ea(c, n), page_ra(c, n), R_M | PP_RWRW, 12);
}

/* flag[0]: 1 lets it remove and enter its pages, too */
static void m_pattern(struct cpu *c)
{
	static struct map maps[T_MAXCPU][64];
	struct map *m = maps[c->idx];
	u64 n, round = 0, got, npages = share.arg[0];

	slb_set(PATTERN_SLOT, PATTERN_SEG(c), ea_vsid(PATTERN_SEG(c)), 0);
	for (n = 0; n < npages; n++) {
		if (!must(enter(c, &m[n], n) == H_SUCCESS, "pattern.enter", "refused, page", n, 0, 0, 0))
			return;
		store_dr(page_ea(c, n), mix(page_ra(c, n), 0));
	}
	while (ACCESS(share.endless) && !ACCESS(share.abort)) {
		for (n = 0; n < npages; n++) {
			got = load_dr(page_ea(c, n));
			if (!must(got == mix(page_ra(c, n), round), "pattern.value", "page, round, value", n, round, got, 0))
				return;
			store_dr(page_ea(c, n), mix(page_ra(c, n), round + 1));
			/* the same page by its guest real address: the VRMA's HPTE maps it, too */
			got = *(volatile u64 *)page_ra(c, n);
			if (!must(got == mix(page_ra(c, n), round + 1), "pattern.real", "page, round, value", n, round, got, 0))
				return;
			if (ACCESS(share.flag[0]) && (n + round) % 16 == 0 &&
			    !must(unmap_page(&m[n]) == H_SUCCESS && enter(c, &m[n], n) == H_SUCCESS,
				  "pattern.again", "page, round", n, round, 0, 0))
				return;
		}
		ACCESS(c->sh->progress) = ++round;
	}
	c->sh->out[0] = round;
}

void guest_main(struct cpu *c)
{
	if (share.prog == M_SERVE && !c->idx)
		m_serve(c);
	else
		m_pattern(c);
}
