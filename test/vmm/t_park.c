// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a vcpu's task may run: the host keeps the core of cpu 4 to itself (guest_cores=0, cores of four
 * threads). test/host/tests/park.sh sets that up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "vmm.h"

#define GUEST_CPU	0	/* the primary of the guest core */
#define HOST_CPU	5	/* a thread of the other */

static void on_alarm(int sig)
{
}

static cpu_set_t cpus(int a, int b)
{
	cpu_set_t s;

	CPU_ZERO(&s);
	CPU_SET(a, &s);
	CPU_SET(b, &s);
	return s;
}

static bool set_to(cpu_set_t s)
{
	return !sched_setaffinity(0, sizeof(s), &s);
}

static bool is(cpu_set_t want)
{
	cpu_set_t s;

	return !sched_getaffinity(0, sizeof(s), &s) && CPU_EQUAL(&s, &want);
}

/* This task runs vcpu 0 for a while; 0 when the guest got on, else errno. */
static int run(struct vm *vm)
{
	struct itimerval once = { .it_value.tv_usec = 300000 }, never = {};
	u64 before = SH_GET(vm, cpu[0].progress);
	int err = EINTR;

	setitimer(ITIMER_REAL, &once, NULL);
	while (err == EINTR && SH_GET(vm, cpu[0].progress) == before)
		err = ioctl(vm->v[0].fd, KVM_RUN, 0) ? errno : 0;
	setitimer(ITIMER_REAL, &never, NULL);
	if (SH_GET(vm, cpu[0].progress) != before)
		return 0;
	return err ? err : ENODATA;
}

static struct vm *spinner(void)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_SPIN, .ncpu = 1, .mem = 8 << 20 };
	struct vm *vm = vm_new(&cfg);

	SH_SET(vm, cpu[0].role, 1);
	return vm;
}

static void c_affinity(void)
{
	cpu_set_t guest = cpus(GUEST_CPU, GUEST_CPU), host = cpus(HOST_CPU, HOST_CPU), both = cpus(GUEST_CPU, HOST_CPU);
	struct sigaction sa = { .sa_handler = on_alarm };
	struct vm *vm = spinner();
	int r;

	sigaction(SIGALRM, &sa, NULL);
	check(set_to(host), "pinned", "%s", strerror(errno));
	r = run(vm);
	check(r == EBUSY, "refused", "KVM_RUN on a host core: %s", strerror(r));
	check(is(host), "refused_unchanged", "the affinity changed");

	/* the scheduler has no reason to leave HOST_CPU by itself */
	check(set_to(both), "widened", "%s", strerror(errno));
	r = run(vm);
	check(!r, "moved", "KVM_RUN: %s", strerror(r));
	check(is(guest), "narrowed", "the affinity is not the guest core's");

	check(set_to(guest), "taskset", "%s", strerror(errno));
	r = run(vm);
	check(!r && is(guest), "on_guest_core", "KVM_RUN: %s", strerror(r));
	check(set_to(host), "pinned_again", "%s", strerror(errno));
	r = run(vm);
	check(r == EBUSY && is(host), "refused_again", "KVM_RUN on a host core: %s", strerror(r));
	check(set_to(both), "widened_again", "%s", strerror(errno));
	r = run(vm);
	check(!r && is(guest), "moved_again", "KVM_RUN: %s", strerror(r));
	vm_free(vm);
	check(is(both), "given_back", "the affinity is not what it was before the move");
}

/* What the user set after the move stays when the VM goes. */
static void c_later(void)
{
	cpu_set_t host = cpus(HOST_CPU, HOST_CPU), both = cpus(GUEST_CPU, HOST_CPU), other = cpus(HOST_CPU, HOST_CPU + 1);
	struct sigaction sa = { .sa_handler = on_alarm };
	struct vm *vm = spinner();
	int r;

	sigaction(SIGALRM, &sa, NULL);
	check(set_to(host) && set_to(both), "wide", "%s", strerror(errno));
	r = run(vm);
	check(!r, "run", "KVM_RUN: %s", strerror(r));
	check(set_to(other), "set", "%s", strerror(errno));
	vm_free(vm);
	check(is(other), "kept", "the affinity changed when the VM went");
}

static const struct test_case cases[] = {
	{ "affinity", c_affinity, 60, 0 },
	{ "later", c_later, 60, 0 },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
