// SPDX-License-Identifier: GPL-2.0-only
/* The VMM's side of g_mem's M_SERVE. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "serve.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static u64 box[9];		/* the operation, then its answer */
static bool posted, taken, answered;

/* wait for *flag; false after 60 s */
static bool wait_for(const bool *flag)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += 60 * opt.slow;
	while (!*flag)
		if (pthread_cond_timedwait(&cond, &lock, &t) == ETIMEDOUT)
			return false;
	return true;
}

/* vcpu 0 brings the answer of its last operation and waits for the next */
static long on_point(struct vcpu *v, u64 a[9])
{
	if (a[0] != M_POINT)
		return 0;
	pthread_mutex_lock(&lock);
	if (taken) {
		memcpy(box, a, sizeof(box));
		taken = false;
		answered = true;
		pthread_cond_broadcast(&cond);
	}
	if (wait_for(&posted)) {
		memcpy(a, box, sizeof(box));
		posted = false;
		taken = true;
	} else {
		a[0] = M_OP_END;
	}
	pthread_mutex_unlock(&lock);
	return 0;
}

void serve_post(const u64 a[9])
{
	pthread_mutex_lock(&lock);
	memcpy(box, a, sizeof(box));
	answered = false;
	posted = true;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
}

void serve(struct vm *vm, u64 a[9])
{
	bool ok;

	serve_post(a);
	pthread_mutex_lock(&lock);
	ok = a[0] == M_OP_END || wait_for(&answered);
	memcpy(a, box, sizeof(box));
	pthread_mutex_unlock(&lock);
	if (!ok) {
		vm_dump(vm);
		fatal("serve", "vcpu 0 does not answer (KVM_RUN: %s)", strerror(vm->v[0].err));
	}
}

void serve_begin(struct vm *vm)
{
	posted = taken = answered = false;
	vm->on_sync = on_point;
	vm_start_all(vm);
}

struct vm *serve_new(unsigned int ncpu, unsigned int npages)
{
	struct vm_cfg cfg = { .guest = "mem", .prog = M_SERVE, .arg = { npages }, .ncpu = ncpu };
	struct vm *vm = vm_new(&cfg);

	serve_begin(vm);
	return vm;
}

void serve_end(struct vm *vm)
{
	u64 a[9] = { M_OP_END };

	serve(vm, a);
	SH_SET(vm, endless, 0);
	vm_wait(vm, 0);
	vm_free(vm);
}

long s_hcall(struct vm *vm, u64 nr, u64 r4, u64 r5, u64 r6, u64 r7, u64 out[2])
{
	u64 a[9] = { M_OP_HCALL, nr, r4, r5, r6, r7 };

	serve(vm, a);
	if (out) {
		out[0] = a[2];
		out[1] = a[3];
	}
	return a[1];
}

long s_enter(struct vm *vm, u64 ea, u64 ra, u64 bits, unsigned int shift, u64 *index)
{
	u64 a[9] = { M_OP_ENTER, ea, ra, bits, shift };

	serve(vm, a);
	if (index)
		*index = a[2];
	return a[1];
}

void s_slb(struct vm *vm, unsigned int slot, u64 ea, u64 flags)
{
	u64 a[9] = { M_OP_SLB, slot, ea, flags };

	serve(vm, a);
}

u64 s_load(struct vm *vm, u64 ea, u64 *val)
{
	u64 a[9] = { M_OP_LOAD, ea };

	serve(vm, a);
	*val = a[1] ? a[3] : a[2];
	return a[1];
}

u64 s_store(struct vm *vm, u64 ea, u64 val)
{
	u64 a[9] = { M_OP_STORE, ea, val };

	serve(vm, a);
	return a[1] ? a[1] | a[3] << 32 : 0;
}

u64 s_rload(struct vm *vm, u64 ra)
{
	u64 a[9] = { M_OP_RLOAD, ra };

	serve(vm, a);
	return a[1];
}

void s_rstore(struct vm *vm, u64 ra, u64 val)
{
	u64 a[9] = { M_OP_RSTORE, ra, val };

	serve(vm, a);
}

void s_amr(struct vm *vm, u64 val)
{
	u64 a[9] = { M_OP_AMR, val };

	serve(vm, a);
}

bool s_expect(struct vm *vm, const char *name, u64 ea, u64 want)
{
	u64 val, vec = s_load(vm, ea, &val);

	if (vec || val != want)
		check(false, name, "ea %#llx: vector %#llx, value or DSISR %#llx, want %#llx", ea, vec, val, want);
	return !vec && val == want;
}

static u64 vsid(u64 ea)
{
	return 0x100000 + (ea >> 28 & 0xfffff);
}

u64 hpte_v(u64 ea, unsigned int base_shift)
{
	u64 va = vsid(ea) << 28 | (ea & 0xfffffff);
	u64 v = (va >> 23) << 7;

	if (base_shift == 24)
		v &= ~0xffull;
	return v | (base_shift > 12 ? V_LARGE : 0) | V_VALID;
}

u64 hpte_group(u64 ea, unsigned int base_shift, unsigned int order)
{
	return (vsid(ea) ^ ((ea & 0xfffffff) >> base_shift)) & ((1ull << (order - 7)) - 1);
}

int slot_set(struct vm *vm, unsigned int slot, u64 gpa, u64 size, void *mem, unsigned int flags)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa, .memory_size = size,
		.userspace_addr = (unsigned long)mem,
	};

	return vm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, (unsigned long)&r);
}

void hcall_enable(struct vm *vm, u64 nr)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { nr, 1 } };
	long r = vm_ioctl(vm->fd, KVM_ENABLE_CAP, (unsigned long)&cap);

	if (r)
		fatal("enable_hcall", "%#llx: %s", nr, strerror(-r));
}
