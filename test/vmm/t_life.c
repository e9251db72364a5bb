// SPDX-License-Identifier: GPL-2.0-only
/* VMs come, go, are interrupted and killed; the next one works. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"

static struct vm *life_vm(unsigned int prog, u64 arg0)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = prog, .arg = { arg0 }, .ncpu = opt.threads, .mem = 8 << 20 };

	return vm_new(&cfg);
}

static bool fits(void)
{
	unsigned int have = opt.stride ? opt.stride : host_smt();

	/* -s 1: a vcore for each */
	if (opt.threads > have && have != 1)
		skip("threads", "%u vcpus, %u threads per vcore", opt.threads, have);
	return opt.threads <= have || have == 1;
}

/* The time program: every vcpu draws numbers in turn with the others; wants no two at the same time. */
static bool works(unsigned int n)
{
	struct vm *vm = life_vm(S_TIME, n);
	bool ok = vm_run(vm);
	unsigned int i;

	for (i = 0; i < vm->ncpu; i++)
		ok &= SH_GET(vm, cpu[i].out[0]) == n && !SH_GET(vm, cpu[i].out[1]);
	vm_free(vm);
	return ok;
}

static void c_cycle(void)
{
	unsigned int i, n = rounds(50), good = 0;

	if (!fits())
		return;
	for (i = 0; i < n && good == i; i++)
		good += works(100);
	check(good == n, "cycle", "%u of %u VMs worked", good, n);
}

static volatile bool kicker_stop;

static void *kicker(void *arg)
{
	struct vm *vm = arg;
	u64 n = opt.seed;

	while (!kicker_stop) {
		vm_kick(&vm->v[mix(n, 1) % vm->ncpu]);
		/* emulated threads take some ms to gather: leave them a chance to get anywhere */
		if (mix(n, 2) % 4)
			usleep(mix(n, 3) % (opt.emulated ? 20000 : 3000));
		n++;
	}
	return NULL;
}

/* KVM_RUN is interrupted at random for some seconds; nothing gets lost, everybody gets on */
static void interrupted(unsigned int prog, const char *name)
{
	struct vm *vm = life_vm(prog, 1u << 30);
	u64 done = ~0ull, wrong = 0, twice = 0, kicks = 0;
	unsigned int i;
	pthread_t t;

	vm_start_all(vm);
	kicker_stop = false;
	if (pthread_create(&t, NULL, kicker, vm))
		fatal("thread", "cannot be made");
	sleep_ms(rounds(6000));
	SH_SET(vm, endless, 0);
	vm_wait(vm, 0);
	kicker_stop = true;
	pthread_join(t, NULL);
	for (i = 0; i < vm->ncpu; i++) {
		done = SH_GET(vm, cpu[i].out[0]) < done ? SH_GET(vm, cpu[i].out[0]) : done;
		wrong += SH_GET(vm, cpu[i].out[1]);
		twice += prog == S_CEDER ? SH_GET(vm, cpu[i].out[4]) : 0;
		kicks += vm->v[i].kicks;
	}
	check(done >= 10 && !wrong, name, "the slowest went %llu rounds, %llu went wrong", done, wrong);
	if (prog == S_CEDER)
		/* the emulator: see stray_decs() in t_smt.c */
		check(twice <= (opt.emulated ? 1 + done / 1000 : 0), "dec_once", "%llu decrementer interrupts came twice", twice);
	check(kicks >= 20, "interrupted", "only %llu interruptions in %s", kicks, name);
	note("%s: %llu interruptions, the slowest went %llu rounds", name, kicks, done);
	vm_free(vm);
}

static void c_signals(void)
{
	if (!fits())
		return;
	interrupted(S_TIME, "time");
	interrupted(S_CEDER, "cede");
	if (opt.threads % 2 == 0)
		interrupted(S_PINGPONG, "pingpong");
}

/* a child VMM in the middle of its work; what it does by number */
static void child(unsigned int n)
{
	struct vm *vm;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	switch (n % 3) {
	case 0:
		vm = life_vm(S_SPIN, 0);
		SH_SET(vm, cpu[opt.threads - 1].role, 1);
		break;
	case 1:
		vm = life_vm(S_CEDER, 1u << 30);
		break;
	default:
		vm = life_vm(S_TIME, 1u << 30);
	}
	vm_start_all(vm);
	for (;;)
		pause();
}

static void killed(int sig, const char *name)
{
	unsigned int i, n = rounds(50), good = 0;
	int status;

	for (i = 0; i < n; i++) {
		int pid = fork();

		if (!pid) {
			/* its reports are of no interest; SIGTERM ends it as it would any program */
			child(i);
			_exit(0);
		}
		usleep(mix(opt.seed, i) % 150000);
		kill(pid, sig);
		if (wait_child(pid, &status, 20000 * opt.slow)) {
			note_task(pid, pid);
			check(false, name, "VMM %u is still there after signal %d", i, sig);
			return;
		}
		good += WIFSIGNALED(status) && WTERMSIG(status) == sig;
	}
	check(good == n, name, "%u of %u ended by the signal", good, n);
	check(works(100), "next", "the next VM does not work");
}

static void c_kill9(void) { if (fits()) killed(SIGKILL, "kill9"); }
static void c_term(void) { if (fits()) killed(SIGTERM, "term"); }

/* many VMs at a time */
static void c_many(void)
{
	struct vm *vm[8];
	unsigned int i, j, good = 0;

	if (!fits())
		return;
	for (i = 0; i < ARRAY_SIZE(vm); i++) {
		vm[i] = life_vm(i & 1 ? S_TIME : S_CEDER, rounds(200));
		vm_start_all(vm[i]);
	}
	for (i = 0; i < ARRAY_SIZE(vm); i++) {
		bool ok = vm_wait(vm[i], 0);

		for (j = 0; j < vm[i]->ncpu; j++)
			ok &= SH_GET(vm[i], cpu[j].out[0]) == rounds(200);
		good += ok;
	}
	check(good == ARRAY_SIZE(vm), "many", "%u of %zu VMs did their work", good, ARRAY_SIZE(vm));
	for (i = 0; i < ARRAY_SIZE(vm); i++)
		vm_free(vm[i]);
}

/* vcpus that were created and never run hold nobody back */
static void c_unused(void)
{
	struct vm *vm;

	if (!fits())
		return;
	vm = life_vm(S_SPIN, 0);
	vm_start(vm, opt.threads - 1);
	sleep_ms(500);
	SH_SET(vm, endless, 0);
	check(vm_wait(vm, 0) && SH_GET(vm, cpu[opt.threads - 1].progress) > 100, "unused", "vcpu %u counted to %llu", opt.threads - 1,
	      SH_GET(vm, cpu[opt.threads - 1].progress));
	vm_free(vm);
}

/*
 * A system reset of a vcpu that sleeps in H_CEDE: new registers, and it runs at once, although what it waited for is
 * far away.
 */
static void c_reset(void)
{
	struct vm *vm;
	unsigned int ms, i;
	u64 far = 1ull << 60;

	if (!fits())
		return;
	vm = life_vm(S_RESET, 0);
	vm_start_all(vm);
	for (ms = 0; ms < 10000 && !SH_GET(vm, flag[1]); ms++)
		sleep_ms(1);
	sleep_ms(200);
	if (!vm_stop(vm))
		return;
	SH_SET(vm, flag[0], 1);
	for (i = 0; i < vm->ncpu; i++) {
		vcpu_setup(&vm->v[i]);
		check(!one_reg_set(&vm->v[i], KVM_REG_PPC_DEC_EXPIRY, &far), "dec_expiry", "%s", strerror(errno));
	}
	for (i = 0; i < vm->ncpu; i++)
		vm_start(vm, i);
	for (ms = i = 0; i < vm->ncpu && ms < 3000 * opt.slow; ms++) {
		for (i = 0; i < vm->ncpu && SH_GET(vm, cpu[i].progress); i++)
			;
		sleep_ms(1);
	}
	check(i == vm->ncpu, "reset", "vcpu %u still sleeps", i);
	SH_SET(vm, endless, 0);
	for (i = 0; i < vm->ncpu; i++)
		vm_kick(&vm->v[i]);
	if (vm_stop(vm))
		vm_free(vm);
}

/*
 * H_CEDE that a signal to userspace interrupts returns to the guest, which looks again at what it waits for: userspace may
 * have changed it, and has no other way to say so.
 */
static void c_cede(void)
{
	struct vm *vm;
	unsigned int i;

	if (!fits())
		return;
	vm = life_vm(S_CLOCK, 0);
	for (i = 0; i < vm->ncpu; i++)
		SH_SET(vm, cpu[i].role, 1);
	vm_start_all(vm);
	vm_wait_progress(vm, 10000 * opt.slow);
	sleep_ms(200);
	/* with the decrementer some seconds away nothing else ends it */
	SH_SET(vm, endless, 0);
	for (i = 0; i < vm->ncpu; i++)
		vm_kick(&vm->v[i]);
	check(vm_wait(vm, 3000 * opt.slow), "interrupted", "a vcpu sleeps on, although userspace was there");
	for (i = 0; i < vm->ncpu; i++)
		check(SH_GET(vm, cpu[i].out[2]), "returned", "H_CEDE of vcpu %u did not return", i);
	vm_free(vm);
}

/* A VM without memory at 0 cannot run: KVM_EXIT_FAIL_ENTRY, whatever the exit before was. */
static void c_fail_entry(void)
{
	struct vm *vm = life_vm(S_SPIN, 0);
	struct kvm_userspace_memory_region none = { .slot = 0 };
	long r;

	check(!vm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, (unsigned long)&none), "remove", "%s", strerror(errno));
	vm->v[0].run->exit_reason = KVM_EXIT_PAPR_HCALL;
	vm->v[0].run->fail_entry.hardware_entry_failure_reason = ~0ull;
	r = vm_ioctl(vm->v[0].fd, KVM_RUN, 0);
	check(r == -EINVAL && vm->v[0].run->exit_reason == KVM_EXIT_FAIL_ENTRY && !vm->v[0].run->fail_entry.hardware_entry_failure_reason,
	      "fail_entry", "KVM_RUN: %s, exit reason %u, %#llx", strerror(-r), vm->v[0].run->exit_reason,
	      (u64)vm->v[0].run->fail_entry.hardware_entry_failure_reason);
	vm_free(vm);
}

static const struct test_case cases[] = {
	{ "cycle", c_cycle, 240, CASE_THREADS },
	{ "signals", c_signals, 240, CASE_THREADS },
	{ "kill9", c_kill9, 240, CASE_THREADS },
	{ "term", c_term, 240, CASE_THREADS },
	{ "many", c_many, 240, CASE_THREADS },
	{ "unused", c_unused, 60, CASE_THREADS },
	{ "reset", c_reset, 60, CASE_THREADS },
	{ "cede", c_cede, 60, CASE_THREADS },
	{ "fail_entry", c_fail_entry, 60, CASE_THREADS },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
