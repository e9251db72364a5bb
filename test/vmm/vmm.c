// SPDX-License-Identifier: GPL-2.0-only
/* Making and ending VMs and vcpus; memory; the threads. Exits are in exits.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exits.h"
#include "vmm.h"

#define MSR_SF		(1ull << 63)
#define MSR_ME		(1ull << 12)
#define MSR_LE		1ull
#define LPCR_ILE	0x02000000ull

#define IMAGES(X) X(basic) X(smt) X(regs) X(abuse) X(mem) X(bench)
#define DECL(n) extern const u8 image_le_##n[], image_le_##n##_end[], image_be_##n[], image_be_##n##_end[];
#define ITEM(n) { #n, { image_le_##n, image_le_##n##_end }, { image_be_##n, image_be_##n##_end } },
IMAGES(DECL)
const struct guest_image guest_images[] = { IMAGES(ITEM) };
const unsigned int guest_image_count = ARRAY_SIZE(guest_images);

static __thread struct kvm_run *my_run;

long vm_ioctl(int fd, unsigned long req, unsigned long arg)
{
	long r = ioctl(fd, req, arg);

	return r < 0 ? -errno : r;
}

static int kvm_open(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		fatal("open", "/dev/kvm: %s", strerror(errno));
	return fd;
}

unsigned int host_smt(void)
{
	int fd = kvm_open();
	long r = vm_ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_PPC_SMT);

	close(fd);
	return r > 0 ? r : 1;
}

bool too_many(void)
{
	unsigned int have = opt.stride ? opt.stride : host_smt();

	if (opt.threads <= have)
		return false;
	skip("threads", "%u vcpus, %u threads per vcore", opt.threads, have);
	return true;
}

unsigned int host_primaries(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? n : 1;
}

/* Does the host take its cpus for Power ISA 2.07?  Not where a POWER8 is presented as a POWER7, whatever its PVR. */
bool host_has_207(void)
{
	return getauxval(AT_HWCAP2) & 0x80000000ul;	/* PPC_FEATURE2_ARCH_2_07 */
}

bool pvr_is_power8(u32 pvr)
{
	pvr >>= 16;
	return pvr == 0x4b || pvr == 0x4c || pvr == 0x4d;
}

/* time base ticks per second, from /proc/cpuinfo */
static u64 tb_hz(void)
{
	static u64 hz;
	char line[256];
	FILE *f;

	if (hz)
		return hz;
	hz = 512000000;
	f = fopen("/proc/cpuinfo", "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "timebase", 8) && strchr(line, ':'))
			hz = strtoull(strchr(line, ':') + 1, NULL, 10);
	if (f)
		fclose(f);
	return hz;
}

u64 g64(struct vm *vm, u64 ra)
{
	u64 v = __atomic_load_n((u64 *)(vm->mem + ra), __ATOMIC_ACQUIRE);

	return vm->be == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? v : __builtin_bswap64(v);
}

void g64_set(struct vm *vm, u64 ra, u64 val)
{
	if (vm->be != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
		val = __builtin_bswap64(val);
	__atomic_store_n((u64 *)(vm->mem + ra), val, __ATOMIC_RELEASE);
}

int one_reg_get(struct vcpu *v, u64 id, void *val)
{
	struct kvm_one_reg r = { id, (u64)(unsigned long)val };

	return vm_ioctl(v->fd, KVM_GET_ONE_REG, (unsigned long)&r);
}

int one_reg_set(struct vcpu *v, u64 id, const void *val)
{
	struct kvm_one_reg r = { id, (u64)(unsigned long)val };

	return vm_ioctl(v->fd, KVM_SET_ONE_REG, (unsigned long)&r);
}

static void on_kick(int sig)
{
	(void)sig;
	if (my_run)
		my_run->immediate_exit = 1;
}

static const struct image *find_image(const char *name, bool be)
{
	unsigned int i;

	for (i = 0; i < guest_image_count; i++)
		if (!strcmp(guest_images[i].name, name))
			return be ? &guest_images[i].be : &guest_images[i].le;
	fatal("image", "no guest %s", name);
}

static void load_image(struct vm *vm)
{
	const struct image *im = find_image(vm->cfg.guest, vm->be);
	unsigned int i;

	memcpy(vm->mem, im->start, im->end - im->start);
	if (SH_GET(vm, magic) != T_MAGIC)
		fatal("image", "%s has no T_MAGIC", vm->cfg.guest);
	SH_SET(vm, ncpu, vm->ncpu);
	SH_SET(vm, mem, vm->mem_size);
	SH_SET(vm, htab_order, vm->cfg.order);
	SH_SET(vm, prog, vm->cfg.prog);
	SH_SET(vm, endless, 1);
	SH_SET(vm, in_tree, opt.in_tree);
	SH_SET(vm, tb_limit, vm->cfg.tb_limit);
	for (i = 0; i < 8; i++)
		SH_SET(vm, arg[i], vm->cfg.arg[i]);
	for (i = 0; i < vm->ncpu; i++) {
		unsigned int j, first = MAXV, members = 0;

		for (j = 0; j < vm->ncpu; j++)
			if (vm->v[j].id / vm->stride == vm->v[i].id / vm->stride) {
				members++;
				first = j < first ? j : first;
			}
		SH_SET(vm, cpu[i].id, vm->v[i].id);
		SH_SET(vm, cpu[i].group, first);
		SH_SET(vm, cpu[i].members, members);
	}
}

/* Registers of a vcpu at its start; see proto.h. */
void vcpu_setup(struct vcpu *v)
{
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .pc = 0x100 };
	u64 lpcr;
	long r;

	r = vm_ioctl(v->fd, KVM_GET_SREGS, (unsigned long)&sregs);
	if (r)
		fatal("sregs", "KVM_GET_SREGS: %s", strerror(-r));
	r = vm_ioctl(v->fd, KVM_SET_SREGS, (unsigned long)&sregs);
	if (r)
		fatal("sregs", "KVM_SET_SREGS: %s", strerror(-r));
	r = vm_ioctl(v->fd, KVM_ENABLE_CAP, (unsigned long)&papr);
	if (r)
		fatal("papr", "KVM_CAP_PPC_PAPR: %s", strerror(-r));
	r = one_reg_get(v, KVM_REG_PPC_LPCR_64, &lpcr);
	if (!r) {
		lpcr = v->vm->be ? lpcr & ~LPCR_ILE : lpcr | LPCR_ILE;
		r = one_reg_set(v, KVM_REG_PPC_LPCR_64, &lpcr);
	}
	if (r)
		fatal("lpcr", "LPCR_64: %s", strerror(-r));
	regs.msr = MSR_SF | MSR_ME | (v->vm->be ? 0 : MSR_LE);
	regs.gpr[3] = v->idx;
	regs.gpr[4] = T_START;
	r = vm_ioctl(v->fd, KVM_SET_REGS, (unsigned long)&regs);
	if (r)
		fatal("regs", "KVM_SET_REGS: %s", strerror(-r));
}

int vcpu_open(struct vm *vm, struct vcpu *v)
{
	static long run_size;

	if (!run_size)
		run_size = vm_ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	v->fd = vm_ioctl(vm->fd, KVM_CREATE_VCPU, v->id);
	if (v->fd < 0)
		return v->fd;
	v->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED)
		fatal("mmap", "kvm_run: %s", strerror(errno));
	vcpu_setup(v);
	return 0;
}

static void vm_memory(struct vm *vm)
{
	struct kvm_userspace_memory_region slot = { .memory_size = vm->mem_size };
	u8 *p;
	long r;

	/* aligned to 16 MiB, whatever page size the host or a guest uses */
	p = mmap(NULL, vm->mem_size + (16 << 20), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		fatal("memory", "%s", strerror(errno));
	vm->mem = (u8 *)(((unsigned long)p + (16 << 20) - 1) & ~((16ul << 20) - 1));
	slot.userspace_addr = (unsigned long)vm->mem;
	r = vm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, (unsigned long)&slot);
	if (r)
		fatal("memory", "slot 0: %s", strerror(-r));
}

struct vm *vm_new(const struct vm_cfg *cfg)
{
	struct sigaction sa = { .sa_handler = on_kick };
	struct vm *vm = calloc(1, sizeof(*vm));
	pthread_condattr_t ca;
	unsigned int i;
	u32 order;
	long r;

	sigaction(SIGUSR1, &sa, NULL);
	vm->cfg = *cfg;
	vm->be = opt.be;
	vm->ncpu = cfg->ncpu ? cfg->ncpu : 1;
	vm->mem_size = cfg->mem ? cfg->mem : 32 << 20;
	vm->cfg.order = order = cfg->order ? cfg->order : 20;
	if (!vm->cfg.tb_limit)
		vm->cfg.tb_limit = tb_hz() * opt.case_seconds / 4;
	vm->mmio_answer = 0x8182838485868788;
	pthread_mutex_init(&vm->lock, NULL);
	pthread_condattr_init(&ca);
	pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
	pthread_cond_init(&vm->cond, &ca);
	vm->kvm = kvm_open();
	/* the kernel registers an MMU notifier only when no signal is pending, also none that stops or continues the task */
	do
		vm->fd = vm_ioctl(vm->kvm, KVM_CREATE_VM, KVM_VM_PPC_HV);
	while (vm->fd == -EINTR);
	if (vm->fd < 0)
		fatal("create", "KVM_CREATE_VM: %s", strerror(-vm->fd));
	vm->stride = cfg->stride ? cfg->stride : opt.stride;
	if (vm->stride) {
		struct kvm_enable_cap smt = { .cap = KVM_CAP_PPC_SMT, .args = { vm->stride } };

		r = vm_ioctl(vm->fd, KVM_ENABLE_CAP, (unsigned long)&smt);
		if (r)
			fatal("smt", "KVM_CAP_PPC_SMT %u: %s", vm->stride, strerror(-r));
	} else {
		vm->stride = host_smt();
	}
	vm_memory(vm);
	r = vm_ioctl(vm->fd, KVM_PPC_ALLOCATE_HTAB, (unsigned long)&order);
	if (r)
		fatal("htab", "order %u: %s", vm->cfg.order, strerror(-r));
	for (i = 0; i < vm->ncpu; i++) {
		struct vcpu *v = &vm->v[i];

		v->vm = vm;
		v->idx = i;
		v->id = cfg->ids_given ? cfg->ids[i] : i;
		r = vcpu_open(vm, v);
		if (r)
			fatal("vcpu", "KVM_CREATE_VCPU id %u: %s", v->id, strerror(-r));
	}
	load_image(vm);
	return vm;
}

static void *vcpu_main(void *arg)
{
	struct vcpu *v = arg;
	struct vm *vm = v->vm;

	v->tid = syscall(SYS_gettid);
	my_run = v->run;
	for (;;) {
		int r;

		v->run->immediate_exit = 0;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (v->stop)
			break;
		r = vm->run_ioctl ? vm->run_ioctl(v) : vm_ioctl(v->fd, KVM_RUN, 0);
		v->runs++;
		if (r == -EINTR || r == -EAGAIN) {
			v->kicks++;
			continue;
		}
		if (r) {
			v->err = -r;
			break;
		}
		if (handle_exit(v))
			break;
	}
	pthread_mutex_lock(&vm->lock);
	v->done = true;
	pthread_cond_broadcast(&vm->cond);
	pthread_mutex_unlock(&vm->lock);
	return NULL;
}

void vm_start(struct vm *vm, unsigned int idx)
{
	struct vcpu *v = &vm->v[idx];
	int r;

	v->stop = v->done = false;
	r = pthread_create(&v->thread, NULL, vcpu_main, v);
	if (r)
		fatal("thread", "%s", strerror(r));
	v->started = true;
}

void vm_start_all(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->ncpu; i++)
		vm_start(vm, i);
}

void vm_kick(struct vcpu *v)
{
	if (v->started && !v->done)
		pthread_kill(v->thread, SIGUSR1);
}

int vcpu_complete(struct vcpu *v)
{
	int r;

	v->run->immediate_exit = 1;
	r = vm_ioctl(v->fd, KVM_RUN, 0);
	v->run->immediate_exit = 0;
	return r == -EINTR ? 0 : r ? r : -EIO;
}

static bool all_done(struct vm *vm, bool *trouble)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < vm->ncpu; i++) {
		struct vcpu *v = &vm->v[i];

		if (v->started && !v->done)
			all = false;
		if (v->started && v->done && (v->err || v->bad_exit || v->trapped))
			*trouble = true;
	}
	return all;
}

/* wait for done until "end" (CLOCK_MONOTONIC ms), or until a vcpu has died */
static bool wait_done(struct vm *vm, u64 end, bool *trouble)
{
	struct timespec t;
	bool all;

	pthread_mutex_lock(&vm->lock);
	while (!(all = all_done(vm, trouble)) && !*trouble && now_ms() < end) {
		u64 next = now_ms() + 200 < end ? now_ms() + 200 : end;

		t.tv_sec = next / 1000;
		t.tv_nsec = next % 1000 * 1000000;
		pthread_cond_timedwait(&vm->cond, &vm->lock, &t);
	}
	pthread_mutex_unlock(&vm->lock);
	return all;
}

bool vm_run_for(struct vm *vm, unsigned int ms)
{
	bool trouble = false;

	vm_start_all(vm);
	wait_done(vm, now_ms() + (ms ? ms : case_left() / 3), &trouble);
	SH_SET(vm, endless, 0);
	return vm_wait(vm, 0);
}

static void report_trouble(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->ncpu; i++) {
		struct vcpu *v = &vm->v[i];

		if (v->err)
			check(false, "run", "vcpu %u: KVM_RUN: %s", v->id, strerror(v->err));
		if (v->bad_exit)
			check(false, "exit", "vcpu %u: exit reason %u", v->id, v->bad_exit);
	}
}

bool vm_stop_one(struct vcpu *v)
{
	u64 end = now_ms() + 20000 * opt.slow;

	v->stop = true;
	while (v->started && !v->done) {
		vm_kick(v);
		if (now_ms() > end) {
			note_task(getpid(), v->tid);
			check(false, "stop", "vcpu %u does not leave KVM_RUN for a signal", v->id);
			return false;
		}
		sleep_ms(2);
	}
	if (v->started)
		pthread_join(v->thread, NULL);
	v->started = false;
	return true;
}

bool vm_stop(struct vm *vm)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; i < vm->ncpu; i++)
		vm->v[i].stop = true;
	for (i = 0; i < vm->ncpu; i++)
		ok &= vm_stop_one(&vm->v[i]);
	return ok;
}

bool vm_done(struct vm *vm, unsigned int ms)
{
	bool trouble = false;

	return wait_done(vm, now_ms() + ms, &trouble);
}

unsigned int vm_wait_progress(struct vm *vm, unsigned int ms)
{
	u64 end = now_ms() + ms;
	unsigned int i = 0;

	while (i < vm->ncpu && now_ms() < end)
		if (SH_GET(vm, cpu[i].progress))
			i++;
		else
			sleep_ms(1);
	return i;
}

bool vm_wait(struct vm *vm, unsigned int ms)
{
	bool trouble = false, all;

	all = wait_done(vm, now_ms() + (ms ? ms : case_left()), &trouble);
	if (all && !trouble)
		return true;
	SH_SET(vm, abort, 1);
	if (!all && !trouble)
		check(false, "timeout", "a vcpu is not ready");
	if (vm_stop(vm) && !vm->cfg.quiet_traps)
		vm_dump(vm);
	if (!vm->cfg.quiet_traps)
		report_trouble(vm);
	return false;
}

void vm_free(struct vm *vm)
{
	unsigned int i;

	/* a vcpu that cannot be stopped: the parent deals with it */
	if (!vm_stop(vm))
		fatal("stop", "giving up");
	for (i = 0; i < vm->ncpu; i++) {
		munmap(vm->v[i].run, vm_ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
		close(vm->v[i].fd);
	}
	close(vm->fd);
	close(vm->kvm);
	munmap(vm->mem, vm->mem_size);
	free(vm);
}

bool vm_run(struct vm *vm)
{
	vm_start_all(vm);
	return vm_wait(vm, 0);
}

struct vm *bystander_start(void)
{
	struct vm_cfg cfg = { .guest = "smt", .prog = S_SPIN, .ids = { 0 }, .mem = 8 << 20 };
	struct vm *vm = vm_new(&cfg);

	SH_SET(vm, cpu[0].role, 1);
	vm_start(vm, 0);
	return vm;
}

bool bystander_moves(struct vm *vm, const char *name)
{
	u64 end = now_ms() + 10000 * opt.slow, n = SH_GET(vm, cpu[0].progress), runs = vm->v[0].runs;
	bool ok = false;

	while (!ok && now_ms() < end && !vm->v[0].done) {
		ok = SH_GET(vm, cpu[0].progress) > n + 5000 && vm->v[0].runs > runs + 1;
		sleep_ms(10);
	}
	check(ok, name, "another VM stands still: %llu, %llu exits", SH_GET(vm, cpu[0].progress) - n,
	      (vm->v[0].runs - runs));
	return ok;
}

void bystander_end(struct vm *vm)
{
	SH_SET(vm, endless, 0);
	vm_wait(vm, 0);
	vm_free(vm);
}
