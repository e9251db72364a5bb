// SPDX-License-Identifier: GPL-2.0-only
/* Patterns for struct gregs, and the comparison. */
#include "guest.h"

/* Values every bit of which the registers keep; where is what gregs_compare() names. */
void gregs_fill(struct gregs *g, u64 seed)
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		g->gpr[i] = mix(seed, i);
	g->cr = (u32)mix(seed, 100);
	/* SO OV CA and the string length; the other bits of XER read as zero or are implementation's */
	g->xer = mix(seed, 101) & 0xe000007f;
	g->lr = mix(seed, 102) & ~3ULL;
	g->ctr = mix(seed, 103);
	/* sticky exception bits OX UX ZX XX, the enables off, rounding mode; FX with them */
	g->fpscr = (mix(seed, 104) & 0x1e000003) | 0x80000000;
	g->vrsave = (u32)mix(seed, 105);
	/* VSCR: NJ and SAT, in the last word of the vector */
	g->vscr[0] = g->vscr[1] = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	g->vscr[0] = mix(seed, 106) & 0x10001;
#else
	g->vscr[1] = mix(seed, 106) & 0x10001;
#endif
	for (i = 0; i < 64; i++) {
		g->vsr[i][0] = mix(seed, 200 + i);
		g->vsr[i][1] = mix(seed, 300 + i);
	}
}

/*
 * Compare all but the GPRs not in gpr_mask. 0 when equal, else a number that
 * says where (1000 + n: GPR n; 1: CR, 2: XER, 3: LR, 4: CTR, 5: FPSCR,
 * 6: VRSAVE, 7: VSCR; 2000 + n: VSR n) and the two values in where[0..1].
 */
int gregs_compare(const struct gregs *want, const struct gregs *got, u64 gpr_mask, u64 *where)
{
	const u64 *w = &want->cr, *g = &got->cr;
	unsigned int i;

	for (i = 0; i < 32; i++)
		if ((gpr_mask >> i & 1) && want->gpr[i] != got->gpr[i]) {
			where[0] = want->gpr[i];
			where[1] = got->gpr[i];
			return 1000 + i;
		}
	/* cr, xer, lr, ctr, fpscr, vrsave stand in a row */
	for (i = 0; i < 6; i++)
		if (w[i] != g[i]) {
			where[0] = w[i];
			where[1] = g[i];
			return 1 + i;
		}
	for (i = 0; i < 2; i++)
		if (want->vscr[i] != got->vscr[i]) {
			where[0] = want->vscr[i];
			where[1] = got->vscr[i];
			return 7;
		}
	for (i = 0; i < 64; i++)
		if (want->vsr[i][0] != got->vsr[i][0] || want->vsr[i][1] != got->vsr[i][1]) {
			where[0] = want->vsr[i][0] ^ got->vsr[i][0];
			where[1] = want->vsr[i][1] ^ got->vsr[i][1];
			return 2000 + i;
		}
	return 0;
}
