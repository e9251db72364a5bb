// SPDX-License-Identifier: GPL-2.0-only
/* The guest's clocks: time base offset, decrementer over migration, PURR, SPURR and VTB where the core is shared. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmm.h"

#define OFFSET_UNIT	(1ull << 24)	/* KVM rounds KVM_REG_PPC_TB_OFFSET up to it: mtspr TBU40 leaves the lower bits */
#define TB_PER_MS	512000ull

static u64 host_tb(void)
{
	u64 v;

	asm volatile("mfspr %0,268" : "=r"(v) : : "memory");
	return v;
}

static struct vm *clock_vm(u64 dec)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_CLOCK, .ncpu = opt.threads, .mem = 8 << 20, .arg = { host_has_207(), dec } };

	return vm_new(&cfg);
}

static bool set_all(struct vm *vm, u64 id, u64 val)
{
	unsigned int i;
	int r = 0;

	for (i = 0; i < vm->ncpu && !r; i++)
		r = one_reg_set(&vm->v[i], id, &val);
	check(!r, "set", "one_reg %llx: %s", id, strerror(-r));
	return !r;
}

/* All have come as far as "progress" */
static bool all_there(struct vm *vm)
{
	unsigned int i = vm_wait_progress(vm, case_left());

	check(i == vm->ncpu, "start", "vcpu %u does not get on", i);
	return i == vm->ncpu;
}

/* The guest's time base is the host's and the offset, on every thread, at every moment. */
static void offset(u64 set, const char *name)
{
	u64 want = (set + OFFSET_UNIT - 1) & ~(OFFSET_UNIT - 1), got = 0, lo, hi, first = ~0ull, last = 0;
	struct vm *vm = clock_vm(0);
	unsigned int i;

	if (set_all(vm, KVM_REG_PPC_TB_OFFSET, set)) {
		check(!one_reg_get(&vm->v[0], KVM_REG_PPC_TB_OFFSET, &got) && got == want, name, "%llx became %llx, not %llx", set, got, want);
		lo = host_tb() + want;
		vm_start_all(vm);
		if (all_there(vm)) {
			sleep_ms(100);
			SH_SET(vm, endless, 0);
			vm_wait(vm, 0);
			hi = host_tb() + want;
			for (i = 0; i < vm->ncpu; i++) {
				/* as seen from the lower bound: offsets may be negative */
				first = SH_GET(vm, cpu[i].out[0]) - lo < first ? SH_GET(vm, cpu[i].out[0]) - lo : first;
				last = SH_GET(vm, cpu[i].out[4]) - lo > last ? SH_GET(vm, cpu[i].out[4]) - lo : last;
			}
			check((long long)first >= 0 && last <= hi - lo, name, "the guest saw %lld to %lld ticks after the start, of %llu", (long long)first,
			      (long long)last, hi - lo);
		}
	}
	vm_free(vm);
}

static void c_offset(void)
{
	if (too_many())
		return;
	offset(123 * OFFSET_UNIT + 5, "ahead");
	offset(-7 * OFFSET_UNIT, "behind");
}

/* What a migration does with a vcpu that sleeps: DEC_EXPIRY, in the guest's time base, is read here and set there. */
static void c_migrate(void)
{
	u64 ticks = 400 * TB_PER_MS, far = 1000 * OFFSET_UNIT, expiry[MAXV], want, woke;
	struct vm *from = clock_vm(ticks), *to;
	unsigned int i, bad = 0, late = 0;
	long long off = 0;

	if (too_many()) {
		vm_free(from);
		return;
	}
	for (i = 0; i < from->ncpu; i++)
		SH_SET(from, cpu[i].role, 1);
	vm_start_all(from);
	if (!all_there(from) || !vm_stop(from))
		return;
	for (i = 0; i < from->ncpu; i++) {
		bad += !!one_reg_get(&from->v[i], KVM_REG_PPC_DEC_EXPIRY, &expiry[i]);
		/* DEC was set between out[0] and the end of this wait; what the host took in between is the guest's loss */
		want = SH_GET(from, cpu[i].out[0]) + ticks;
		bad += expiry[i] < want || expiry[i] > host_tb() + ticks;
		off = expiry[i] - want;
	}
	check(!bad, "read", "%u of %u DEC_EXPIRY are wrong, the last by %lld ticks", bad, from->ncpu, off);
	/* the other host's time base is elsewhere, the guest's goes on: here all of it moves by "far" */
	to = clock_vm(0);
	for (i = 0; i < to->ncpu; i++)
		SH_SET(to, cpu[i].role, 1);
	if (!set_all(to, KVM_REG_PPC_TB_OFFSET, far))
		return;
	vm_start_all(to);
	/* with the decrementer that it was born with, far away, it sleeps */
	if (all_there(to) && vm_stop(to)) {
		for (bad = i = 0; i < to->ncpu; i++) {
			expiry[i] = host_tb() + far + 300 * TB_PER_MS;
			bad += !!one_reg_set(&to->v[i], KVM_REG_PPC_DEC_EXPIRY, &expiry[i]);
		}
		for (i = 0; i < to->ncpu; i++)
			vm_start(to, i);
		vm_wait(to, 0);
		for (i = 0; i < to->ncpu; i++) {
			woke = SH_GET(to, cpu[i].out[1]);
			bad += woke < expiry[i];
			late += woke > expiry[i] + (opt.emulated && !opt.exact ? 2000 : 50) * TB_PER_MS * opt.slow;
			off = woke - expiry[i];
		}
		check(!bad && !late, "woken", "%u too early, %u too late, the last by %lld ticks", bad, late, off);
	}
	vm_free(from);
	vm_free(to);
}

static void deltas(struct vm *vm, unsigned int i, u64 d[4])
{
	u64 base = SH(cpu) + i * sizeof(struct share_cpu) + offsetof(struct share_cpu, out);
	unsigned int k;

	for (k = 0; k < 4; k++)
		d[k] = g64(vm, base + 8 * (4 + k)) - g64(vm, base + 8 * k);
}

/* "n" equal VMs on one core: what part of the time do the guest's own clocks say it had? */
static void part(unsigned int n, unsigned int lo, unsigned int hi)
{
	static const char *const name[] = { "tb", "purr", "spurr", "vtb" };
	struct vm *vm[2];
	unsigned int i, j, k, low;
	char what[24];
	u64 d[4], p;

	for (i = 0; i < n; i++) {
		vm[i] = clock_vm(0);
		vm_start_all(vm[i]);
	}
	for (i = 0; i < n && all_there(vm[i]); i++)
		;
	sleep_ms(rounds(1000));
	for (j = 0; j < n; j++)
		SH_SET(vm[j], endless, 0);
	for (j = 0; j < n; j++)
		vm_wait(vm[j], 0);
	for (k = 1; i == n && k < (host_has_207() ? 4 : 3); k++) {
		unsigned int bad = 0;

		if (k != 3 && opt.emulated && opt.threads > 1) {
			/* it has one PURR and SPURR a core: what a thread is given as its own the next one overwrites */
			snprintf(what, sizeof(what), "%s%u", name[k], n);
			skip(what, "the emulator's threads share it");
			continue;
		}
		/* a thread's share of its core's cycles, while it is in the guest; the emulator counts them for each thread */
		low = k != 3 && !opt.emulated ? lo / 8 : lo;
		for (p = j = 0; j < n; j++) {
			unsigned int v;

			for (v = 0; v < vm[j]->ncpu; v++) {
				deltas(vm[j], v, d);
				p = d[0] ? d[k] * 100 / d[0] : 0;
				if (p < low || p > hi) {
					bad++;
					note("VM %u vcpu %u: %s %llu %% of %llu ticks", j, v, name[k], p, d[0]);
				}
			}
		}
		snprintf(what, sizeof(what), "%s%u", name[k], n);
		check(!bad, what, "%u vcpus were not between %u and %u %%", bad, low, hi);
	}
	while (n--)
		vm_free(vm[n]);
}

static void c_parts(void)
{
	if (too_many())
		return;
	/* on an emulated machine that is busy less is left */
	part(1, opt.emulated && !opt.exact ? 25 : 85, 101);
	if (host_primaries() > 1)
		skip("shared", "needs a host with one core");
	else
		part(2, opt.emulated && !opt.exact ? 10 : 35, opt.emulated && !opt.exact ? 90 : 65);
}

static const struct test_case cases[] = {
	{ "offset", c_offset, 60, CASE_THREADS | CASE_ENDIAN },
	{ "migrate", c_migrate, 60, CASE_THREADS | CASE_ENDIAN },
	{ "parts", c_parts, 60, CASE_THREADS },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
