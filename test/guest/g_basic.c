// SPDX-License-Identifier: GPL-2.0-only
/* One vcpu: hcalls, registers over exits, decrementer, cede, problem state, VPA. */
#include "guest.h"
#include "g_basic.h"

static struct gregs in, out;

static void b_hcall(struct cpu *c)
{
	u64 a[9], b[9];
	u64 round;
	int i;

	for (round = 0; round < share.arg[0]; round++) {
		long rc;

		for (i = 0; i < 9; i++)
			a[i] = b[i] = rnd(c);
		rc = hcall9(T_ECHO, a);
		if (!must((u64)rc == round, "hcall.r3", "r3 is not what userspace answered", rc, round, 0, 0))
			return;
		for (i = 0; i < 9; i++)
			if (!must(a[i] == T_ECHO_MIX(i, b[i]), "hcall.args", "r4+n differs: n, got, want",
				  i, a[i], T_ECHO_MIX(i, b[i]), 0))
				return;
	}
	ok(true, "hcall.args", "", 0, 0, 0, 0);
}

/*
 * All registers over an exit to userspace. The VMM sees "in" (flag[0] has its
 * address), compares what KVM_GET_REGS and ONE_REG tell, puts other values into
 * all of them and into "in", and answers; r3...r12 are the hcall's own.
 */
static void b_regs(struct cpu *c)
{
	u64 where[2], round;
	int rc, i;

	mtmsr(mfmsr() | MSR_FP | MSR_VEC | MSR_VSX);
	for (round = 0; round < share.arg[0]; round++) {
		gregs_fill(&in, rnd(c));
		in.gpr[3] = T_SYNC;
		in.gpr[4] = 1;
		ACCESS(share.flag[0]) = (u64)&in;
		mb();
		regs_hcall(&in, &out);
		/* what userspace answered in r3...r12 stands in share.flag[3...12] */
		for (i = 3; i <= 12; i++)
			in.gpr[i] = share.flag[i];
		rc = gregs_compare(&in, &out, ~0ULL, where);
		if (!must(rc == 0, "regs.exit", "register, want, got", rc, where[0], where[1], round))
			return;
	}
	ok(true, "regs.exit", "", 0, 0, 0, 0);
}

/* The same without an exit of the guest's own: the host's interrupts come anyway. */
static void b_regs_spin(struct cpu *c)
{
	u64 where[2], round;
	int rc;

	for (round = 0; round < share.arg[0]; round++) {
		gregs_fill(&in, rnd(c));
		in.ctr = share.arg[1];
		regs_spin(&in, &out);
		in.ctr = 0;
		rc = gregs_compare(&in, &out, ~0ULL, where);
		if (!must(rc == 0, "regs.spin", "register, want, got", rc, where[0], where[1], round))
			return;
	}
	ok(true, "regs.spin", "", 0, 0, 0, 0);
}

static void b_sprs(struct cpu *c)
{
	static struct spr_set set;
	unsigned int i;
	u64 round;

	sprs_probe(c, &set);
	for (i = 0; i < spr_count; i++)
		if (!set.live[i] && !(share.in_tree && spr_table[i].num == SPR_MMCRS) && (!(spr_table[i].flags & SPR_P8) || power8()))
			report(T_SKIPPED, spr_table[i].name, "holds no value here", spr_table[i].num, 0, 0, 0);
	for (round = 0; round < share.arg[0]; round++) {
		u64 seed = rnd(c);

		gregs_fill(&in, seed);
		in.ctr = share.arg[1];
		sprs_write(c, &set, seed);
		regs_spin(&in, &out);
		sprs_check(c, &set, true);
		in.gpr[3] = T_SYNC;
		in.gpr[4] = 2;
		sprs_write(c, &set, seed + 1);
		regs_hcall(&in, &out);
		sprs_check(c, &set, false);
	}
	sprs_park(c, &set);
	ok(!set.lost[1], "sprs.spin", "registers that lost their value (bits: lines of sprs.def)", set.lost[1], 0, 0, 0);
	ok(!set.lost[0], "sprs.exit", "registers that lost their value (bits: lines of sprs.def)", set.lost[0], 0, 0, 0);
}

static void run_regs(struct cpu *c)
{
	b_regs(c);
	b_regs_spin(c);
	b_sprs(c);
}

/* Decrementer with EE on; time between setting it and the interrupt. */
static void b_dec(struct cpu *c)
{
	static const u64 ticks[] = { 1, 1000, 100000, 2000000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ticks); i++) {
		u64 before = c->decs, t0, t1;

		t0 = tb();
		mtspr(SPR_DEC, ticks[i]);
		mtmsr(mfmsr() | MSR_EE);
		while (ACCESS(c->decs) == before && tb() - t0 < share.tb_limit)
			;
		t1 = tb();
		mtmsr(mfmsr() & ~MSR_EE);
		if (!must(c->decs == before + 1, "dec.interrupt", "DEC, interrupts taken", ticks[i], c->decs - before, 0, 0))
			return;
		if (!must(t1 - t0 >= ticks[i], "dec.early", "DEC, ticks waited", ticks[i], t1 - t0, 0, 0))
			return;
	}
	ok(true, "dec.interrupt", "", 0, 0, 0, 0);

	/* pending while EE=0, taken when EE comes, only once, also over an exit */
	{
		u64 before = c->decs;

		mtspr(SPR_DEC, 0);
		spin_tb(1000);
		hcall(T_PUTS, (u64)"", 0, 0, 0);
		ok(c->decs == before, "dec.masked", "interrupt with EE=0", c->decs - before, 0, 0, 0);
		mtmsr(mfmsr() | MSR_EE);
		spin_tb(100000);
		mtmsr(mfmsr() & ~MSR_EE);
		ok(c->decs == before + 1, "dec.pending", "interrupts taken, want 1", c->decs - before, 0, 0, 0);
	}
	/* DEC counts over an exit as the time base does */
	{
		u64 t[4], d;
		s64 d0, d1;

		mtspr(SPR_DEC, 0x40000000);
		t[0] = tb();
		d0 = (int)mfspr(SPR_DEC);
		t[1] = tb();
		hcall(T_PUTS, (u64)"", 0, 0, 0);
		spin_tb(100000);
		t[2] = tb();
		d1 = (int)mfspr(SPR_DEC);
		t[3] = tb();
		d = d0 - d1;
		ok(d + 1 >= t[2] - t[1] && d <= t[3] - t[0] + 1, "dec.counts", "DEC went down by, TB up by at least, at most",
		   d, t[2] - t[1], t[3] - t[0], 0);
	}
}

/* H_CEDE: enables EE, sleeps until an interrupt; a prod before it makes it return at once. */
static void b_cede(struct cpu *c)
{
	static const u64 ticks[] = { 1, 10000, 500000, 5000000 };
	u64 worst = 0;
	unsigned int i, n;
	long rc;

	for (n = 0; n < 3; n++)
		for (i = 0; i < ARRAY_SIZE(ticks); i++) {
			u64 before = c->decs, t0 = tb(), dt;
			long rc;

			mtspr(SPR_DEC, ticks[i]);
			rc = hcall(H_CEDE, 0, 0, 0, 0);
			if (!must(mfmsr() & MSR_EE, "cede.ee", "EE is off after H_CEDE, MSR", mfmsr(), 0, 0, 0))
				return;
			/* H_CEDE may come back early, the interrupt may not */
			while (ACCESS(c->decs) == before && tb() - t0 < ticks[i] + share.arg[0])
				;
			dt = tb() - t0;
			mtmsr(mfmsr() & ~MSR_EE);
			if (!must(rc == H_SUCCESS, "cede.rc", "H_CEDE returned", rc, 0, 0, 0))
				return;
			if (!must(c->decs == before + 1, "cede.dec", "decrementer interrupts, DEC", c->decs - before,
				  ticks[i], dt, 0))
				return;
			if (!must(dt >= ticks[i], "cede.early", "DEC, ticks slept", ticks[i], dt, 0, 0))
				return;
			if (dt - ticks[i] > worst)
				worst = dt - ticks[i];
		}
	ok(true, "cede.dec", "", 0, 0, 0, 0);
	ok(worst < share.arg[0], "cede.late", "woke later than allowed (ticks), limit", worst, share.arg[0], 0, 0);

	mtspr(SPR_DEC, 0x7fffffff);
	hcall(H_PROD, c->sh->id, 0, 0, 0);
	{
		u64 t0 = tb(), before = c->decs;
		long rc = hcall(H_CEDE, 0, 0, 0, 0);

		mtmsr(mfmsr() & ~MSR_EE);
		ok(rc == H_SUCCESS && c->decs == before, "cede.prodded", "rc, ticks", rc, tb() - t0, 0, 0);
	}
	ok(hcall(H_PROD, 0x7777, 0, 0, 0) == H_PARAMETER, "prod.unknown", "no H_PARAMETER", 0, 0, 0, 0);
	/* a hypervisor that decides not to yield need not look at the target: H_SUCCESS now and then */
	for (n = 0; n < 100; n++) {
		rc = hcall(H_CONFER, 0x7777, 0, 0, 0);
		if (rc != H_SUCCESS)
			break;
	}
	ok(rc == H_PARAMETER, "confer.unknown", "returned", rc, 0, 0, 0);
	ok(hcall(H_CONFER, -1ULL, 0, 0, 0) == H_SUCCESS, "confer.all", "no H_SUCCESS", 0, 0, 0, 0);
}

/* Touch every page of memory slot 0, write what identifies it, read it all back. */
static void b_touch(struct cpu *c)
{
	u64 ra, bad = 0;

	(void)c;
	for (ra = T_FREE_RA; ra < share.mem; ra += 4096)
		*(volatile u64 *)ra = mix(ra, share.arg[0]);
	for (ra = T_FREE_RA; ra < share.mem; ra += 4096)
		if (*(volatile u64 *)ra != mix(ra, share.arg[0]))
			bad++;
	ok(bad == 0, "touch.values", "pages that lost their value", bad, 0, 0, 0);
	sync_point(3, 0, 0, 0);		/* the VMM compares its view and writes a second pattern */
	for (ra = T_FREE_RA; ra < share.mem; ra += 4096)
		if (*(volatile u64 *)ra != mix(ra, share.arg[0] + 1))
			bad++;
	ok(bad == 0, "touch.vmm", "pages that do not show what the VMM wrote", bad, 0, 0, 0);
}

/* VPA, SLB shadow and DTL registration: PAPR 14.11.3.2, and the yield count. */
static void b_vpa(struct cpu *c)
{
	static u8 area[3][4096] __attribute__((aligned(4096)));
	u64 id = c->sh->id, y0, y1;

	ok(hcall(H_REGISTER_VPA, 3ULL << 45, id, (u64)area[1], 0) != H_SUCCESS, "vpa.slb_first",
	   "SLB shadow without VPA accepted", 0, 0, 0, 0);
	ok(hcall(H_REGISTER_VPA, VPA_REG, 0x7777, (u64)area[0], 0) == H_PARAMETER, "vpa.who", "unknown vcpu", 0, 0, 0, 0);
	area[0][4] = 4;
	ok(hcall(H_REGISTER_VPA, VPA_REG, id, (u64)area[0] + 8, 0) == H_PARAMETER, "vpa.align", "unaligned", 0, 0, 0, 0);
	ok(hcall(H_REGISTER_VPA, VPA_REG, id, T_HOLE_RA, 0) == H_PARAMETER, "vpa.hole", "no memory there", 0, 0, 0, 0);
	ok(hcall(H_REGISTER_VPA, VPA_REG, id, -256ULL, 0) == H_PARAMETER, "vpa.huge", "no memory there", 0, 0, 0, 0);
	ok(hcall(H_REGISTER_VPA, 0, id, (u64)area[0], 0) == H_PARAMETER, "vpa.func0", "subfunction 0", 0, 0, 0, 0);
	ok(hcall(H_REGISTER_VPA, 4ULL << 45, id, (u64)area[0], 0) == H_PARAMETER, "vpa.func4", "subfunction 4", 0, 0, 0, 0);
	area[0][4] = 0;
	area[0][5] = 64;
	ok(hcall(H_REGISTER_VPA, VPA_REG, id, (u64)area[0], 0) == H_PARAMETER, "vpa.short", "64 bytes accepted", 0, 0, 0, 0);

	if (!ok(vpa_register(c, area[0]) == H_SUCCESS, "vpa.register", "refused", 0, 0, 0, 0))
		return;
	y0 = vpa_yields(area[0]);
	ok((y0 & 1) == 0, "vpa.even", "yield count is odd while the vcpu runs", y0, 0, 0, 0);
	mtspr(SPR_DEC, 1000000);
	hcall(H_CEDE, 0, 0, 0, 0);
	mtmsr(mfmsr() & ~MSR_EE);
	hcall(T_PUTS, (u64)"", 0, 0, 0);
	y1 = vpa_yields(area[0]);
	ok(y1 > y0 && (y1 & 1) == 0, "vpa.counts", "yield count before, after an exit", y0, y1, 0, 0);

	memset(area[1], 0, 4096);
	area[1][6] = 1;			/* length 256, big-endian word at 4 */
	ok(hcall(H_REGISTER_VPA, 3ULL << 45, id, (u64)area[1], 0) == H_SUCCESS, "vpa.slb", "refused", 0, 0, 0, 0);
	memset(area[2], 0, 4096);
	area[2][6] = 0x10;		/* 4096 */
	ok(hcall(H_REGISTER_VPA, 2ULL << 45, id, (u64)area[2], 0) == H_SUCCESS, "vpa.dtl", "refused", 0, 0, 0, 0);
	area[0][0xb8] = 7;		/* dtl_enable_mask */
	hcall(T_PUTS, (u64)"", 0, 0, 0);
	hcall(T_PUTS, (u64)"", 0, 0, 0);
	{
		u64 n = area[2][0];	/* dispatch_reason of entry 0 */
		u64 tbe = 0;
		int i;

		for (i = 0; i < 8; i++)
			tbe = tbe << 8 | area[2][16 + i];
		ok(n == 7 && tbe != 0 && tbe <= tb(), "vpa.dtl_entry", "reason, time base of entry 0, now", n, tbe, tb(), 0);
	}
	ok(hcall(H_REGISTER_VPA, VPA_DEREG, id, 0, 0) == H_RESOURCE, "vpa.dereg_order",
	   "VPA gone before SLB shadow and DTL", 0, 0, 0, 0);
	ok(hcall(H_REGISTER_VPA, 7ULL << 45, id, 0, 0) == H_SUCCESS, "vpa.slb_off", "refused", 0, 0, 0, 0);
	ok(hcall(H_REGISTER_VPA, 6ULL << 45, id, 0, 0) == H_SUCCESS, "vpa.dtl_off", "refused", 0, 0, 0, 0);
	ok(hcall(H_REGISTER_VPA, VPA_DEREG, id, 0, 0) == H_SUCCESS, "vpa.off", "refused", 0, 0, 0, 0);
	hcall(T_PUTS, (u64)"", 0, 0, 0);
	y0 = vpa_yields(area[0]);
	hcall(T_PUTS, (u64)"", 0, 0, 0);
	ok(vpa_yields(area[0]) == y0, "vpa.quiet", "written after it was given back", y0, vpa_yields(area[0]), 0, 0);
}

static void b_idle(struct cpu *c)
{
	(void)c;
	while (sync_point(0, 0, 0, 0))
		;
}

void guest_main(struct cpu *c)
{
	static void (*const prog[])(struct cpu *) = {
		[B_HCALL] = b_hcall, [B_REGS] = run_regs, [B_DEC] = b_dec, [B_CEDE] = b_cede,
		[B_MMIO] = b_mmio, [B_TOUCH] = b_touch, [B_HPT] = b_hpt, [B_MAP] = b_map,
		[B_WATCH] = b_watch, [B_IDLE] = b_idle, [B_USER] = b_user, [B_VPA] = b_vpa,
		[B_SEG] = b_seg,
	};

	if (share.prog < ARRAY_SIZE(prog) && prog[share.prog])
		prog[share.prog](c);
	else
		report(T_FAILED, "prog", "no such program", share.prog, 0, 0, 0);
}
