// SPDX-License-Identifier: GPL-2.0-only
/* One vcpu: hash table hcalls, translation, MMIO, SLB, problem state. */
#include "g_basic.h"

#define SEG(n)		(T_MAP_EA + ((u64)(n) << 28))
#define DSISR_NOHPTE	0x40000000
#define DSISR_PROT	0x08000000
#define DSISR_STORE	0x02000000
#define DSISR_KEY	0x00200000
#define DSISR_DABR	0x00400000

static u64 npte(void)
{
	return 1ULL << (share.htab_order - 4);
}

static void hpt_wrong(void)
{
	static const struct {
		const char *name;
		u64 nr, a[4];
		long want;
	} t[] = {
		{ "hpt.remove_empty", H_REMOVE, { 0, 0x100, 0 }, H_NOT_FOUND },
		{ "hpt.remove_far", H_REMOVE, { 0, 1ULL << 40, 0 }, H_PARAMETER },
		{ "hpt.remove_all_ones", H_REMOVE, { 0, -1ULL, 0 }, H_PARAMETER },
		{ "hpt.protect_empty", H_PROTECT, { 0, 0x100, 0 }, H_NOT_FOUND },
		{ "hpt.protect_far", H_PROTECT, { 0, 1ULL << 40, 0 }, H_PARAMETER },
		{ "hpt.read_far", H_READ, { 0, 1ULL << 40 }, H_PARAMETER },
		{ "hpt.read4_far", H_READ, { H_READ_4, -1ULL }, H_PARAMETER },
		{ "hpt.enter_far", H_ENTER, { 0, 1ULL << 40, 0x12345601, 0x200190 }, H_PARAMETER },
		{ "hpt.enter_pagesize", H_ENTER, { 0, 0x100, 0x12345605, 0x2ff190 }, H_PARAMETER },
		{ "hpt.enter_segsize", H_ENTER, { 0, 0x100, 0x8000000012345601, 0x200190 }, H_PARAMETER },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		long rc = hcall(t[i].nr, t[i].a[0], t[i].a[1], t[i].a[2], t[i].a[3]);

		ok(rc == t[i].want, t[i].name, "returned, want", rc, t[i].want, 0, 0);
	}
	ok(hcall(H_REMOVE, 0, npte(), 0, 0) == H_PARAMETER, "hpt.remove_edge", "index one past the end", 0, 0, 0, 0);
	ok(hcall(H_READ, 0, npte(), 0, 0) == H_PARAMETER, "hpt.read_edge", "index one past the end", 0, 0, 0, 0);
}

static void hpt_bulk(struct map *m, unsigned int n)
{
	u64 a[9] = { 0 };
	unsigned int i, bad = 0;
	u64 v, r;
	long rc;

	for (i = 0; i < n; i++)
		must(map_page(&m[i], SEG(2) + i * 0x1000, T_FREE_RA, R_M, 12) == H_SUCCESS, "bulk.enter", "refused", i, 0, 0, 0);
	/* absolute, AVPN right, AVPN wrong (not found), end of list */
	a[0] = 0x4000000000000000 | m[0].index;
	a[2] = 0x4200000000000000 | m[1].index;
	a[3] = m[1].v & ~0x7fULL;
	a[4] = 0x4200000000000000 | m[2].index;
	a[5] = 0x1234567800;
	a[6] = 0xc000000000000000;
	rc = hcall9(H_BULK_REMOVE, a);
	ok(rc == H_SUCCESS, "bulk.rc", "returned", rc, 0, 0, 0);
	ok(a[0] >> 60 == 8 && a[2] >> 60 == 8 && a[4] >> 60 == 9, "bulk.codes",
	   "translation specifiers", a[0], a[2], a[4], 0);
	for (i = 0; i < n; i++) {
		h_read(m[i].index, &v, &r);
		bad |= ((v & 1) != (i >= 2)) << i;
	}
	ok(!bad, "bulk.entries", "wrong entries (bits)", bad, 0, 0, 0);
	a[0] = 0x4000000000000000 | npte();
	rc = hcall9(H_BULK_REMOVE, a);
	ok(rc == H_PARAMETER && a[0] >> 60 == 0xa, "bulk.far", "rc, specifier", rc, a[0], 0, 0);
	for (i = 2; i < n; i++)
		unmap_page(&m[i]);
}

/* H_ENTER, H_READ, H_PROTECT, H_REMOVE and what the accesses see */
void b_hpt(struct cpu *c)
{
	struct map m, full[9];
	u64 v, r, val, ea = SEG(0) + 0x5000, i, got;
	volatile u64 *page = (volatile u64 *)(T_FREE_RA + 0x40000);
	long rc;

	slb_set(8, SEG(0), ea_vsid(SEG(0)), 0);
	slb_set(9, SEG(1), ea_vsid(SEG(1)), 0);
	slb_set(10, SEG(2), ea_vsid(SEG(2)), 0);
	hpt_wrong();

	*page = 0x1122334455667788;
	rc = map_page(&m, ea, (u64)page, R_M | PP_RWRW, 12);
	if (!ok(rc == H_SUCCESS, "hpt.enter", "returned", rc, 0, 0, 0))
		return;
	ok((m.index & ~7ULL) == hpte_group(ea, 12), "hpt.group", "index, group", m.index, hpte_group(ea, 12), 0, 0);
	rc = h_read(m.index, &v, &r);
	ok(rc == H_SUCCESS && v == m.v && (r & ~(R_R | R_C)) == m.r, "hpt.read", "rc, v, r, want r", rc, v, r, m.r);
	got = dr_load(c, ea, &val);
	ok(!got && val == *page, "hpt.load", "vector, value", got, val, 0, 0);
	got = dr_store(c, ea + 8, 0x99);
	ok(!got && page[1] == 0x99, "hpt.store", "vector, value", got, page[1], 0, 0);
	h_read(m.index, &v, &r);
	ok((r & (R_R | R_C)) == (R_R | R_C), "hpt.rc_bits", "second doubleword", r, 0, 0, 0);

	rc = hcall(H_ENTER, H_EXACT, m.index, m.v, m.r);
	ok(rc == H_PTEG_FULL, "hpt.exact_taken", "returned", rc, 0, 0, 0);

	/* read only: loads yes, stores no; and back */
	rc = hcall(H_PROTECT, H_AVPN | 3, m.index, 0x7777777700, 0);
	ok(rc == H_NOT_FOUND, "hpt.protect_avpn", "returned", rc, 0, 0, 0);
	rc = hcall(H_PROTECT, H_AVPN | 3, m.index, m.v & ~0x7fULL, 0);
	ok(rc == H_SUCCESS, "hpt.protect", "returned", rc, 0, 0, 0);
	got = dr_load(c, ea, &val);
	ok(!got && val == *page, "hpt.ro_load", "vector, value", got, val, 0, 0);
	got = dr_store(c, ea, 1);
	ok(got == 0x300 && c->last.dar == ea && (c->last.dsisr & (DSISR_PROT | DSISR_STORE)) == (DSISR_PROT | DSISR_STORE) &&
	   *page == 0x1122334455667788, "hpt.ro_store", "vector, DAR, DSISR, value", got, c->last.dar, c->last.dsisr, *page);
	rc = hcall(H_PROTECT, PP_RWRW, m.index, 0, 0);
	got = dr_store(c, ea, 0x55);
	ok(rc == H_SUCCESS && !got && *page == 0x55, "hpt.rw_again", "rc, vector, value", rc, got, *page, 0);

	/* gone: wrong AVPN first */
	rc = hcall(H_REMOVE, H_AVPN, m.index, 0x7777777700, 0);
	ok(rc == H_NOT_FOUND, "hpt.remove_avpn", "returned", rc, 0, 0, 0);
	rc = hcall(H_REMOVE, H_ANDCOND, m.index, 1, 0);
	ok(rc == H_NOT_FOUND, "hpt.remove_andcond", "returned", rc, 0, 0, 0);
	{
		u64 a[9] = { H_AVPN, m.index, m.v & ~0x7fULL };

		rc = hcall9(H_REMOVE, a);
		ok(rc == H_SUCCESS && a[0] == m.v && (a[1] & (R_R | R_C)) == (R_R | R_C), "hpt.remove",
		   "rc, v, r", rc, a[0], a[1], 0);
	}
	got = dr_load(c, ea, &val);
	ok(got == 0x300 && c->last.dar == ea && (c->last.dsisr & DSISR_NOHPTE), "hpt.gone", "vector, DAR, DSISR",
	   got, c->last.dar, c->last.dsisr, 0);
	got = dr_load(c, SEG(5), &val);
	ok(got == 0x380 && c->last.dar == SEG(5), "hpt.no_segment", "vector, DAR", got, c->last.dar, 0, 0);

	/* eight in a group, the ninth is refused */
	for (i = 0; i < 9; i++) {
		u64 a[9] = { 0, 0x1000, hpte_v(SEG(1) + i * 0x1000, 12), (u64)page | R_M };

		rc = hcall9(H_ENTER, a);
		full[i].index = a[0];
		if (rc)
			break;
	}
	/* slot 7 of a group may hold an entry of the VRMA */
	ok((i == 8 || i == 7) && rc == H_PTEG_FULL, "hpt.full", "entered, last rc", i, rc, 0, 0);
	while (i--)
		must(hcall(H_REMOVE, 0, full[i].index, 0, 0) == H_SUCCESS, "hpt.full_remove", "refused", i, 0, 0, 0);
	hpt_bulk(full, 4);
}

/* Many pages in turn through translation, 4K and 64K, memory fresh from the host. */
void b_map(struct cpu *c)
{
	static const struct { unsigned int shift; u64 slb; const char *name; } kind[] = {
		{ 12, 0, "map.4k" }, { 16, 0x110, "map.64k" },
	};
	unsigned int k;

	for (k = 0; k < ARRAY_SIZE(kind); k++) {
		u64 step = 1ULL << kind[k].shift, seg = SEG(16 + k), ra, bad = 0, n = 0, val, vec;
		struct map m;

		slb_set(8 + k, seg, ea_vsid(seg), kind[k].slb);
		for (ra = T_FREE_RA + 0x100000; ra + step <= share.mem && n < share.arg[0]; ra += 3 * step, n++) {
			long rc = map_page(&m, seg + ra, ra, R_M, kind[k].shift);

			if (rc) {
				/* 64K pages need 64K host pages below them */
				if (k && n == 0 && share.arg[1] < step)
					report(T_SKIPPED, kind[k].name, "host pages are smaller", share.arg[1], 0, 0, 0);
				else
					report(T_FAILED, kind[k].name, "H_ENTER returned, page", rc, n, 0, 0);
				goto next;
			}
			vec = dr_store(c, seg + ra + step - 16, mix(ra, 1));
			vec |= dr_load(c, seg + ra + step - 16, &val);
			if (vec || val != mix(ra, 1) || *(volatile u64 *)(ra + step - 16) != val)
				bad++;
			unmap_page(&m);
		}
		ok(!bad && n, kind[k].name, "pages wrong, of", bad, n, 0, 0);
next:		;
	}
}

#define X(rt, ra, rb, xo)	(31u << 26 | (rt) << 21 | (ra) << 16 | (rb) << 11 | (xo) << 1)
#define D(op, rt, ra, d)	((u32)(op) << 26 | (rt) << 21 | (ra) << 16 | (d))

struct mmio_op {
	const char *name;
	u32 insn[3];
	u32 len, store, msr_hi;	/* msr_hi: facility it needs */
	u64 r3;			/* loads: the result from the bytes 81 82 ... 88 in memory order */
};

/* what a load gives for a device that reads 81 82 83 84 85 86 87 88, by the guest's byte order */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LB(be, le)	le
#else
#define LB(be, le)	be
#endif
#define F_FP	1
#define F_VSX	2
#define F_VEC	4

static const struct mmio_op mmio_ops[] = {
	{ "mmio.lbz", { D(34, 3, 3, 0) }, 1, 0, 0, 0x81 },
	{ "mmio.lhz", { D(40, 3, 3, 0) }, 2, 0, 0, LB(0x8182, 0x8281) },
	{ "mmio.lha", { D(42, 3, 3, 0) }, 2, 0, 0, LB(0xffffffffffff8182, 0xffffffffffff8281) },
	{ "mmio.lwz", { D(32, 3, 3, 0) }, 4, 0, 0, LB(0x81828384, 0x84838281) },
	{ "mmio.lwa", { D(58, 3, 3, 2) }, 4, 0, 0, LB(0xffffffff81828384, 0xffffffff84838281) },
	{ "mmio.ld", { D(58, 3, 3, 0) }, 8, 0, 0, LB(0x8182838485868788, 0x8887868584838281) },
	{ "mmio.lhbrx", { X(3, 0, 3, 790) }, 2, 0, 0, LB(0x8281, 0x8182) },
	{ "mmio.lwbrx", { X(3, 0, 3, 534) }, 4, 0, 0, LB(0x84838281, 0x81828384) },
	{ "mmio.ldbrx", { X(3, 0, 3, 532) }, 8, 0, 0, LB(0x8887868584838281, 0x8182838485868788) },
	/* the result of the FP and vector loads is stored again, to r4 */
	{ "mmio.lfd", { D(50, 1, 3, 0), D(54, 1, 4, 0) }, 8, 0, F_FP, LB(0x8182838485868788, 0x8887868584838281) },
	{ "mmio.lxsdx", { X(2, 0, 3, 588), X(2, 0, 4, 716) }, 8, 0, F_VSX | F_FP,
	  LB(0x8182838485868788, 0x8887868584838281) },
	{ "mmio.stb", { D(38, 4, 3, 0) }, 1, 1, 0, 0 },
	{ "mmio.sth", { D(44, 4, 3, 0) }, 2, 1, 0, 0 },
	{ "mmio.stw", { D(36, 4, 3, 0) }, 4, 1, 0, 0 },
	{ "mmio.std", { D(62, 4, 3, 0) }, 8, 1, 0, 0 },
	{ "mmio.stwbrx", { X(4, 0, 3, 662) }, 4, 2, 0, 0 },
	{ "mmio.stdbrx", { X(4, 0, 3, 660) }, 8, 2, 0, 0 },
	{ "mmio.stdu", { D(62, 4, 3, 8 | 1) }, 8, 3, 0, 0 },
};

/* bytes of a store of "v" in memory order, first byte highest */
static u64 store_image(u64 v, u32 len, bool swapped)
{
	u64 be = 0;
	u32 i;

	for (i = 0; i < len; i++) {
		bool low_first = LB(0, 1) ^ swapped;
		u32 byte = low_first ? i : len - 1 - i;

		be = be << 8 | (v >> 8 * byte & 0xff);
	}
	return be;
}

/* Loads and stores to where no memory is. The VMM answers 81 82 ... and tells what it saw. */
void b_mmio(struct cpu *c)
{
	static volatile u64 slot __attribute__((aligned(16)));
	u64 ea = SEG(3) + 0x2000, slot_ea = SEG(3) + 0x10000 + ((u64)&slot & 0xfff);
	const u64 pat = 0xa1a2a3a4a5a6a7a8;
	struct map m, ms;
	unsigned int i;

	slb_set(8, SEG(3), ea_vsid(SEG(3)), 0);
	if (!ok(map_page(&m, SEG(3) + 0x2000, T_HOLE_RA + 0x3000, R_IG, 12) == H_SUCCESS &&
		map_page(&ms, slot_ea & ~0xfffULL, (u64)&slot & ~0xfffULL, R_M, 12) == H_SUCCESS,
		"mmio.enter", "refused", 0, 0, 0, 0))
		return;
	for (i = 0; i < ARRAY_SIZE(mmio_ops); i++) {
		const struct mmio_op *o = &mmio_ops[i];
		u64 a[9] = { 4 }, msr = mfmsr(), on = MSR_DR, arg, val, want, at = ea + 8 * i;
		u32 code[4];
		int n = 0;

		on |= (o->msr_hi & F_FP ? MSR_FP : 0) | (o->msr_hi & F_VSX ? MSR_VSX : 0);
		while (n < 3 && o->insn[n]) {
			code[n] = o->insn[n];
			n++;
		}
		code[n++] = 0x4e800020;
		make_code(c->code, code, n);
		c->last.vec = 0;
		slot = 0;
		arg = o->store ? pat : slot_ea;
		val = probe_call(c, c->code, at, arg, on);
		mtmsr(msr);
		hcall9(T_SYNC, a);	/* r5 = guest real, r6 = length, r7 = write, r8 = bytes in memory order */
		if (c->last.vec) {
			report(T_FAILED, o->name, "vector, DAR, DSISR", c->last.vec, c->last.dar, c->last.dsisr, 0);
			continue;
		}
		want = T_HOLE_RA + 0x3000 + 8 * i + (o->store == 3 ? 8 : 0);
		if (!must(a[1] == want && a[2] == o->len && a[3] == !!o->store, o->name, "the VMM saw: address, length, write",
			  a[1], a[2], a[3], 0))
			continue;
		if (o->store) {
			u64 img = store_image(pat, o->len, o->store == 2);
			bool moved = o->store != 3 || val == at + 8;

			ok(a[4] == img && moved, o->name, "bytes, want, r3", a[4], img, val, 0);
		} else {
			if (o->msr_hi)
				val = slot;
			ok(val == o->r3, o->name, "value, want", val, o->r3, 0, 0);
		}
	}
	must(unmap_page(&m) == H_SUCCESS, "mmio.remove", "refused", 0, 0, 0, 0);
}

/* Data breakpoints through H_SET_DABR and H_SET_XDABR */
void b_watch(struct cpu *c)
{
	u64 ea = SEG(0) + 0x5000, val, got;
	struct map m;
	long rc;

	slb_set(8, SEG(0), ea_vsid(SEG(0)), 0);
	if (!must(map_page(&m, ea, T_FREE_RA, R_M, 12) == H_SUCCESS, "watch.map", "refused", 0, 0, 0, 0))
		return;
	rc = hcall(H_SET_XDABR, ea | 7, 0, 0, 0);
	ok(rc == H_PARAMETER, "watch.dabrx0", "returned", rc, 0, 0, 0);
	rc = hcall(H_SET_XDABR, ea | 7, 4, 0, 0);
	ok(rc == H_PARAMETER, "watch.dabrx_hyp", "a watchpoint on the hypervisor: returned", rc, 0, 0, 0);
	rc = hcall(H_SET_XDABR, ea | 7, 3, 0, 0);
	ok(rc == H_SUCCESS, "watch.set", "returned", rc, 0, 0, 0);
	got = dr_load(c, ea, &val);
	if (!got && share.arg[0])
		report(T_SKIPPED, "watch.hit", "the emulator has no data breakpoints", 0, 0, 0, 0);
	else
		ok(got == 0x300 && (c->last.dsisr & DSISR_DABR) && c->last.dar == ea, "watch.hit", "vector, DSISR, DAR",
		   got, c->last.dsisr, c->last.dar, 0);
	got = dr_load(c, ea + 64, &val);
	ok(!got, "watch.miss", "vector", got, 0, 0, 0);
	rc = hcall(H_SET_DABR, 0, 0, 0, 0);
	got = dr_load(c, ea, &val);
	ok(rc == H_SUCCESS && !got, "watch.clear", "rc, vector", rc, got, 0, 0);
	unmap_page(&m);
}

/* Run "code" in problem state at a page of its own; the vector that ends it. */
static u64 user_run(struct cpu *c, u64 ea, u32 *page, u32 insn)
{
	const u32 enter[] = { 0x7c7a03a6 /* mtsrr0 r3 */, 0x7c9b03a6 /* mtsrr1 r4 */, 0x4c000024 /* rfid */ };
	const u32 user[] = { insn, 0x48000000 /* b . */ };

	make_code(page, user, 2);
	make_code(c->code, enter, 3);
	c->last.vec = 0;
	probe_call(c, c->code, ea, mfmsr() | MSR_PR | MSR_IR | MSR_DR | MSR_RI, 0);
	return c->last.vec;
}

#define SPR_IAMR	61
#define KEY		5ULL
#define HPTE_KEY	((KEY >> 3) << 60 | (KEY & 7) << 9)
#define IAMR_DENY	(1ULL << (62 - 2 * KEY))
#define ISI_KEY		0x00200000

/* A fetch that a storage key denies: the guest's own interrupt, with its reason. */
static void user_key(struct cpu *c, u64 ea, u32 *page)
{
	struct map m;
	u64 vec;

	if (!share.arg[0])	/* no IAMR in this host */
		return;
	if (!must(map_page(&m, ea, (u64)page, R_M | PP_RWRW | HPTE_KEY, 12) == H_SUCCESS, "user.key_map", "refused", 0, 0, 0, 0))
		return;
	vec = user_run(c, ea, page, 0x44000002);
	ok(vec == 0xc00, "user.key_open", "vector, SRR0, SRR1", vec, c->last.srr0, c->last.srr1, 0);
	mtspr(SPR_IAMR, IAMR_DENY);
	vec = user_run(c, ea, page, 0x44000002);
	mtspr(SPR_IAMR, 0);
	ok(vec == 0x400 && c->last.srr0 == ea && (c->last.srr1 & 0x58200000) == ISI_KEY, "user.key_denied", "vector, SRR0, SRR1", vec,
	   c->last.srr0, c->last.srr1, 0);
	unmap_page(&m);
}

void b_user(struct cpu *c)
{
	static const struct { const char *name; u32 insn; u64 vec, srr0_off; u64 flag; } t[] = {
		{ "user.sc0", 0x44000002, 0xc00, 4, 0 },
		{ "user.sc1", 0x44000022, 0xc00, 4, 0 },
		{ "user.trap", 0x7fe00008, 0x700, 0, 0x20000 },
		{ "user.mfmsr", 0x7c6000a6, 0x700, 0, 0x40000 },
		{ "user.rfid", 0x4c000024, 0x700, 0, 0x40000 },
		{ "user.hrfid", 0x4c000224, 0x700, 0, 0x40000 },
		{ "user.illegal", 0x00000000, 0x700, 0, 0x80000 },
		{ "user.fp", 0xfc21082a, 0x800, 0, 0 },
	};
	u32 *page = (u32 *)(T_FREE_RA + 0x80000);
	u64 ea = SEG(4) + 0x7000;
	struct map m;
	unsigned int i;

	slb_set(8, SEG(4), ea_vsid(SEG(4)), 0);
	if (!must(map_page(&m, ea, (u64)page, R_M | PP_RWRW, 12) == H_SUCCESS, "user.map", "refused", 0, 0, 0, 0))
		return;
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		u64 vec = user_run(c, ea, page, t[i].insn);

		ok(vec == t[i].vec && c->last.srr0 == ea + t[i].srr0_off && (c->last.srr1 & MSR_PR) &&
		   (c->last.srr1 & t[i].flag) == t[i].flag, t[i].name, "vector, SRR0, SRR1, want vector",
		   vec, c->last.srr0, c->last.srr1, t[i].vec);
	}
	user_key(c, ea + 0x2000, page + 0x1000 / 4);
	unmap_page(&m);
	/* the page is gone: the fetch faults */
	{
		u64 vec = user_run(c, ea, page, 0x60000000);

		ok(vec == 0x400 && c->last.srr0 == ea, "user.isi", "vector, SRR0, SRR1", vec, c->last.srr0, c->last.srr1, 0);
	}
}

static u64 slb_get(unsigned int n, u64 *v)
{
	u64 e;

	asm volatile("slbmfee %0,%2; slbmfev %1,%2" : "=r"(e), "=r"(*v) : "r"((u64)n));
	return e;
}

/* The SLB over exits to userspace and over the host's interrupts: same slots, same values. */
void b_seg(struct cpu *c)
{
	u64 round, n, e, v, bad = 0, wrong = 0;

	for (round = 0; round < share.arg[0]; round++) {
		asm volatile("isync; slbia; isync" : : : "memory");
		for (n = 1; n < 32; n++)
			if (n & round)
				slb_set(n, SEG(n + 32 * round), ea_vsid(SEG(n + 32 * round)), 0x400);
		if (round & 1)
			sync_point(2, 0, 0, 0);
		else
			spin_tb(share.arg[1]);
		for (n = 1; n < 32; n++) {
			u64 ea = SEG(n + 32 * round);
			bool want = n & round;

			e = slb_get(n, &v);
			if (want ? e != ((ea & ~0xfffffffULL) | 1ULL << 27) || v != (ea_vsid(ea) << 12 | 0x400)
				 : (e & 1ULL << 27) != 0) {
				bad++;
				wrong = n;
			}
		}
	}
	(void)c;
	ok(!bad, "slb.kept", "entries wrong, one of them", bad, wrong, 0, 0);
}
