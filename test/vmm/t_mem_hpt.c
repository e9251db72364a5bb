// SPDX-License-Identifier: GPL-2.0-only
/* The HPT: its ioctls, the HTAB stream, resizing, and the hcalls that t_basic leaves out. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "serve.h"

#define ORDER(vm)	((vm)->cfg.order)

static long allocate(struct vm *vm, u32 order)
{
	return vm_ioctl(vm->fd, KVM_PPC_ALLOCATE_HTAB, (unsigned long)&order);
}

static long resize(struct vm *vm, unsigned long what, u32 shift, u64 flags)
{
	struct kvm_ppc_resize_hpt r = { .shift = shift, .flags = flags };

	return vm_ioctl(vm->fd, what, (unsigned long)&r);
}

static long htab_fd(struct vm *vm, u64 flags, u64 start)
{
	struct kvm_get_htab_fd g = { .flags = flags, .start_index = start };

	return vm_ioctl(vm->fd, KVM_PPC_GET_HTAB_FD, (unsigned long)&g);
}

#define IS(got, want, name) \
	({ long g_ = (got), w_ = (want); check(g_ == w_, name, "%ld (%s), want %ld", g_, g_ < 0 ? strerror(-g_) : "", w_); })

static void smmu(struct vm *vm)
{
	struct kvm_ppc_smmu_info info;
	unsigned int i, k, last = 0;
	bool ok = true;

	memset(&info, 0xff, sizeof(info));
	IS(vm_ioctl(vm->fd, KVM_PPC_GET_SMMU_INFO, (unsigned long)&info), 0, "smmu");
	check(info.slb_size == 32 && info.flags == (KVM_PPC_PAGE_SIZES_REAL | KVM_PPC_1T_SEGMENTS), "smmu.flags",
	      "slb %u, flags %#llx", info.slb_size, info.flags);
	check(info.data_keys == 32 && info.instr_keys == (host_has_207() ? 32 : 0), "smmu.keys", "%u and %u", info.data_keys, info.instr_keys);
	for (i = 0; i < KVM_PPC_PAGE_SIZES_MAX_SZ && info.sps[i].page_shift; i++) {
		ok &= info.sps[i].page_shift > last && info.sps[i].enc[0].page_shift == info.sps[i].page_shift;
		last = info.sps[i].page_shift;
		for (k = 1; k < KVM_PPC_PAGE_SIZES_MAX_SZ && info.sps[i].enc[k].page_shift; k++)
			ok &= info.sps[i].enc[k].page_shift > info.sps[i].enc[k - 1].page_shift;
	}
	check(ok && i >= 2 && info.sps[0].page_shift == 12 && info.sps[1].page_shift == 16 &&
	      info.sps[1].slb_enc == 0x110 && info.sps[1].enc[0].pte_enc == 1, "smmu.sizes", "%u segments sizes", i);
}

static void c_ioctl(void)
{
	struct vm *vm = serve_new(1, 0);

	smmu(vm);
	IS(allocate(vm, 17), -EINVAL, "allocate.17");
	IS(allocate(vm, 47), -EINVAL, "allocate.47");
	IS(allocate(vm, 46), -ENOMEM, "allocate.46");
	IS(vm_ioctl(vm->fd, KVM_PPC_ALLOCATE_HTAB, 16), -EFAULT, "allocate.efault");
	IS(htab_fd(vm, 4, 0), -EINVAL, "htab.flags");
	IS(vm_ioctl(vm->fd, KVM_PPC_GET_HTAB_FD, 16), -EFAULT, "htab.efault");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 20, 1), -EINVAL, "prepare.flags");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 17, 0), -EINVAL, "prepare.17");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 47, 0), -EINVAL, "prepare.47");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 0, 0), 0, "prepare.cancel_none");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, 20, 1), -EINVAL, "commit.flags");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, 0, 0), -EINVAL, "commit.0");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, 20, 0), -ENXIO, "commit.none");
	/* the guest is as it was, and lives with another table */
	check(s_rload(vm, SH(magic)) == T_MAGIC, "alive", "%#llx", s_rload(vm, SH(magic)));
	IS(allocate(vm, 18), 0, "allocate.18");
	check(s_rload(vm, SH(magic)) == T_MAGIC, "alive.18", "no VRMA");
	IS(allocate(vm, 20), 0, "allocate.20");
	serve_end(vm);
}

static void c_busy(void)
{
	struct vm_cfg cfg = { .guest = "mem", .prog = M_PATTERN, .arg = { 4 } };
	struct kvm_get_htab_header hdr = { 0, 0, 1 };
	struct vm *vm = vm_new(&cfg);
	long fd;

	vm_start_all(vm);
	while (!SH_GET(vm, cpu[0].progress) && case_left())
		sleep_ms(1);
	IS(allocate(vm, ORDER(vm)), -EBUSY, "allocate");
	IS(allocate(vm, ORDER(vm) + 1), -EBUSY, "allocate.other");
	fd = htab_fd(vm, KVM_GET_HTAB_WRITE, 0);
	check(write(fd, &hdr, sizeof(hdr)) < 0 && errno == EBUSY, "write", "%s", strerror(errno));
	close(fd);
	SH_SET(vm, endless, 0);
	vm_wait(vm, 0);
	vm_free(vm);
}

/* --- the stream --- */

struct hpte {
	u64 v, r;
};

struct table {
	u64 npte;
	struct hpte *e;
	u8 *told;		/* 1: told valid, 2: told invalid */
	unsigned int valid, invalid;
	u8 *raw;		/* the stream */
	size_t raw_len;
};

static void table_free(struct table *t)
{
	free(t->e);
	free(t->told);
	free(t->raw);
}

/* One pass; false on an error. */
static bool table_read(struct vm *vm, long fd, struct table *t)
{
	const size_t room = 4096 * 5 + 24;
	struct kvm_get_htab_header hdr;
	size_t at = 0;
	ssize_t n;
	unsigned int i;

	memset(t, 0, sizeof(*t));
	t->npte = 1ull << (ORDER(vm) - 4);
	t->e = calloc(t->npte, sizeof(*t->e));
	t->told = calloc(t->npte, 1);
	t->raw = malloc(t->npte * 24 + room);
	while ((n = read(fd, t->raw + t->raw_len, room)) > 0)
		t->raw_len += n;
	if (n < 0)
		return false;
	while (at + sizeof(hdr) <= t->raw_len) {
		memcpy(&hdr, t->raw + at, sizeof(hdr));
		at += sizeof(hdr);
		if ((u64)hdr.index + hdr.n_valid + hdr.n_invalid > t->npte || at + 16u * hdr.n_valid > t->raw_len)
			return false;
		for (i = 0; i < hdr.n_valid; i++, at += 16) {
			u64 d[2];

			memcpy(d, t->raw + at, 16);
			t->e[hdr.index + i] = (struct hpte){ be64toh(d[0]), be64toh(d[1]) };
			t->told[hdr.index + i] = 1;
		}
		memset(t->told + hdr.index + hdr.n_valid, 2, hdr.n_invalid);
		t->valid += hdr.n_valid;
		t->invalid += hdr.n_invalid;
	}
	return at == t->raw_len;
}

static ssize_t put_chunk(long fd, u32 index, unsigned int nv, unsigned int ni, u64 v, u64 r, size_t len)
{
	struct {
		struct kvm_get_htab_header h;
		u64 d[2];
	} c = { { index, nv, ni }, { htobe64(v), htobe64(r) } };
	ssize_t n = write(fd, &c, len ? len : sizeof(c.h) + 16 * nv);

	return n < 0 ? -errno : n;
}

static void *no_access(void)
{
	return mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void stream_errors(struct vm *vm, long rfd)
{
	long fd = htab_fd(vm, KVM_GET_HTAB_WRITE, 0);
	char buf[24];

	check(read(fd, buf, sizeof(buf)) < 0 && errno == EBADF, "write_only", "%s", strerror(errno));
	check(write(rfd, buf, sizeof(buf)) < 0 && errno == EBADF, "read_only", "%s", strerror(errno));
	check(read(rfd, buf, 23) < 0 && errno == EINVAL, "read.small", "%s", strerror(errno));
	IS(put_chunk(fd, 1u << (ORDER(vm) - 4), 0, 1, 0, 0, 0), -EINVAL, "write.index");
	IS(put_chunk(fd, 0xffffffff, 0, 0xffff, 0, 0, 0), -EINVAL, "write.index_ones");
	IS(put_chunk(fd, 0x100, 1, 0, 0x12345600, 0, 0), -EINVAL, "write.not_valid");
	IS(put_chunk(fd, 0x100, 1, 0, 0x12345605, 0x2ff190, 0), -EINVAL, "write.bad_entry");
	IS(put_chunk(fd, 0x100, 1, 0, 0x12345601, 0, 16), -EINVAL, "write.short");
	IS(put_chunk(fd, 0x100, 0, 0, 0, 0, 4), -EINVAL, "write.no_header");
	check(write(fd, no_access(), 64) < 0 && errno == EFAULT, "write.efault", "%s", strerror(errno));
	close(fd);
}

static void c_stream(void)
{
	struct vm *vm = serve_new(1, 0), *to;
	struct vm_cfg cfg = { .guest = "mem", .prog = M_SERVE };
	u64 index[40], i, gone[2], fresh, bolted = 0;
	struct table t, u;
	long fd, wfd;
	bool ok = true;

	s_slb(vm, 8, SEG(0), 0);
	for (i = 0; i < 40; i++) {
		s_enter(vm, SEG(0) + (i << 16), FREE(i), R_M | PP_RWRW, 12, &index[i]);
		if (i % 2)
			s_store(vm, SEG(0) + (i << 16), 0x700 + i);
	}
	s_hcall(vm, H_ENTER, 0, 0x400, 0x12345600 | V_BOLTED | V_VALID, FREE(3) | R_M, gone);
	fd = htab_fd(vm, 0, 0);
	check(fd >= 0 && table_read(vm, fd, &t), "read", "%s", strerror(errno));
	for (i = 0; i < 40; i++) {
		struct hpte *e = &t.e[index[i]];

		ok &= t.told[index[i]] == 1 && e->v == hpte_v(SEG(0) + (i << 16), 12) &&
			(e->r & ~(R_R | R_C)) == (FREE(i) | R_M | PP_RWRW) && !(i % 2 && !(e->r & R_C));
	}
	check(ok, "entries", "what was entered is not what is told");
	check(t.valid + t.invalid == t.npte, "all", "%u and %u of %llu", t.valid, t.invalid, t.npte);
	for (i = 0; i < t.npte; i++)
		bolted += t.told[i] == 1 && t.e[i].v & V_BOLTED;

	check(table_read(vm, fd, &u) && !u.raw_len, "quiet", "%zu bytes though nothing has happened", u.raw_len);
	table_free(&u);

	/* changes; an attempt to read them to nowhere loses none */
	s_hcall(vm, H_REMOVE, 0, index[2], 0, 0, NULL);
	s_enter(vm, SEG(0) + (50 << 16), FREE(50), R_M | PP_RWRW, 12, &fresh);
	s_store(vm, SEG(0) + (4 << 16), 9);
	check(read(fd, no_access(), 65536) < 0 && errno == EFAULT, "read.efault", "%s", strerror(errno));
	check(table_read(vm, fd, &u) && u.told[index[2]] == 2 && u.told[fresh] == 1 && u.told[index[4]] == 1 &&
	      (u.e[index[4]].r & R_C) && !u.told[index[6]] && u.valid < t.valid, "changes", "%u valid, %u invalid",
	      u.valid, u.invalid);
	table_free(&u);
	close(fd);

	fd = htab_fd(vm, KVM_GET_HTAB_BOLTED_ONLY, 0);
	check(table_read(vm, fd, &u) && u.valid == bolted && u.told[gone[0]] == 1, "bolted", "%u, want %llu", u.valid, bolted);
	table_free(&u);
	stream_errors(vm, fd);
	close(fd);
	table_free(&t);

	/* into another VM, which then runs on it */
	fd = htab_fd(vm, 0, 0);
	check(table_read(vm, fd, &t), "read.again", "%s", strerror(errno));
	close(fd);
	to = vm_new(&cfg);
	memcpy(to->mem + T_FREE_RA, vm->mem + T_FREE_RA, vm->mem_size - T_FREE_RA);
	serve_end(vm);
	wfd = htab_fd(to, KVM_GET_HTAB_WRITE, 0);
	check(write(wfd, t.raw, t.raw_len) == (ssize_t)t.raw_len, "write", "%s", strerror(errno));
	close(wfd);
	fd = htab_fd(to, 0, 0);
	ok = table_read(to, fd, &u) && u.valid == t.valid;
	for (i = 0; i < t.npte && ok; i++)
		ok = t.e[i].v == u.e[i].v && (t.e[i].r | R_R | R_C) == (u.e[i].r | R_R | R_C);
	check(ok, "same", "entry %llu of %llu: %u valid, want %u", i, t.npte, u.valid, t.valid);
	close(fd);
	serve_begin(to);
	s_slb(to, 8, SEG(0), 0);
	for (i = 5; i < 40 && ok; i += 2)
		ok = s_expect(to, "runs", SEG(0) + (i << 16), 0x700 + i);
	check(ok, "runs", "the stream's entries do not translate");
	serve_end(to);
	table_free(&t);
	table_free(&u);
}

/* --- resize --- */

static long resize_to(struct vm *vm, u32 order)
{
	long r;

	while ((r = resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, order, 0)) > 0 && case_left())
		sleep_ms(r);
	if (r)
		return r;
	r = resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, order, 0);
	if (!r) {
		vm->cfg.order = order;
		SH_SET(vm, htab_order, order);
	}
	return r;
}

#define RESIZE_PAGES	60

/* 4 KiB and 64 KiB pages; every third in the group of the secondary hash */
static u64 resize_ea(unsigned int i)
{
	return SEG(i % 2) + ((u64)i << 20) + ((u64)i << 16);
}

static unsigned int resize_shift(unsigned int i)
{
	return i % 2 ? 16 : 12;
}

static u64 resize_v(unsigned int i)
{
	return hpte_v(resize_ea(i), resize_shift(i)) | (i % 3 ? 0 : V_SECONDARY);
}

static u64 resize_index(struct vm *vm, unsigned int i)
{
	u64 group = hpte_group(resize_ea(i), resize_shift(i), ORDER(vm));

	if (i % 3 == 0)
		group ^= (1ull << (ORDER(vm) - 7)) - 1;
	return group << 3;
}

static bool resize_intact(struct vm *vm, const u64 *index)
{
	u64 out[2] = { 0 }, at;
	unsigned int i;
	bool ok = true;

	for (i = 0; i < RESIZE_PAGES && ok; i++) {
		ok &= s_expect(vm, "resize.value", resize_ea(i), 0x900 + i);
		at = resize_index(vm, i) | (index[i] & 7);
		ok &= s_hcall(vm, H_READ, 0, at, 0, 0, out) == H_SUCCESS && (out[0] & ~V_BOLTED) == resize_v(i);
	}
	if (!ok)
		check(false, "resize.entry", "entry %u: %#llx %#llx", i - 1, out[0], out[1]);
	return ok;
}

static void c_resize(void)
{
	unsigned int ncpu = opt.threads, i;
	static const u32 orders[] = { 22, 19, 24, 18, 21 };
	struct vm *vm = serve_new(ncpu, 16);
	u64 index[RESIZE_PAGES], out[2], before;

	s_slb(vm, 8, SEG(0), 0);
	s_slb(vm, 9, SEG(1), 0x110);
	for (i = 0; i < RESIZE_PAGES; i++) {
		s_hcall(vm, H_ENTER, 0, resize_index(vm, i), resize_v(i) | V_BOLTED,
			FREE(200 + i) | R_M | PP_RWRW | (i % 2) << 12, out);
		index[i] = out[0];
		s_store(vm, resize_ea(i), 0x900 + i);
	}
	for (i = 0; i < ARRAY_SIZE(orders) && case_left() > 3000; i++) {
		before = ncpu > 1 ? SH_GET(vm, cpu[1].progress) : 0;
		IS(resize_to(vm, orders[i]), 0, "resize");
		if (!resize_intact(vm, index))
			break;
		if (ncpu > 1) {
			unsigned int ms = 0;

			while (SH_GET(vm, cpu[1].progress) < before + 3 && ms++ < 5000)
				sleep_ms(1);
			check(ms < 5000, "resize.others", "the other vcpus stand still");
		}
	}
	check(s_rload(vm, SH(magic)) == T_MAGIC, "resize.vrma", "gone");
	serve_end(vm);
}

static void c_resize_errors(void)
{
	struct vm *vm = serve_new(1, 0);
	u64 ea = SEG(0), ea2, group, slot = 3;
	long r;

	/* not prepared, prepared for another size, canceled */
	r = resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 24, 0);
	check(r > 0, "prepare", "%ld", r);
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, 23, 0), -ENXIO, "commit.other");
	r = resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 23, 0);
	check(r > 0, "prepare.other", "%ld", r);
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, 24, 0), -ENXIO, "commit.dropped");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 0, 0), 0, "cancel");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, 23, 0), -ENXIO, "commit.canceled");
	while ((r = resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 46, 0)) > 0)
		sleep_ms(10);
	IS(r, -ENOMEM, "prepare.46");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, 46, 0), -ENXIO, "commit.46");

	/* two bolted entries that meet in one place of a smaller table */
	s_slb(vm, 8, SEG(0), 0);
	group = hpte_group(ea, 12, ORDER(vm));
	ea2 = ea + (1ull << (ORDER(vm) - 7 - 1 + 12));
	check((hpte_group(ea2, 12, ORDER(vm)) ^ group) == 1ull << (ORDER(vm) - 8), "collide", "test is wrong");
	s_hcall(vm, H_ENTER, H_EXACT, group << 3 | slot, hpte_v(ea, 12) | V_BOLTED, FREE(1) | R_M | PP_RWRW, NULL);
	s_hcall(vm, H_ENTER, H_EXACT, hpte_group(ea2, 12, ORDER(vm)) << 3 | slot, hpte_v(ea2, 12) | V_BOLTED,
		FREE(2) | R_M | PP_RWRW, NULL);
	s_store(vm, ea, 1);
	s_store(vm, ea2, 2);
	IS(resize_to(vm, ORDER(vm) - 1), -ENOSPC, "enospc");
	check(s_expect(vm, "enospc.first", ea, 1) && s_expect(vm, "enospc.second", ea2, 2), "enospc.intact", "lost");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, ORDER(vm) - 1, 0), -ENXIO, "enospc.dropped");
	/* a reset drops what is pending */
	r = resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 22, 0);
	check(r > 0, "prepare.again", "%ld", r);
	IS(allocate(vm, 20), 0, "reset");
	IS(resize(vm, KVM_PPC_RESIZE_HPT_COMMIT, 22, 0), -ENXIO, "reset.dropped");
	/* a VM that ends with one pending */
	r = resize(vm, KVM_PPC_RESIZE_HPT_PREPARE, 25, 0);
	check(r > 0, "prepare.end", "%ld", r);
	serve_end(vm);
}

/* --- hcalls --- */

static void rc_bits(struct vm *vm, u64 ea, u64 index)
{
	u64 out[2];

	s_store(vm, ea, 5);
	IS(s_hcall(vm, H_CLEAR_REF, 0, index, 0, 0, out), H_SUCCESS, "clear_ref");
	check((out[0] & (R_R | R_C)) == (R_R | R_C), "clear_ref.was", "%#llx", out[0]);
	s_hcall(vm, H_READ, 0, index, 0, 0, out);
	check((out[1] & (R_R | R_C)) == R_C, "clear_ref.now", "%#llx", out[1]);
	IS(s_hcall(vm, H_CLEAR_MOD, 0, index, 0, 0, out), H_SUCCESS, "clear_mod");
	check((out[0] & (R_R | R_C)) == R_C, "clear_mod.was", "%#llx", out[0]);
	s_hcall(vm, H_READ, 0, index, 0, 0, out);
	check(!(out[1] & (R_R | R_C)), "clear_mod.now", "%#llx", out[1]);
	check(s_expect(vm, "load", ea, 5), "clear.load", "lost");
	s_hcall(vm, H_READ, 0, index, 0, 0, out);
	check((out[1] & (R_R | R_C)) == R_R, "ref.again", "%#llx", out[1]);
	s_store(vm, ea, 6);
	s_hcall(vm, H_READ, 0, index, 0, 0, out);
	check((out[1] & (R_R | R_C)) == (R_R | R_C), "mod.again", "%#llx", out[1]);
	IS(s_hcall(vm, H_CLEAR_REF, 0, 0x700, 0, 0, NULL), H_NOT_FOUND, "clear_ref.empty");
	IS(s_hcall(vm, H_CLEAR_MOD, 0, 0x700, 0, 0, NULL), H_NOT_FOUND, "clear_mod.empty");
	IS(s_hcall(vm, H_CLEAR_REF, 0, 1ull << (ORDER(vm) - 4), 0, 0, NULL), H_PARAMETER, "clear_ref.far");
	IS(s_hcall(vm, H_CLEAR_MOD, 0, -1ull, 0, 0, NULL), H_PARAMETER, "clear_mod.far");
}

static void page_init(struct vm *vm)
{
	unsigned int i;
	bool ok = true;

	memset(vm->mem + FREE(10), 0x5a, 8192);
	memset(vm->mem + FREE(11), 0xa5, 8192);
	IS(s_hcall(vm, H_PAGE_INIT, H_ZERO_PAGE, FREE(10), 0, 0, NULL), H_SUCCESS, "page_init.zero");
	for (i = 0; i < 8192; i++)
		ok &= vm->mem[FREE(10) + i] == (i < 4096 ? 0 : 0x5a);
	IS(s_hcall(vm, H_PAGE_INIT, H_COPY_PAGE, FREE(10) + 4096, FREE(11), 0, NULL), H_SUCCESS, "page_init.copy");
	for (i = 0; i < 8192; i++)
		ok &= vm->mem[FREE(10) + i] == (i < 4096 ? 0 : 0xa5);
	check(ok, "page_init.bytes", "wrong");
	IS(s_hcall(vm, H_PAGE_INIT, 0, FREE(10), 0, 0, NULL), H_SUCCESS, "page_init.nothing");
	IS(s_hcall(vm, H_PAGE_INIT, 1, FREE(10), 0, 0, NULL), H_PARAMETER, "page_init.flag");
	IS(s_hcall(vm, H_PAGE_INIT, H_ZERO_PAGE, FREE(10) + 8, 0, 0, NULL), H_PARAMETER, "page_init.unaligned");
	IS(s_hcall(vm, H_PAGE_INIT, H_COPY_PAGE, FREE(10), 8, 0, NULL), H_PARAMETER, "page_init.source_unaligned");
	IS(s_hcall(vm, H_PAGE_INIT, H_ZERO_PAGE, T_HOLE_RA, 0, 0, NULL), H_PARAMETER, "page_init.hole");
	IS(s_hcall(vm, H_PAGE_INIT, H_COPY_PAGE, FREE(10), T_HOLE_RA, 0, NULL), H_PARAMETER, "page_init.source_hole");
	IS(s_hcall(vm, H_PAGE_INIT, H_COPY_PAGE, -4096ull, -4096ull, 0, NULL), H_PARAMETER, "page_init.ones");
}

static void c_hcalls(void)
{
	struct vm *vm = serve_new(1, 0);
	u64 ea = SEG(0) + 0x3000, index, val, vec;

	hcall_enable(vm, H_CLEAR_MOD);
	hcall_enable(vm, H_CLEAR_REF);
	hcall_enable(vm, H_PAGE_INIT);
	s_slb(vm, 8, SEG(0), 0);
	s_enter(vm, ea, FREE(1), R_M | PP_RWRW, 12, &index);
	rc_bits(vm, ea, index);
	page_init(vm);

	/* storage key 1 denied to loads and stores, on a page that the host does not have yet */
	s_enter(vm, ea + 0x10000, FREE(40), R_M | PP_RWRW | R_KEY1, 12, &index);
	s_amr(vm, 3ull << (62 - 2));
	vec = s_load(vm, ea + 0x10000, &val);
	check(vec == 0x300 && val & DSISR_KEY, "key.load", "vector %#llx, DSISR or value %#llx", vec, val);
	vec = s_store(vm, ea + 0x10000, 1);
	check((vec & 0xffff) == 0x300 && vec >> 32 & DSISR_KEY, "key.store", "vector, DSISR %#llx", vec);
	s_amr(vm, 2ull << (62 - 2));
	check(s_expect(vm, "key.load_only", ea + 0x10000, 0), "key.load_only", "denied");
	vec = s_store(vm, ea + 0x10000, 1);
	check((vec & 0xffff) == 0x300 && vec >> 32 & DSISR_KEY, "key.store_denied", "vector, DSISR %#llx", vec);
	s_amr(vm, 0);
	check(!s_store(vm, ea + 0x10000, 1), "key.open", "denied");

	/* read-only for the guest, absent in the host: its own fault, no page fault */
	s_enter(vm, ea + 0x20000, FREE(41), R_M | PP_RXRX, 12, &index);
	vec = s_store(vm, ea + 0x20000, 1);
	check((vec & 0xffff) == 0x300 && (vec >> 32 & (DSISR_PROT | DSISR_STORE)) == (DSISR_PROT | DSISR_STORE), "ro.store",
	      "vector, DSISR %#llx", vec);
	check(s_expect(vm, "ro.load", ea + 0x20000, 0), "ro.load", "denied");
	IS(s_hcall(vm, H_PROTECT, PP_RWRW, index, 0, 0, NULL), H_SUCCESS, "protect");
	check(!s_store(vm, ea + 0x20000, 1), "protect.store", "denied");

	/* H_ENTER with H_ZERO_PAGE: all of the page, before it is mapped */
	memset(vm->mem + FREE(50), 0xff, 65536);
	IS(s_hcall(vm, H_ENTER, H_ZERO_PAGE, hpte_group(ea + 0x30000, 12, ORDER(vm)) << 3, hpte_v(ea + 0x30000, 12),
		   (FREE(50) + 4096) | R_M | PP_RWRW, NULL), H_SUCCESS, "enter_zero");
	check(g64(vm, FREE(50) + 4088) == ~0ull && !g64(vm, FREE(50) + 4096) && !g64(vm, FREE(50) + 8184) &&
	      g64(vm, FREE(50) + 8192) == ~0ull, "enter_zero.bytes", "wrong");
	IS(s_hcall(vm, H_ENTER, H_ZERO_PAGE, hpte_group(ea + 0x40000, 12, ORDER(vm)) << 3, hpte_v(ea + 0x40000, 12),
		   T_HOLE_RA | R_IG, NULL), H_SUCCESS, "enter_zero.mmio");
	IS(s_hcall(vm, H_ENTER, H_ZERO_PAGE, 1ull << (ORDER(vm) - 4), hpte_v(ea, 12), FREE(50) | R_M, NULL), H_PARAMETER,
	   "enter_zero.far");
	check(g64(vm, FREE(50)) == ~0ull, "enter_zero.nothing", "zeroed though refused");
	serve_end(vm);
}

const struct test_case hpt_cases[] = {
	{ "ioctl", c_ioctl, 60, 0 },
	{ "busy", c_busy, 60, 0 },
	{ "stream", c_stream, 120, CASE_ENDIAN },
	{ "resize", c_resize, 120, CASE_ENDIAN | CASE_THREADS },
	{ "resize_errors", c_resize_errors, 120, 0 },
	{ "hcalls", c_hcalls, 60, CASE_ENDIAN },
};
const unsigned int hpt_case_count = ARRAY_SIZE(hpt_cases);
