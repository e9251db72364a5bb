// SPDX-License-Identifier: GPL-2.0-only
/*
 * PAPR services that the kernel does for a guest once userspace has made them: XICS, RTAS calls, TCE tables,
 * cache-inhibited accesses, random numbers.  They work, bad arguments get PAPR's status or KVM's errno, and what
 * the kernel does not have goes to userspace.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "serve.h"
#include "xics.h"

#define H_HARDWARE	-1l
#define H_FUNCTION	-2l
#define H_GET_TCE	0x1c
#define H_PUT_TCE	0x20
#define H_CI_LOAD	0x3c
#define H_CI_STORE	0x40
#define H_EOI		0x64
#define H_CPPR		0x68
#define H_IPI		0x6c
#define H_IPOLL		0x70
#define H_XIRR		0x74
#define H_STUFF_TCE	0x138
#define H_TCE_INDIRECT	0x13c
#define H_XIRR_X	0x2fc
#define H_RANDOM	0x300
#define H_RTAS		0xf000

#define IRQ		0x1001
#define XIRR(cppr, irq)	((u64)(cppr) << 24 | (irq))

#define IS(got, want, name) \
	({ long g_ = (got), w_ = (want); check(g_ == w_, name, "%ld (%s), want %ld", g_, g_ < 0 ? strerror(-g_) : "", w_); })

/* Hcalls that came to userspace since the last look */
static unsigned int to_user;

static long count_hcall(struct vcpu *v, u64 nr, u64 a[9])
{
	(void)v;
	(void)nr;
	(void)a;
	to_user++;
	return H_FUNCTION;
}

/* It goes to userspace, once, which says H_FUNCTION. */
static void is_users(struct vm *vm, const char *name, u64 nr, u64 r4, u64 r5, u64 r6, u64 r7)
{
	long r;

	to_user = 0;
	r = s_hcall(vm, nr, r4, r5, r6, r7, NULL);
	check(r == H_FUNCTION && to_user == 1, name, "status %ld, %u exits to userspace", r, to_user);
}

static struct vm *papr_vm(unsigned int ncpu)
{
	struct vm_cfg cfg = { .guest = "mem", .prog = M_SERVE, .ncpu = ncpu };
	struct vm *vm = vm_new(&cfg);

	vm->on_hcall = count_hcall;
	return vm;
}

/* --- XICS --- */

static long irq_line(struct vm *vm, u32 irq, u32 level)
{
	struct kvm_irq_level l = { .irq = irq, .level = level };

	return vm_ioctl(vm->fd, KVM_IRQ_LINE, (unsigned long)&l);
}

/* The device and its sources; the vcpus' ids are their servers.  The device's fd. */
static int xics_make(struct vm *vm)
{
	struct kvm_create_device cd = { .type = KVM_DEV_TYPE_XICS, .flags = KVM_CREATE_DEVICE_TEST };
	u64 val = SOURCE(0, 5);

	IS(vm_ioctl(vm->fd, KVM_CREATE_DEVICE, (unsigned long)&cd), 0, "test");
	cd.flags = 0;
	IS(vm_ioctl(vm->fd, KVM_CREATE_DEVICE, (unsigned long)&cd), 0, "create");
	IS(vm_ioctl(vm->fd, KVM_CREATE_DEVICE, (unsigned long)&(struct kvm_create_device){ .type = KVM_DEV_TYPE_XICS }),
	   -EEXIST, "create.twice");
	IS(xics_source(cd.fd, IRQ, &val, false), -EINVAL, "source.no_server");
	IS(xics_connect(&vm->v[0], -1, 0), -EBADF, "connect.fd");
	IS(xics_connect(&vm->v[0], vm->fd, 0), -EPERM, "connect.other_fd");
	IS(xics_connect(&vm->v[0], cd.fd, 0), 0, "connect");
	IS(xics_connect(&vm->v[0], cd.fd, 0), -EBUSY, "connect.twice");
	IS(xics_connect(&vm->v[1], cd.fd, 0), -EEXIST, "connect.server_taken");
	IS(xics_connect(&vm->v[1], cd.fd, 1), 0, "connect.other");
	IS(xics_source(cd.fd, IRQ, &val, false), 0, "source");
	IS(xics_source(cd.fd, IRQ, (void *)8, false), -EFAULT, "source.pointer");
	IS(xics_source(cd.fd, 1, &val, false), -ENOENT, "source.number");
	IS(xics_source(cd.fd, 1u << 24, &val, false), -ENOENT, "source.high");
	val = SOURCE(99, 5);
	IS(xics_source(cd.fd, IRQ, &val, false), -EINVAL, "source.server");
	IS(xics_source(cd.fd, IRQ, &val, true), 0, "source.get");
	check((val & 0xffffffff) == 0 && (val >> KVM_XICS_PRIORITY_SHIFT & 0xff) == 5, "source.kept", "%#llx", val);
	IS(xics_source(cd.fd, 0x5000, &val, true), -ENOENT, "source.get_none");
	return cd.fd;
}

static void xics_interrupts(struct vm *vm)
{
	u64 out[2] = { 0 };

	IS(s_hcall(vm, H_XIRR, 0, 0, 0, 0, out), 0, "xirr.none");
	check(out[0] == XIRR(0, 0), "xirr.value", "%#llx", out[0]);
	IS(s_hcall(vm, H_CPPR, 0xff, 0, 0, 0, NULL), 0, "cppr");
	IS(irq_line(vm, IRQ, 1), 0, "line");
	s_hcall(vm, H_IPOLL, 0, 0, 0, 0, out);
	check(out[0] == XIRR(0xff, IRQ), "ipoll", "%#llx", out[0]);
	IS(s_hcall(vm, H_XIRR, 0, 0, 0, 0, out), 0, "xirr");
	check(out[0] == XIRR(0xff, IRQ), "xirr.irq", "%#llx", out[0]);
	/* accepted: CPPR is its priority, it does not come again */
	s_hcall(vm, H_XIRR, 0, 0, 0, 0, out);
	check(out[0] == XIRR(5, 0), "xirr.accepted", "%#llx", out[0]);
	IS(s_hcall(vm, H_EOI, XIRR(0xff, IRQ), 0, 0, 0, NULL), 0, "eoi");
	/* an IPI of a higher priority than CPPR, then of a lower one */
	IS(s_hcall(vm, H_CPPR, 6, 0, 0, 0, NULL), 0, "cppr.6");
	IS(s_hcall(vm, H_IPI, 0, 4, 0, 0, NULL), 0, "ipi");
	IS(s_hcall(vm, H_XIRR_X, 0, 0, 0, 0, out), 0, "xirr_x");
	check(out[0] == XIRR(6, 2) && out[1], "xirr_x.ipi", "%#llx at %#llx", out[0], out[1]);
	IS(s_hcall(vm, H_IPI, 0, 0xff, 0, 0, NULL), 0, "ipi.off");
	IS(s_hcall(vm, H_EOI, XIRR(3, 2), 0, 0, 0, NULL), 0, "eoi.ipi");
	IS(s_hcall(vm, H_IPI, 0, 4, 0, 0, NULL), 0, "ipi.low");
	s_hcall(vm, H_XIRR, 0, 0, 0, 0, out);
	check(out[0] == XIRR(3, 0), "ipi.waits", "%#llx", out[0]);
	s_hcall(vm, H_IPI, 0, 0xff, 0, 0, NULL);
	/* another vcpu's presentation, by its number */
	IS(s_hcall(vm, H_IPI, 1, 4, 0, 0, NULL), 0, "ipi.other");
	s_hcall(vm, H_IPOLL, 1, 0, 0, 0, out);
	check((out[1] & 0xff) == 4, "ipoll.other", "MFRR %#llx", out[1]);
	s_hcall(vm, H_IPI, 1, 0xff, 0, 0, NULL);
}

static void c_xics(void)
{
	static const u64 nobody[] = { 2, 99, 0xffffffff, 1ull << 32, -1ull };
	struct vm *vm = papr_vm(2);
	char name[48];
	unsigned int i;
	u64 out[2];
	int dev;

	IS(vm_ioctl(vm->fd, KVM_CREATE_DEVICE, (unsigned long)&(struct kvm_create_device){ .type = 0x7777 }), -ENODEV, "type");
	dev = xics_make(vm);
	serve_begin(vm);
	xics_interrupts(vm);
	for (i = 0; i < ARRAY_SIZE(nobody); i++) {
		snprintf(name, sizeof(name), "ipi.nobody_%llx", nobody[i]);
		to_user = 0;
		IS(s_hcall(vm, H_IPI, nobody[i], 4, 0, 0, NULL), H_PARAMETER, name);
		snprintf(name, sizeof(name), "ipoll.nobody_%llx", nobody[i]);
		IS(s_hcall(vm, H_IPOLL, nobody[i], 0, 0, 0, NULL), H_PARAMETER, name);
		check(!to_user, "nobody.kernel", "%u exits to userspace", to_user);
	}
	IS(s_hcall(vm, H_EOI, XIRR(0xff, 0x7fff00), 0, 0, 0, NULL), H_PARAMETER, "eoi.nothing");
	IS(s_hcall(vm, H_EOI, XIRR(0xff, IRQ), 0, 0, 0, NULL), 0, "eoi.not_pending");
	IS(s_hcall(vm, H_CPPR, -1ull, 0, 0, 0, NULL), 0, "cppr.ones");
	s_hcall(vm, H_XIRR, 0, 0, 0, 0, out);
	check(out[0] == XIRR(0xff, 0), "cppr.byte", "%#llx", out[0]);
	/* nobody's line: no error in KVM's interface, and no interrupt */
	IS(irq_line(vm, 0x7fff00, 1), 0, "line.unknown");
	s_hcall(vm, H_XIRR, 0, 0, 0, 0, out);
	check(out[0] == XIRR(0xff, 0), "line.nothing", "%#llx", out[0]);
	serve_end(vm);
	close(dev);
}

/* Without a device all of it is userspace's. */
static void c_no_xics(void)
{
	static const u64 calls[] = { H_XIRR, H_XIRR_X, H_CPPR, H_EOI, H_IPI, H_IPOLL };
	struct vm *vm = papr_vm(1);
	char name[32];
	unsigned int i;

	serve_begin(vm);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		snprintf(name, sizeof(name), "user_%llx", calls[i]);
		is_users(vm, name, calls[i], 0, 0, 0, 0);
	}
	serve_end(vm);
}

/* --- RTAS --- */

#define BLOCK		FREE(2)		/* the argument block */

static long define_token(struct vm *vm, const char *name, u64 token)
{
	struct kvm_rtas_token_args t = { .token = token };

	strncpy(t.name, name, sizeof(t.name) - 1);
	return vm_ioctl(vm->fd, KVM_PPC_RTAS_DEFINE_TOKEN, (unsigned long)&t);
}

/* The block, big-endian: token, nargs, nret, arguments, results.  Result n afterwards. */
static long rtas(struct vm *vm, u32 token, u32 nargs, u32 nret, u32 a0, u32 a1, u32 a2)
{
	u32 *b = (u32 *)(vm->mem + BLOCK), w[] = { token, nargs, nret, a0, a1, a2, 0x55555555, 0x55555555, 0x55555555 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w); i++)
		b[i] = htobe32(w[i]);
	return s_hcall(vm, H_RTAS, BLOCK, 0, 0, 0, NULL);
}

static u32 rtas_ret(struct vm *vm, unsigned int nargs, unsigned int n)
{
	return be32toh(((u32 *)(vm->mem + BLOCK))[3 + nargs + n]);
}

#define SET_XIVE	0x2001
#define GET_XIVE	0x2002
#define INT_OFF		0x2003
#define INT_ON		0x2004

static void rtas_errors(struct vm *vm)
{
	/* the kernel's call fails: RTAS status -3, parameter error */
	IS(rtas(vm, SET_XIVE, 2, 1, IRQ, 1, 0), 0, "nargs");
	IS((int)rtas_ret(vm, 2, 0), -3, "nargs.status");
	IS(rtas(vm, GET_XIVE, 1, 1, IRQ, 0, 0), 0, "nret");
	IS((int)rtas_ret(vm, 1, 0), -3, "nret.status");
	IS(rtas(vm, SET_XIVE, 3, 1, 0x7fff00, 1, 7), 0, "irq");
	IS((int)rtas_ret(vm, 3, 0), -3, "irq.status");
	IS(rtas(vm, SET_XIVE, 3, 1, IRQ, 99, 7), 0, "server");
	IS((int)rtas_ret(vm, 3, 0), -3, "server.status");
	/* blocks that the kernel cannot use are userspace's */
	to_user = 0;
	IS(rtas(vm, 0x7777, 0, 1, 0, 0, 0), H_FUNCTION, "token");
	IS(rtas(vm, SET_XIVE, 16, 1, IRQ, 1, 7), H_FUNCTION, "nargs.16");
	IS(rtas(vm, SET_XIVE, 0xffffffff, 1, IRQ, 1, 7), H_FUNCTION, "nargs.ones");
	check(to_user == 3, "user", "%u exits to userspace", to_user);
	is_users(vm, "hole", H_RTAS, T_HOLE_RA, 0, 0, 0);
	is_users(vm, "end", H_RTAS, vm->mem_size - 8, 0, 0, 0);
	is_users(vm, "ones", H_RTAS, -1ull, 0, 0, 0);
}

static void c_rtas(void)
{
	struct vm *vm = papr_vm(2);
	u64 val;
	int dev;

	dev = xics_make(vm);
	serve_begin(vm);
	is_users(vm, "no_tokens", H_RTAS, BLOCK, 0, 0, 0);
	IS(define_token(vm, "ibm,nonsense", SET_XIVE), -ENOENT, "define.unknown");
	IS(define_token(vm, "ibm,set-xive", SET_XIVE), 0, "define");
	IS(define_token(vm, "ibm,get-xive", SET_XIVE), -EEXIST, "define.twice");
	IS(define_token(vm, "ibm,get-xive", GET_XIVE), 0, "define.get");
	IS(define_token(vm, "ibm,int-off", INT_OFF), 0, "define.off");
	IS(define_token(vm, "ibm,int-on", INT_ON), 0, "define.on");
	IS(vm_ioctl(vm->fd, KVM_PPC_RTAS_DEFINE_TOKEN, 8), -EFAULT, "define.pointer");
	to_user = 0;
	IS(rtas(vm, SET_XIVE, 3, 1, IRQ, 1, 7), 0, "set");
	IS(rtas_ret(vm, 3, 0), 0, "set.status");
	IS(rtas(vm, GET_XIVE, 1, 3, IRQ, 0, 0), 0, "get");
	check(!rtas_ret(vm, 1, 0) && rtas_ret(vm, 1, 1) == 1 && rtas_ret(vm, 1, 2) == 7, "get.values", "status %d, server %u, priority %u",
	      (int)rtas_ret(vm, 1, 0), rtas_ret(vm, 1, 1), rtas_ret(vm, 1, 2));
	IS(rtas(vm, INT_OFF, 1, 1, IRQ, 0, 0), 0, "off");
	xics_source(dev, IRQ, &val, true);
	check(val & KVM_XICS_MASKED, "off.masked", "%#llx", val);
	IS(rtas(vm, INT_ON, 1, 1, IRQ, 0, 0), 0, "on");
	xics_source(dev, IRQ, &val, true);
	check(!(val & KVM_XICS_MASKED) && (u32)val == 1, "on.as_before", "%#llx", val);
	check(!to_user, "kernel", "%u exits to userspace", to_user);
	rtas_errors(vm);
	IS(define_token(vm, "ibm,int-off", 0), 0, "undefine");
	is_users(vm, "undefined", H_RTAS, BLOCK, 0, 0, 0);
	serve_end(vm);
	close(dev);
}

/* --- TCE --- */

#define LIOBN		0x80000001
#define WINDOW		(64 << 20)
#define TCE_RW		3ull

static void tce_calls(struct vm *vm)
{
	u64 out[2], *list = (u64 *)(vm->mem + FREE(8));
	unsigned int i;

	to_user = 0;
	IS(s_hcall(vm, H_PUT_TCE, LIOBN, 0x5000, FREE(3) | TCE_RW, 0, NULL), 0, "put");
	IS(s_hcall(vm, H_GET_TCE, LIOBN, 0x5000, 0, 0, out), 0, "get");
	check(out[0] == (FREE(3) | TCE_RW), "get.value", "%#llx", out[0]);
	IS(s_hcall(vm, H_GET_TCE, LIOBN, 0x6000, 0, 0, out), 0, "get.empty");
	check(!out[0], "get.empty_value", "%#llx", out[0]);
	for (i = 0; i < 8; i++)
		list[i] = htobe64((FREE(i) & ~0xfffull) | TCE_RW);
	IS(s_hcall(vm, H_TCE_INDIRECT, LIOBN, 0x10000, FREE(8), 8, NULL), 0, "indirect");
	s_hcall(vm, H_GET_TCE, LIOBN, 0x10000 + (7 << 12), 0, 0, out);
	check(out[0] == (FREE(7) | TCE_RW), "indirect.value", "%#llx", out[0]);
	IS(s_hcall(vm, H_STUFF_TCE, LIOBN, 0x10000, 0, 8, NULL), 0, "stuff");
	s_hcall(vm, H_GET_TCE, LIOBN, 0x10000 + (7 << 12), 0, 0, out);
	check(!out[0], "stuff.value", "%#llx", out[0]);
	check(!to_user, "kernel", "%u exits to userspace", to_user);
}

static void tce_errors(struct vm *vm)
{
	static const u64 outside[] = { WINDOW, WINDOW - 1 + 0x1000, 1ull << 40, -1ull, -4096ull };
	char name[48];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		snprintf(name, sizeof(name), "put.at_%llx", outside[i]);
		IS(s_hcall(vm, H_PUT_TCE, LIOBN, outside[i], FREE(3) | TCE_RW, 0, NULL), H_PARAMETER, name);
		snprintf(name, sizeof(name), "get.at_%llx", outside[i]);
		IS(s_hcall(vm, H_GET_TCE, LIOBN, outside[i], 0, 0, NULL), H_PARAMETER, name);
		snprintf(name, sizeof(name), "stuff.at_%llx", outside[i]);
		IS(s_hcall(vm, H_STUFF_TCE, LIOBN, outside[i], 0, 1, NULL), H_PARAMETER, name);
	}
	IS(s_hcall(vm, H_PUT_TCE, LIOBN, 0x5008, FREE(3) | TCE_RW, 0, NULL), H_PARAMETER, "put.unaligned");
	IS(s_hcall(vm, H_STUFF_TCE, LIOBN, WINDOW - 0x1000, 0, 2, NULL), H_PARAMETER, "stuff.beyond");
	IS(s_hcall(vm, H_STUFF_TCE, LIOBN, 0, 0, -1ull, NULL), H_PARAMETER, "stuff.ones");
	IS(s_hcall(vm, H_STUFF_TCE, LIOBN, 0, TCE_RW, 1, NULL), H_PARAMETER, "stuff.permissions");
	IS(s_hcall(vm, H_TCE_INDIRECT, LIOBN, WINDOW - 0x1000, FREE(8), 2, NULL), H_PARAMETER, "indirect.beyond");
	IS(s_hcall(vm, H_TCE_INDIRECT, LIOBN, 0, FREE(8), 513, NULL), H_PARAMETER, "indirect.many");
	IS(s_hcall(vm, H_TCE_INDIRECT, LIOBN, 0, FREE(8) + 8, 1, NULL), H_PARAMETER, "indirect.unaligned");
	is_users(vm, "indirect.hole", H_TCE_INDIRECT, LIOBN, 0, T_HOLE_RA, 1);
	is_users(vm, "put.hole", H_PUT_TCE, LIOBN, 0, T_HOLE_RA | TCE_RW, 0);
	is_users(vm, "put.liobn", H_PUT_TCE, LIOBN + 1, 0, 0, 0);
	is_users(vm, "get.liobn", H_GET_TCE, -1ull, 0, 0, 0);
	is_users(vm, "stuff.liobn", H_STUFF_TCE, 0, 0, 0, 1);
	is_users(vm, "indirect.liobn", H_TCE_INDIRECT, 0, 0, FREE(8), 1);
}

static void c_tce(void)
{
	struct kvm_create_spapr_tce_64 t = { .liobn = LIOBN, .page_shift = 12, .size = WINDOW >> 12 };
	struct vm *vm = papr_vm(1);
	long fd;
	u64 *p;

	fd = vm_ioctl(vm->fd, KVM_CREATE_SPAPR_TCE_64, (unsigned long)&t);
	if (fd == -ENOTTY) {
		skip("tce", "the host's kernel has none");
		vm_free(vm);
		return;
	}
	check(fd >= 0, "create", "%s", strerror(-fd));
	IS(vm_ioctl(vm->fd, KVM_CREATE_SPAPR_TCE_64, (unsigned long)&t), -EBUSY, "create.twice");
	t.liobn++;
	t.size = 0;
	IS(vm_ioctl(vm->fd, KVM_CREATE_SPAPR_TCE_64, (unsigned long)&t), -EINVAL, "create.empty");
	t.size = WINDOW >> 12;
	t.page_shift = 11;
	IS(vm_ioctl(vm->fd, KVM_CREATE_SPAPR_TCE_64, (unsigned long)&t), -EINVAL, "create.shift");
	IS(vm_ioctl(vm->fd, KVM_CREATE_SPAPR_TCE_64, 8), -EFAULT, "create.pointer");
	hcall_enable(vm, H_TCE_INDIRECT);
	hcall_enable(vm, H_STUFF_TCE);
	serve_begin(vm);
	tce_calls(vm);
	p = mmap(NULL, 65536, PROT_READ, MAP_SHARED, fd, 0);
	check(p != MAP_FAILED && p[5] == (FREE(3) | TCE_RW), "mmap", "%#llx", p == MAP_FAILED ? 0 : p[5]);
	tce_errors(vm);
	serve_end(vm);
	close(fd);
}

/* --- the rest --- */

static void c_logical_ci(void)
{
	struct vm *vm = papr_vm(1);
	struct kvm_ioeventfd e = { .addr = T_HOLE_RA, .len = 4, .fd = eventfd(0, EFD_NONBLOCK) };
	u64 n = 0;

	hcall_enable(vm, H_CI_LOAD);
	hcall_enable(vm, H_CI_STORE);
	IS(vm_ioctl(vm->fd, KVM_IOEVENTFD, (unsigned long)&e), 0, "eventfd");
	serve_begin(vm);
	to_user = 0;
	IS(s_hcall(vm, H_CI_STORE, 4, T_HOLE_RA, 0x1234, 0, NULL), 0, "store");
	check(read(e.fd, &n, sizeof(n)) == sizeof(n) && n == 1 && !to_user, "store.event", "%llu events, %u exits to userspace", n, to_user);
	is_users(vm, "store.other", H_CI_STORE, 4, T_HOLE_RA + 64, 0, 0);
	is_users(vm, "store.size", H_CI_STORE, 3, T_HOLE_RA, 0, 0);
	is_users(vm, "store.size_ones", H_CI_STORE, -1ull, T_HOLE_RA, 0, 0);
	is_users(vm, "load.nobody", H_CI_LOAD, 4, T_HOLE_RA, 0, 0);
	is_users(vm, "load.size", H_CI_LOAD, 16, T_HOLE_RA, 0, 0);
	is_users(vm, "load.address", H_CI_LOAD, 8, -8ull, 0, 0);
	serve_end(vm);
	close(e.fd);
}

static void c_random(void)
{
	struct vm *vm = papr_vm(1);
	u64 a[2] = { 0 }, b[2] = { 0 };
	long r;

	hcall_enable(vm, H_RANDOM);
	serve_begin(vm);
	r = s_hcall(vm, H_RANDOM, 0, 0, 0, 0, a);
	if (r == H_HARDWARE) {
		skip("random", "the host has no hardware generator");
	} else {
		IS(r, 0, "random");
		s_hcall(vm, H_RANDOM, 0, 0, 0, 0, b);
		check(a[0] != b[0], "random.values", "%#llx twice", a[0]);
	}
	serve_end(vm);
}

static const struct test_case cases[] = {
	{ "xics", c_xics, 60, CASE_ENDIAN },
	{ "no_xics", c_no_xics, 60, 0 },
	{ "rtas", c_rtas, 60, CASE_ENDIAN },
	{ "tce", c_tce, 60, CASE_ENDIAN },
	{ "logical_ci", c_logical_ci, 60, CASE_ENDIAN },
	{ "random", c_random, 60, 0 },
};

int main(int argc, char **argv)
{
	return test_main(argc, argv, cases, ARRAY_SIZE(cases));
}
