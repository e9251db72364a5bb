// SPDX-License-Identifier: GPL-2.0-only
/* Hold values in the SPRs of sprs.def, and say which one lost its value. */
#include "guest.h"

#define SPR(num, wnum, name, fixed, vary, flags) { num, wnum, #name, fixed, vary, flags },
const struct spr_hold spr_table[] = {
#include "sprs.def"
};
#undef SPR
const unsigned int spr_count = ARRAY_SIZE(spr_table);
_Static_assert(ARRAY_SIZE(spr_table) <= 64, "struct spr_set is too small");

extern u32 spr_stubs[][4];

static u64 spr_get(struct cpu *c, unsigned int i, u64 *val)
{
	c->last.vec = 0;
	*val = probe_call(c, &spr_stubs[i][0], *val, 0, 0);
	return c->last.vec;
}

static u64 spr_put(struct cpu *c, unsigned int i, u64 val)
{
	c->last.vec = 0;
	probe_call(c, &spr_stubs[i][2], val, 0, 0);
	return c->last.vec;
}

static u64 pattern(const struct spr_hold *s, u64 bits)
{
	return s->fixed | (bits & s->vary);
}

/*
 * Find the bits that keep what is written. A register that traps, or that is a
 * no-op here, has none. Interrupts that an SPR number raises are the probe's.
 */
void sprs_probe(struct cpu *c, struct spr_set *set)
{
	unsigned int i;

	for (i = 0; i < spr_count; i++) {
		const struct spr_hold *s = &spr_table[i];
		u64 a = 0, b = 0;

		set->live[i] = 0;
		if (share.in_tree && s->num == SPR_MMCRS) {
			report(T_SKIPPED, s->name, "kvm-hv of 6.1 overwrites it before it saves it", s->num, 0, 0, 0);
			continue;
		}
		if (s->flags & (SPR_TRAP_USES | SPR_SCRATCH)) {
			set->live[i] = s->vary;
			continue;
		}
		if (spr_put(c, i, pattern(s, 0x5555555555555555)) || spr_get(c, i, &a) ||
		    spr_put(c, i, pattern(s, 0xaaaaaaaaaaaaaaaa)) || spr_get(c, i, &b))
			continue;
		set->live[i] = s->vary & ~(a ^ pattern(s, 0x5555555555555555)) &
			       ~(b ^ pattern(s, 0xaaaaaaaaaaaaaaaa));
	}
}

/* Leave nothing behind that could act on the guest's own code. */
void sprs_park(struct cpu *c, struct spr_set *set)
{
	unsigned int i;

	for (i = 0; i < spr_count; i++)
		if (set->live[i])
			spr_put(c, i, spr_table[i].fixed);
}

/*
 * The last register written is the first a probe's interrupt would change, so
 * DAR, DSISR and SRR0/1 are rewritten by nothing here: probe_call() traps only
 * for registers that sprs_probe() has ruled out.
 */
void sprs_write(struct cpu *c, struct spr_set *set, u64 seed)
{
	unsigned int i;

	for (i = 0; i < spr_count; i++) {
		if (!set->live[i])
			continue;
		set->want[i] = pattern(&spr_table[i], mix(seed, i)) & (set->live[i] | spr_table[i].fixed);
		spr_put(c, i, set->want[i]);
	}
}

/* Reports, once per register and way, what does not hold its value; true if all do. */
bool sprs_check(struct cpu *c, struct spr_set *set, bool spin)
{
	const char *how = spin ? "over the host's interrupts: SPR, want, got, of bits"
			       : "over an exit: SPR, want, got, of bits";
	unsigned int i;
	bool all = true;
	u64 got = 0;

	for (i = 0; i < spr_count; i++) {
		if (!set->live[i] || (!spin && (spr_table[i].flags & SPR_SPIN_ONLY)))
			continue;
		if (spr_table[i].flags & SPR_SCRATCH)
			continue;	/* regs.S compared it as r1 */
		spr_get(c, i, &got);
		if (!((got ^ set->want[i]) & set->live[i]))
			continue;
		all = false;
		if (!(set->lost[spin] >> i & 1))
			report(T_FAILED, spr_table[i].name, how, spr_table[i].num, set->want[i], got, set->live[i]);
		set->lost[spin] |= 1ULL << i;
	}
	return all;
}
