// SPDX-License-Identifier: GPL-2.0-only
/* Several vcpus of a vcore, and several vcores: they run at once, wake each other, leave and come back. */
#include <stdio.h>
#include <string.h>

#include "stat.h"
#include "xics.h"
#include "vmm.h"

/* "vcores" times opt.threads vcpus; vcore n has the ids n * stride ... */
static struct vm *smt_vm(unsigned int prog, unsigned int vcores, u64 arg0)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = prog, .arg = { arg0 }, .ncpu = vcores * opt.threads, .ids_given = true,
			      .mem = 16 << 20 };
	unsigned int i, stride = opt.stride ? opt.stride : host_smt();

	for (i = 0; i < cfg.ncpu; i++)
		cfg.ids[i] = i / opt.threads * stride + i % opt.threads;
	return vm_new(&cfg);
}

#define OUT(vm, i, n) SH_GET(vm, cpu[i].out[n])

/* A program goes round "full" times, or fewer when its time is over: not too few. */
static bool enough(u64 done, u64 full)
{
	return done >= full || done >= full / 50 + 1;
}

/*
 * From one meeting to the next in one dispatch: all the others came to it in that time, so they ran at the same
 * time as this vcpu. Where they do not, each meeting costs each vcpu a dispatch.
 */
#define STREAK	1

static void check_group(struct vm *vm, unsigned int first, unsigned int n, u64 want, unsigned int vcores)
{
	u64 pirs[MAXV] = { 0 }, runs = 0, disp = 0, streak = ~0ull, done = ~0ull, moved = 0, refused = 0;
	unsigned int i, j, same_core = 1, distinct = 1, tir_ok = 1, tir_seen = 0;
	char name[32];

	for (i = 0; i < n; i++) {
		unsigned int c = first + i;

		pirs[i] = OUT(vm, c, 1);
		runs += vm->v[c].runs - 1;	/* T_DONE is the last */
		disp += OUT(vm, c, 4);
		moved += OUT(vm, c, 7);
		refused += OUT(vm, c, 6) != 0;
		streak = OUT(vm, c, 3) < streak ? OUT(vm, c, 3) : streak;
		done = OUT(vm, c, 0) < done ? OUT(vm, c, 0) : done;
		if (OUT(vm, c, 2) != ~0ull) {
			tir_seen++;
			/* the thread's number is a matter of POWER8: doorbells name threads by it */
			tir_ok &= OUT(vm, c, 2) == vm->v[c].id % vm->stride;
		}
		for (j = 0; j < i; j++)
			distinct &= pirs[i] != pirs[j];
		same_core &= pirs[i] >> 3 == pirs[0] >> 3;
	}
	snprintf(name, sizeof(name), "meet%u", first / n);
	check(enough(done, want), name, "met %llu times of %llu", done, want);
	snprintf(name, sizeof(name), "no_exit%u", first / n);
	check(!runs, name, "KVM_RUN returned %llu times in between", runs);
	snprintf(name, sizeof(name), "vpa%u", first / n);
	check(!refused, name, "H_REGISTER_VPA refused on %llu vcpus", refused);
	if (n > 1) {
		snprintf(name, sizeof(name), "at_once%u", first / n);
		check(streak >= STREAK, name, "no two meetings in one dispatch: the vcpus do not run at once");
		if (!moved) {
			snprintf(name, sizeof(name), "pir%u", first / n);
			check(distinct && same_core, name, "PIRs %llu %llu ...: not %u threads of one core", pirs[0], pirs[1], n);
		}
	}
	snprintf(name, sizeof(name), "tir%u", first / n);
	/* on ISA 2.06 any vcpu may be on any thread */
	if (tir_seen && host_has_207())
		check(tir_ok, name, "TIR %llu %llu ... is not the vcpu's number in its vcore", OUT(vm, first, 2),
		      n > 1 ? OUT(vm, first + 1, 2) : 0);
	else
		skip(name, "TIR cannot be read");
	note("vcore %u of %u: %llu meetings, %llu dispatches, longest streak %llu, %llu ticks a meeting, PIR %llu...%llu", first / n,
	     vcores, done, disp, streak, done ? OUT(vm, first, 5) / done : 0, pirs[0], pirs[n - 1]);
}

static void meet(unsigned int vcores)
{
	struct vm *vm;
	unsigned int i;

	if (too_many())
		return;
	vm = smt_vm(S_BARRIER, vcores, rounds(1000));
	for (i = 0; i < vcores && (i || vm_run_for(vm, 0)); i++)
		check_group(vm, i * opt.threads, opt.threads, rounds(1000), vcores);
	vm_free(vm);
}

static void c_meet(void) { meet(1); }
static void c_meet2(void) { meet(2); }

/*
 * The two vcores at the same time, on two cores: all their vcpus meet at one barrier, so a dispatch that
 * goes from one meeting to the next had the vcpus of both in the guest.
 */
static void check_wide(struct vm *vm, u64 want)
{
	u64 streak = ~0ull, done = ~0ull, moved = 0, runs = 0, disp = 0;
	unsigned int i, j, apart = 1;

	for (i = 0; i < vm->ncpu; i++) {
		streak = OUT(vm, i, 3) < streak ? OUT(vm, i, 3) : streak;
		done = OUT(vm, i, 0) < done ? OUT(vm, i, 0) : done;
		moved += OUT(vm, i, 7);
		runs += vm->v[i].runs - 1;
		disp += OUT(vm, i, 4);
		for (j = 0; j < i; j++)
			apart &= (OUT(vm, i, 1) >> 3 == OUT(vm, j, 1) >> 3) == (vm->v[i].id / vm->stride == vm->v[j].id / vm->stride);
	}
	check(enough(done, want), "meet", "met %llu times of %llu", done, want);
	check(!runs, "no_exit", "KVM_RUN returned %llu times in between", runs);
	check(streak >= STREAK, "at_once", "no two meetings in one dispatch: the vcores do not run at once");
	/* a vcore that moves shows other PIRs; who met at once was on two cores anyway, a core runs one vcore */
	if (!moved)
		check(apart, "cores", "the two vcores were not on two cores");
	note("%llu meetings of %u vcpus, %llu dispatches, longest streak %llu", done, vm->ncpu, disp, streak);
}

static void c_wide(void)
{
	struct vm *vm;
	unsigned int i;

	if (too_many())
		return;
	if (host_primaries() < 2) {
		skip("cores", "the host has one core");
		return;
	}
	vm = smt_vm(S_BARRIER, 2, rounds(300));
	for (i = 0; i < vm->ncpu; i++) {
		SH_SET(vm, cpu[i].group, 0);
		SH_SET(vm, cpu[i].members, vm->ncpu);
	}
	if (vm_run_for(vm, 0))
		check_wide(vm, rounds(300));
	vm_free(vm);
}

/* TIR 0 on each; where guests see it, never two threads in the guest, elsewhere vcores may be packed (t_sched's pack) */
static void check_single(struct vm *vm)
{
	static struct stat_text s;
	unsigned int i, seen = 0, zero = 1;
	u64 most;

	if (!host_has_207())
		return;

	for (i = 0; i < vm->ncpu; i++)
		if (OUT(vm, i, 2) != ~0ull) {
			seen++;
			zero &= !OUT(vm, i, 2);
		}
	if (seen)
		check(zero, "tir", "TIR %llu, %llu ... in single-threaded vcores", OUT(vm, 0, 2), vm->ncpu > 1 ? OUT(vm, 1, 2) : 0);
	else
		skip("tir", "TIR cannot be read");
	if (opt.in_tree || !stat_read(vm, &s))
		return;
	most = stat_max(&s, "vcore", "threads_in_guest");
	check(most == 1, "alone", "%llu threads of a vcore in the guest at once", most);
}

/* ids a stride apart: a vcore each, all of them get on, one thread each */
static void c_spaced(void)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_SPIN, .ncpu = opt.threads, .ids_given = true, .mem = 16 << 20 };
	unsigned int i, stride = opt.stride ? opt.stride : host_smt();
	u64 end, least = 0;
	struct vm *vm;

	for (i = 0; i < cfg.ncpu; i++)
		cfg.ids[i] = i * stride;
	vm = vm_new(&cfg);
	vm_start_all(vm);
	end = now_ms() + case_left() / 2;
	do {
		sleep_ms(20);
		for (least = ~0ull, i = 0; i < cfg.ncpu; i++)
			least = SH_GET(vm, cpu[i].progress) < least ? SH_GET(vm, cpu[i].progress) : least;
	} while (least < 100000 && now_ms() < end);
	SH_SET(vm, endless, 0);
	vm_wait(vm, 0);
	check(least >= 100000, "progress", "the slowest counted to %llu", least);
	check_single(vm);
	vm_free(vm);
}

/* vcpu 0 runs and waits, the others come one after another: without vcpu 0 ever leaving KVM_RUN */
static void c_join(void)
{
	struct vm *vm;
	unsigned int i;
	u64 end, all = 1;

	if (too_many())
		return;
	vm = smt_vm(S_JOIN, 1, 0);
	vm_start(vm, 0);
	end = now_ms() + case_left() / 2;
	while (!SH_GET(vm, flag[0]) && now_ms() < end)
		sleep_ms(1);
	check(SH_GET(vm, flag[0]) == 1, "first", "vcpu 0 does not run alone");
	for (i = 1; i < vm->ncpu; i++) {
		sleep_ms(30);
		vm_start(vm, i);
	}
	vm_wait(vm, 0);
	for (i = 0; i < vm->ncpu; i++)
		all &= OUT(vm, i, 0);
	check(all && vm->v[0].runs == 1, "joined", "met: %llu; vcpu 0 left KVM_RUN %llu times", all, vm->v[0].runs);
	vm_free(vm);
}

/* in userspace for longer than the siblings wait for it: they run on without it */
static long away(struct vcpu *v, u64 a[9])
{
	(void)v;
	if (a[0] == 1)
		sleep_ms(15);
	return 0;
}

/*
 * vcpus that come back from userspace while their vcore runs: on a host with another cpu for their tasks they
 * enter the run (by_task) and nobody is taken out for them; with one cpu a run has to end first.
 */
static void c_rejoin(void)
{
	static struct stat_text s;
	struct vm *vm;
	u64 back = ~0ull, by_task;
	unsigned int i;

	if (too_many())
		return;
	vm = smt_vm(S_REJOIN, 1, rounds(60));
	vm->on_sync = away;
	if (!vm_run_for(vm, 0) || !stat_read(vm, &s)) {
		vm_free(vm);
		return;
	}
	for (i = 1; i < vm->ncpu; i++)
		back = OUT(vm, i, 0) < back ? OUT(vm, i, 0) : back;
	check(back >= 5, "back", "the slowest came back %llu times of %u", back, rounds(60));
	by_task = stat_sum(&s, "vcore", "by_task");
	if (host_primaries() > 1)
		check(by_task && OUT(vm, 0, 1), "joined", "%llu joins by tasks, %llu seen by vcpu 0, in %llu returns of the slowest",
		      by_task, OUT(vm, 0, 1), back);
	else
		check(!by_task, "not_joined", "%llu joins by tasks though the only cpu was in the guest", by_task);
	check(vm->v[0].runs == 1, "stays", "vcpu 0 left KVM_RUN %llu times", vm->v[0].runs);
	note("%llu returns of the slowest, %llu joins by tasks, %llu seen by vcpu 0, %llu too late, %llu refused", back, by_task,
	     OUT(vm, 0, 1), stat_sum(&s, "vcore", "late_joins"), stat_sum(&s, "vcore", "refused_joins"));
	vm_free(vm);
}

static void pingpong(unsigned int spaced)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_PINGPONG, .arg = { rounds(1000) }, .ncpu = opt.threads, .ids_given = true,
			      .mem = 16 << 20 };
	unsigned int i, stride = opt.stride ? opt.stride : host_smt();
	u64 done = ~0ull, late = 0, bad = 0, worst = 0;
	struct vm *vm;

	if (!spaced && too_many())
		return;
	for (i = 0; i < cfg.ncpu; i++)
		cfg.ids[i] = spaced ? i * stride : i;
	vm = vm_new(&cfg);
	vm_run_for(vm, 0);
	for (i = 0; i < vm->ncpu; i++) {
		done = OUT(vm, i, 0) < done ? OUT(vm, i, 0) : done;
		late += OUT(vm, i, 1);
		worst = OUT(vm, i, 2) > worst ? OUT(vm, i, 2) : worst;
		bad += OUT(vm, i, 4);
	}
	check(enough(done, rounds(1000)), "turns", "%llu of %u", done, rounds(1000));
	check(!late, "wake", "%llu times only the decrementer ended an H_CEDE", late);
	check(!bad, "prod", "H_PROD failed %llu times", bad);
	note("%llu rounds, %llu ticks a turn, longest sleep %llu ticks", done, done ? OUT(vm, 0, 3) / (2 * done) : 0, worst);
	vm_free(vm);
}

static void c_pingpong(void) { pingpong(0); }
static void c_pingpong_far(void) { pingpong(1); }

/*
 * Until the vcpus 0...n-1 have all gone full rounds, for a sixth of the case's time; for twice that while one of them
 * has not gone enough: a busy emulator may need it, a vcpu that starves does not profit from it.
 */
static bool run_until(struct vm *vm, unsigned int n, u64 full)
{
	u64 soon = now_ms() + case_left() / 6, late = now_ms() + case_left() / 3, least;
	unsigned int i;

	vm_start_all(vm);
	do {
		sleep_ms(50);
		for (least = ~0ull, i = 0; i < n; i++)
			least = SH_GET(vm, cpu[i].progress) < least ? SH_GET(vm, cpu[i].progress) : least;
	} while (least < full && now_ms() < (enough(least, full) ? soon : late));
	SH_SET(vm, endless, 0);
	return vm_wait(vm, 0);
}

/* one thread exits all the time, the others count: nobody starves */
static void exits(unsigned int heavy)
{
	struct vm *vm;
	unsigned int i;
	u64 done = ~0ull, most = 0, least = ~0ull, spinners = 0;

	if (too_many())
		return;
	if (heavy > opt.threads)
		return;
	vm = smt_vm(S_EXITS, 1, rounds(2000));
	for (i = 0; i < vm->ncpu; i++)
		SH_SET(vm, cpu[i].role, i < heavy);
	SH_SET(vm, flag[1], heavy);
	if (!run_until(vm, heavy, rounds(2000))) {
		vm_free(vm);
		return;
	}
	for (i = 0; i < vm->ncpu; i++)
		if (i < heavy) {
			most = OUT(vm, i, 0) > most ? OUT(vm, i, 0) : most;
			done = OUT(vm, i, 0) < done ? OUT(vm, i, 0) : done;
		} else {
			spinners++;
			least = OUT(vm, i, 0) < least ? OUT(vm, i, 0) : least;
		}
	check(enough(done, rounds(2000)), heavy > 1 ? "all_exit" : "exits", "the slowest %llu, the fastest %llu of %u", done, most, rounds(2000));
	if (spinners)
		check(least > 0, "others", "a sibling got nowhere");
	note("%u exit, %llu count: %llu to %llu exits, slowest count %llu", heavy, spinners, done, most, spinners ? least : 0);
	vm_free(vm);
}

static void c_exits(void)
{
	exits(1);
	if (opt.threads > 1)
		exits(opt.threads);
	if (opt.threads > 3)
		exits(opt.threads / 2);
}

static void c_doorbell(void)
{
	struct vm *vm;
	unsigned int i;
	u64 done = ~0ull, vec = 0;

	if (too_many())
		return;
	vm = smt_vm(S_DOORBELL, 1, rounds(500));
	vm_run_for(vm, 0);
	for (i = 0; i < vm->ncpu; i++) {
		done = OUT(vm, i, 0) < done ? OUT(vm, i, 0) : done;
		vec |= OUT(vm, i, 2);
	}
	if (vec == 0x700 && !OUT(vm, 0, 4))
		skip("msgsndp", "POWER7 has none");
	else
		check(enough(done, rounds(500)) && !vec, "msgsndp", "%llu of %u rounds, vector %#llx, TIR %#llx", done, rounds(500), vec,
		      OUT(vm, 0, 1));
	vm_free(vm);
}

/*
 * How many decrementer interrupts may come although DEC is positive: none. QEMU's timer callback raises one
 * without looking at DEC again; when the guest has set DEC while the callback waited for its turn, that one
 * is taken for nothing. Seen once in 100000 H_CEDEs of a hypervisor that enters the guest as soon as its DEC is due.
 */
static u64 stray_decs(u64 n)
{
	return opt.emulated ? 1 + n / 1000 : 0;
}

static void ceders(unsigned int vcores, const char *name)
{
	struct vm *vm = smt_vm(S_CEDER, vcores, rounds(300));
	u64 done = ~0ull, early = 0, lost = 0, twice = 0, worst = 0;
	unsigned int i;

	vm_run_for(vm, 0);
	for (i = 0; i < vm->ncpu; i++) {
		done = OUT(vm, i, 0) < done ? OUT(vm, i, 0) : done;
		lost += OUT(vm, i, 1);
		early += OUT(vm, i, 3);
		twice += OUT(vm, i, 4);
		worst = OUT(vm, i, 2) > worst ? OUT(vm, i, 2) : worst;
	}
	check(enough(done, rounds(300)) && !lost && twice <= stray_decs(done * vm->ncpu), name, "%llu of %u rounds, decrementer interrupts: %llu lost, %llu taken twice",
	      done, rounds(300), lost, twice);
	note("%s: latest wake-up %llu ticks, %llu early ones", name, worst, early);
	vm_free(vm);
}

static void c_cede(void)
{
	if (too_many())
		return;
	ceders(1, "one_vcore");
	ceders(2, "two_vcores");
}

static void c_time(void)
{
	struct vm *vm;
	unsigned int i;
	u64 done = ~0ull, back = 0, by = 0;

	if (too_many())
		return;
	vm = smt_vm(S_TIME, 1, rounds(2000));
	SH_SET(vm, cpu[0].role, 1);
	vm_run_for(vm, 0);
	for (i = 0; i < vm->ncpu; i++) {
		done = OUT(vm, i, 0) < done ? OUT(vm, i, 0) : done;
		back += OUT(vm, i, 1);
		by = OUT(vm, i, 2) > by ? OUT(vm, i, 2) : by;
	}
	check(enough(done, rounds(2000)), "rounds", "%llu of %u", done, rounds(2000));
	check(!back, "monotonic", "the time base stepped back %llu times, by up to %llu", back, by);
	vm_free(vm);
}

/* A vcpu alone, number "id", sleeps "SLEEPS" times 100 us, with cede_stay_us as given: how often did it leave the guest? */
#define SLEEPS		200

static u64 entries_for_sleeps(u64 stay_us, unsigned int id)
{
	struct vm_cfg cfg = { .guest = "bench", .prog = N_LATE, .ncpu = 1, .mem = 64 << 20, .arg = { SLEEPS, N_LATE, 51200 },
			      .ids_given = true, .ids = { id } };
	static struct stat_text s;
	u64 entries = 0;
	struct vm *vm;

	if (!param_set("cede_stay_us", stay_us))
		return 0;
	vm = vm_new(&cfg);
	vm_run(vm);
	check(OUT(vm, 0, 3) == SLEEPS, "sleeps", "%llu of %u", OUT(vm, 0, 3), SLEEPS);
	if (stat_read(vm, &s))
		entries = stat_sum(&s, "vcpu", "entries");
	vm_free(vm);
	return entries;
}

static void c_stay(void)
{
	u64 was = param_get("cede_stay_us", 0), stays, leaves;
	unsigned int id;

	if (!(param_get("fast", 0) & 4)) {	/* SMT_FAST_SLEEP */
		skip("stay", "needs H_CEDE in real mode");
		return;
	}
	for (id = 0; id < 2; id++) {	/* 1: on POWER8 the primary has no vcpu */
		leaves = entries_for_sleeps(0, id);
		stays = entries_for_sleeps(1000, id);
		check(leaves >= SLEEPS * 3 / 4, "leaves", "vcpu %u: %llu entries for %u sleeps", id, leaves, SLEEPS);
		check(stays && stays * 2 < leaves, "stays", "vcpu %u: %llu entries for %u sleeps, %llu when it leaves", id, stays, SLEEPS,
		      leaves);
	}
	param_set("cede_stay_us", was);
}

/* Two VMs of as many vcpus each, on the same cores; the first can be through in one time slice, before the other has begun */
static void c_two_vms(void)
{
	unsigned int i, keep = opt.case_seconds * 1000 / 4;
	struct vm *a, *b;
	u64 da = ~0ull, db = ~0ull;

	if (too_many())
		return;
	a = smt_vm(S_BARRIER, 1, rounds(300));
	b = smt_vm(S_BARRIER, 1, rounds(300));
	vm_start_all(b);
	vm_run_for(a, 0);
	vm_done(b, case_left() > keep ? case_left() - keep : 0);
	SH_SET(b, endless, 0);
	vm_wait(b, 0);
	for (i = 0; i < a->ncpu; i++) {
		da = OUT(a, i, 0) < da ? OUT(a, i, 0) : da;
		db = OUT(b, i, 0) < db ? OUT(b, i, 0) : db;
	}
	check(enough(da, rounds(300)) && enough(db, rounds(300)), "meet", "%llu and %llu of %u", da, db, rounds(300));
	vm_free(a);
	vm_free(b);
}

/* IPIs by the in-kernel XICS, round a ring: none is lost; where they are served in real mode nobody leaves the guest for them */
static void ipi(unsigned int vcores)
{
	static struct stat_text s;
	struct vm *vm;
	u64 done = ~0ull, late = 0, other = 0, bad = 0, taken = 0, hcalls = 0;
	unsigned int i, n = rounds(1000);

	if (too_many())
		return;
	vm = smt_vm(S_IPI, vcores, n);
	if (xics_for_all(vm) < 0)
		fatal("xics", "no device");
	vm_run(vm);
	if (!opt.in_tree && stat_read(vm, &s))
		hcalls = stat_sum(&s, "vcpu", "exit_c00");
	for (i = 0; i < vm->ncpu; i++) {
		done = OUT(vm, i, 0) < done ? OUT(vm, i, 0) : done;
		late += OUT(vm, i, 1);
		other += OUT(vm, i, 2);
		taken += OUT(vm, i, 3);
		bad += OUT(vm, i, 4);
	}
	check(done == n, "rounds", "%llu of %u", done, n);
	check(!late, "wake", "%llu times the IPI did not come", late);
	check(!other && !bad, "status", "%llu other interrupts, %llu hcalls refused", other, bad);
	note("%llu rounds, %llu IPIs taken, %llu hcalls left the guest", done, taken, hcalls);
	if (vcores == 1 && param_get("fast", 0) == 31 && host_has_207())
		check(hcalls * 20 <= (u64)n * vm->ncpu, "real_mode", "%llu hcalls left the guest", hcalls);
	vm_free(vm);
}

/*
 * The vcpu on thread 0 idles in the run, the others spin: the host gets its core back at once, again and again, for a kick that
 * is thread 0's, and for its own interrupts
 */
static void c_kicked(void)
{
	struct vm *vm;
	unsigned int i, n, lost = 0;
	u64 before, end, worst = 0, t;

	if (too_many() || opt.threads < 2)
		return;
	vm = smt_vm(S_SHARE, 1, 0);
	SH_SET(vm, cpu[0].role, 1);
	vm_start_all(vm);
	vm_wait_progress(vm, 20000);
	for (i = 0, n = rounds(100); i < n && !lost; i++) {
		sleep_ms(5);
		before = vm->v[0].runs;
		t = now_ms();
		vm_kick(&vm->v[0]);
		for (end = t + 20000; *(volatile u64 *)&vm->v[0].runs == before && now_ms() < end; )
			sleep_ms(1);
		lost += vm->v[0].runs == before;
		worst = now_ms() - t > worst ? now_ms() - t : worst;
	}
	check(!lost, "out", "a kick did not bring the idle vcpu out of KVM_RUN within 20 s");
	note("%u kicks, the slowest took %llu ms", i, worst);
	SH_SET(vm, endless, 0);
	vm_kick(&vm->v[0]);
	vm_wait(vm, 0);
	vm_free(vm);
}

static void c_ipi(void) { ipi(1); }
static void c_ipi2(void) { ipi(2); }

static const struct test_case cases[] = {
	{ "meet", c_meet, 120, CASE_ENDIAN | CASE_THREADS },
	{ "meet2", c_meet2, 240, CASE_THREADS },
	{ "spaced", c_spaced, 120, CASE_THREADS },
	{ "wide", c_wide, 240, CASE_THREADS },
	{ "join", c_join, 60, CASE_THREADS },
	{ "rejoin", c_rejoin, 120, CASE_THREADS },
	{ "pingpong", c_pingpong, 120, CASE_THREADS | CASE_PAIRS },
	{ "pingpong_far", c_pingpong_far, 180, CASE_THREADS | CASE_PAIRS },
	{ "exits", c_exits, 120, CASE_THREADS },
	{ "doorbell", c_doorbell, 120, CASE_THREADS },
	{ "cede", c_cede, 120, CASE_THREADS },
	{ "time", c_time, 120, CASE_THREADS },
	{ "stay", c_stay, 60, 0 },
	{ "kicked", c_kicked, 120, CASE_THREADS },
	{ "ipi", c_ipi, 120, CASE_THREADS },
	{ "ipi2", c_ipi2, 240, CASE_THREADS },
	{ "two_vms", c_two_vms, 240, CASE_THREADS },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
