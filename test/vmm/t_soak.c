// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs of all widths come and go for a given time, while everything happens to them that may happen on a host.
 *
 * What happens, to whom and in which order is a function of the seed (-S); when, is not: the host decides.  A minute
 * is -r 100.  Every VM that is not killed checks itself: all vcpus come to their end, with the right results,
 * and the module's accounts add up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stat.h"

#define SLOTS		3		/* VMs at a time */
#define VM_LIMIT_MS	240000u		/* for one VM, times opt.slow; three share the host, and are stopped at times */
#define RELOAD_STEPS	96		/* so many steps, then the module is loaded anew */
#define MODULE		"kvm_hv_smt"
#define MODULE_FILE	"/lib/modules/kvm-hv-smt.ko"
#define POLL_MS		20

/* A VM's process; up: the VM exists for certain */
struct slot {
	volatile int up;
	int pid;
	bool killed;
	u64 n, since;
};

static struct shared {
	struct slot slot[SLOTS];
	u64 good, bad;			/* VMs that checked themselves */
	u64 pageouts;
} *sh;

static u64 killed, reloads;
static unsigned int smt;

/* --- one VM --- */

static const struct kind {
	const char *name;
	unsigned int prog;
	bool rounds;			/* ends by itself after arg[0] of them; else it counts in progress */
	bool pairs;
	bool wrong;			/* out[1] counts what went wrong */
} kinds[] = {
	{ "time", S_TIME, true, false, true },
	{ "cede", S_CEDER, true, false, true },
	{ "pingpong", S_PINGPONG, true, true, false },
	{ "spin", S_SPIN, false, false, false },
	{ "share", S_SHARE, false, false, false },
};

struct helper {
	struct vm *vm;
	u64 n;
	volatile bool stop;
};

/* Interrupts vcpus, and has the host take the guest's pages away. */
static void *disturb_own(void *arg)
{
	struct helper *h = arg;
	u64 i;

	for (i = 0; !h->stop; i++) {
		usleep(mix(h->n, i * 4) % 40000);
		switch (mix(h->n, i * 4 + 1) % 16) {
		case 0:
			if (!madvise(h->vm->mem, h->vm->mem_size, MADV_PAGEOUT))
				__atomic_add_fetch(&sh->pageouts, 1, __ATOMIC_RELAXED);
			break;
		case 1 ... 11:
			vm_kick(&h->vm->v[mix(h->n, i * 4 + 2) % h->vm->ncpu]);
			break;
		}
	}
	return NULL;
}

static void expect(bool ok, bool *all, const char *name, u64 n, const struct kind *k, const struct vm *vm, const char *what)
{
	if (ok)
		return;
	*all = false;
	check(false, name, "VM %llu (%s, %u vcpus, %u to a vcore): %s", n, k->name, vm->ncpu, vm->stride, what);
}

/* It came to its end: are the results right? */
static bool results(struct vm *vm, const struct kind *k, u64 n)
{
	bool ok = true;
	unsigned int i;
	char what[96];

	for (i = 0; i < vm->ncpu; i++) {
		snprintf(what, sizeof(what), "vcpu %u: %llu of %llu rounds, %llu went wrong, progress %llu", i, SH_GET(vm, cpu[i].out[0]),
			 vm->cfg.arg[0], SH_GET(vm, cpu[i].out[1]), SH_GET(vm, cpu[i].progress));
		if (k->rounds)
			expect(SH_GET(vm, cpu[i].out[0]) == vm->cfg.arg[0], &ok, "rounds", n, k, vm, what);
		else
			expect(SH_GET(vm, cpu[i].progress), &ok, "progress", n, k, vm, what);
		if (k->wrong)
			expect(!SH_GET(vm, cpu[i].out[1]), &ok, "wrong", n, k, vm, what);
	}
	return ok;
}

static bool accounts(struct vm *vm, const struct kind *k, u64 n)
{
	static struct stat_text a, b;
	bool ok = true;
	char what[160];

	/* an account is opened by the first KVM_RUN */
	do {
		usleep(10000);
		if (!stat_read(vm, &a))
			return false;
	} while (!stat_opened(&a, vm->ncpu) && case_left());
	usleep(mix(n, 7) % 300000);
	if (!stat_read(vm, &b))
		return false;
	expect(stat_identity(&a, &b, vm->ncpu, 1, what, sizeof(what)), &ok, "accounts", n, k, vm, what);
	return ok;
}

static void vm_life(struct slot *s, u64 n)
{
	const struct kind *k = &kinds[mix(n, 1) % ARRAY_SIZE(kinds)];
	static const unsigned int strides[] = { 0, 0, 1, 2 };	/* 0: as many as there are */
	unsigned int width = 1 + mix(n, 2) % smt, i;
	struct vm_cfg cfg = {
		.guest = "smt", .prog = k->prog, .mem = 8 << 20, .tb_limit = 512000000ull * VM_LIMIT_MS / 1000 * opt.slow,
		.arg = { 20 + mix(n, 3) % 300 }, .stride = strides[mix(n, 4) % ARRAY_SIZE(strides)],
	};
	struct helper h = { .n = n };
	pthread_t t;
	bool ok;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	cfg.ncpu = k->pairs ? (width + 1) & ~1u : width;
	opt.be = mix(n, 5) & 1;
	h.vm = vm_new(&cfg);
	s->up = 1;
	for (i = 0; k->prog == S_SHARE && i < h.vm->ncpu; i++)
		SH_SET(h.vm, cpu[i].role, mix(n, 32 + i) & 1);
	vm_start_all(h.vm);
	if (pthread_create(&t, NULL, disturb_own, &h))
		fatal("thread", "cannot be made");
	ok = accounts(h.vm, k, n);
	if (!k->rounds) {
		vm_wait_progress(h.vm, case_left());
		SH_SET(h.vm, endless, 0);
	}
	ok &= vm_wait(h.vm, VM_LIMIT_MS * opt.slow / 2);
	h.stop = true;
	pthread_join(t, NULL);
	ok &= results(h.vm, k, n);
	s->up = 0;
	vm_free(h.vm);
	__atomic_add_fetch(ok ? &sh->good : &sh->bad, 1, __ATOMIC_RELAXED);
}

/* --- the host's side --- */

static void start(struct slot *s, u64 n)
{
	int pid;

	s->up = 0;
	s->killed = false;
	s->n = n;
	s->since = now_ms();
	pid = fork();
	if (pid < 0)
		fatal("fork", "%s", strerror(errno));
	if (!pid) {
		vm_life(s, n);
		_exit(0);
	}
	s->pid = pid;		/* shared: not the child's 0 */
}

/* A VM has ended, or should have. */
static void reap(struct slot *s)
{
	int status;

	if (!s->pid)
		return;
	if (waitpid(s->pid, &status, WNOHANG) == s->pid) {
		if (s->killed)
			killed++;
		else if (!WIFEXITED(status) || WEXITSTATUS(status))
			check(false, "crash", "VM %llu: status %x", s->n, status);
		s->up = 0;
		s->pid = 0;
	} else if (now_ms() - s->since > VM_LIMIT_MS * opt.slow) {
		note_task(s->pid, s->pid);
		check(false, "lost", "VM %llu is not ready after %u s", s->n, VM_LIMIT_MS * opt.slow / 1000);
		s->killed = true;
		s->since = now_ms();
		kill(s->pid, SIGKILL);
	}
}

static bool reap_all(void)
{
	bool any = false;
	int i;

	for (i = 0; i < SLOTS; i++) {
		reap(&sh->slot[i]);
		any |= sh->slot[i].pid;
	}
	return any;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), err;
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	err = errno;
	if (fd >= 0)
		close(fd);
	errno = err;
	return ok;
}

/* Each returns true when it did something. */
static bool do_kill9(struct slot *s, u64 n)
{
	s->killed = true;
	return !kill(s->pid, n & 1 ? SIGKILL : SIGTERM);
}

static bool do_stop(struct slot *s, u64 n)
{
	kill(s->pid, SIGSTOP);
	usleep(n % 300000);
	return !kill(s->pid, SIGCONT);
}

/* every task of the VM onto some of the primaries */
static bool do_taskset(struct slot *s, u64 n)
{
	unsigned int cpu, cores = sysconf(_SC_NPROCESSORS_CONF) / smt;
	char path[32];
	struct dirent *e;
	cpu_set_t set;
	bool did = false;
	DIR *d;

	CPU_ZERO(&set);
	for (cpu = 0; cpu < cores; cpu++)
		if (n >> cpu & 1)
			CPU_SET(cpu * smt, &set);
	if (!CPU_COUNT(&set))
		CPU_SET(n / 256 % cores * smt, &set);
	snprintf(path, sizeof(path), "/proc/%d/task", s->pid);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			did |= !sched_setaffinity(atoi(e->d_name), sizeof(set), &set);
	if (d)
		closedir(d);
	return did;
}

static bool certainly_up(u64 *gen)
{
	int i;

	for (*gen = 0, i = 0; i < SLOTS; i++)
		if (sh->slot[i].pid && sh->slot[i].up)
			*gen |= sh->slot[i].n << 8 | 1u << i;
	return *gen;
}

/* A secondary is not to come online under a VM */
static bool do_online(struct slot *s, u64 n)
{
	unsigned int cpu = n % sysconf(_SC_NPROCESSORS_CONF);
	u64 before, after;
	char path[64];

	cpu += cpu % smt ? 0 : 1;
	if (smt == 1 || !certainly_up(&before))
		return false;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	if (write_file(path, "1") && certainly_up(&after) && before == after)
		check(false, "online", "cpu %u came online under a VM", cpu);
	return true;
}

static bool do_reclaim(struct slot *s, u64 n)
{
	return write_file("/proc/sys/vm/drop_caches", "3") && write_file("/proc/sys/vm/compact_memory", "1");
}

/* The module is not to go while a VM uses it */
static bool do_unload(struct slot *s, u64 n)
{
	u64 before, after;

	if (!certainly_up(&before))
		return false;
	if (!syscall(SYS_delete_module, MODULE, O_NONBLOCK)) {
		check(!certainly_up(&after) || before != after, "unload", "the module went under a VM");
		fatal("unload", "the module is gone, the rest cannot run");
	}
	return true;
}

static bool do_nothing(struct slot *s, u64 n)
{
	return true;
}

static const struct happening {
	const char *name;
	bool (*fn)(struct slot *s, u64 n);
	unsigned int weight;
} happenings[] = {
	{ "kill", do_kill9, 2 },
	{ "stop", do_stop, 3 },
	{ "taskset", do_taskset, 4 },
	{ "online", do_online, 2 },
	{ "reclaim", do_reclaim, 1 },
	{ "unload", do_unload, 1 },
	{ "nothing", do_nothing, 3 },
};
static u64 happened[ARRAY_SIZE(happenings)];

static void happen(u64 n)
{
	struct slot *s = &sh->slot[mix(n, 8) % SLOTS];
	unsigned int i, sum = 0, pick;

	if (!s->pid)
		return;
	for (i = 0; i < ARRAY_SIZE(happenings); i++)
		sum += happenings[i].weight;
	pick = mix(n, 9) % sum;
	for (i = 0; pick >= happenings[i].weight; i++)
		pick -= happenings[i].weight;
	happened[i] += happenings[i].fn(s, mix(n, 10));
}

/* The last VM's end is the module's last user's end only a moment later. */
static bool unload(void)
{
	u64 end = now_ms() + 10000 * opt.slow;

	while (syscall(SYS_delete_module, MODULE, O_NONBLOCK)) {
		if (errno != EAGAIN && errno != EBUSY)
			return false;
		if (now_ms() > end)
			return false;
		sleep_ms(POLL_MS);
	}
	return true;
}

static void reload(void)
{
	const char *args = getenv("HVARGS");
	int fd;

	while (reap_all())
		sleep_ms(POLL_MS);
	if (!unload())
		fatal("reload", "the module does not go: %s", strerror(errno));
	fd = open(MODULE_FILE, O_RDONLY);
	if (fd < 0 || syscall(SYS_finit_module, fd, args ? args : "", 0))
		fatal("reload", "%s does not load: %s", MODULE_FILE, strerror(errno));
	close(fd);
	reloads++;
}

static void c_soak(void)
{
	u64 end = now_ms() + rounds(60000), n, said = now_ms();
	unsigned int i;

	smt = host_smt();
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		fatal("memory", "%s", strerror(errno));
	for (n = opt.seed << 32; now_ms() < end; n++) {
		struct slot *s = &sh->slot[n % SLOTS];

		reap_all();
		if (!s->pid)
			start(s, n);
		else
			happen(n);
		usleep(mix(n, 11) % 200000);
		if (n % RELOAD_STEPS == RELOAD_STEPS - 1)
			reload();
		if (now_ms() - said > 60000) {
			said = now_ms();
			note("%llu VMs checked, %llu killed, %llu reloads, %llu s to go", sh->good, killed, reloads, (end - said) / 1000);
		}
	}
	while (reap_all())
		sleep_ms(POLL_MS);
	note("seed %llu: %llu VMs checked themselves, %llu were killed, %llu reloads, %llu times their pages were taken", opt.seed, sh->good,
	     killed, reloads, sh->pageouts);
	for (i = 0; i < ARRAY_SIZE(happenings); i++)
		note("%s: %llu", happenings[i].name, happened[i]);
	check(sh->good >= rounds(6) && !sh->bad, "vms", "%llu good, %llu bad", sh->good, sh->bad);
	check(killed, "killed", "no VM was killed");
	for (i = 0; i < ARRAY_SIZE(happenings); i++)
		check(happened[i] || opt.rounds < 300, happenings[i].name, "did not happen");
}

static const struct test_case cases[] = {
	{ "soak", c_soak, 36000, 0 },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
