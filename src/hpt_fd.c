// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_PPC_GET_HTAB_FD: the HPT as a stream, for migration (Documentation/virt/kvm/api.rst 4.78).
 *
 * A stream is a sequence of chunks: struct kvm_get_htab_header in the host's byte order, then n_valid
 * entries of two big-endian dwords; n_invalid entries after them exist only as that number. The
 * entries are the guest's view: no hardware address ever leaves the kernel.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "hpt.h"

#define HPTE_BYTES	(1u << HPTE_SHIFT)
#define CHUNK_ENTRIES	255		/* with the header, a little less than 4 KiB */
#define MIN_READ	(sizeof(struct kvm_get_htab_header) + HPTE_BYTES)

struct htab_entry {
	__be64 v, r;
};

struct htab_chunk {
	struct kvm_get_htab_header hdr;
	struct htab_entry e[CHUNK_ENTRIES];
};

/* What an open HTAB fd is. All but kvm and flags: mmu_setup_lock. */
struct htab_file {
	struct kvm *kvm;
	u64 flags;
	unsigned long index;		/* where the next read goes on */
	bool first_pass;
	struct htab_chunk chunk;
};

/* R and C that the hardware has set and the guest's view does not have yet */
static unsigned long new_rc(__be64 *hpte, const struct revmap_entry *rev)
{
	if (!(be64_to_cpu(hpte[0]) & HPTE_V_VALID))
		return 0;
	return be64_to_cpu(hpte[1]) & (HPTE_R_R | HPTE_R_C) & ~rev->guest_rpte;
}

static bool is_modified(__be64 *hpte, const struct revmap_entry *rev)
{
	return (rev->guest_rpte & HPTE_GR_MODIFIED) || new_rc(hpte, rev);
}

/* Does the reader want this entry as a valid one? */
static bool counts_as_valid(const struct htab_file *f, unsigned long v)
{
	return (v & HPTE_V_EXISTS) &&
		(!(f->flags & KVM_GET_HTAB_BOLTED_ONLY) || (v & HPTE_V_BOLTED));
}

/*
 * If the entry is one to report, as valid or as invalid as wanted, do so: fill in e if it is valid,
 * and it is not modified any more.
 */
static bool take_entry(struct htab_file *f, unsigned long index, bool valid, struct htab_entry *e)
{
	struct revmap_entry *rev = &f->kvm->arch.hpt.rev[index];
	__be64 *hpte = smt_hpte(f->kvm, index);
	bool taken = false;
	unsigned long v;

	/* most of the table is empty */
	if (!READ_ONCE(hpte[0]) && !(READ_ONCE(rev->guest_rpte) & HPTE_GR_MODIFIED))
		return !valid && f->first_pass;

	preempt_disable();
	smt_lock_hpte(hpte);
	v = be64_to_cpu(hpte[0]) & ~HPTE_V_HVLOCK;
	if (counts_as_valid(f, v) == valid && (f->first_pass || is_modified(hpte, rev))) {
		taken = true;
		rev->guest_rpte |= new_rc(hpte, rev);
		rev->guest_rpte &= ~HPTE_GR_MODIFIED;
		if (valid) {
			e->v = cpu_to_be64((v & ~HPTE_V_ABSENT) | HPTE_V_VALID);
			e->r = cpu_to_be64(rev->guest_rpte & ~HPTE_GR_RESERVED);
		}
	}
	unlock_hpte(hpte, v);
	preempt_enable();
	return taken;
}

/* The reader did not get these: they are modified still. */
static void untake_entries(struct kvm *kvm, const struct kvm_get_htab_header *hdr)
{
	unsigned long i = hdr->index, end = i + hdr->n_valid + hdr->n_invalid;

	for (; i < end; i++) {
		__be64 *hpte = smt_hpte(kvm, i);

		preempt_disable();
		smt_lock_hpte(hpte);
		kvm->arch.hpt.rev[i].guest_rpte |= HPTE_GR_MODIFIED;
		unlock_hpte(hpte, be64_to_cpu(hpte[0]));
		preempt_enable();
	}
}

/* Fill f->chunk from entry i on, up to max_valid valid ones. Return: the entry after it. */
static unsigned long fill_chunk(struct htab_file *f, unsigned long i, unsigned long npte,
				unsigned int max_valid)
{
	struct kvm_get_htab_header *hdr = &f->chunk.hdr;

	while (!f->first_pass && i < npte && !is_modified(smt_hpte(f->kvm, i),
							  &f->kvm->arch.hpt.rev[i])) {
		if (!(++i % PAGE_SIZE))
			cond_resched();
	}

	hdr->index = i;
	hdr->n_valid = 0;
	hdr->n_invalid = 0;
	while (i < npte && hdr->n_valid < max_valid &&
	       take_entry(f, i, true, &f->chunk.e[hdr->n_valid])) {
		hdr->n_valid++;
		i++;
	}
	while (i < npte && hdr->n_invalid < U16_MAX && take_entry(f, i, false, NULL)) {
		hdr->n_invalid++;
		i++;
	}
	return i;
}

/*
 * One chunk of at most count bytes. mmu_setup_lock held. *end is set when the table's end is reached.
 * Return: bytes written, 0 if there was nothing to say; -EFAULT with nothing changed.
 */
static ssize_t read_chunk(struct htab_file *f, char __user *buf, size_t count, bool *end)
{
	struct kvm_get_htab_header *hdr = &f->chunk.hdr;
	unsigned long npte = smt_hpt_entries(f->kvm), i;
	size_t bytes = 0;

	i = fill_chunk(f, f->index, npte,
		       min_t(size_t, CHUNK_ENTRIES, (count - sizeof(*hdr)) / HPTE_BYTES));
	if (hdr->n_valid || hdr->n_invalid) {
		bytes = sizeof(*hdr) + hdr->n_valid * HPTE_BYTES;
		if (copy_to_user(buf, &f->chunk, bytes)) {
			untake_entries(f->kvm, hdr);
			return -EFAULT;
		}
	}

	f->index = i;
	if (i >= npte) {
		f->index = 0;
		f->first_pass = false;
		*end = true;
	}
	return bytes;
}

static ssize_t htab_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	struct htab_file *f = file->private_data;
	bool end = false;
	size_t done = 0;
	ssize_t n;

	if (f->kvm->mm != current->mm)
		return -EIO;
	/* 0 would mean that the pass is complete */
	if (count < MIN_READ)
		return -EINVAL;

	while (!end && count - done >= MIN_READ) {
		if (fatal_signal_pending(current))
			return done ? done : -EINTR;
		mutex_lock(&f->kvm->arch.mmu_setup_lock);
		n = read_chunk(f, buf + done, count - done, &end);
		mutex_unlock(&f->kvm->arch.mmu_setup_lock);
		if (n < 0)
			return done ? done : n;
		done += n;
		cond_resched();
	}
	return done;
}

static int remove_existing(struct kvm *kvm, unsigned long index)
{
	unsigned long old[2];
	long ret = H_SUCCESS;

	preempt_disable();
	if (be64_to_cpu(*smt_hpte(kvm, index)) & HPTE_V_EXISTS)
		ret = kvmppc_do_h_remove(kvm, 0, index, 0, old);
	preempt_enable();
	return ret == H_SUCCESS ? 0 : -EIO;
}

/*
 * Entries of the VRMA say which page size the guest's real mode has: what they had where the guest
 * comes from. With them the HPT is ready to run on. *ready is mmu_ready to be.
 */
static void look_for_vrma(struct kvm *kvm, unsigned long v, unsigned long r, int *ready)
{
	unsigned int shift = kvmppc_hpte_base_page_shift(v, r);

	if (*ready || !is_vrma_hpte(v) || (shift != 12 && shift != 16 && shift != 24))
		return;
	smt_vrma_set_page_shift(kvm, shift);
	*ready = 1;
}

static int write_entry(struct kvm *kvm, unsigned long index, const struct htab_entry *e, int *ready)
{
	unsigned long v = be64_to_cpu(e->v), r = be64_to_cpu(e->r), index_ret;
	int err;

	if (!(v & HPTE_V_VALID) || !kvmppc_hpte_base_page_shift(v, r))
		return -EINVAL;
	err = remove_existing(kvm, index);
	if (err)
		return err;
	if (smt_do_h_enter(kvm, H_EXACT, index, v, r, &index_ret) != H_SUCCESS)
		return -EIO;
	look_for_vrma(kvm, v, r, ready);
	return 0;
}

/* kvm->srcu read-held, vcpus stopped. Return: bytes used, 0: not a whole chunk, or an errno. */
static ssize_t write_chunk(struct kvm *kvm, const char __user *buf, size_t count, int *ready)
{
	struct kvm_get_htab_header hdr;
	unsigned long i, end;
	struct htab_entry e;
	size_t bytes;
	int n, err;

	if (count < sizeof(hdr))
		return 0;
	if (copy_from_user(&hdr, buf, sizeof(hdr)))
		return -EFAULT;
	bytes = sizeof(hdr) + hdr.n_valid * HPTE_BYTES;
	if (count < bytes)
		return 0;
	i = hdr.index;
	end = i + hdr.n_valid + hdr.n_invalid;
	if (i >= smt_hpt_entries(kvm) || end > smt_hpt_entries(kvm))
		return -EINVAL;

	buf += sizeof(hdr);
	for (n = 0; n < hdr.n_valid; n++, i++, buf += HPTE_BYTES) {
		if (copy_from_user(&e, buf, sizeof(e)))
			return -EFAULT;
		err = write_entry(kvm, i, &e, ready);
		if (err)
			return err;
	}
	for (; i < end; i++) {
		err = remove_existing(kvm, i);
		if (err)
			return err;
	}
	return bytes;
}

static ssize_t write_chunks(struct kvm *kvm, const char __user *buf, size_t count, int *ready)
{
	size_t done = 0;
	ssize_t n;
	int idx;

	idx = srcu_read_lock(&kvm->srcu);
	for (;;) {
		n = write_chunk(kvm, buf + done, count - done, ready);
		if (n <= 0)
			break;
		done += n;
		cond_resched();
	}
	srcu_read_unlock(&kvm->srcu, idx);
	return done ? done : n;
}

static ssize_t htab_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
	struct htab_file *f = file->private_data;
	struct kvm *kvm = f->kvm;
	ssize_t ret;
	int ready;

	if (kvm->mm != current->mm)
		return -EIO;

	mutex_lock(&kvm->arch.mmu_setup_lock);
	ready = kvm->arch.mmu_ready;
	ret = smt_hpt_stop_vcpus(kvm);
	if (!ret) {
		ret = write_chunks(kvm, buf, count, &ready);
		/* the HPT before the word that announces it; pairs with KVM_RUN's smp_mb() */
		smp_wmb();
		WRITE_ONCE(kvm->arch.mmu_ready, ready);
	}
	mutex_unlock(&kvm->arch.mmu_setup_lock);

	/* less than one chunk is no stream */
	return ret || !count ? ret : -EINVAL;
}

static int htab_release(struct inode *inode, struct file *file)
{
	struct htab_file *f = file->private_data;

	if (!(f->flags & KVM_GET_HTAB_WRITE))
		atomic_dec(&f->kvm->arch.hpte_mod_interest);
	kvm_put_kvm(f->kvm);
	kfree(f);
	return 0;
}

static const struct file_operations htab_fops = {
	.owner = THIS_MODULE,
	.read = htab_read,
	.write = htab_write,
	.llseek = default_llseek,
	.release = htab_release,
};

/**
 * smt_vm_ioctl_get_htab_fd - KVM_PPC_GET_HTAB_FD
 * @kvm: the VM
 * @ghf: direction, what is of interest, and where the first read starts
 *
 * As long as the fd can be read, changes of the HPT are noted for it; all readers share the notes.
 *
 * Source: Documentation/virt/kvm/api.rst 4.78.
 * Context: VM ioctl, may sleep.
 *
 * Return: a file descriptor; -EINVAL for an unknown flag; -ENOMEM; what anon_inode_getfd() says. Its
 * read: -EINVAL for less than a header and an entry, -EFAULT. Its write: -EBUSY if vcpus run, -EINVAL
 * for a stream that is none, -EIO for an entry that the guest could not enter, -EFAULT; what stands
 * before the fault in the stream is done. Both: -EIO in another process than the VM's.
 */
int smt_vm_ioctl_get_htab_fd(struct kvm *kvm, struct kvm_get_htab_fd *ghf)
{
	bool writer = ghf->flags & KVM_GET_HTAB_WRITE;
	struct htab_file *f;
	int fd;

	if (ghf->flags & ~(KVM_GET_HTAB_BOLTED_ONLY | KVM_GET_HTAB_WRITE))
		return -EINVAL;
	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;

	kvm_get_kvm(kvm);
	f->kvm = kvm;
	f->flags = ghf->flags;
	f->index = ghf->start_index;
	f->first_pass = true;
	if (!writer) {
		atomic_inc(&kvm->arch.hpte_mod_interest);
		/* whoever changes the HPT without having seen that is done before the first read */
		synchronize_srcu_expedited(&kvm->srcu);
	}

	fd = anon_inode_getfd("kvm-htab", &htab_fops, f, (writer ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	if (fd < 0) {
		if (!writer)
			atomic_dec(&kvm->arch.hpte_mod_interest);
		/* the ioctl's own file keeps the VM */
		kvm_put_kvm(kvm);
		kfree(f);
	}
	return fd;
}
