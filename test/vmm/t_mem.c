// SPDX-License-Identifier: GPL-2.0-only
/* Guest memory: the host takes pages away and changes them, memslots come and go, dirty logging. */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define MiB		(1ull << 20)
#define SLOT_GPA	0x40000000ull

static unsigned long page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static void *map_memory(u64 size, u64 align)
{
	u8 *p = mmap(NULL, size + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fatal("mmap", "%s", strerror(errno));
	return (void *)(((unsigned long)p + align - 1) & ~(align - 1));
}

/* Pages that the process drops read as zero in the guest, through a translation it has had. */
static void c_dontneed(void)
{
	struct vm *vm = serve_new(1, 0);
	unsigned int i, n = 16;
	bool ok = true;

	s_slb(vm, 8, SEG(0), 0);
	for (i = 0; i < n && ok; i++) {
		ok &= s_enter(vm, SEG(0) + (i << 16), FREE(i), R_M | PP_RWRW, 12, NULL) == H_SUCCESS;
		ok &= !s_store(vm, SEG(0) + (i << 16), 0x1000 + i);
	}
	check(ok, "written", "page %u", i);
	madvise(vm->mem + FREE(0), n << 16, MADV_DONTNEED);
	for (i = 0; i < n && ok; i++) {
		ok &= s_expect(vm, "zero", SEG(0) + (i << 16), 0);
		ok &= s_rload(vm, FREE(i)) == 0;
	}
	check(ok, "dropped", "page %u", i);
	/* read first, then written: the zero page must not be */
	ok &= !s_store(vm, SEG(0), 7) && s_expect(vm, "rewritten", SEG(0), 7) && s_expect(vm, "other", SEG(0) + 0x10000, 0);
	check(ok, "zero_page", "a write has reached another page");
	serve_end(vm);
}

/* A page that is not there any more, or not to be written: KVM_RUN says so, and nothing else breaks. */
static void c_hole(void)
{
	struct vm *vm = serve_new(1, 0);
	u64 op[9] = { M_OP_LOAD, SEG(0) };
	unsigned int ms = 0;

	s_slb(vm, 8, SEG(0), 0);
	s_enter(vm, SEG(0), FREE(4), R_M | PP_RWRW, 12, NULL);
	check(s_expect(vm, "before", SEG(0), 0), "before", "no page");
	mprotect(vm->mem + FREE(4), 65536, PROT_READ);
	check(s_expect(vm, "readonly", SEG(0), 0), "readonly", "not readable");
	munmap(vm->mem + FREE(4), 65536);
	serve_post(op);
	while (!vm->v[0].done && ms++ < 10000)
		sleep_ms(1);
	check(vm->v[0].done && vm->v[0].err == EFAULT, "unmapped", "KVM_RUN: %s", strerror(vm->v[0].err));
	vm->v[0].err = 0;
	vm_free(vm);
}

/* The same address is MMIO, memory, memory elsewhere, MMIO; the guest keeps its HPTE all the time. */
static void c_slot(void)
{
	struct vm *vm = serve_new(1, 0);
	u64 ea = SEG(0), ea2 = SEG(0) + 0x10000, val;
	u64 *mem = map_memory(1 * MiB, 16 * MiB);
	u64 mmios;
	unsigned int i;

	s_slb(vm, 8, SEG(0), 0);
	vm->mmio_answer = 0x1111111111111111;
	s_enter(vm, ea, SLOT_GPA, R_M | PP_RWRW, 12, NULL);
	s_enter(vm, ea2, SLOT_GPA + 4 * MiB, R_M | PP_RWRW, 12, NULL);
	for (i = 0; i < 3; i++) {
		mmios = vm->v[0].mmios;
		check(s_expect(vm, "mmio", ea, 0x1111111111111111) && vm->v[0].mmios == mmios + 1 && vm->mmio_addr == SLOT_GPA,
		      "mmio", "%llu exits, address %#llx", vm->v[0].mmios - mmios, vm->mmio_addr);
		mem[0] = 0x2222222222222222;
		check(!slot_set(vm, 1, SLOT_GPA, 1 * MiB, mem, 0), "add", "%s", strerror(errno));
		check(s_expect(vm, "memory", ea, mem[0]), "memory", "not what is there");
		check(!s_store(vm, ea, 0x33) && g64(vm, (u8 *)mem - vm->mem) == 0x33, "store", "%#llx", mem[0]);
		g64_set(vm, (u8 *)mem - vm->mem, 0x44);
		check(!slot_set(vm, 1, SLOT_GPA + 4 * MiB, 1 * MiB, mem, 0), "move", "%s", strerror(errno));
		check(s_expect(vm, "moved", ea2, 0x44), "moved", "not at its new address");
		check(s_expect(vm, "left", ea, 0x1111111111111111), "left", "still at its old address");
		check(!slot_set(vm, 1, SLOT_GPA, 0, mem, 0), "delete", "%s", strerror(errno));
		check(!s_load(vm, ea2, &val) && val == 0x1111111111111111, "deleted", "%#llx", val);
	}
	serve_end(vm);
}

/* one bit for each page; true if exactly the pages at gpa[] (n of them) of free memory are set */
static bool log_is(struct vm *vm, const char *name, const u64 *gpa, unsigned int n)
{
	unsigned long pages = vm->mem_size / page_size(), i, first = T_FREE_RA / page_size();
	u8 *want = calloc(1, pages / 8 + 8), *got = calloc(1, pages / 8 + 8);
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = got };
	long r = vm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (unsigned long)&log);
	bool ok = !r;

	if (r)
		check(false, name, "KVM_GET_DIRTY_LOG: %s", strerror(-r));
	for (i = 0; i < n; i++)
		want[gpa[i] / page_size() / 8] |= 1 << gpa[i] / page_size() % 8;
	for (i = first; i < pages && ok; i++) {
		bool w = want[i / 8] >> i % 8 & 1, g = got[i / 8] >> i % 8 & 1;

		if (w != g) {
			check(false, name, "page at %#lx is %s", i * page_size(), g ? "dirty" : "clean");
			ok = false;
		}
	}
	free(want);
	free(got);
	return ok;
}

static void log_clear(struct vm *vm)
{
	u8 *got = calloc(1, vm->mem_size / page_size() / 8 + 8);
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = got };
	long r = vm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (unsigned long)&log);

	if (r)
		fatal("log.clear", "%s", strerror(-r));
	free(got);
}

#define LOG_IS(vm, name, ...) \
	({ const u64 l_[] = { __VA_ARGS__ }; check(log_is(vm, name, l_, sizeof(l_) / 8), name, "wrong pages"); })

static void log_errors(struct vm *vm)
{
	struct kvm_dirty_log log = { .slot = 5 };
	long r;

	r = vm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (unsigned long)&log);
	check(r == -ENOENT, "log.no_slot", "%s", strerror(-r));
	log.slot = 0x10000;
	r = vm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (unsigned long)&log);
	check(r == -EINVAL, "log.slot_number", "%s", strerror(-r));
	log.slot = 0;
	r = vm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (unsigned long)&log);
	check(r == -ENOENT, "log.off", "%s", strerror(-r));
}

static void c_dirty(void)
{
	struct vm *vm = serve_new(1, 0);
	struct kvm_dirty_log bad = { .slot = 0, .dirty_bitmap = (void *)16 };
	u64 ea[12], index[12], out[2];
	u32 order = vm->cfg.order;
	unsigned int i;
	long r;

	hcall_enable(vm, H_CLEAR_MOD);
	hcall_enable(vm, H_PAGE_INIT);
	log_errors(vm);
	s_slb(vm, 8, SEG(0), 0);
	for (i = 0; i < ARRAY_SIZE(ea); i++) {
		ea[i] = SEG(0) + ((u64)i << 16);
		s_enter(vm, ea[i], FREE(i), R_M | PP_RWRW, 12, &index[i]);
		s_store(vm, ea[i], 1);
	}
	check(!slot_set(vm, 0, 0, vm->mem_size, vm->mem, KVM_MEM_LOG_DIRTY_PAGES), "on", "%s", strerror(errno));
	log_clear(vm);
	LOG_IS(vm, "none");
	s_store(vm, ea[1], 2);
	s_rstore(vm, FREE(20), 2);
	LOG_IS(vm, "stores", FREE(1), FREE(20));
	LOG_IS(vm, "once");
	s_expect(vm, "load", ea[2], 1);
	LOG_IS(vm, "load");
	s_store(vm, ea[3], 2);
	s_hcall(vm, H_REMOVE, 0, index[3], 0, 0, NULL);
	LOG_IS(vm, "removed", FREE(3));
	s_store(vm, ea[4], 2);
	mprotect(vm->mem + FREE(4), 65536, PROT_NONE);
	mprotect(vm->mem + FREE(4), 65536, PROT_READ | PROT_WRITE);
	LOG_IS(vm, "unmapped", FREE(4));
	s_store(vm, ea[4], 3);
	LOG_IS(vm, "again", FREE(4));
	check(s_hcall(vm, H_PAGE_INIT, H_ZERO_PAGE, FREE(30), 0, 0, NULL) == H_SUCCESS, "page_init", "refused");
	LOG_IS(vm, "page_init.log", FREE(30));
	s_store(vm, ea[5], 2);
	s_hcall(vm, H_CLEAR_MOD, 0, index[5], 0, 0, out);
	check(out[0] & R_C, "clear_mod", "second doubleword %#llx", out[0]);
	LOG_IS(vm, "clear_mod.log", FREE(5));
	s_store(vm, ea[5], 3);
	LOG_IS(vm, "clear_mod.again", FREE(5));
	s_store(vm, ea[6], 2);
	r = vm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (unsigned long)&bad);
	check(r == -EFAULT, "efault", "%s", strerror(-r));
	LOG_IS(vm, "efault.kept", FREE(6));
	s_store(vm, ea[7], 2);
	r = vm_ioctl(vm->fd, KVM_PPC_ALLOCATE_HTAB, (unsigned long)&order);
	check(!r, "reset", "%s", strerror(-r));
	LOG_IS(vm, "reset.log", FREE(7));
	check(s_load(vm, ea[7], &out[0]) == 0x300 && out[0] & DSISR_NOHPTE, "reset.gone", "the HPTE is still there");
	check(s_rload(vm, FREE(7)) == 2, "reset.vrma", "no VRMA");
	s_rstore(vm, FREE(7), 3);
	LOG_IS(vm, "reset.again", FREE(7));
	check(!slot_set(vm, 0, 0, vm->mem_size, vm->mem, 0), "stop", "%s", strerror(errno));
	log_errors(vm);
	s_rstore(vm, FREE(7), 4);
	serve_end(vm);
}

static void write_file(const char *name, const char *val)
{
	int fd = open(name, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, val, strlen(val)) < 0)
		note("%s: %s", name, strerror(errno));
	close(fd);
}

/* What a host does to a process's memory without changing what is in it */
static void disturb(struct vm *vm, unsigned int n)
{
	u8 *mem = vm->mem + T_FREE_RA;
	u64 size = vm->mem_size - T_FREE_RA, off = mix(n, 1) % size & ~0xffffull;
	int pid;

	switch (n % 9) {
	case 0:		/* all pages copy-on-write, until the child is gone */
		pid = fork();
		if (!pid) {
			usleep(20000);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		break;
	case 1:		/* unmaps all, and splits what is large; what the guest may do stays */
		mprotect(mem, size, PROT_READ | PROT_WRITE | PROT_EXEC);
		mprotect(mem, size, PROT_READ | PROT_WRITE);
		break;
	case 2:
		mprotect(mem + off, 65536, PROT_READ | PROT_WRITE | PROT_EXEC);
		mprotect(mem + off, 65536, PROT_READ | PROT_WRITE);
		break;
	case 3:
		write_file("/proc/sys/vm/compact_memory", "1");
		break;
	case 4:
		madvise(mem, size, MADV_HUGEPAGE);
		madvise(mem, size, MADV_COLLAPSE);
		break;
	case 5:
		madvise(mem, size, MADV_UNMERGEABLE);
		break;
	case 6:
		if (have_swap())
			madvise(mem, size, MADV_PAGEOUT);
		break;
	case 7:
		write_file("/proc/self/clear_refs", "4");
		madvise(mem, size, MADV_NOHUGEPAGE);
		break;
	case 8:
		madvise(mem, size, MADV_MERGEABLE);
		write_file("/proc/self/clear_refs", "1");
		break;
	}
}

static u64 progress(struct vm *vm)
{
	u64 min = ~0ull;
	unsigned int i;

	for (i = 0; i < vm->ncpu; i++)
		min = SH_GET(vm, cpu[i].progress) < min ? SH_GET(vm, cpu[i].progress) : min;
	return min;
}

/* The guest's patterns stay right while the host does all that. */
static void c_churn(void)
{
	struct vm_cfg cfg = { .guest = "mem", .prog = M_PATTERN, .arg = { 64 }, .ncpu = opt.threads };
	struct vm *vm;
	unsigned int i;
	u64 before;

	cfg.mem = (u64)(16 + 4 * opt.threads) * MiB;
	vm = vm_new(&cfg);
	SH_SET(vm, flag[0], 1);
	write_file("/sys/kernel/mm/ksm/pages_to_scan", "1000");
	write_file("/sys/kernel/mm/ksm/sleep_millisecs", "5");
	write_file("/sys/kernel/mm/ksm/run", "1");
	vm_start_all(vm);
	before = progress(vm);
	for (i = 0; i < rounds(90) && case_left() > 5000; i++) {
		disturb(vm, i);
		sleep_ms(10);
	}
	/* an emulated core may have had time for little but faults */
	while (progress(vm) <= before + 1 && case_left() > 5000)
		sleep_ms(10);
	check(progress(vm) > before + 1, "progress", "the guest stands still after %llu rounds", before);
	note("%u disturbances, %llu rounds", i, progress(vm));
	SH_SET(vm, endless, 0);
	vm_wait(vm, 0);
	vm_free(vm);
	write_file("/sys/kernel/mm/ksm/run", "2");
}

/* One valid entry by the HTAB fd, 0 or -errno */
static long htab_put(struct vm *vm, u32 index, u64 v, u64 r)
{
	struct kvm_get_htab_fd g = { .flags = KVM_GET_HTAB_WRITE };
	struct {
		struct kvm_get_htab_header h;
		u64 d[2];
	} c = { { index, 1, 0 }, { htobe64(v), htobe64(r) } };
	long fd = vm_ioctl(vm->fd, KVM_PPC_GET_HTAB_FD, (unsigned long)&g), n;

	if (fd < 0)
		return fd;
	n = write(fd, &c, sizeof(c)) < 0 ? -errno : 0;
	close(fd);
	return n;
}

/*
 * A slot that begins inside a huge page: no HPTE of 16 MiB can be right there, and one that the
 * hardware rounds down would show the guest what lies before its memory.
 */
static void huge_unaligned(struct vm *vm, u64 *mem)
{
	u64 ea = SEG(5), val;
	long r;

	mem[0] = 0x5ec2e7;
	mem[MiB / 8] = 0x700;
	check(!slot_set(vm, 2, SLOT_GPA + 64 * MiB, 16 * MiB, mem + MiB / 8, 0), "unaligned.slot", "%s", strerror(errno));
	s_slb(vm, 11, ea, 0x100);
	r = s_hcall(vm, H_ENTER, 0, hpte_group(ea, 24, vm->cfg.order) << 3, hpte_v(ea, 24),
		    (SLOT_GPA + 64 * MiB) | R_M | PP_RWRW, NULL);
	val = 0;
	if (r == H_SUCCESS)
		s_load(vm, ea, &val);
	check(r == H_PARAMETER, "unaligned", "H_ENTER %ld, the guest reads %#llx", r, val);
	r = htab_put(vm, hpte_group(ea, 24, vm->cfg.order) << 3, hpte_v(ea, 24), (SLOT_GPA + 64 * MiB) | R_M | PP_RWRW);
	val = 0;
	if (!r)
		s_load(vm, ea, &val);
	check(r == -EIO, "unaligned.stream", "write to the HTAB fd: %s, the guest reads %#llx", r ? strerror(-r) : "accepted", val);
	slot_set(vm, 2, SLOT_GPA + 64 * MiB, 0, mem + MiB / 8, 0);
}

/* 16 MiB pages of hugetlbfs in a slot of their own, by base pages of 16 MiB and of 64 KiB */
static void c_huge(void)
{
	const u64 size = 32 * MiB, gpa = SLOT_GPA;
	struct vm *vm;
	u64 ea = SEG(1), v, index, val, *mem;
	unsigned int i;
	bool ok = true;
	long r;

	write_file("/proc/sys/vm/nr_hugepages", "4");
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 24 << MAP_HUGE_SHIFT, -1, 0);
	if (mem == MAP_FAILED) {
		skip("huge", "no huge pages of 16 MiB: %s", strerror(errno));
		return;
	}
	vm = serve_new(1, 0);
	check(!slot_set(vm, 1, gpa, size, mem, 0), "slot", "%s", strerror(errno));
	mem[0] = 1;

	s_slb(vm, 8, ea, 0x100);
	v = hpte_v(ea, 24);
	index = hpte_group(ea, 24, vm->cfg.order) << 3;
	r = s_hcall(vm, H_ENTER, 0, index, v, gpa | R_M | PP_RWRW, NULL);
	check(r == H_SUCCESS, "enter", "%ld", r);
	r = s_hcall(vm, H_ENTER, 0, hpte_group(ea + 16 * MiB, 24, vm->cfg.order) << 3, hpte_v(ea + 16 * MiB, 24),
		    (gpa + 16 * MiB) | R_M | PP_RWRW, NULL);
	check(r == H_SUCCESS, "enter.absent", "%ld", r);
	for (i = 0; i < 32 && ok; i++) {
		ok &= !s_store(vm, ea + i * MiB + 8 * i, 0x500 + i);
		ok &= g64(vm, (u8 *)mem + i * MiB + 8 * i - vm->mem) == 0x500 + i;
	}
	check(ok, "values", "at %u MiB", i);
	r = madvise(mem, 16 * MiB, MADV_DONTNEED);
	if (r)
		skip("dropped", "%s", strerror(errno));
	else
		check(s_expect(vm, "dropped", ea + 3 * MiB + 24, 0) && s_expect(vm, "kept", ea + 17 * MiB + 136, 0x511),
		      "dropped", "wrong page");

	/* 64 KiB base, 16 MiB actual: LP 8 */
	s_slb(vm, 9, SEG(2), 0x110);
	r = s_hcall(vm, H_ENTER, 0, hpte_group(SEG(2), 16, vm->cfg.order) << 3, hpte_v(SEG(2), 16),
		    (gpa + 16 * MiB) | 8 << 12 | R_M | PP_RWRW, NULL);
	check(r == H_SUCCESS && s_expect(vm, "mpss", SEG(2), g64(vm, (u8 *)mem + 16 * MiB - vm->mem)), "mpss", "%ld", r);

	huge_unaligned(vm, mem);

	/* a large page over small ones: refused if that is seen, else the access ends the VM's run */
	s_slb(vm, 10, SEG(3), 0x100);
	madvise(vm->mem, vm->mem_size, MADV_NOHUGEPAGE);
	vm->mem[16 * MiB] = 1;
	r = s_hcall(vm, H_ENTER, 0, hpte_group(SEG(3), 24, vm->cfg.order) << 3, hpte_v(SEG(3), 24),
		    16 * MiB | R_M | PP_RWRW, NULL);
	check(r == H_PARAMETER, "small_backing", "%ld", r);
	check(s_load(vm, SEG(3), &val) == 0x300, "small_backing.none", "%#llx", val);
	serve_end(vm);
	munmap(mem, size);
	write_file("/proc/sys/vm/nr_hugepages", "0");
}

int main(int argc, char **argv)
{
	static const struct test_case own[] = {
		{ "dontneed", c_dontneed, 60, CASE_ENDIAN },
		{ "hole", c_hole, 60, 0 },
		{ "slot", c_slot, 60, CASE_ENDIAN },
		{ "dirty", c_dirty, 60, CASE_ENDIAN },
		{ "huge", c_huge, 60, 0 },
		{ "churn", c_churn, 120, CASE_THREADS },
	};
	struct test_case all[32];
	unsigned int n = ARRAY_SIZE(own);

	memcpy(all, own, sizeof(own));
	memcpy(all + n, hpt_cases, hpt_case_count * sizeof(all[0]));
	n += hpt_case_count;
	memcpy(all + n, host_cases, host_case_count * sizeof(all[0]));
	return test_main(argc, argv, all, n + host_case_count);
}
