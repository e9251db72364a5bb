// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a host does to a guest's pages while the guest runs: swaps them out, merges them, moves them, copies them
 * away by the dirty log.  Each case shows that it happened, by the host's own counters and page numbers.
 * vcpu 0 serves (g_mem), the other vcpus write and check patterns all the while.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "serve.h"

#define PAGES		32
#define PAGE0		200		/* the first of them in FREE() numbers; the patterns end below */
#define EA(i)		(SEG(0) + ((u64)(i) << 16))
#define HVA(vm, i)	((vm)->mem + FREE(PAGE0 + (i)))

#define PM_PRESENT	(1ull << 63)
#define PM_SWAPPED	(1ull << 62)
#define PM_PFN		((1ull << 55) - 1)

/* The host's page table entry of an address, as /proc/self/pagemap tells it; 0: none */
static u64 pagemap(const void *hva)
{
	unsigned long at = (unsigned long)hva / sysconf(_SC_PAGESIZE) * 8;
	int fd = open("/proc/self/pagemap", O_RDONLY);
	u64 e = 0;

	if (fd < 0 || pread(fd, &e, sizeof(e), at) != sizeof(e))
		fatal("pagemap", "%s", strerror(errno));
	close(fd);
	return e;
}

static bool have_pagemap(const char *name)
{
	if (!access("/proc/self/pagemap", R_OK))
		return true;
	skip(name, "the host's kernel has no pagemap");
	return false;
}

/* A number of a file of "name number" lines, or of a file with one number (key NULL); -1: not there */
static long long file_number(const char *file, const char *key)
{
	char line[256];
	FILE *f = fopen(file, "r");
	long long v = -1;

	while (f && v < 0 && fgets(line, sizeof(line), f)) {
		size_t n = key ? strlen(key) : 0;

		if (!key)
			v = strtoll(line, NULL, 10);
		else if (!strncmp(line, key, n) && line[n] == ' ')
			v = strtoll(line + n, NULL, 10);
	}
	if (f)
		fclose(f);
	return v;
}

static long long vmstat(const char *key)
{
	return file_number("/proc/vmstat", key);
}

static bool write_file(const char *name, const char *val)
{
	int fd = open(name, O_WRONLY);
	bool ok = fd >= 0 && write(fd, val, strlen(val)) == (ssize_t)strlen(val);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* A VM whose vcpu 0 has PAGES pages mapped and written: @same value in each, or each its own */
static struct vm *host_vm(bool same)
{
	struct vm *vm = serve_new(opt.threads, 16);
	unsigned int i;
	bool ok = true;

	madvise(vm->mem, vm->mem_size, MADV_NOHUGEPAGE);
	s_slb(vm, 8, SEG(0), 0);
	for (i = 0; i < PAGES && ok; i++) {
		ok &= s_enter(vm, EA(i), FREE(PAGE0 + i), R_M | PP_RWRW, 12, NULL) == H_SUCCESS;
		ok &= !s_store(vm, EA(i), same ? 0x5a4e : 0x1000 + i);
	}
	check(ok, "written", "page %u", i);
	return vm;
}

static u64 slowest(struct vm *vm)
{
	u64 min = ~0ull;
	unsigned int i;

	for (i = 1; i < vm->ncpu; i++)
		min = SH_GET(vm, cpu[i].progress) < min ? SH_GET(vm, cpu[i].progress) : min;
	return min;
}

/* The other vcpus got on (they check their own pages) since there were @before rounds; then the VM's end. */
static void others_end(struct vm *vm, u64 before)
{
	unsigned int ms = 0;

	while (vm->ncpu > 1 && slowest(vm) < before + 2 && ms++ < 10000 && case_left())
		sleep_ms(1);
	if (vm->ncpu > 1)
		check(slowest(vm) >= before + 2, "others", "%llu rounds, then %llu", before, slowest(vm));
	serve_end(vm);
}

static unsigned int swapped(struct vm *vm)
{
	unsigned int i, n = 0;

	for (i = 0; i < PAGES; i++)
		n += !!(pagemap(HVA(vm, i)) & PM_SWAPPED);
	return n;
}

bool have_swap(void)
{
	char line[128];
	unsigned int n = 0;
	FILE *f = fopen("/proc/swaps", "r");

	while (f && fgets(line, sizeof(line), f))
		n++;
	if (f)
		fclose(f);
	return n > 1;
}

static void c_swap(void)
{
	long long out = vmstat("pswpout"), in = vmstat("pswpin");
	unsigned int i, n = 0, tries;
	struct vm *vm;
	bool ok = true;
	u64 before;

	if (!have_pagemap("swap"))
		return;
	if (!have_swap()) {
		skip("swap", "the host has no swap");
		return;
	}
	vm = host_vm(false);
	before = slowest(vm);
	for (tries = 0; n < PAGES / 2 && tries < 50; tries++) {
		if (madvise(HVA(vm, 0), PAGES << 16, MADV_PAGEOUT))
			fatal("pageout", "%s", strerror(errno));
		/* what the patterns use goes, too, and comes back as they touch it */
		madvise(vm->mem + T_FREE_RA, FREE(PAGE0) - T_FREE_RA, MADV_PAGEOUT);
		n = swapped(vm);
		sleep_ms(10);
	}
	check(n >= PAGES / 2 && vmstat("pswpout") > out, "out", "%u of %u pages swapped out, pswpout %lld", n, PAGES,
	      vmstat("pswpout") - out);
	for (i = 0; i < PAGES && ok; i++)
		ok = s_expect(vm, "value", EA(i), 0x1000 + i);
	check(ok && vmstat("pswpin") > in, "in", "page %u; pswpin %lld", i, vmstat("pswpin") - in);
	ok = !s_store(vm, EA(0), 7) && s_expect(vm, "rewritten", EA(0), 7) && g64(vm, FREE(PAGE0)) == 7;
	check(ok, "write", "a page that came back cannot be written");
	note("%u pages out at once, pswpout %lld, pswpin %lld", n, vmstat("pswpout") - out, vmstat("pswpin") - in);
	others_end(vm, before);
}

/* How many of the pages are another's, too */
static unsigned int shared_frames(struct vm *vm)
{
	unsigned int i, j, n = 0;
	u64 pfn[PAGES];

	for (i = 0; i < PAGES; i++)
		pfn[i] = pagemap(HVA(vm, i)) & PM_PFN;
	for (i = 0; i < PAGES; i++)
		for (j = 0; j < PAGES; j++)
			if (i != j && pfn[i] && pfn[i] == pfn[j]) {
				n++;
				break;
			}
	return n;
}

static void c_ksm(void)
{
	unsigned int i, ms = 0, n = 0;
	struct vm *vm;
	bool ok = true;
	u64 before;

	if (!have_pagemap("ksm"))
		return;
	if (!write_file("/sys/kernel/mm/ksm/pages_to_scan", "1000") || !write_file("/sys/kernel/mm/ksm/sleep_millisecs", "5")) {
		skip("ksm", "the host's kernel has none");
		return;
	}
	vm = host_vm(true);
	before = slowest(vm);
	if (madvise(HVA(vm, 0), PAGES << 16, MADV_MERGEABLE))
		fatal("mergeable", "%s", strerror(errno));
	write_file("/sys/kernel/mm/ksm/run", "1");
	while ((n = shared_frames(vm)) < PAGES && ms < 20000 && case_left() > 5000) {
		sleep_ms(20);
		ms += 20;
	}
	check(n >= PAGES / 2 && file_number("/sys/kernel/mm/ksm/pages_sharing", NULL) > 0, "merged",
	      "%u of %u pages share a frame, pages_sharing %lld", n, PAGES, file_number("/sys/kernel/mm/ksm/pages_sharing", NULL));
	for (i = 0; i < PAGES && ok; i++)
		ok = s_expect(vm, "value", EA(i), 0x5a4e);
	/* a write to one of them is nobody else's */
	ok = ok && !s_store(vm, EA(3), 0x33) && s_expect(vm, "written", EA(3), 0x33);
	for (i = 0; i < PAGES && ok; i++)
		ok = i == 3 || s_expect(vm, "other", EA(i), 0x5a4e);
	check(ok && g64(vm, FREE(PAGE0 + 3)) == 0x33, "apart", "page %u", i);
	check(shared_frames(vm) < n, "unshared", "the written page still shares its frame");
	note("%u of %u pages merged after %u ms", n, PAGES, ms);
	others_end(vm, before);
	write_file("/sys/kernel/mm/ksm/run", "2");
}

/* Every other page of a large area freed: the host's memory is in pieces, so that compaction has work */
static void fragment(void)
{
	const size_t size = 128 << 20;
	u8 *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t i;

	if (p == MAP_FAILED)
		return;
	madvise(p, size, MADV_NOHUGEPAGE);
	for (i = 0; i < size; i += 65536)
		p[i] = 1;
	for (i = 0; i < size; i += 131072)
		madvise(p + i, 65536, MADV_DONTNEED);
}

/* How many pages of the guest's memory are in another frame than pfn[] says?  It is brought up to date. */
static unsigned int moved_frames(struct vm *vm, u64 *pfn)
{
	unsigned long page = sysconf(_SC_PAGESIZE), i;
	unsigned int n = 0;

	for (i = 0; i < vm->mem_size / page; i++) {
		u64 e = pagemap(vm->mem + i * page), now = e & PM_PRESENT ? e & PM_PFN : 0;

		n += now && pfn[i] && now != pfn[i];
		pfn[i] = now;
	}
	return n;
}

static void c_compact(void)
{
	long long moved = vmstat("pgmigrate_success");
	unsigned int i, n = 0, tries;
	struct vm *vm;
	bool ok = true;
	u64 *pfn, before;

	if (!have_pagemap("compact"))
		return;
	vm = host_vm(false);
	pfn = calloc(vm->mem_size / 4096, sizeof(*pfn));
	before = slowest(vm);
	moved_frames(vm, pfn);
	for (tries = 0; !n && tries < 5; tries++) {
		fragment();
		if (!write_file("/proc/sys/vm/compact_memory", "1"))
			break;
		n += moved_frames(vm, pfn);
	}
	free(pfn);
	for (i = 0; i < PAGES && ok; i++)
		ok = s_expect(vm, "value", EA(i), 0x1000 + i) && !s_store(vm, EA(i), 0x2000 + i) && g64(vm, FREE(PAGE0 + i)) == 0x2000 + i;
	check(ok, "values", "page %u", i);
	if (n)
		check(vmstat("pgmigrate_success") > moved, "moved", "%u pages at another place, pgmigrate_success %lld", n,
		      vmstat("pgmigrate_success") - moved);
	else
		skip("moved", "compaction left the guest's pages where they are (pgmigrate_success %lld)",
		     vmstat("pgmigrate_success") - moved);
	note("%u pages moved, pgmigrate_success %lld", n, vmstat("pgmigrate_success") - moved);
	others_end(vm, before);
}

/* One pass of a live migration: what the log says has changed is copied.  Pages copied. */
static unsigned long copy_pass(struct vm *vm, u8 *copy, u8 *bitmap)
{
	unsigned long page = sysconf(_SC_PAGESIZE), i, n = 0;
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = bitmap };
	long r = vm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, (unsigned long)&log);

	if (r)
		fatal("log", "%s", strerror(-r));
	for (i = 0; i < vm->mem_size / page; i++)
		if (bitmap[i / 8] >> i % 8 & 1) {
			memcpy(copy + i * page, vm->mem + i * page, page);
			n++;
		}
	return n;
}

static bool copy_equal(struct vm *vm, const u8 *copy)
{
	u64 at;

	for (at = 0; at < vm->mem_size; at += 4096)
		if (memcmp(copy + at, vm->mem + at, 4096)) {
			check(false, "copy", "page at %#llx differs: a change that the log did not tell", at);
			return false;
		}
	check(true, "copy", NULL);
	return true;
}

/* Memory copied by the dirty log while all vcpus write is what is there when they have stopped. */
static void c_migrate(void)
{
	struct vm_cfg cfg = { .guest = "mem", .prog = M_PATTERN, .arg = { 24 }, .ncpu = opt.threads };
	unsigned int i, pass;
	unsigned long n = 0;
	struct vm *vm;
	u8 *copy, *bitmap;
	u64 before, ms;

	cfg.mem = (u64)(16 + 4 * opt.threads) << 20;
	vm = vm_new(&cfg);
	copy = malloc(vm->mem_size);
	bitmap = calloc(1, vm->mem_size / 4096 / 8 + 8);
	SH_SET(vm, flag[0], 1);
	vm_start_all(vm);
	for (ms = 0; !SH_GET(vm, cpu[0].progress) && ms < 10000; ms++)
		sleep_ms(1);
	before = SH_GET(vm, cpu[0].progress);
	check(!slot_set(vm, 0, 0, vm->mem_size, vm->mem, KVM_MEM_LOG_DIRTY_PAGES), "on", "%s", strerror(errno));
	memcpy(copy, vm->mem, vm->mem_size);
	for (pass = 0; pass < rounds(40) && case_left() > 5000; pass++) {
		n += copy_pass(vm, copy, bitmap);
		sleep_ms(pass % 8 * 4);
	}
	/* the guest has had time to work under the log */
	for (ms = 0; SH_GET(vm, cpu[0].progress) < before + 3 && ms < 10000; ms++)
		sleep_ms(1);
	check(SH_GET(vm, cpu[0].progress) >= before + 3 && n, "work", "%llu rounds under the log, %lu pages copied",
	      SH_GET(vm, cpu[0].progress) - before, n);
	if (!vm_stop(vm))
		return;
	copy_pass(vm, copy, bitmap);
	if (copy_equal(vm, copy)) {
		check(!slot_set(vm, 0, 0, vm->mem_size, vm->mem, 0), "off", "%s", strerror(errno));
		for (i = 0; i < vm->ncpu; i++)
			vm_start(vm, i);
		sleep_ms(100);
		SH_SET(vm, endless, 0);
		vm_wait(vm, 0);
		note("%u passes, %lu pages copied, %llu rounds of vcpu 0", pass, n, SH_GET(vm, cpu[0].progress) - before);
	}
	vm_free(vm);
	free(copy);
	free(bitmap);
}

const struct test_case host_cases[] = {
	{ "swap", c_swap, 120, CASE_THREADS },
	{ "ksm", c_ksm, 120, CASE_THREADS },
	{ "compact", c_compact, 120, CASE_THREADS },
	{ "migrate", c_migrate, 120, CASE_THREADS },
};
const unsigned int host_case_count = ARRAY_SIZE(host_cases);
