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
	unsigned int vcpus;	/* at least */
	unsigned int rounds;	/* 0: ROUNDS */
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
	struct vm_cfg cfg = { .guest = "bench", .prog = op->prog, .ncpu = n, .ids_given = true, .mem = 64 << 20 };
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
		SH_SET(vm, cpu[i].role, i == 1 && op->role1 ? op->role1 : 1);
	vm_run(vm);
	done = OUT(vm, 0, 3);
	check(done == want, op->name, "%llu of %llu rounds", done, want);
	for (i = 1; i < n; i++)
		pulled += OUT(vm, i, 1) / 2;
	if (done)
		note("cost %s%s%s | %llu | %llu | %llu | %llu", op->name, n > 1 && !op->role1 ? ", siblings spin" : "",
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

static const struct test_case cases[] = {
	{ "hcalls", c_hcalls, 120, CASE_THREADS },
	{ "memory", c_memory, 120, CASE_THREADS },
	{ "sleep", c_sleep, 120, CASE_THREADS },
	{ "ipi", c_ipi, 120, CASE_THREADS },
	{ "ipi_far", c_ipi_far, 120, CASE_THREADS },
	{ "pingpong", c_pingpong, 120, CASE_THREADS },
	{ "pingpong_far", c_pingpong_far, 120, CASE_THREADS },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
