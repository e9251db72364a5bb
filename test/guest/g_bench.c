// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operation costs: arg[1] says which (N_*), arg[0] how often.  cpu 0 measures; others with role 1 spin and
 * count, as threads that have something else to do, with role 3 they idle.  Time base ticks, in a deterministic host 1.953 instructions each.
 * out of cpu 0, of the last MOST: 0 the median, 1 the least, 2 nine tenths are below; 3 how many were done
 */
#include "guest.h"

#define MOST	2048
static u32 sample[MOST];
static struct { u8 b[1024]; } vpa[T_MAXCPU] __attribute__((aligned(4096)));

static struct map one;
#define EA	(T_MAP_EA + 0x2000)
#define HOLE	(T_MAP_EA + 0x5000)

/* --- the hcalls --- */

static u64 timed(u64 nr, u64 a[9])
{
	u64 t = tb();

	hcall9(nr, a);
	return tb() - t;
}

static u64 n_userspace(struct cpu *c, u64 i)
{
	u64 a[9] = { i };

	(void)c;
	return timed(T_SYNC, a);
}

/* in the kernel, never in real mode: take away a dispatch trace log that there is not */
static u64 n_virtual(struct cpu *c, u64 i)
{
	u64 a[9] = { 6ULL << 45, c->sh->id };

	(void)i;
	return timed(H_REGISTER_VPA, a);
}

static u64 n_prod(struct cpu *c, u64 i)
{
	u64 a[9] = { c->sh->id };

	(void)i;
	return timed(H_PROD, a);
}

static u64 n_set_dabr(struct cpu *c, u64 i)
{
	u64 a[9] = { 0 };

	(void)c;
	(void)i;
	return timed(H_SET_DABR, a);
}

static u64 n_enter(struct cpu *c, u64 i)
{
	u64 a[9] = { 0, hpte_group(EA, 12), hpte_v(EA, 12), T_FREE_RA | R_M }, t;

	(void)c;
	(void)i;
	t = timed(H_ENTER, a);
	one.index = a[0];
	one.v = hpte_v(EA, 12);
	unmap_page(&one);
	return t;
}

static u64 n_remove(struct cpu *c, u64 i)
{
	u64 a[9] = { H_AVPN, 0, hpte_v(EA, 12) & ~0x7fULL };

	(void)c;
	(void)i;
	map_page(&one, EA, T_FREE_RA, R_M, 12);
	a[1] = one.index;
	return timed(H_REMOVE, a);
}

static u64 n_read(struct cpu *c, u64 i)
{
	u64 a[9] = { 0 }, t;

	(void)c;
	(void)i;
	map_page(&one, EA, T_FREE_RA, R_M, 12);
	a[1] = one.index;
	t = timed(H_READ, a);
	unmap_page(&one);
	return t;
}

/* --- memory --- */

/* a fresh page each time; with arg[2] the VMM touches all of them first, when the hash table has been filled without */
static u64 n_touch(struct cpu *c, u64 i)
{
	u64 t;

	(void)c;
	if (!i && share.arg[2])
		sync_point(1, 0, 0, 0);
	t = tb();
	*(volatile u64 *)(N_TOUCH_RA + (i << 16));
	return tb() - t;
}

/* less what the same costs where there is memory */
static u64 n_mmio(struct cpu *c, u64 i)
{
	static struct map hole;
	u64 v, t, plain;

	if (!i) {
		slb_set(8, EA, ea_vsid(EA), 0);
		map_page(&one, EA, T_FREE_RA, R_M, 12);
		map_page(&hole, HOLE, T_HOLE_RA + 0x3000, R_IG, 12);
		dr_load(c, EA, &v);
	}
	t = tb();
	dr_load(c, EA, &v);
	plain = tb() - t;
	t = tb();
	dr_load(c, HOLE, &v);
	return tb() - t - plain;
}

/* --- sleep --- */

static u64 n_cede_due(struct cpu *c, u64 i)
{
	u64 a[9] = { 0 }, t;

	(void)c;
	(void)i;
	mtspr(SPR_DEC, -5);
	t = timed(H_CEDE, a);
	mtmsr(mfmsr() & ~MSR_EE);
	return t;
}

/* by how much too late is the decrementer's end of an H_CEDE of arg[2] ticks? */
static u64 n_late(struct cpu *c, u64 i)
{
	u64 before = c->decs, t = tb() + share.arg[2];

	(void)i;
	mtspr(SPR_DEC, share.arg[2]);
	do
		hcall(H_CEDE, 0, 0, 0, 0);
	while (ACCESS(c->decs) == before);
	mtmsr(mfmsr() & ~MSR_EE);
	return tb() - t;
}

/* --- interrupts of the in-kernel XICS --- */

#define H_EOI	0x64
#define H_CPPR	0x68
#define H_IPI	0x6c
#define H_XIRR	0x74
#define IPI_PRIO	4

static u64 take_ipi(struct cpu *c)
{
	u64 a[9] = { 0 };

	hcall9(H_XIRR, a);
	hcall(H_IPI, c->sh->id, 0xff, 0, 0);
	hcall(H_EOI, a[0], 0, 0, 0);
	return a[0] & 0xffffff;
}

/* one that is pending already, or that a vcpu sends to itself: H_IPI, H_XIRR, H_IPI, H_EOI */
static u64 n_ipi_self(struct cpu *c, u64 i)
{
	u64 t;

	if (!i)
		hcall(H_CPPR, 0xff, 0, 0, 0);
	t = tb();
	hcall(H_IPI, c->sh->id, IPI_PRIO, 0, 0);
	must(take_ipi(c) == 2, "bench.ipi_self", "no IPI", i, 0, 0, 0);
	return tb() - t;
}

static u64 answered[32];

static void on_ipi(struct cpu *c)
{
	take_ipi(c);
	ACCESS(answered[0])++;
}

/* from H_IPI to the time at which cpu 1 has ended the interrupt and says so in memory */
static u64 n_ipi(struct cpu *c, u64 i)
{
	u64 t, before = ACCESS(answered[0]);

	(void)c;
	(void)i;
	t = tb();
	hcall(H_IPI, share.cpu[1].id, IPI_PRIO, 0, 0);
	while (ACCESS(answered[0]) == before && !ACCESS(share.abort)) {
		if (tb() - t > share.tb_limit)
			give_up();
		spin_hint();
	}
	return tb() - t;
}

/* role 2: takes the IPIs, spinning (arg[2] 0) or ceded between them */
static void take_ipis(struct cpu *c)
{
	c->external = on_ipi;
	hcall(H_CPPR, 0xff, 0, 0, 0);
	ACCESS(c->sh->progress) = 1;
	mtmsr(mfmsr() | MSR_EE);
	while (ACCESS(share.endless)) {
		if (share.arg[2])
			hcall(H_CEDE, 0, 0, 0, 0);
		spin_hint();
	}
	mtmsr(mfmsr() & ~MSR_EE);
	ACCESS(c->sh->out[0]) = answered[0];
}

/* --- */

static u64 (*const op[])(struct cpu *, u64) = {
	[N_USERSPACE] = n_userspace, [N_VIRTUAL] = n_virtual, [N_PROD] = n_prod, [N_SET_DABR] = n_set_dabr,
	[N_READ] = n_read, [N_ENTER] = n_enter, [N_REMOVE] = n_remove, [N_TOUCH] = n_touch, [N_MMIO] = n_mmio,
	[N_CEDE_DUE] = n_cede_due, [N_LATE] = n_late, [N_IPI_SELF] = n_ipi_self, [N_IPI] = n_ipi,
};

static void sort(u32 *v, u64 n)
{
	u64 i, j, gap;
	u32 x;

	for (gap = n / 2; gap; gap /= 2)
		for (i = gap; i < n; i++) {
			x = v[i];
			for (j = i; j >= gap && v[j - gap] > x; j -= gap)
				v[j] = v[j - gap];
			v[j] = x;
		}
}

/* role 3 */
static void idle(struct cpu *c)
{
	while (ACCESS(share.endless)) {
		ACCESS(c->sh->progress)++;
		mtspr(SPR_DEC, 0x2000000);	/* 65 ms */
		hcall(H_CEDE, 0, 0, 0, 0);
		mtmsr(mfmsr() & ~MSR_EE);
	}
}

static void measure(struct cpu *c)
{
	u64 i, n;

	for (i = 0; i < share.arg[0] && !ACCESS(share.abort); i++) {
		sample[i % MOST] = op[share.arg[1]](c, i);
		ACCESS(c->sh->progress) = i + 1;
	}
	n = i < MOST ? i : MOST;
	sort(sample, n);
	c->sh->out[0] = sample[n / 2];
	c->sh->out[1] = sample[0];
	c->sh->out[2] = sample[n * 9 / 10];
	c->sh->out[3] = i;
	ACCESS(share.endless) = 0;
	for (i = 1; i < share.ncpu; i++)
		if (share.cpu[i].role == 3)
			hcall(H_PROD, share.cpu[i].id, 0, 0, 0);
}

void guest_main(struct cpu *c)
{
	u64 y, t;

	vpa_register(c, &vpa[c->idx]);
	if (c->idx) {
		y = vpa_yields(&vpa[c->idx]);
		if (c->sh->role == 2)
			take_ipis(c);
		if (c->sh->role == 3)
			idle(c);
		while (ACCESS(share.endless)) {
			ACCESS(c->sh->progress)++;
			spin_hint();
		}
		c->sh->out[1] = vpa_yields(&vpa[c->idx]) - y;
		return;
	}
	t = tb();
	for (y = 1; y < share.ncpu; y++)
		while (!ACCESS(share.cpu[y].progress) && tb() - t < share.tb_limit)
			spin_hint();
	measure(c);
}
