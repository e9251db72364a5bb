// SPDX-License-Identifier: GPL-2.0-only
/* A guest that does what it may not. Faults must arrive here, at their vector, or nothing happens. */
#include "guest.h"

#define MFSPR(n)	(0x7c6002a6 | ((n) & 31) << 16 | ((n) >> 5) << 11)
#define MTSPR(n)	(0x7c6003a6 | ((n) & 31) << 16 | ((n) >> 5) << 11)

/* Instructions that need hypervisor state, or are none; all must end in 0x700 */
static const struct { const char *name; u32 insn; u64 r3; } priv_insns[] = {
	{ "priv.hrfid", 0x4c000224, 0 },
	{ "priv.doze", 0x4c000324, 0 },
	{ "priv.nap", 0x4c000364, 0 },
	{ "priv.sleep", 0x4c0003a4, 0 },
	{ "priv.rvwinkle", 0x4c0003e4, 0 },
	{ "priv.attn", 0x00000200, 0 },
	{ "priv.zero", 0x00000000, 0 },
	{ "priv.opcode1", 0x07ffffff, 0 },
	{ "priv.opcode6", 0x18000000, 0 },
	{ "priv.tlbie", 0x7c001a64, 0 },
	{ "priv.tlbsync", 0x7c00046c, 0 },
	{ "priv.tlbia", 0x7c0002e4, 0 },
	{ "priv.msgsnd", 0x7c00199c, 5ULL << 27 },
	{ "priv.msgclr", 0x7c0019dc, 5ULL << 27 },
	{ "priv.lbzcix", 0x7c601eaa, 0 },
	{ "priv.lwzcix", 0x7c601e2a, 0 },
	{ "priv.ldcix", 0x7c601eea, 0 },
	{ "priv.stbcix", 0x7c601faa, 0 },
	{ "priv.stdcix", 0x7c601fea, 0 },
	{ "priv.trap", 0x7fe00008, 0 },
};

/* Registers that belong to the hypervisor (HRMOR, LPCR, SDR1, ...) */
static const struct { const char *name; u32 num; } hv_sprs[] = {
	{ "RMOR", 312 }, { "HRMOR", 313 }, { "SDR1", 25 }, { "LPCR", 318 }, { "LPIDR", 319 },
	{ "HSPRG0", 304 }, { "HSPRG1", 305 }, { "HDSISR", 306 }, { "HDAR", 307 }, { "HDEC", 310 },
	{ "HSRR0", 314 }, { "HSRR1", 315 }, { "HMER", 336 }, { "HMEER", 337 }, { "PCR", 338 }, { "HEIR", 339 },
	{ "AMOR", 349 }, { "RPR", 186 }, { "CIABR", 187 }, { "HFSCR", 190 }, { "DAWR", 180 }, { "DAWRX", 181 },
	{ "DABR", 1013 }, { "DABRX", 1015 }, { "HID0", 1008 }, { "HID1", 1009 }, { "HID4", 1012 }, { "HID5", 1014 },
	{ "TBL", 284 }, { "TBU", 285 }, { "TBU40", 286 }, { "PVR", 287 }, { "PURR", 309 }, { "SPURR", 308 },
	{ "IC", 848 }, { "VTB", 849 }, { "PIR", 1023 }, { "TIR", 446 }, { "TSCR", 921 }, { "TTR", 922 },
	{ "DPDES", 176 }, { "TFMR", 1021 }, { "SPRC", 276 }, { "SPRD", 277 },
};

/* what a guest may read of them (Power ISA 2.07 Book III-S, 4.3.1 and the processor manuals) */
static bool may_read(u32 spr)
{
	return spr == 287 || spr == 309 || spr == 308 || spr == 849 || spr == 848 ||
	       spr == 1023 || spr == 446 || spr == 176;
}

static void a_priv(struct cpu *c)
{
	const u64 poison = 0x00005a5a00000000;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(priv_insns); i++) {
		u64 v = priv_insns[i].r3, vec = run_insn(c, priv_insns[i].insn, &v, 0, 0);

		if (!power8() && (priv_insns[i].insn & 0xfffffb3f) == 0x7c00191c)
			continue;
		ok(vec == 0x700, priv_insns[i].name, "vector, SRR1", vec, c->last.srr1, 0, 0);
	}
	for (i = 0; i < ARRAY_SIZE(hv_sprs); i++) {
		u64 v = poison, t0, t1, vec = run_insn(c, MFSPR(hv_sprs[i].num), &v, 0, 0);

		/* a trap, or a no-op that leaves r3 alone: nothing of the host comes through */
		if (!may_read(hv_sprs[i].num))
			ok(vec == 0x700 || (!vec && v == poison), hv_sprs[i].name, "mfspr: vector, value", vec, v, 0, 0);
		t0 = tb();
		v = poison;
		vec = run_insn(c, MTSPR(hv_sprs[i].num), &v, 0, 0);
		t1 = tb();
		ok(vec == 0x700 || !vec, hv_sprs[i].name, "mtspr: vector", vec, 0, 0, 0);
		must(t1 >= t0 && t1 - t0 < share.tb_limit, hv_sprs[i].name, "mtspr moved the time base", t0, t1, 0, 0);
	}
	/* rfid with MSR[HV] set in SRR1: the bit must not get through */
	{
		static const u32 code[] = {
			0x7c9b03a6,	/* mtsrr1 r4 */
			0x7c0802a6,	/* mflr r0 */
			0x7c1a03a6,	/* mtsrr0 r0 */
			0x4c000024,	/* rfid */
		};
		u64 msr;

		make_code(c->code, code, 4);
		c->last.vec = 0;
		probe_call(c, c->code, 0, mfmsr() | MSR_HV, 0);
		msr = mfmsr();
		ok(!(msr & MSR_HV), "priv.rfid_hv", "vector, MSR", c->last.vec, msr, 0, 0);
		mtmsr(mfmsr() | MSR_HV);
		msr = mfmsr();
		ok(!(msr & MSR_HV), "priv.mtmsr_hv", "MSR", msr, 0, 0, 0);
	}
}

#define ZERO_PAGE	0x8000ULL	/* flag of H_ENTER (PAPR 14.5.4.1.2) */

/*
 * Every hcall number from arg[0] up to arg[1], every argument 0, -1, misaligned,
 * huge, and a plain good address. Numbers that the VMM answers (it says so in
 * flag[15]) get each value once, the others all combinations of four arguments.
 */
static void a_hcalls(struct cpu *c)
{
	static const u64 vals[] = { 0, -1ULL, 0x1001, 0x7ffffffffffffff0, T_FREE_RA };
	const unsigned int n = ARRAY_SIZE(vals);
	u64 nr, calls = 0, kernel = 0;

	for (nr = share.arg[0]; nr < share.arg[1]; nr += share.arg[2]) {
		unsigned int i, all = n * n * n * n;

		ACCESS(share.flag[15]) = 0;
		for (i = 0; i < n; i++) {
			u64 a[9] = { vals[i], vals[i], vals[i], vals[i], vals[i], vals[i], vals[i], vals[i], vals[i] };

			if (nr == H_ENTER)
				a[0] &= ~ZERO_PAGE;	/* it would zero this program */
			mtspr(SPR_DEC, 20000);	/* for H_CEDE */
			hcall9(nr, a);
			mtmsr(mfmsr() & ~(MSR_EE | MSR_DR | MSR_IR));
			calls++;
		}
		ACCESS(c->sh->progress) = nr;
		if (ACCESS(share.flag[15]))
			continue;
		kernel++;
		for (i = 0; i < all; i++) {
			u64 a[9] = { vals[i % n], vals[i / n % n], vals[i / n / n % n], vals[i / n / n / n] };

			if (nr == H_SET_DABR || nr == H_SET_XDABR || nr == H_SET_MODE)
				a[0] |= 0x0fff000000000000;	/* not on this code */
			if (nr == H_ENTER)
				a[0] &= ~ZERO_PAGE;
			if (nr == H_CEDE && i >= n)
				break;
			mtspr(SPR_DEC, 20000);
			hcall9(nr, a);
			mtmsr(mfmsr() & ~MSR_EE);
			calls++;
		}
	}
	mtspr(SPR_DEC, 0x7fffffff);
	hcall(H_SET_DABR, 0, 0, 0, 0);
	c->sh->out[0] = calls;
	c->sh->out[1] = kernel;
	ok(true, "hcalls.alive", "", 0, 0, 0, 0);
}

static void a_eeloop(struct cpu *c)
{
	ACCESS(c->sh->progress) = 1;
	mb();
	for (;;)
		asm volatile("" : : : "memory");
}

/* Zero over every vector, then a jump to nowhere: faults for ever. */
static void a_wild(struct cpu *c)
{
	static struct barrier all;
	volatile u64 *p;

	if (barrier_wait(&all, share.ncpu))
		return;
	ACCESS(c->sh->progress) = 1;
	mb();
	for (p = (volatile u64 *)0x200; p < (volatile u64 *)0x3000; p++)
		*p = 0;
	mb();
	/* caches: the vectors that will be fetched are the zeros */
	for (p = (volatile u64 *)0x200; p < (volatile u64 *)0x3000; p += 8)
		asm volatile("dcbst 0,%0; sync; icbi 0,%0" : : "r"(p) : "memory");
	asm volatile("sync; isync; mtctr %0; bctr" : : "r"(0x00ffff0000000000ULL) : "ctr");
}

/* An SLB of nonsense: reserved page sizes, duplicates, random words; then accesses. */
static void a_slb(struct cpu *c)
{
	u64 round, n, faults = 0, dummy;

	for (round = 0; round < share.arg[0]; round++) {
		asm volatile("isync; slbia; isync" : : : "memory");
		for (n = 0; n < 32; n++) {
			/* a terabyte apart: two entries for one address would be a machine check */
			u64 rb = (n + 33 + 32 * (rnd(c) & 7)) << 40 | (rnd(c) & 0x8000fff);
			u64 rs = rnd(c);
			u64 v = rs;

			/* slbmte r3,r4 */
			run_insn(c, 0x7c602324, &v, (rb & ~0xfffULL) | n, 0);
			if (c->last.vec && c->last.vec != 0x700)
				must(false, "slb.slbmte", "vector, RS, RB", c->last.vec, rs, rb, 0);
			if (dr_load(c, rb & ~0xfffULL, &dummy))
				faults++;
		}
	}
	asm volatile("slbia; isync" : : : "memory");
	ok(true, "slb.alive", "", 0, 0, 0, 0);
	c->sh->out[0] = faults;
}

/*
 * Jumps to where no code is. The virtual real mode area is a segment of 1 TiB; a
 * processor may ignore the address bits above it, then it is memory after all.
 */
#define REAL_MASK	0xffffffffffULL

static void a_jump(struct cpu *c)
{
	static const u64 to[] = {
		0x00ffff0000000000, 0x4000000000000000, 0x0fffffffffff0000, T_HOLE_RA, 0x8000000000000000,
		0xc000000000000000, 0xc000000000000100, 0xfffffffffffff000,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		const u32 code[] = { 0x7c6903a6 /* mtctr r3 */, 0x4e800420 /* bctr */ };
		u64 ea;

		make_code(c->code, code, 2);
		c->last.vec = 0;
		probe_call(c, c->code, to[i], 0, 0);
		ea = c->last.srr0;
		ok(c->last.vec == 0x400 || c->last.vec == 0x480 || (to[i] & REAL_MASK) < share.mem, "jump.fault",
		   "target, vector, SRR0, SRR1", to[i], c->last.vec, ea, c->last.srr1);
		c->last.vec = 0;
		probe_call(c, c->code, to[i], 0, MSR_IR);
	}
	/* loads and stores in real mode at the same places */
	for (i = 0; i < ARRAY_SIZE(to); i++) {
		u64 v = to[i], vec;

		if ((to[i] & REAL_MASK) < share.mem)
			continue;
		vec = run_insn(c, INSN_LD, &v, 0, 0);
		ok(vec == 0x300 || vec == 0x380, "jump.load", "address, vector, DSISR, value", to[i], vec, c->last.dsisr, v);
		v = to[i];
		vec = run_insn(c, INSN_STD, &v, 0x5a, 0);
		ok(vec == 0x300 || vec == 0x380, "jump.store", "address, vector, DSISR", to[i], vec, c->last.dsisr, 0);
	}
}

/* A slot that comes and goes: with memory the value, without it an MMIO exit. arg[0] = its address */
static void a_slot(struct cpu *c)
{
	u64 ea = T_MAP_EA + (3ULL << 28), n = 0, mem = 0, mmio = 0, strange = 0, last = 0;
	struct map m;

	slb_set(8, ea, ea_vsid(ea), 0);
	while (ACCESS(share.endless)) {
		u64 v = 0, vec;
		long rc = map_page(&m, ea, share.arg[0], R_M, 12);

		if (rc) {
			strange++;
			last = rc;
			continue;
		}
		vec = dr_load(c, ea, &v);
		if (vec || (v != 0x600d && v != 0xeeee)) {
			strange++;
			last = vec ? vec : v;
		} else if (v == 0x600d) {
			mem++;
		} else {
			mmio++;
		}
		unmap_page(&m);
		ACCESS(c->sh->progress) = ++n;
	}
	c->sh->out[0] = mem;
	c->sh->out[1] = mmio;
	c->sh->out[2] = strange;
	c->sh->out[3] = last;
}

/* What would only end this guest: branches by register, MSR changes, the vectors' own SPRGs, lmw */
static bool too_easy(u32 insn)
{
	u32 op = insn >> 26, xo = insn >> 1 & 0x3ff, spr = (insn >> 16 & 31) | (insn >> 6 & 0x3e0);

	switch (op) {
	case 16: case 18: case 46: case 47:
		return true;
	case 19:
		return xo == 528 || xo == 560 || xo == 18;
	case 31:
		return xo == 146 || xo == 178 || xo == 597 || xo == 533 || xo == 30 || xo == 62 ||
		       (xo == 467 && (spr == 272 || spr == 273));
	}
	return false;
}

/*
 * Random words as instructions, each on its own, in real mode with EE=0, with r3
 * and r4 as first operands. What they do to this guest does not matter; the VMM
 * asks that the host and other guests live on and that the vcpu can be stopped.
 */
static void a_fuzz(struct cpu *c)
{
	u64 n, v;

	c->seed = mix(share.arg[0], c->idx);
	for (n = 0; ACCESS(share.endless); n++) {
		u32 insn = rnd(c);

		if (too_easy(insn))
			continue;
		if (insn >> 26 != 17)
			insn = (insn & ~(31u << 21 | 31u << 16)) | 3u << 21 | 4u << 16;
		if (insn >> 26 == 31 && (insn >> 1 & 0x3ff) % 128 == 83)
			insn = MTSPR(rnd(c) & 1023);	/* SPR numbers, too */
		if (too_easy(insn))
			continue;
		v = rnd(c) | 0x4000000000000000;
		run_insn(c, insn, &v, rnd(c), 0);
		ACCESS(c->sh->progress) = n;
	}
}

void guest_main(struct cpu *c)
{
	static void (*const prog[])(struct cpu *) = {
		[A_PRIV] = a_priv, [A_HCALLS] = a_hcalls, [A_EELOOP] = a_eeloop, [A_WILD] = a_wild,
		[A_SLB] = a_slb, [A_JUMP] = a_jump, [A_SLOT] = a_slot, [A_FUZZ] = a_fuzz,
	};

	if (share.prog < ARRAY_SIZE(prog) && prog[share.prog])
		prog[share.prog](c);
	else
		report(T_FAILED, "prog", "no such program", share.prog, 0, 0, 0);
}
