// SPDX-License-Identifier: GPL-2.0-only
/*
 * What exits and wake-ups cost.  One line for each operation,
 *
 *	NOTE t_bench.CASE.nN cost OPERATION | p50 | least | p90 | others
 *
 * in time base ticks; "others" says how often a spinning sibling was taken out of the guest, in 1000 rounds.  With -n 1 a
 * vcpu alone, with more the other threads of its vcore spin.  The figures mean something in a deterministic host only (make
 * bench); here it is only checked that all rounds were done.  BENCH_OP in the environment names the one operation to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "stat.h"
#include "vmm.h"
#include "xics.h"

#define ROUNDS		500
#define OUT(vm, i, n)	SH_GET(vm, cpu[i].out[n])

struct op {
	const char *name;
	unsigned int prog;
	u64 arg;
	bool xics;
	unsigned int role1;	/* of cpu 1 */
	unsigned int others;	/* role of the others, 0: they spin */
	unsigned int vcpus;	/* at least */
	unsigned int rounds;	/* 0: ROUNDS */
	unsigned int mem_mib;	/* 0: 64 */
	unsigned int order;	/* of the HPT */
};

/* T_SYNC: of N_USERSPACE nothing, of N_TOUCH point 1 */
static long answer(struct vcpu *v, u64 a[9])
{
	struct vm *vm = v->vm;

	if (a[0] == 1 && vm->cfg.prog == N_TOUCH)
		memset(vm->mem + N_TOUCH_RA, 1, vm->mem_size - N_TOUCH_RA);
	return 0;
}

/* spread: vcores of one vcpu */
static struct vm *bench_vm(const struct op *op, unsigned int n, bool spread)
{
	struct vm_cfg cfg = { .guest = "bench", .prog = op->prog, .ncpu = n, .ids_given = true,
			      .mem = (u64)(op->mem_mib ? op->mem_mib : 64) << 20, .order = op->order };
	struct vm *vm;
	unsigned int i;

	cfg.arg[0] = (op->rounds ? op->rounds : ROUNDS) * opt.rounds / 100;
	cfg.arg[1] = op->prog;
	cfg.arg[2] = op->arg;
	for (i = 0; i < n; i++)
		cfg.ids[i] = spread ? i * host_smt() : i;
	vm = vm_new(&cfg);
	madvise(vm->mem, vm->mem_size, MADV_NOHUGEPAGE);	/* N_TOUCH: one page at a time */
	return vm;
}

static void run_op(const struct op *op, unsigned int n, bool spread)
{
	const char *only = getenv("BENCH_OP");
	u64 pulled = 0, want, done;
	unsigned int i;
	struct vm *vm;

	if (only && strcmp(only, op->name))
		return;
	vm = bench_vm(op, n, spread);
	want = vm->cfg.arg[0];

	vm->on_sync = answer;
	if (op->xics && xics_for_all(vm) < 0) {
		check(false, op->name, "no XICS device");
		vm_free(vm);
		return;
	}
	for (i = 1; i < n; i++)
		SH_SET(vm, cpu[i].role, i == 1 && op->role1 ? op->role1 : op->others ? op->others : 1);
	vm_run(vm);
	done = OUT(vm, 0, 3);
	check(done == want, op->name, "%llu of %llu rounds", done, want);
	for (i = 1; i < n; i++)
		pulled += OUT(vm, i, 1) / 2;
	if (done)
		note("cost %s%s%s | %llu | %llu | %llu | %llu", op->name, n > 1 && !op->role1 && !op->others ? ", siblings spin" : "",
		     spread ? ", two vcores" : "", OUT(vm, 0, 0), OUT(vm, 0, 1), OUT(vm, 0, 2), pulled * 1000 / done);
	vm_free(vm);
}

static void run_all(const struct op *ops, unsigned int n)
{
	unsigned int i;

	if (too_many())
		return;
	for (i = 0; i < n; i++)
		if (opt.threads >= ops[i].vcpus)
			run_op(&ops[i], opt.threads, false);
}

static void c_hcalls(void)
{
	static const struct op ops[] = {
		{ .name = "hcall to userspace", .prog = N_USERSPACE },
		{ .name = "hcall in the kernel", .prog = N_VIRTUAL },
		{ .name = "H_PROD", .prog = N_PROD },
		{ .name = "H_SET_DABR", .prog = N_SET_DABR },
		{ .name = "H_READ", .prog = N_READ },
		{ .name = "H_ENTER", .prog = N_ENTER },
		{ .name = "H_REMOVE", .prog = N_REMOVE },
	};

	run_all(ops, ARRAY_SIZE(ops));
}

static void c_memory(void)
{
	static const struct op ops[] = {
		{ .name = "first touch, host page present", .prog = N_TOUCH, .arg = 1 },
		{ .name = "first touch, host page new", .prog = N_TOUCH },
		{ .name = "MMIO read", .prog = N_MMIO },
	};

	run_all(ops, ARRAY_SIZE(ops));
}

static void c_sleep(void)
{
	static const struct op ops[] = {
		{ .name = "H_CEDE, decrementer due", .prog = N_CEDE_DUE },
		{ .name = "wake-up lateness, 10 us", .prog = N_LATE, .arg = 5120 },
		{ .name = "wake-up lateness, 100 us", .prog = N_LATE, .arg = 51200, .rounds = 200 },
		{ .name = "wake-up lateness, 1 ms", .prog = N_LATE, .arg = 512000, .rounds = 100 },
	};

	run_all(ops, ARRAY_SIZE(ops));
}

static const struct op ipi_self = { .name = "H_IPI H_XIRR H_IPI H_EOI, to itself", .prog = N_IPI_SELF, .xics = true };
static const struct op ipi = { .name = "IPI to a spinning vcpu", .prog = N_IPI, .xics = true, .role1 = 2, .vcpus = 2 };
static const struct op ipi_ceded = { .name = "IPI to a ceded vcpu", .prog = N_IPI, .xics = true, .role1 = 2, .vcpus = 2, .arg = 1 };

static void c_ipi(void)
{
	static const struct op *const ops[] = { &ipi_self, &ipi, &ipi_ceded };
	unsigned int i;

	if (too_many())
		return;
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if (opt.threads >= ops[i]->vcpus)
			run_op(ops[i], opt.threads, false);
}

/* between two vcores of one vcpu each, which is all that kvm-hv can do here */
static void c_ipi_far(void)
{
	if (opt.threads != 2)
		return;
	run_op(&ipi, 2, true);
	run_op(&ipi_ceded, 2, true);
}

static void pingpong(bool spread)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_PINGPONG, .ncpu = 2, .ids_given = true, .mem = 16 << 20 };
	struct vm *vm;
	u64 done;

	if (opt.threads != 2)
		return;
	cfg.arg[0] = ROUNDS * opt.rounds / 100;
	cfg.ids[1] = spread ? host_smt() : 1;
	vm = vm_new(&cfg);
	vm_run(vm);
	done = OUT(vm, 0, 0);
	check(done == cfg.arg[0], "turns", "%llu of %llu rounds", done, cfg.arg[0]);
	if (done)
		note("cost H_PROD and H_CEDE, a turn%s | %llu | - | - | -", spread ? ", two vcores" : "", OUT(vm, 0, 3) / (2 * done));
	vm_free(vm);
}

static void c_pingpong(void) { pingpong(false); }
static void c_pingpong_far(void) { pingpong(true); }

/* a run as the threads of the vcore grow: all take part, the others idle */
static void c_scale_threads(void)
{
	static const struct op op = { .name = "hcall in the kernel, siblings idle", .prog = N_VIRTUAL, .others = 3 };

	if (!too_many())
		run_op(&op, opt.threads, false);
}

static const unsigned int vm_counts[] = { 1, 2, 4, 8, 16 };
#define MOST_VMS	16

/* a VM of one vcpu that is there beside the one that is measured */
static struct vm *other_vm(bool busy)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_SHARE, .ncpu = 1, .mem = 8 << 20 };
	struct vm *vm = vm_new(&cfg);

	SH_SET(vm, cpu[0].role, !busy);
	vm_start_all(vm);
	return vm;
}

static void scale_vms(unsigned int vms, bool busy)
{
	struct op op = { .prog = N_VIRTUAL };
	struct vm *other[MOST_VMS];
	unsigned int i;
	char name[80];

	snprintf(name, sizeof(name), "hcall in the kernel, %u VMs, the others %s", vms, busy ? "spin" : "idle");
	op.name = name;
	for (i = 1; i < vms; i++) {
		other[i] = other_vm(busy);
		if (!vm_wait_progress(other[i], 5000))
			check(false, "start", "another VM does not get on");
	}
	run_op(&op, 1, false);
	for (i = 1; i < vms; i++) {
		SH_SET(other[i], endless, 0);
		vm_kick(&other[i]->v[0]);
		vm_wait(other[i], 0);
		vm_free(other[i]);
	}
}

static void c_scale_vms(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vm_counts); i++)
		scale_vms(vm_counts[i], false);
	for (i = 1; i < ARRAY_SIZE(vm_counts); i++)
		scale_vms(vm_counts[i], true);
}

static void c_scale_memory(void)
{
	static const unsigned int size[][2] = { { 64, 18 }, { 256, 22 }, { 1024, 26 } };	/* MiB, order of the HPT */
	unsigned int i;
	char name[80];

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		struct op op = { .prog = N_VIRTUAL, .name = name, .mem_mib = size[i][0], .order = size[i][1] };

		snprintf(name, sizeof(name), "hcall in the kernel, %u MiB, HPT of %u KiB", size[i][0], 1u << (size[i][1] - 10));
		run_op(&op, 1, false);
		snprintf(name, sizeof(name), "first touch, %u MiB, HPT of %u KiB", size[i][0], 1u << (size[i][1] - 10));
		op.prog = N_TOUCH;
		run_op(&op, 1, false);
	}
}

static const struct test_case cases[] = {
	{ "hcalls", c_hcalls, 120, CASE_THREADS },
	{ "memory", c_memory, 120, CASE_THREADS },
	{ "sleep", c_sleep, 120, CASE_THREADS },
	{ "ipi", c_ipi, 120, CASE_THREADS },
	{ "ipi_far", c_ipi_far, 120, CASE_THREADS },
	{ "pingpong", c_pingpong, 120, CASE_THREADS },
	{ "pingpong_far", c_pingpong_far, 120, CASE_THREADS },
	{ "scale_threads", c_scale_threads, 120, CASE_THREADS },
	{ "scale_vms", c_scale_vms, 240, 0 },
	{ "scale_memory", c_scale_memory, 120, 0 },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
