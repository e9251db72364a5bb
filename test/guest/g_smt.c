// SPDX-License-Identifier: GPL-2.0-only
/* Several vcpus at once. cpu->sh->group says who shares a vcore, members how many. */
#include "guest.h"

static struct barrier group_bar[T_MAXCPU], pair_bar[T_MAXCPU], all_bar;
static u64 group_stop[T_MAXCPU][32];

/*
 * One more round? After arg[0] of them no, and no more when the VMM says that the
 * time is over (share.endless); the first of a group decides for all of them.
 */
static bool group_more(struct cpu *c, u64 round)
{
	volatile u64 *stop = &group_stop[c->sh->group][0];
	bool more;

	if (c->idx == c->sh->group && !ACCESS(share.endless) && !*stop)
		*stop = round + 1;
	more = round < share.arg[0] && (!*stop || round < *stop);
	return more && !ACCESS(share.abort);
}
static struct { u8 b[1024]; } vpa[T_MAXCPU] __attribute__((aligned(4096)));

static u64 tir(struct cpu *c)
{
	u64 v = -1ULL;

	return run_insn(c, 0x7c7e6aa6 /* mfspr r3,446 */, &v, 0, 0) ? -1ULL : v;
}

/*
 * The members of a group meet arg[0] times, spinning, without an hcall. The yield
 * count of the VPA tells when the hypervisor took the vcpu out: vcpus that do not
 * run at the same time can pass at most one meeting between two dispatches of
 * each, so a streak of several in one dispatch shows that they do.
 * out: 0 rounds done, 1 PIR, 2 TIR, 3 longest streak, 4 dispatches, 5 ticks, 6 VPA refused
 */
static void s_barrier(struct cpu *c)
{
	struct share_cpu *s = c->sh;
	struct barrier *b = &group_bar[s->group];
	u64 round, streak = 0, best = 0, y, y0, last, t0, pir;

	s->out[1] = pir = mfspr(SPR_PIR);
	s->out[2] = tir(c);
	s->out[6] = vpa_register(c, &vpa[c->idx]);
	if (barrier_wait(b, s->members))
		return;
	t0 = tb();
	last = y0 = vpa_yields(&vpa[c->idx]);
	for (round = 0; group_more(c, round); round++) {
		if (barrier_wait(b, s->members))
			break;
		if (mfspr(SPR_PIR) != pir)
			s->out[7]++;	/* moved; allowed, reported */
		y = vpa_yields(&vpa[c->idx]);
		streak = y == last ? streak + 1 : 0;
		last = y;
		if (streak > best)
			best = streak;
		s->progress = round + 1;
	}
	s->out[0] = round;
	s->out[3] = best;
	s->out[4] = (last - y0) / 2;
	s->out[5] = tb() - t0;
}

/*
 * cpu 0 runs first and waits for the others without an hcall: they have to join
 * the run it is in. Then all meet.
 */
static void s_join(struct cpu *c)
{
	u64 i;

	c->sh->out[1] = mfspr(SPR_PIR);
	if (c->idx == 0) {
		ACCESS(share.flag[0]) = 1;
		for (i = 1; i < share.ncpu; i++)
			if (wait_flag(&share.flag[i], 1))
				return;
	} else {
		lwmb();
		ACCESS(share.flag[c->idx]) = 1;
	}
	if (!barrier_wait(&all_bar, share.ncpu))
		c->sh->out[0] = 1;
}

/*
 * Neighbours 2n and 2n+1 take turns; who waits cedes, who is done prods. Should a
 * wake-up be lost the decrementer ends the sleep, late: out[1] counts those.
 */
static u64 turn[T_MAXCPU][32];

static void s_pingpong(struct cpu *c)
{
	volatile u64 *t = &turn[c->idx / 2][0];
	volatile u64 *stop = &turn[c->idx / 2][16];
	u64 round, late = 0, worst = 0, t0, partner = share.cpu[c->idx ^ 1].id, start;
	const u64 rescue = share.tb_limit / 4 < 0x7fffffff ? share.tb_limit / 4 : 0x7fffffff;
	bool last;

	if (barrier_wait(&pair_bar[c->idx / 2], 2))
		return;
	start = tb();
	for (round = 0; round < share.arg[0]; round++) {
		while (*t != 2 * round + (c->idx & 1)) {
			u64 before = c->decs;

			if (ACCESS(share.abort))
				goto out;
			t0 = tb();
			mtspr(SPR_DEC, rescue);
			hcall(H_CEDE, 0, 0, 0, 0);
			mtmsr(mfmsr() & ~MSR_EE);
			if (c->decs != before && tb() - t0 >= rescue)
				late++;
			if (tb() - t0 > worst)
				worst = tb() - t0;
			if (late > 4) {
				give_up();
				goto out;
			}
		}
		lwmb();
		if (!(c->idx & 1) && !ACCESS(share.endless))
			*stop = 1;
		last = *stop;
		lwmb();
		*t = 2 * round + (c->idx & 1) + 1;
		mb();
		if (hcall(H_PROD, partner, 0, 0, 0) != H_SUCCESS)
			c->sh->out[4]++;
		c->sh->progress = round + 1;
		if (last) {
			round++;
			break;
		}
	}
out:
	c->sh->out[0] = round;
	c->sh->out[1] = late;
	c->sh->out[2] = worst;
	c->sh->out[3] = tb() - start;
}

/* role 1 exits to userspace arg[0] times as fast as it can; role 0 counts until they are done */
static void s_exits(struct cpu *c)
{
	u64 round, n = 0;

	if (barrier_wait(&all_bar, share.ncpu))
		return;
	if (c->sh->role) {
		for (round = 0; round < share.arg[0] && ACCESS(share.endless) && !ACCESS(share.abort); round++) {
			u64 a[9] = { round, c->idx };
			long rc = hcall9(T_ECHO, a);

			if ((u64)rc != round || a[0] != T_ECHO_MIX(0, round) || a[1] != T_ECHO_MIX(1, c->idx)) {
				give_up();
				break;
			}
			c->sh->progress = round + 1;
		}
		c->sh->out[0] = round;
		__atomic_add_fetch(&share.flag[0], 1, __ATOMIC_ACQ_REL);
	} else {
		u64 t0 = tb();

		while (ACCESS(share.flag[0]) != share.flag[1] && !ACCESS(share.abort)) {
			ACCESS(c->sh->progress) = ++n;
			if (tb() - t0 > share.tb_limit * 4)
				give_up();
			spin_hint();
		}
		c->sh->out[0] = n;
	}
}

/*
 * msgsndp from thread to thread of a vcore (Power ISA 2.07 Book III-S, processor
 * control): each sends to its right neighbour, waits for the left one's.
 */
static void s_doorbell(struct cpu *c)
{
	struct share_cpu *s = c->sh;
	u64 me = c->idx % s->members;
	u64 to = (me + 1) % s->members, round, t0, vec = 0, v;

	s->out[1] = tir(c);
	s->out[4] = power8();
	if (barrier_wait(&group_bar[s->group], s->members))
		return;
	mtmsr(mfmsr() | MSR_EE);
	for (round = 0; group_more(c, round); round++) {
		v = 5ULL << 27 | to;
		mb();
		vec = run_insn(c, 0x7c00191c /* msgsndp r3 */, &v, 0, 0);
		if (vec)
			break;
		t0 = tb();
		while (ACCESS(c->doorbells) < round + 1) {
			if (ACCESS(share.abort))
				goto out;
			if (tb() - t0 > share.tb_limit) {
				give_up();
				goto out;
			}
			spin_hint();
		}
		/* both neighbours have seen this round, or doorbells would merge */
		if (barrier_wait(&group_bar[s->group], s->members))
			break;
	}
out:
	mtmsr(mfmsr() & ~MSR_EE);
	s->out[0] = round;
	s->out[2] = vec;
	s->out[3] = c->doorbells;
}

static void s_spin(struct cpu *c)
{
	u64 n = 0;

	c->sh->out[2] = tir(c);
	while (ACCESS(share.endless)) {
		ACCESS(c->sh->progress) = ++n;
		if (c->sh->role && (n & 0xfff) == 0)
			hcall(T_PUTS, (u64)"", 0, 0, 0);
		spin_hint();
	}
}

/*
 * Cede for short times, over and over; the others of the vcore do the same or spin.
 * H_CEDE may return without reason (out[3]). The interrupt may come a moment after
 * it (the emulator's decrementer does), but it has to come, once: out[1] counts lost
 * ones, out[4] those that came again although DEC was set anew.
 */
static void s_ceder(struct cpu *c)
{
	u64 round, early = 0, lost = 0, twice = 0, worst = 0;

	for (round = 0; round < share.arg[0] && ACCESS(share.endless) && !ACCESS(share.abort); round++) {
		u64 ticks = 500 + rnd(c) % 60000, t0 = tb(), before = c->decs;

		mtspr(SPR_DEC, ticks);
		hcall(H_CEDE, 0, 0, 0, 0);
		if (tb() - t0 < ticks)
			early++;
		while (ACCESS(c->decs) == before && tb() - t0 < share.tb_limit / 4)
			;
		mtmsr(mfmsr() & ~MSR_EE);
		if (c->decs == before)
			lost++;
		else if (c->decs != before + 1)
			twice++;
		else if (tb() - t0 - ticks > worst)
			worst = tb() - t0 - ticks;
		ACCESS(c->sh->progress) = round + 1;
	}
	c->sh->out[0] = round;
	c->sh->out[1] = lost;
	c->sh->out[2] = worst;
	c->sh->out[3] = early;
	c->sh->out[4] = twice;
}

/*
 * Who draws a number reads the time base while nobody else can: it may never be
 * lower than the one the last drawer saw, on whatever thread that was.
 */
static u64 time_lock, time_last;

static void s_time(struct cpu *c)
{
	u64 round, back = 0, by = 0, t0 = tb();

	if (barrier_wait(&all_bar, share.ncpu))
		return;
	for (round = 0; round < share.arg[0] && ACCESS(share.endless) && !ACCESS(share.abort); round++) {
		u64 t, free;

		do {
			free = 0;
			if (tb() - t0 > share.tb_limit * 4)
				give_up();
			spin_hint();
		} while (!ACCESS(share.abort) &&
			 !__atomic_compare_exchange_n(&time_lock, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
		mb();
		t = tb();
		if (t < ACCESS(time_last)) {
			back++;
			by = time_last - t;
		}
		ACCESS(time_last) = t;
		mb();
		__atomic_store_n(&time_lock, 0, __ATOMIC_RELEASE);
		c->sh->progress = round + 1;
		if ((round & 63) == 63 && c->sh->role)
			hcall(T_PUTS, (u64)"", 0, 0, 0);
	}
	c->sh->out[0] = round;
	c->sh->out[1] = back;
	c->sh->out[2] = by;
}

/*
 * Who has the core for how long? Role 0 wants it all the time, role 1 never: it cedes, with the decrementer
 * far away, until the VMM has somebody wake it by changing "endless" and a kick.
 */
static void s_share(struct cpu *c)
{
	u64 n = 0;

	vpa_register(c, &vpa[c->idx]);
	c->sh->out[1] = (u64)&vpa[c->idx];
	while (ACCESS(share.endless)) {
		ACCESS(c->sh->progress) = ++n;
		if (c->sh->role) {
			mtspr(SPR_DEC, 0x2000000);	/* 65 ms */
			hcall(H_CEDE, 0, 0, 0, 0);
			mtmsr(mfmsr() & ~MSR_EE);
		} else {
			spin_hint();
		}
	}
}

/*
 * All but cpu 0 go to userspace and come back, arg[0] times.  cpu 0 spins; it counts who came back without
 * the hypervisor taking cpu 0 out meanwhile: who was seen away, in a dispatch that had lasted for a while,
 * and later in the same dispatch was there again.
 */
#define AWAY_TB		(2 * 512000)	/* 2 ms */

static void look_for_joins(struct cpu *c)
{
	u64 seen[T_MAXCPU] = { 0 }, y, last = ~0ULL, since = 0, t0 = tb(), i, joins = 0;

	while (ACCESS(share.flag[0]) != share.ncpu - 1 && !ACCESS(share.abort)) {
		y = vpa_yields(&vpa[c->idx]);
		if (y != last)
			since = tb();
		for (i = 1; i < share.ncpu; i++) {
			u64 p = ACCESS(share.cpu[i].progress);

			joins += y == last && p != seen[i] && tb() - since > AWAY_TB;
			seen[i] = p;
		}
		last = y;
		ACCESS(c->sh->progress)++;
		c->sh->out[1] = joins;
		if (tb() - t0 > share.tb_limit * 4)
			give_up();
		spin_hint();
	}
}

static void s_rejoin(struct cpu *c)
{
	u64 round;

	vpa_register(c, &vpa[c->idx]);
	if (barrier_wait(&all_bar, share.ncpu))
		return;
	if (!c->idx) {
		look_for_joins(c);
		return;
	}
	for (round = 0; round < share.arg[0] && ACCESS(share.endless) && !ACCESS(share.abort); round++) {
		sync_point(1, c->idx, round, 0);
		ACCESS(c->sh->progress) = round + 1;
		spin_tb(AWAY_TB);
	}
	c->sh->out[0] = round;
	__atomic_add_fetch(&share.flag[0], 1, __ATOMIC_ACQ_REL);
}

/*
 * Round a ring by IPIs of the in-kernel XICS: each writes its round into its mailbox, sends its right neighbour an IPI and
 * waits, spinning or ceded, until the left one's has come.  IPIs may merge, what they tell is the mailbox.  out: 0 rounds
 * done, 1 waits that only the decrementer ended, 2 other interrupts, 3 IPIs taken, 4 hcalls with another status
 */
#define H_EOI	0x64
#define H_CPPR	0x68
#define H_IPI	0x6c
#define H_IPOLL	0x70
#define H_XIRR	0x74

static u64 mailbox[T_MAXCPU][16], seen[T_MAXCPU][16];

static void on_ipi(struct cpu *c)
{
	u64 a[9] = { 0 }, left = (c->idx + share.ncpu - 1) % share.ncpu;
	struct share_cpu *s = c->sh;

	s->out[4] += hcall9(H_XIRR, a) != H_SUCCESS;
	if (!(a[0] & 0xffffff))
		return;		/* nothing was pending, nothing is accepted */
	if ((a[0] & 0xffffff) == 2) {
		s->out[4] += hcall(H_IPI, s->id, 0xff, 0, 0) != H_SUCCESS;
		ACCESS(seen[c->idx][0]) = ACCESS(mailbox[left][0]);
		s->out[3]++;
	} else {
		s->out[2]++;
	}
	s->out[4] += hcall(H_EOI, a[0], 0, 0, 0) != H_SUCCESS;
}

/* one in four rounds with the interrupt accepted by polling, with EE off all the time */
static void wait_ipi(struct cpu *c, u64 round)
{
	u64 t0 = tb(), limit = share.tb_limit / 4, before = c->decs;

	while (ACCESS(seen[c->idx][0]) < round + 1 && !ACCESS(share.abort)) {
		if (tb() - t0 > limit) {
			c->sh->out[1]++;
			give_up();
		}
		switch (round & 3) {
		case 0:
			on_ipi(c);
			break;
		case 1:
			mtmsr(mfmsr() | MSR_EE);
			spin_hint();
			mtmsr(mfmsr() & ~MSR_EE);
			break;
		default:
			mtspr(SPR_DEC, limit < 0x7fffffff ? limit : 0x7fffffff);
			hcall(H_CEDE, 0, 0, 0, 0);
			mtmsr(mfmsr() & ~MSR_EE);
			c->sh->out[1] += c->decs != before;
			before = c->decs;
		}
	}
}

static void s_ipi(struct cpu *c)
{
	u64 round, right = share.cpu[(c->idx + 1) % share.ncpu].id, a[9] = { right };

	c->external = on_ipi;
	c->sh->out[4] += hcall(H_CPPR, 0xff, 0, 0, 0) != H_SUCCESS;
	if (barrier_wait(&all_bar, share.ncpu))
		return;
	for (round = 0; round < share.arg[0] && !ACCESS(share.abort); round++) {
		ACCESS(mailbox[c->idx][0]) = round + 1;
		c->sh->out[4] += hcall(H_IPI, right, 4, 0, 0) != H_SUCCESS;
		a[0] = right;
		c->sh->out[4] += hcall9(H_IPOLL, a) != H_SUCCESS;
		wait_ipi(c, round);
		ACCESS(c->sh->progress) = round + 1;
	}
	c->sh->out[0] = round;
}

/* The VMM takes it out of its sleep and starts it anew. */
static void s_reset(struct cpu *c)
{
	u64 n = 0;

	if (!ACCESS(share.flag[0])) {
		ACCESS(share.flag[1]) = 1;
		mtspr(SPR_DEC, 0x7fffffff);
		hcall(H_CEDE, 0, 0, 0, 0);
		return;
	}
	while (ACCESS(share.endless)) {
		ACCESS(c->sh->progress) = ++n;
		spin_hint();
	}
}

#define SPR_PURR	309
#define SPR_SPURR	308
#define SPR_VTB		849

static void read_clocks(t_u64 *out)
{
	out[0] = tb();
	out[1] = mfspr(SPR_PURR);
	out[2] = mfspr(SPR_SPURR);
	out[3] = share.arg[0] ? mfspr(SPR_VTB) : 0;
}

static void s_clock(struct cpu *c)
{
	u64 t0 = tb();

	if (!c->sh->role) {
		read_clocks(c->sh->out);
		ACCESS(c->sh->progress) = 1;
		while (ACCESS(share.endless))
			spin_hint();
		read_clocks(c->sh->out + 4);
		return;
	}
	c->sh->out[0] = t0;
	if (share.arg[1])
		mtspr(SPR_DEC, share.arg[1]);
	ACCESS(c->sh->progress) = 1;
	do {
		hcall(H_CEDE, 0, 0, 0, 0);
		mtmsr(mfmsr() & ~MSR_EE);
		ACCESS(c->sh->out[2])++;
	} while (!ACCESS(c->decs) && tb() - t0 < share.tb_limit && ACCESS(share.endless));
	c->sh->out[1] = tb();
}

void guest_main(struct cpu *c)
{
	static void (*const prog[])(struct cpu *) = {
		[S_BARRIER] = s_barrier, [S_JOIN] = s_join, [S_PINGPONG] = s_pingpong, [S_EXITS] = s_exits,
		[S_DOORBELL] = s_doorbell, [S_SPIN] = s_spin, [S_CEDER] = s_ceder, [S_TIME] = s_time,
		[S_SHARE] = s_share, [S_REJOIN] = s_rejoin, [S_RESET] = s_reset, [S_CLOCK] = s_clock,
		[S_IPI] = s_ipi,
	};

	if (share.prog < ARRAY_SIZE(prog) && prog[share.prog])
		prog[share.prog](c);
	else
		report(T_FAILED, "prog", "no such program", share.prog, 0, 0, 0);
}
