// SPDX-License-Identifier: GPL-2.0-only
/* The scheduler's policy (src/sched.c), on the build machine. */
#include <stdio.h>
#include <string.h>

#include "sched.h"

static int failed;

static void check(const char *name, bool ok)
{
	if (ok) {
		printf("PASS sched-%s\n", name);
	} else {
		printf("FAIL sched-%s: see test/unit/t_sched.c\n", name);
		failed = 1;
	}
}

static struct sched_view base(void)
{
	struct sched_view v;

	memset(&v, 0, sizeof(v));
	v.hold = 1000;
	v.attendant = -1;
	v.n = SCHED_THREADS;
	v.now = 100000;
	return v;
}

static void test_decide(void)
{
	struct sched_view v = base();
	struct sched_decision d;

	v.vcpu[0] = SCHED_RUNNABLE;
	check("alone-runs", sched_decide(&v, 0).action == SCHED_RUN);

	v.vcpu[1] = SCHED_BLOCKED;
	check("blocked-sibling-does-not-hold", sched_decide(&v, 0).action == SCHED_RUN);
	check("blocked-waits", sched_decide(&v, 1).action == SCHED_WAIT);

	v.vcpu[2] = SCHED_BUSY;
	v.busy_since[2] = v.now - 400;
	d = sched_decide(&v, 0);
	check("busy-sibling-holds", d.action == SCHED_WAIT && d.until == v.now + 600);

	v.vcpu[3] = SCHED_BUSY;
	v.busy_since[3] = v.now - 100;
	d = sched_decide(&v, 0);
	check("latest-busy-counts", d.action == SCHED_WAIT && d.until == v.now + 900);

	v.now += 900;
	check("hold-is-bounded", sched_decide(&v, 0).action == SCHED_RUN);

	v.vcpu[3] = SCHED_NOTREADY;
	v.vcpu[2] = SCHED_NOTREADY;
	check("notready-does-not-hold", sched_decide(&v, 0).action == SCHED_RUN);

	v.vcore = SCHED_STARTING;
	check("starting-waits", sched_decide(&v, 0).action == SCHED_WAIT);

	v.vcore = SCHED_RUNNING;
	check("running-joins", sched_decide(&v, 0).action == SCHED_JOIN);
	v.in_run = 1;
	check("in-run-waits", sched_decide(&v, 0).action == SCHED_WAIT);
	check("busy-never-acts", (v.vcpu[0] = SCHED_BUSY, sched_decide(&v, 0).action == SCHED_WAIT));
}

static void test_thread(void)
{
	check("power8-same-number", sched_thread(true, 0xff, 0x03, 5) == 5);
	check("power8-taken", sched_thread(true, 0xff, 0x20, 5) == -1);
	check("power8-not-called", sched_thread(true, 0x0f, 0, 5) == -1);
	check("power7-lowest-free", sched_thread(false, 0x0f, 0x05, 3) == 1);
	check("power7-none-free", sched_thread(false, 0x0f, 0x0f, 3) == -1);
	check("power8-keep-places", sched_keep(true, 0x25, 3) == 0x25);
	check("power7-keep-lowest", sched_keep(false, 0x01, 3) == 0x07);
	check("power7-keep-all", sched_keep(false, 0xff, 8) == ~0u && sched_keep(false, 0xff, 64) == ~0u);
}

static void test_delegate(void)
{
	struct sched_view v = base();

	v.vcpu[0] = SCHED_BUSY;
	v.vcpu[1] = SCHED_BLOCKED;
	check("no-delegate", sched_delegate(&v, -1) == -1);
	v.vcpu[3] = SCHED_RUNNABLE;
	check("delegate", sched_delegate(&v, -1) == 3);
	v.attendant = 3;
	check("no-delegate-for-an-attendant", sched_delegate(&v, -1) == -1);
	v.vcpu[0] = SCHED_RUNNABLE;
	check("attendant-runs", sched_decide(&v, 3).action == SCHED_RUN);
	check("others-sleep", sched_decide(&v, 0).action == SCHED_WAIT && !sched_decide(&v, 0).until);
	check("attended-is-ready", sched_ready_from(&v) == v.now);
	v.attendant = -1;
	check("delegate-in-turn", sched_delegate(&v, 0) == 3 && sched_delegate(&v, 3) == 0 && sched_delegate(&v, 7) == 0);
	v.vcpu[0] = SCHED_BUSY;
	check("delegate-oneself-if-alone", sched_delegate(&v, 3) == 3);
	v.vcore = SCHED_RUNNING;
	check("no-delegate-while-running", sched_delegate(&v, -1) == -1);
}

/* Whatever the others do: exactly the vcpus that could run are told to run or to join, nobody else. */
static void test_all_states(void)
{
	struct sched_view v = base();
	bool ok = true;
	int s[3], c, me;

	for (s[0] = 0; s[0] < 4; s[0]++)
	for (s[1] = 0; s[1] < 4; s[1]++)
	for (s[2] = 0; s[2] < 4; s[2]++)
	for (c = SCHED_INACTIVE; c <= SCHED_RUNNING; c++)
	for (me = 0; me < 3; me++) {
		bool held = false;
		struct sched_decision d;
		int i;

		v.vcore = c;
		for (i = 0; i < 3; i++) {
			v.vcpu[i] = s[i];
			v.busy_since[i] = v.now - 1;
			held |= s[i] == SCHED_BUSY;
		}
		d = sched_decide(&v, me);
		if (d.action == SCHED_RUN)
			ok &= c == SCHED_INACTIVE && s[me] == SCHED_RUNNABLE && !held;
		if (d.action == SCHED_JOIN)
			ok &= c == SCHED_RUNNING && s[me] == SCHED_RUNNABLE;
		if (d.action == SCHED_WAIT && s[me] == SCHED_RUNNABLE)
			ok &= c == SCHED_STARTING || (c == SCHED_INACTIVE && held && d.until > v.now);
	}
	check("all-states", ok);
}

static void test_ready(void)
{
	struct sched_view v = base();

	check("nobody-ready", sched_ready_from(&v) == 0);
	v.vcpu[1] = SCHED_RUNNABLE;
	check("ready-now", sched_ready_from(&v) == v.now);
	v.vcpu[0] = SCHED_BUSY;
	v.busy_since[0] = v.now - 300;
	check("ready-when-not-held", sched_ready_from(&v) == v.now + 700);
	v.vcore = SCHED_RUNNING;
	check("running-is-not-waiting", sched_ready_from(&v) == 0);
}

static void test_idle(void)
{
	struct sched_view v = base();

	check("empty-is-not-idle", !sched_idle(&v));
	v.vcpu[0] = SCHED_BLOCKED;
	v.vcpu[1] = SCHED_BLOCKED;
	check("blocked-is-idle", sched_idle(&v));
	v.vcore = SCHED_RUNNING;
	check("running-is-not-idle", !sched_idle(&v));
	v.vcore = SCHED_INACTIVE;
	v.vcpu[1] = SCHED_BUSY;
	check("busy-is-not-idle", !sched_idle(&v));
	v.vcpu[1] = SCHED_RUNNABLE;
	check("runnable-is-not-idle", !sched_idle(&v));
}

static void test_clock(void)
{
	struct sched_clock c;
	u64 sum = 0;
	int k;

	memset(&c, 0, sizeof(c));
	sched_clock_to(&c, SCHED_T_STOLEN, 1000);
	check("clock-opens", c.sum[SCHED_T_HOST] == 0 && sched_clock_sum(&c, SCHED_T_STOLEN, 1010) == 10);
	sched_clock_to(&c, SCHED_T_RUN, 1100);
	check("clock-stolen", c.sum[SCHED_T_STOLEN] == 100);
	sched_clock_ran(&c, 30, 1200);
	check("clock-idle-in-run", c.sum[SCHED_T_IDLE] == 30 && c.sum[SCHED_T_RUN] == 70);
	sched_clock_to(&c, SCHED_T_HOST, 1200);
	sched_clock_to(&c, SCHED_T_RUN, 1250);
	sched_clock_ran(&c, 500, 1300);
	check("clock-idle-is-bounded", c.sum[SCHED_T_IDLE] == 80 && c.sum[SCHED_T_RUN] == 70);
	sched_clock_to(&c, SCHED_T_IDLE, 1300);
	for (k = 0; k < SCHED_T_KINDS; k++)
		sum += sched_clock_sum(&c, k, 1400);
	check("clock-identity", sum == 400);
}

static void test_poll(void)
{
	struct sched_poll p = { .max = 10000, .grow = 2, .grow_start = 1000, .shrink = 2 };

	check("poll-starts", sched_poll_next(&p, 0, 500) == 1000);
	check("poll-won-stays", sched_poll_next(&p, 1000, 800) == 1000);
	check("poll-grows", sched_poll_next(&p, 1000, 5000) == 2000);
	check("poll-is-bounded", sched_poll_next(&p, 8000, 9000) == 10000);
	check("poll-shrinks", sched_poll_next(&p, 8000, 20000) == 4000);
	p.shrink = 0;
	check("poll-shrinks-at-once", sched_poll_next(&p, 8000, 20000) == 0);
	p.grow = 0;
	check("poll-never-grows", sched_poll_next(&p, 0, 500) == 0);
	p.max = 0;
	check("poll-off", sched_poll_next(&p, 0, 500) == 0 && sched_poll_next(&p, 5000, 1) == 0);
}

/* Whatever order the host picks, with everyone's turn at its longest: does the last wait for two slices at most? */
static bool bound_holds(u64 most, u64 least, unsigned int n)
{
	return (n - 1) * sched_share(most, n - 1) <= 2 * most && sched_slice(most, least, n - 1, 0) <= most;
}

static void test_turns(void)
{
	bool bound = true, sum = true;
	unsigned int n, left;
	u64 used, s;

	check("turn-alone", sched_share(10000, 0) == 10000 && sched_slice(10000, 1000, 0, 50000) == 10000);
	check("turn-two", sched_slice(10000, 1000, 1, 0) == 6666);
	check("turn-four", sched_slice(10000, 1000, 3, 0) == 4000);
	check("turn-goes-on", sched_slice(10000, 1000, 3, 2500) == 1500);
	check("turn-least", sched_slice(10000, 1000, 3, 3500) == 1000 && sched_slice(10000, 1000, 3, 9000) == 1000);
	check("turn-least-is-no-more-than-most", sched_slice(500, 1000, 0, 0) == 500 && sched_slice(500, 1000, 9, 0) == 500);
	for (n = 2; n <= 16; n++)
		bound &= bound_holds(10000, 0, n);
	check("turn-two-slices", bound);
	/* runs that the host's ticks end early add up to one turn */
	for (n = 1; n < 8; n++) {
		for (used = 0, left = 100; used < sched_share(10000, n) && left; left--) {
			s = sched_slice(10000, 100, n, used);
			used += s < 700 ? s : 700;
		}
		sum &= left && used <= sched_share(10000, n) + 100;
	}
	check("turn-of-many-runs", sum);
}

static void test_pack(void)
{
	struct sched_view v = base();

	check("pack-nobody", !sched_may_pack(&v, 4, true) && !sched_may_pack(&v, 4, false));
	v.vcpu[0] = SCHED_RUNNABLE;
	v.vcpu[1] = SCHED_BLOCKED;
	check("pack-need", sched_need(&v) == 2);
	check("pack-fits", sched_may_pack(&v, 2, true) && !sched_may_pack(&v, 2, false));
	check("pack-as-a-whole", !sched_may_pack(&v, 1, true));
	v.attendant = 0;
	check("pack-attended", sched_may_pack(&v, 2, true));
	v.vcpu[0] = SCHED_BLOCKED;
	check("pack-idle", sched_may_pack(&v, 2, false) && !sched_may_pack(&v, 2, true));
	v.vcpu[2] = SCHED_BUSY;
	v.busy_since[2] = v.now - 1;
	check("pack-not-idle", !sched_may_pack(&v, 4, false));
	v.vcpu[0] = SCHED_RUNNABLE;
	check("pack-held", !sched_may_pack(&v, 4, true));
	check("pack-room-for-the-busy", sched_need(&v) == 3);
	v.now += v.hold;
	check("pack-none-for-the-long-busy", sched_need(&v) == 2 && sched_may_pack(&v, 2, true) && !sched_may_pack(&v, 1, true));
	v.vcpu[0] = SCHED_BLOCKED;
	check("pack-idle-but-for-the-long-busy", sched_may_pack(&v, 2, false) && !sched_may_pack(&v, 2, true));
	v.vcpu[0] = SCHED_RUNNABLE;
	v.vcore = SCHED_STARTING;
	check("pack-starting", !sched_may_pack(&v, 4, true));
	v.vcore = SCHED_RUNNING;
	check("pack-running", !sched_may_pack(&v, 4, true));
}

int main(void)
{
	test_pack();
	test_turns();
	test_decide();
	test_ready();
	test_idle();
	test_clock();
	test_poll();
	test_thread();
	test_delegate();
	test_all_states();
	return failed;
}
