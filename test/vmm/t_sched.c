// SPDX-License-Identifier: GPL-2.0-only
/* The scheduler, by the module's own counters: fairness, waiting, where the time goes, occupancy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stat.h"
#include "vmm.h"

#define MAXVM		4

/* A VM of one vcore, the vcpus from "idle" on with role 1 (they cede), started */
static struct vm *share_vm(unsigned int spinners)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_SHARE, .ncpu = opt.threads, .mem = 8 << 20 };
	struct vm *vm = vm_new(&cfg);
	unsigned int i;

	for (i = spinners; i < vm->ncpu; i++)
		SH_SET(vm, cpu[i].role, 1);
	vm_start_all(vm);
	return vm;
}

static bool all_move(struct vm **vm, unsigned int n)
{
	u64 end = now_ms() + case_left() / 2;
	unsigned int i, j, ok;

	do {
		sleep_ms(10);
		for (ok = 1, i = 0; i < n; i++)
			for (j = 0; j < vm[i]->ncpu; j++)
				ok &= SH_GET(vm[i], cpu[j].progress) > 1 || SH_GET(vm[i], cpu[j].role);
	} while (!ok && now_ms() < end);
	check(ok, "start", "a vcpu does not get on");
	return ok;
}

static void end(struct vm **vm, unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < n; i++)
		SH_SET(vm[i], endless, 0);
	for (i = 0; i < n; i++) {
		for (j = 0; j < vm[i]->ncpu; j++)
			vm_kick(&vm[i]->v[j]);
		vm_wait(vm[i], 0);
		vm_free(vm[i]);
	}
}

/* Two readings of each VM, "ms" apart; the difference of "key" in "line" */
struct span {
	struct stat_text *a, *b;
};

static bool span_take(struct vm **vm, struct span *s, unsigned int n, unsigned int ms)
{
	unsigned int i;
	bool ok = true;

	for (i = 0; i < n; i++) {
		s[i].a = calloc(1, sizeof(*s[i].a));
		s[i].b = calloc(1, sizeof(*s[i].b));
		ok &= s[i].a && s[i].b && stat_read(vm[i], s[i].a);
	}
	sleep_ms(ms);
	for (i = 0; i < n; i++)
		ok &= s[i].b && stat_read(vm[i], s[i].b);
	return ok;
}

static u64 span_sum(const struct span *s, const char *line, const char *key)
{
	return stat_sum(s->b, line, key) - stat_sum(s->a, line, key);
}

static void span_free(struct span *s, unsigned int n)
{
	while (n--) {
		free(s[n].a);
		free(s[n].b);
	}
}

/* "n" equal VMs on one core: each gets its share of the time, within "percent" of the others, and waits shortly */
static void fair(unsigned int n, unsigned int percent)
{
	struct vm *vm[MAXVM];
	struct span s[MAXVM];
	u64 run, most = 0, least = ~0ull, wait = 0, late = 0, sum = 0, wall;
	unsigned int i;

	if (too_many())
		return;
	if (host_primaries() > 1) {
		skip("cores", "needs a host with one core");
		return;
	}
	for (i = 0; i < n; i++)
		vm[i] = share_vm(opt.threads);
	if (!all_move(vm, n)) {
		end(vm, n);
		return;
	}
	if (span_take(vm, s, n, opt.rounds * 100)) {
		wall = s[0].b->before_us - s[0].a->before_us;
		for (i = 0; i < n; i++) {
			run = span_sum(&s[i], "vcpu", "run_us");
			most = run > most ? run : most;
			least = run < least ? run : least;
			sum += run;
			late += span_sum(&s[i], "vcore", "over_two_slices");
			run = stat_max(s[i].b, "vcore", "wait_max_us");
			wait = run > wait ? run : wait;
		}
		check((most - least) * 100 <= percent * sum / n, "share", "the most %llu us, the least %llu us of %llu us", most, least, wall);
		check(sum * 100 >= wall * opt.threads * 75, "idle", "the core was used for %llu us of %llu us", sum / opt.threads, wall);
		note("%u VMs of %u vcpus: %llu us to %llu us each, %llu us wall, %llu.%llu %% apart, longest wait ever %llu us, %llu of more than two slices of %llu us", n,
		     opt.threads, least, most, wall, (most - least) * 100 * n / sum, (most - least) * 1000 * n / sum % 10, wait, late, param_get("slice_us", 10000));
		/* with the emulator's ordinary clock changing turns takes a good part of a slice, and it goes on while the machine does
		   something else: only the deterministic run (make bench-sched) can tell */
		if (opt.emulated && !opt.exact)
			skip("wait", "%llu waits of more than two slices, by a clock that is not exact", late);
		else
			check(!late, "wait", "a vcore that could run waited %llu times for more than two slices", late);
	}
	span_free(s, n);
	end(vm, n);
}

static void c_fair2(void) { fair(2, 5); }
static void c_fair4(void) { fair(4, 10); }

static u64 spinner_part(const struct span *s, unsigned int first, unsigned int n, const char *key)
{
	char line[24];
	u64 sum = 0;

	while (n--) {
		snprintf(line, sizeof(line), "vcpu %u:", first + n);
		sum += span_sum(s, line, key);
	}
	return sum;
}

static void check_identity_of(const struct span *s, unsigned int n, unsigned int stride)
{
	char what[160];

	check(stat_identity(s->a, s->b, n, stride, what, sizeof(what)), "identity", "%s", what);
}

static void check_identity(const struct span *s, unsigned int n)
{
	check_identity_of(s, n, 1);
}

/* One vcpu spins, the others idle: alone on the core, then with an equal VM */
static void c_times(void)
{
	struct vm *vm[2];
	struct span s[2];
	u64 wall, run, idle, stolen, told, hz = 512;

	if (too_many())
		return;
	vm[0] = share_vm(1);
	if (all_move(vm, 1) && span_take(vm, s, 1, opt.rounds * 20)) {
		wall = s[0].b->before_us - s[0].a->before_us;
		run = spinner_part(s, 0, 1, "run_us");
		idle = spinner_part(s, 1, opt.threads - 1, "idle_us");
		check_identity(s, opt.threads);
		check(run * 100 >= wall * 70, "run", "the spinner ran for %llu us of %llu us", run, wall);
		if (opt.threads > 1)
			check(idle * 100 >= wall * 80 * (opt.threads - 1), "idle", "%u idlers: %llu us of %llu us", opt.threads - 1, idle, wall);
		span_free(s, 1);
	}
	vm[1] = share_vm(1);
	if (host_primaries() == 1 && all_move(vm, 2) && span_take(vm, s, 2, opt.rounds * 40)) {
		wall = s[0].b->before_us - s[0].a->before_us;
		stolen = spinner_part(s, 0, 1, "stolen_us");
		check_identity(s, opt.threads);
		check_identity(s + 1, opt.threads);
		check(stolen * 100 >= wall * 30 && stolen * 100 <= wall * 70, "stolen", "two spinners on one core: %llu us stolen of %llu us",
		      stolen, wall);
		span_free(s, 2);
	}
	/* what the guest was told (VPA, enqueue to dispatch) is what was counted, but for the wait of this moment */
	if (stat_read(vm[0], s[0].a = calloc(1, sizeof(struct stat_text)))) {
		u64 ra = SH_GET(vm[0], cpu[0].out[1]) + 0x158;

		told = __builtin_bswap64(*(u64 *)(vm[0]->mem + ra));
		if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			told = __builtin_bswap64(told);
		stolen = stat_sum(s[0].a, "vcpu 0:", "stolen_us");
		check(told / hz <= stolen + TICK_US && told / hz + 100000 >= stolen, "told", "the guest was told of %llu us, stolen were %llu us",
		      told / hz, stolen);
		free(s[0].a);
	}
	end(vm, 2);
}

/* Enough runnable vcpus: how much of the core's thread time is spent in the guest? */
static void c_occupancy(void)
{
	struct vm *vm[1];
	struct span s[1];
	u64 wall, in = 0, t;
	char line[48];
	unsigned int n;

	if (too_many())
		return;
	vm[0] = share_vm(opt.threads);
	if (all_move(vm, 1) && span_take(vm, s, 1, opt.rounds * 50)) {
		wall = s[0].b->before_us - s[0].a->before_us;
		for (n = 1; n <= opt.threads; n++) {
			snprintf(line, sizeof(line), "vcore 0: threads_in_guest %u ", n);
			in += n * span_sum(s, line, "us");
		}
		t = in * 1000 / (wall * opt.threads);
		note("%u vcpus: %llu.%llu %% of the thread time in the guest", opt.threads, t / 10, t % 10);
		check(t >= (opt.emulated && !opt.exact ? 600 : 950), "occupancy", "%llu.%llu %%", t / 10, t % 10);
		span_free(s, 1);
	}
	end(vm, 1);
}

/* A VM of single vcpus, each a vcore, those from "busy" on with role 1: they cede */
static struct vm *spread_vm(unsigned int busy)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_SHARE, .ncpu = opt.threads, .ids_given = true, .mem = 8 << 20 };
	unsigned int i, stride = opt.stride ? opt.stride : host_smt();
	struct vm *vm;

	for (i = 0; i < cfg.ncpu; i++)
		cfg.ids[i] = i * stride;
	vm = vm_new(&cfg);
	for (i = busy; i < vm->ncpu; i++)
		SH_SET(vm, cpu[i].role, 1);
	vm_start_all(vm);
	return vm;
}

/* time with n threads of a core in the guest, n times: the thread time there */
static u64 thread_time(const struct span *s, unsigned int threads)
{
	char line[48];
	unsigned int n, i;
	u64 in = 0;

	for (i = 0; i < threads; i++)
		for (n = 1; n <= threads; n++) {
			snprintf(line, sizeof(line), "vcore %u: threads_in_guest %u ", i * host_smt(), n);
			in += n * span_sum(s, line, "us");
		}
	return in;
}

/* As many vcores of one vcpu as the core has threads: together on a POWER7, one at a time on a POWER8 */
static void c_pack(void)
{
	u64 wall, in, run, least = ~0ull, most = 0, packed;
	unsigned int i, stride = host_smt(), want = host_has_207() ? 1 : opt.threads;
	struct vm *vm[1];
	struct span s[1];
	char line[24];

	if (host_primaries() > 1) {
		skip("cores", "needs a host with one core");
		return;
	}
	vm[0] = spread_vm(opt.threads);
	if (all_move(vm, 1) && span_take(vm, s, 1, opt.rounds * 50)) {
		wall = s[0].b->before_us - s[0].a->before_us;
		in = thread_time(s, opt.threads) * 100 / wall;
		packed = span_sum(s, "vcore", "packed");
		for (i = 0; i < opt.threads; i++) {
			snprintf(line, sizeof(line), "vcpu %u:", i * stride);
			run = span_sum(s, line, "run_us");
			least = run < least ? run : least;
			most = run > most ? run : most;
		}
		note("%u vcores of one vcpu: %llu %% of a thread's time in the guest, %llu us to %llu us each of %llu us, packed %llu times",
		     opt.threads, in, least, most, wall, packed);
		check(in >= want * (opt.emulated && !opt.exact ? 40 : 95), "used", "%llu %% of a thread's time, %u threads", in, want);
		check(stat_max(s[0].b, "vcore", "threads_in_guest") == want, "threads", "%llu threads in the guest at once",
		      stat_max(s[0].b, "vcore", "threads_in_guest"));
		check(want == 1 || opt.threads == 1 ? !packed : packed, "packed", "%llu times", packed);
		check(least * 100 >= most * 80, "fair", "the least %llu us, the most %llu us", least, most);
		check_identity_of(s, opt.threads, stride);
		span_free(s, 1);
	}
	end(vm, 1);
}

/* One spins, the other vcores idle: on a POWER7 they nap in its run. */
static void c_pack_idle(void)
{
	struct vm *vm[1];
	struct span s[1];
	u64 wall, idle, run;

	if (host_primaries() > 1) {
		skip("cores", "needs a host with one core");
		return;
	}
	vm[0] = spread_vm(1);
	if (all_move(vm, 1) && span_take(vm, s, 1, opt.rounds * 20)) {
		wall = s[0].b->before_us - s[0].a->before_us;
		run = spinner_part(s, 0, 1, "run_us");
		idle = span_sum(s, "vcpu", "idle_us");
		check(run * 100 >= wall * 70, "run", "the spinner ran for %llu us of %llu us", run, wall);
		check(idle * 100 >= wall * 80 * (opt.threads - 1), "idle", "%u idlers: %llu us of %llu us", opt.threads - 1, idle, wall);
		check_identity_of(s, opt.threads, host_smt());
		span_free(s, 1);
	}
	end(vm, 1);
}

static const struct test_case cases[] = {
	{ "pack", c_pack, 120, CASE_THREADS },
	{ "pack_idle", c_pack_idle, 120, CASE_THREADS },
	{ "times", c_times, 120, CASE_THREADS },
	{ "occupancy", c_occupancy, 120, CASE_THREADS },
	{ "fair2", c_fair2, 120, CASE_THREADS },
	{ "fair4", c_fair4, 180, CASE_THREADS },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
