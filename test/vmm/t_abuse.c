// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad input from userspace and from guests: the documented error, or the guest's
 * own fault at its own vector; another VM gets on all the while.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "vmm.h"

static const struct vm_cfg spin_cfg = { .guest = "smt", .prog = S_SPIN, .mem = 8 << 20 };

static int raw_vm(int *kvm)
{
	int fd;

	*kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	fd = vm_ioctl(*kvm, KVM_CREATE_VM, KVM_VM_PPC_HV);
	if (*kvm < 0 || fd < 0)
		fatal("create", "%s", strerror(-fd));
	return fd;
}

static void expect(const char *name, long got, long want)
{
	check(got == want, name, "returned %ld (%s), want %ld", got, got < 0 ? strerror(-got) : "", want);
}

static long set_smt(int fd, u64 mode, u64 flags)
{
	struct kvm_enable_cap c = { .cap = KVM_CAP_PPC_SMT, .args = { mode, flags } };

	return vm_ioctl(fd, KVM_ENABLE_CAP, (unsigned long)&c);
}

static void c_smt_mode(void)
{
	static const u64 wrong[] = { 0, 3, 5, 6, 7, 9, 12, 16, 32, 1ull << 32, 1ull << 63, -1ull };
	unsigned int i, host = host_smt();
	char name[48];
	int kvm, fd = raw_vm(&kvm), v;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(name, sizeof(name), "mode_%llx", wrong[i]);
		expect(name, set_smt(fd, wrong[i], 0), -EINVAL);
	}
	for (i = 1; i <= 8; i *= 2) {
		snprintf(name, sizeof(name), "mode_%u", i);
		expect(name, set_smt(fd, i, 0), i <= host ? 0 : -EINVAL);
		if (i <= host)
			expect("extension", vm_ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_PPC_SMT), i);
	}
	expect("flags", set_smt(fd, 1, 1), -EINVAL);
	expect("possible", vm_ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_SMT_POSSIBLE), 2 * host - 1);
	v = vm_ioctl(fd, KVM_CREATE_VCPU, 0);
	expect("busy", set_smt(fd, 1, 0), -EBUSY);
	close(v);
	close(fd);
	close(kvm);
}

static void c_ids(void)
{
	static const long wrong[] = { -1, 1 << 30, 0x7fffffff, 1l << 32 };
	int kvm, fd = raw_vm(&kvm), v;
	unsigned int i, max;
	char name[48];

	max = vm_ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPU_ID);
	v = vm_ioctl(fd, KVM_CREATE_VCPU, 0);
	check(v >= 0, "first", "%s", strerror(-v));
	expect("twice", vm_ioctl(fd, KVM_CREATE_VCPU, 0), -EEXIST);
	for (i = 0; i < ARRAY_SIZE(wrong) - 1; i++) {
		snprintf(name, sizeof(name), "id_%lx", wrong[i]);
		expect(name, vm_ioctl(fd, KVM_CREATE_VCPU, wrong[i]), -EINVAL);
	}
	expect("max", vm_ioctl(fd, KVM_CREATE_VCPU, max), -EINVAL);
	close(v);
	close(fd);
	/* one thread per vcore: ids beyond the number of vcores */
	fd = vm_ioctl(kvm, KVM_CREATE_VM, KVM_VM_PPC_HV);
	set_smt(fd, 1, 0);
	i = vm_ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	v = vm_ioctl(fd, KVM_CREATE_VCPU, i - 1);
	check(v >= 0, "last_vcore", "id %u: %s", i - 1, strerror(-v));
	if (i < max)
		expect("vcore_too_high", vm_ioctl(fd, KVM_CREATE_VCPU, i), -EINVAL);
	close(v);
	close(fd);
	close(kvm);
	expect("type", vm_ioctl(kvm = open("/dev/kvm", O_RDWR), KVM_CREATE_VM, 77), -EINVAL);
	close(kvm);
}

static long htab(int fd, u32 order)
{
	return vm_ioctl(fd, KVM_PPC_ALLOCATE_HTAB, (unsigned long)&order);
}

static void c_htab(void)
{
	static const u32 wrong[] = { 0, 1, 17, 47, 63, 64, 0x80000000, 0xffffffff };
	struct kvm_ppc_resize_hpt rh = { .flags = 1, .shift = 20 };
	struct kvm_get_htab_fd gf = { .flags = ~3ull };
	int kvm, fd = raw_vm(&kvm);
	struct vm *vm;
	unsigned int i;
	char name[48];
	u64 n;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(name, sizeof(name), "order_%x", wrong[i]);
		if (!wrong[i] && known_in_tree(name, "oops, memset() of a NULL pointer (6.1)"))
			continue;
		expect(name, htab(fd, wrong[i]), -EINVAL);
	}
	expect("order_46", htab(fd, 46), -ENOMEM);
	expect("pointer", vm_ioctl(fd, KVM_PPC_ALLOCATE_HTAB, 8), -EFAULT);
	expect("order_18", htab(fd, 18), 0);
	expect("again", htab(fd, 18), 0);
	expect("other_order", htab(fd, 19), 0);
	expect("htab_fd_flags", vm_ioctl(fd, KVM_PPC_GET_HTAB_FD, (unsigned long)&gf), -EINVAL);
	expect("resize_flags", vm_ioctl(fd, KVM_PPC_RESIZE_HPT_PREPARE, (unsigned long)&rh), -EINVAL);
	rh.flags = 0;
	rh.shift = 17;
	expect("resize_small", vm_ioctl(fd, KVM_PPC_RESIZE_HPT_PREPARE, (unsigned long)&rh), -EINVAL);
	rh.shift = 47;
	expect("resize_big", vm_ioctl(fd, KVM_PPC_RESIZE_HPT_PREPARE, (unsigned long)&rh), -EINVAL);
	rh.shift = 20;
	if (!known_in_tree("commit_unprepared", "a WARNING that any user can cause (6.1)"))
		check(vm_ioctl(fd, KVM_PPC_RESIZE_HPT_COMMIT, (unsigned long)&rh) < 0, "commit_unprepared", "accepted");
	expect("unknown_ioctl", vm_ioctl(fd, _IO(KVMIO, 0xfe), 0), -ENOTTY);
	close(fd);
	close(kvm);

	/* a reset under a running guest is refused and does no harm; later it is done */
	vm = vm_new(&spin_cfg);
	vm_start(vm, 0);
	for (n = 0; !SH_GET(vm, cpu[0].progress) && n < 5000; n++)
		sleep_ms(1);
	expect("running", htab(vm->fd, 20), -EBUSY);
	expect("running_other", htab(vm->fd, 21), -EBUSY);
	n = SH_GET(vm, cpu[0].progress);
	sleep_ms(300);
	check(SH_GET(vm, cpu[0].progress) > n, "goes_on", "the guest stands still");
	vm_stop(vm);
	expect("stopped", htab(vm->fd, 20), 0);
	/* translations are gone, the VRMA is set up anew: the guest goes on */
	n = SH_GET(vm, cpu[0].progress);
	vm_start(vm, 0);
	sleep_ms(300);
	SH_SET(vm, endless, 0);
	check(vm_wait(vm, 0) && SH_GET(vm, cpu[0].progress) > n, "after_reset", "the guest does not go on");
	vm_free(vm);
}

static long slot(struct vm *vm, unsigned int id, u64 gpa, u64 size, void *at)
{
	struct kvm_userspace_memory_region s = { .slot = id, .guest_phys_addr = gpa, .memory_size = size,
						 .userspace_addr = (unsigned long)at };

	return vm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, (unsigned long)&s);
}

static void c_slots(void)
{
	const u64 gpa = 0x10000000;
	const size_t size = 1 << 20;
	struct vm_cfg cfg = { .guest = "abuse", .prog = A_SLOT, .arg = { gpa } };
	struct vm *vm = vm_new(&cfg);
	u64 *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i, bad = 0;
	u64 end;

	*p = vm->be == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? 0x600d : __builtin_bswap64(0x600d);
	vm->mmio_answer = vm->be ? 0xeeee : 0xeeee000000000000;
	expect("overlap", slot(vm, 1, 0x1000000, size, p), -EEXIST);
	expect("unaligned_gpa", slot(vm, 1, gpa + 16, size, p), -EINVAL);
	expect("unaligned_size", slot(vm, 1, gpa, size + 16, p), -EINVAL);
	expect("unaligned_hva", slot(vm, 1, gpa, size, (char *)p + 16), -EINVAL);
	expect("kernel_hva", slot(vm, 1, gpa, size, (void *)0xc000000000000000ul), -EINVAL);
	expect("wrap", slot(vm, 1, ~0xffffull, size, p), -EINVAL);
	expect("slot_id", slot(vm, 0xffff, gpa, size, p), -EINVAL);
	vm_start(vm, 0);
	end = now_ms() + 4000;
	for (i = 0; now_ms() < end; i++) {
		bad += slot(vm, 1, gpa, size, p) != 0;
		sleep_ms(i % 7);
		/* the host takes a page away now and then */
		if (i % 5 == 0) {
			madvise(p, 65536, MADV_DONTNEED);
			*p = vm->be == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? 0x600d : __builtin_bswap64(0x600d);
		}
		bad += slot(vm, 1, gpa, 0, p) != 0;
		sleep_ms(i % 3);
	}
	SH_SET(vm, endless, 0);
	if (vm_wait(vm, 0)) {
		u64 mem = SH_GET(vm, cpu[0].out[0]), io = SH_GET(vm, cpu[0].out[1]), odd = SH_GET(vm, cpu[0].out[2]);

		/* a page that MADV_DONTNEED emptied reads as 0 until the VMM has written it again */
		check(mem && io && !bad, "come_and_go", "%llu times memory, %llu MMIO, %u failed calls", mem, io, bad);
		note("%u changes: %llu times memory, %llu MMIO, %llu else (last %#llx)", i, mem, io, odd, SH_GET(vm, cpu[0].out[3]));
	}
	vm_free(vm);
}

/* More memory than the host could keep books of: refused, and the host's log has nothing to say about it */
static void c_huge_slot(void)
{
	static const unsigned int shift[] = { 40, 45, 46 };
	struct vm *vm = vm_new(&spin_cfg);
	struct sysinfo host;
	unsigned int i;
	char name[32];

	sysinfo(&host);
	for (i = 0; i < ARRAY_SIZE(shift); i++) {
		u64 size = 1ull << shift[i];
		void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		long r;

		snprintf(name, sizeof(name), "huge_%u", shift[i]);
		if (p == MAP_FAILED) {
			skip(name, "no address space of that size: %s", strerror(errno));
			continue;
		}
		r = slot(vm, 1, 1ull << 46, size, p);
		/* one word a page; the host may have that for the smallest */
		if (size / sysconf(_SC_PAGESIZE) * 8 > host.totalram * host.mem_unit)
			expect(name, r, -ENOMEM);
		else
			check(!r || r == -ENOMEM, name, "returned %ld", r);
		if (!r)
			slot(vm, 1, 1ull << 46, 0, p);
		munmap(p, size);
	}
	/* the VM is as it was */
	expect("small", slot(vm, 1, 1ull << 46, 65536, vm->mem), 0);
	vm_start(vm, 0);
	sleep_ms(100);
	SH_SET(vm, endless, 0);
	check(vm_wait(vm, 0) && SH_GET(vm, cpu[0].progress), "runs", "the guest does not run");
	vm_free(vm);
}

static bool set_online(unsigned int cpu, bool on)
{
	char path[64];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	fd = open(path, O_WRONLY);
	ok = fd >= 0 && write(fd, on ? "1" : "0", 1) == 1;
	close(fd);
	return ok;
}

static bool is_online(unsigned int cpu)
{
	char path[64], c = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	f = fopen(path, "r");
	if (f) {
		c = fgetc(f);
		fclose(f);
	}
	return c == '1';
}

/* A sibling that the host uses is parked for a VM; none comes online under it; it is back when the VM is gone. */
static void c_online(void)
{
	struct vm *vm;
	u64 end;

	if (host_smt() < 2) {
		skip("online", "one thread a core");
		return;
	}
	if (!set_online(1, true)) {
		check(false, "before", "cpu 1 cannot be taken online while there is no VM: %s", strerror(errno));
		return;
	}
	vm = vm_new(&spin_cfg);
	check(!is_online(1), "parked", "cpu 1 is online under a VM");
	check(!set_online(1, true), "refused", "cpu 1 came online under a VM");
	check(!set_online(host_smt() - 1, true) || host_smt() == 2, "refused.last", "a CPU came online under a VM");
	vm_start(vm, 0);
	while (!SH_GET(vm, cpu[0].progress) && !vm->v[0].done && case_left())
		sleep_ms(1);
	check(SH_GET(vm, cpu[0].progress) > 0, "runs", "KVM_RUN: %s", strerror(vm->v[0].err));
	SH_SET(vm, endless, 0);
	vm_wait(vm, 0);
	vm_free(vm);
	for (end = now_ms() + 10000; !is_online(1) && now_ms() < end;)
		sleep_ms(50);
	check(is_online(1), "back", "cpu 1 is still offline 10 s after the VM");
	check(set_online(1, false), "offline", "%s", strerror(errno));
}

/* slot 0 goes away under the guest: it faults for ever, and can be stopped */
static void c_slot0(void)
{
	struct vm *by = bystander_start(), *vm = vm_new(&spin_cfg);
	u64 n;

	vm_start(vm, 0);
	for (n = 0; !SH_GET(vm, cpu[0].progress) && n < 5000; n++)
		sleep_ms(1);
	expect("delete", slot(vm, 0, 0, 0, vm->mem), 0);
	sleep_ms(500);
	bystander_moves(by, "others");
	check(vm_stop(vm), "stop", "cannot be stopped");
	vm_free(vm);
	bystander_end(by);
}

static void c_sregs(void)
{
	struct vm *vm = vm_new(&spin_cfg);
	struct vcpu *v = &vm->v[0];
	struct kvm_sregs s, t;
	struct kvm_regs r, q;
	unsigned int i;
	long n;

	vm_ioctl(v->fd, KVM_GET_SREGS, (unsigned long)&s);
	t = s;
	t.pvr ^= 0x10000;
	expect("pvr", vm_ioctl(v->fd, KVM_SET_SREGS, (unsigned long)&t), -EINVAL);
	t.pvr = 0;
	expect("pvr0", vm_ioctl(v->fd, KVM_SET_SREGS, (unsigned long)&t), -EINVAL);
	expect("pointer", vm_ioctl(v->fd, KVM_SET_SREGS, 8), -EFAULT);
	expect("get_pointer", vm_ioctl(v->fd, KVM_GET_SREGS, 8), -EFAULT);
	vm_ioctl(v->fd, KVM_GET_SREGS, (unsigned long)&t);
	check(t.pvr == s.pvr, "unchanged", "PVR is %#x", t.pvr);
	/* every SLB entry there is, all bits: refused, or taken as far as the processor has entries */
	for (i = 0; i < 64; i++) {
		t.u.s.ppc64.slb[i].slbe = ~0ull;
		t.u.s.ppc64.slb[i].slbv = ~0ull;
	}
	n = vm_ioctl(v->fd, KVM_SET_SREGS, (unsigned long)&t);
	check(n == 0 || n == -EINVAL, "slb_ones", "returned %ld", n);
	vm_ioctl(v->fd, KVM_GET_SREGS, (unsigned long)&t);
	check(n == 0 || !memcmp(&t, &s, sizeof(s)), "slb_refused", "refused, but something has changed");
	vm_ioctl(v->fd, KVM_SET_SREGS, (unsigned long)&s);
	expect("regs_pointer", vm_ioctl(v->fd, KVM_SET_REGS, 8), -EFAULT);
	/* an MSR of ones: HV must not get through */
	vm_ioctl(v->fd, KVM_GET_REGS, (unsigned long)&r);
	q = r;
	q.msr = ~0ull;
	vm_ioctl(v->fd, KVM_SET_REGS, (unsigned long)&q);
	vm_ioctl(v->fd, KVM_GET_REGS, (unsigned long)&q);
	check(!(q.msr >> 60 & 1), "msr_hv", "MSR is %#llx", q.msr);
	vm_ioctl(v->fd, KVM_SET_REGS, (unsigned long)&r);
	vm_start(vm, 0);
	sleep_ms(200);
	SH_SET(vm, endless, 0);
	check(vm_wait(vm, 0) && SH_GET(vm, cpu[0].progress), "still_runs", "does not run");
	vm_free(vm);
}

static void c_onereg(void)
{
	static const u64 sizes[] = { KVM_REG_SIZE_U8, KVM_REG_SIZE_U32, KVM_REG_SIZE_U64, KVM_REG_SIZE_U128,
				     KVM_REG_SIZE_U256, KVM_REG_SIZE_U2048, 15ull << 52 };
	struct vm *by = bystander_start(), *vm = vm_new(&spin_cfg);
	struct vcpu *v = &vm->v[0];
	unsigned int i, j, k, wrong = 0, known = 0, unknown = 0;
	u8 buf[512];

	expect("get_pointer", one_reg_get(v, KVM_REG_PPC_DAR, (void *)8), -EFAULT);
	expect("set_pointer", one_reg_set(v, KVM_REG_PPC_DAR, (void *)8), -EFAULT);
	/* every number of every kind and size: a register of that size, or EINVAL */
	for (i = 0; i < 0x200; i++)
		for (j = 0; j < ARRAY_SIZE(sizes); j++)
			for (k = 0; k < 2; k++) {
				u64 id = KVM_REG_PPC | sizes[j] | (k ? 0x80000000 : 0) | i;
				int r = one_reg_get(v, id, buf);

				if (r == 0)
					known++;
				else if (r == -EINVAL || r == -ENXIO)
					unknown++;
				else
					wrong++;
				/* another architecture's */
				wrong += one_reg_get(v, (id & ~KVM_REG_ARCH_MASK) | KVM_REG_X86, buf) != -EINVAL;
			}
	check(!wrong && known > 150, "all_ids", "%u known, %u unknown, %u with another error", known, unknown, wrong);
	/* noise in all of them, then run that: whatever it does, it can be stopped */
	for (i = 0; i < 0x200; i++)
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			for (k = 0; k < sizeof(buf); k++)
				buf[k] = mix(opt.seed + i, j * 1000 + k);
			one_reg_set(v, KVM_REG_PPC | sizes[j] | i, buf);
		}
	vm->cfg.quiet_traps = true;
	vm_start(vm, 0);
	sleep_ms(1000);
	bystander_moves(by, "others");
	check(vm_stop(vm), "stop", "cannot be stopped");
	vm_free(vm);
	bystander_end(by);
}

/* A vcpu in a state no guest would have; n tries with random registers and MSR */
static void c_state(void)
{
	struct vm *by = bystander_start();
	unsigned int i, j;

	for (i = 0; i < rounds(20); i++) {
		struct vm *vm = vm_new(&spin_cfg);
		struct kvm_regs r;
		u64 *q = (u64 *)&r;

		for (j = 0; j < sizeof(r) / 8; j++)
			q[j] = mix(opt.seed * 1000 + i, j);
		/* some of them where there is code */
		if (i & 1)
			r.pc &= 0x3fffc;
		if (i & 2)
			r.msr = 1ull << 63 | (r.msr & 0xffff);
		vm->cfg.quiet_traps = true;
		vm_ioctl(vm->v[0].fd, KVM_SET_REGS, (unsigned long)&r);
		vm_start(vm, 0);
		sleep_ms(50);
		vm_stop(vm);
		vm_free(vm);
	}
	bystander_moves(by, "others");
	bystander_end(by);
	check(true, "tries", NULL);
}

static void c_run_wrong(void)
{
	struct kvm_enable_cap hc = { .cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { 0x5, 1 } };
	int kvm, fd = raw_vm(&kvm), v;
	struct vm *vm;

	v = vm_ioctl(fd, KVM_CREATE_VCPU, 0);
	/* neither PAPR nor memory */
	expect("no_papr", vm_ioctl(v, KVM_RUN, 0), -EINVAL);
	{
		struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };

		vm_ioctl(v, KVM_ENABLE_CAP, (unsigned long)&papr);
	}
	if (!known_in_tree("no_memory", "EINTR for ever instead of an error (6.1)"))
		expect("no_memory", vm_ioctl(v, KVM_RUN, 0), -EINVAL);
	expect("run_arg", vm_ioctl(v, KVM_RUN, 1), -EINVAL);
	expect("hcall_odd", vm_ioctl(fd, KVM_ENABLE_CAP, (unsigned long)&hc), -EINVAL);
	hc.args[0] = 0x10000;
	expect("hcall_unknown", vm_ioctl(fd, KVM_ENABLE_CAP, (unsigned long)&hc), -EINVAL);
	hc.args[0] = 0x04;
	hc.args[1] = 2;
	expect("hcall_onoff", vm_ioctl(fd, KVM_ENABLE_CAP, (unsigned long)&hc), -EINVAL);
	close(v);
	close(fd);
	close(kvm);
	/* an hcall that userspace has switched off comes to userspace */
	{
		struct vm_cfg cfg = { .guest = "basic", .prog = B_HPT };

		vm = vm_new(&cfg);
		hc.args[0] = 0x0c;
		hc.args[1] = 0;
		expect("hcall_off", vm_ioctl(vm->fd, KVM_ENABLE_CAP, (unsigned long)&hc), 0);
		hc.args[1] = 1;
		expect("hcall_on", vm_ioctl(vm->fd, KVM_ENABLE_CAP, (unsigned long)&hc), 0);
		vm_run(vm);
		vm_free(vm);
	}
}

static long sweep_hcall(struct vcpu *v, u64 nr, u64 a[9])
{
	(void)nr;
	(void)a;
	SH_SET(v->vm, flag[15], 1);
	return -2;
}

static void sweep(u64 first, u64 end, u64 step, bool enable, const char *name)
{
	struct vm_cfg cfg = { .guest = "abuse", .prog = A_HCALLS, .arg = { first, end, step } };
	struct vm *by = bystander_start(), *vm = vm_new(&cfg);
	unsigned int on = 0;
	u64 nr;

	for (nr = 4; enable && nr < 0x500; nr += 4) {
		struct kvm_enable_cap hc = { .cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { nr, 1 } };

		on += !vm_ioctl(vm->fd, KVM_ENABLE_CAP, (unsigned long)&hc);
	}
	vm->on_hcall = sweep_hcall;
	vm_start_all(vm);
	if (vm_wait(vm, 40000 * opt.slow))
		note("%s: %llu calls, %llu numbers in the kernel, %u enabled, %llu exits", name, SH_GET(vm, cpu[0].out[0]),
		     SH_GET(vm, cpu[0].out[1]), on, vm->v[0].runs);
	else
		note("%s: the last number was %#llx", name, SH_GET(vm, cpu[0].progress));
	bystander_moves(by, name);
	vm_free(vm);
	bystander_end(by);
}

static void c_hcalls(void)
{
	sweep(0, 0x500, 4, false, "default");
	sweep(0, 0x500, 4, true, "all_enabled");
	sweep(0xf000, 0xf0f0, 1, false, "kvm_range");
	sweep(1, 0x400, 7, false, "odd");
	sweep(0x8000000000000000, 0x8000000000000010, 1, false, "huge");
}

/* a guest program beside a bystander, to its end */
static void guest_beside(unsigned int prog, u64 arg0)
{
	struct vm_cfg cfg = { .guest = "abuse", .prog = prog, .arg = { arg0 } };
	struct vm *by = bystander_start(), *vm = vm_new(&cfg);

	vm_run(vm);
	bystander_moves(by, "others");
	vm_free(vm);
	bystander_end(by);
}

static void c_priv(void) { guest_beside(A_PRIV, 0); }
static void c_jump(void) { guest_beside(A_JUMP, 0); }
static void c_slb(void) { guest_beside(A_SLB, rounds(50)); }

/* a program that never ends; the VM is stopped by signal after a while */
static void endless(const char *guest, unsigned int prog, u64 arg0, unsigned int ms)
{
	struct vm_cfg cfg = { .guest = guest, .prog = prog, .arg = { arg0 }, .ncpu = opt.threads, .quiet_traps = true };
	struct vm *by = bystander_start(), *vm = vm_new(&cfg);
	unsigned int i, began = 0;
	u64 t0;

	vm_start_all(vm);
	for (t0 = now_ms(); began < vm->ncpu && now_ms() < t0 + case_left() / 3; sleep_ms(10))
		for (began = i = 0; i < vm->ncpu; i++)
			began += SH_GET(vm, cpu[i].progress) > 0;
	sleep_ms(ms);
	bystander_moves(by, "others");
	check(began == vm->ncpu, "began", "%u of %u vcpus", began, vm->ncpu);
	t0 = now_ms();
	if (vm_stop(vm))
		check(true, "stop", NULL);
	note("stopped in %llu ms", now_ms() - t0);
	bystander_moves(by, "others_after");
	vm_free(vm);
	bystander_end(by);
}

static bool fits(void)
{
	unsigned int have = opt.stride ? opt.stride : host_smt();

	if (opt.threads > have)
		skip("threads", "%u vcpus, %u threads per vcore", opt.threads, have);
	return opt.threads <= have;
}

static void c_eeloop(void) { if (fits()) endless("abuse", A_EELOOP, 0, 1000); }
static void c_wild(void) { if (fits()) endless("abuse", A_WILD, 0, 1000); }
static void c_fuzz(void) { if (fits()) endless("abuse", A_FUZZ, opt.seed, 5000 * opt.rounds / 100 + 1000); }

static const struct test_case cases[] = {
	{ "smt_mode", c_smt_mode, 30, 0 },
	{ "ids", c_ids, 30, 0 },
	{ "htab", c_htab, 60, 0 },
	{ "slots", c_slots, 60, CASE_ENDIAN },
	{ "slot0", c_slot0, 60, 0 },
	{ "huge_slot", c_huge_slot, 60, 0 },
	{ "online", c_online, 60, 0 },
	{ "sregs", c_sregs, 30, 0 },
	{ "onereg", c_onereg, 60, 0 },
	{ "state", c_state, 120, 0 },
	{ "run_wrong", c_run_wrong, 30, 0 },
	{ "hcalls", c_hcalls, 300, CASE_ENDIAN },
	{ "priv", c_priv, 60, CASE_ENDIAN },
	{ "jump", c_jump, 60, CASE_ENDIAN },
	{ "slb", c_slb, 60, 0 },
	{ "eeloop", c_eeloop, 60, CASE_THREADS },
	{ "wild", c_wild, 60, CASE_THREADS },
	{ "fuzz", c_fuzz, 120, CASE_THREADS },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
