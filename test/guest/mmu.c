// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation in a guest: 256 MiB segments with a fixed EA-to-VSID rule, HPTEs
 * through H_ENTER (Power ISA Book III-S 5.7, PAPR 14.5.4.1). Programs run in
 * real mode and turn data relocation on for single accesses.
 */
#include "guest.h"

#define SLBE_V		(1ULL << 27)
#define SLBV_L		0x100
#define SLBV_LP64K	0x10

u64 ea_vsid(u64 ea)
{
	return 0x100000 + (ea >> 28 & 0xfffff);
}

void slb_set(unsigned int slot, u64 ea, u64 vsid, u64 flags)
{
	u64 e = (ea & ~0xfffffffULL) | SLBE_V | slot;
	u64 v = vsid << 12 | flags;

	asm volatile("isync; slbmte %0,%1; isync" : : "r"(v), "r"(e) : "memory");
}

/* First doubleword: AVPN of a 256 MiB segment, V; L for 64K pages. */
u64 hpte_v(u64 ea, unsigned int shift)
{
	u64 va = ea_vsid(ea) << 28 | (ea & 0xfffffff);

	return (va >> 23) << 7 | (shift == 16 ? 4 : 0) | 1;
}

u64 hpte_group(u64 ea, unsigned int shift)
{
	u64 hash = ea_vsid(ea) ^ ((ea & 0xfffffff) >> shift);

	return (hash & ((1ULL << (share.htab_order - 7)) - 1)) << 3;
}

/* shift: 12 or 16. bits: PP, WIMG, keys. The segment must be set up by slb_set(). */
long map_page(struct map *m, u64 ea, u64 ra, u64 bits, unsigned int shift)
{
	u64 a[9] = { 0, hpte_group(ea, shift), hpte_v(ea, shift),
		     ra | bits | (shift == 16 ? 0x1000 : 0) };
	long rc;

	m->ea = ea;
	m->v = a[2];
	m->r = a[3];
	rc = hcall9(H_ENTER, a);
	m->index = a[0];
	return rc;
}

long unmap_page(struct map *m)
{
	u64 a[9] = { H_AVPN, m->index, m->v & ~0x7fULL };

	return hcall9(H_REMOVE, a);
}

long h_read(u64 index, u64 *v, u64 *r)
{
	u64 a[9] = { 0, index };
	long rc = hcall9(H_READ, a);

	*v = a[0];
	*r = a[1];
	return rc;
}

/* One access with MSR[DR]=1; the vector it took or 0. */
u64 dr_load(struct cpu *c, u64 ea, u64 *val)
{
	*val = ea;
	return run_insn(c, INSN_LD, val, 0, MSR_DR);
}

u64 dr_store(struct cpu *c, u64 ea, u64 val)
{
	u64 r3 = ea;

	return run_insn(c, INSN_STD, &r3, val, MSR_DR);
}
