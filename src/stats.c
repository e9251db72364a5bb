// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters that a person can read: /sys/kernel/debug/kvm/PID-FD/smt for each VM.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/debugfs.h>
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <asm/time.h>
#include "core.h"
#include "gate.h"
#include "smt.h"

/* How long the phases of a run take is only added up when somebody wants to know. */
static DEFINE_STATIC_KEY_FALSE(timing_key);

static bool timing_ready;		/* there are cores; before, the parameter can be one of insmod's */

static int timing_set(const char *val, const struct kernel_param *kp)
{
	bool on;

	if (kstrtobool(val, &on)) {
		pr_err("timing is not changed: it is 0 or 1\n");
		return -EINVAL;
	}
	if (on && timing_ready && smt_trace_start())
		return -ENOMEM;
	if (on)
		static_branch_enable(&timing_key);
	else
		static_branch_disable(&timing_key);
	return 0;
}

static int timing_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%d\n", static_key_enabled(&timing_key));
}

static const struct kernel_param_ops timing_ops = { .set = timing_set, .get = timing_get };
module_param_cb(timing, &timing_ops, NULL, 0644);
MODULE_PARM_DESC(timing, "add up how long the phases of runs take, for debugfs kvm-hv-smt/cores (default 0)");

struct edge {
	u64 tb;
	int step;
};

static int by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->tb != y->tb)
		return x->tb < y->tb ? -1 : 1;
	return x->step - y->step;
}

#define FEW	16

/* Most runs have few edges, for which the library's heap sort is dear. */
static void sort_edges(struct edge *e, int n)
{
	int i, j;

	if (n > FEW) {
		sort(e, n, sizeof(*e), by_time, NULL);
		return;
	}
	for (i = 1; i < n; i++)
		for (j = i; j && by_time(&e[j - 1], &e[j]) > 0; j--)
			swap(e[j - 1], e[j]);
}

/* The times at which threads went in and out of the guest in the last run. */
static int edges_of(struct smt_core *core, u64 seq, struct edge *e, int max)
{
	int t, n = 0;
	u64 i;

	for (t = 0; t < core->nthreads; t++) {
		struct smt_slot *s = smt_slot_of(core, t);

		if (s->entered_seq != seq)
			continue;
		for (i = 0; i + 1 < s->log_n && i + 1 < IMG_LOG && n + 2 <= max; i += 2) {
			e[n++] = (struct edge){ s->log[i], 1 };
			e[n++] = (struct edge){ s->log[i + 1], -1 };
		}
	}
	return n;
}

/* Does the stamp of a run stand in the guest's time base?  That is so from partition_load to partition_restore. */
bool smt_stamp_in_guest_time(int stamp)
{
	return stamp >= SMT_STAMP_LOADED && stamp <= SMT_STAMP_SAVED;
}

/* How long each phase of the last run took; the guest's time base differs from the host's by an offset. */
static void add_phases(struct smt_core *core)
{
	const u64 *s = core->hdr->stamp;
	u64 offset = core->hdr->tb_offset;
	u64 t[SMT_STAMPS];
	int i;

	for (i = 0; i < SMT_STAMPS; i++)
		t[i] = s[i] - (smt_stamp_in_guest_time(i) ? offset : 0);
	for (i = 1; i < SMT_STAMPS; i++)
		core->phase_tb[i] += t[i] - t[i - 1];
}

/**
 * smt_stats_run() - add a run to its vcore's histogram
 * @vc: the vcore
 * @core: where it ran
 * @seq: the run's number
 *
 * Context: vcore lock held, on the core's primary.
 */
void smt_stats_run(struct smt_vcore *vc, struct smt_core *core, u64 seq)
{
	static DEFINE_PER_CPU(struct edge[SMT_MAX_THREADS * IMG_LOG], scratch);
	struct edge *e = *this_cpu_ptr(&scratch);
	int n = edges_of(core, seq, e, SMT_MAX_THREADS * IMG_LOG);
	int i, in = 0, most = 0;

	if (static_branch_unlikely(&timing_key)) {
		add_phases(core);
		smt_trace_run(core);
	}
	core->ended_by[core->hdr->first_trap / 0x20 % ARRAY_SIZE(core->ended_by)]++;
	if (n == 2) {		/* most are: one thread, one stretch */
		vc->stats.in_guest_tb[1] += e[1].tb - e[0].tb;
		vc->stats.in_guest[1]++;
		return;
	}
	sort_edges(e, n);
	for (i = 0; i < n; i++) {
		if (i)
			vc->stats.in_guest_tb[in] += e[i].tb - e[i - 1].tb;
		in += e[i].step;
		most = max(most, in);
	}
	vc->stats.in_guest[most]++;
}

static const char * const put_off_names[SMT_PUT_OFF_REASONS] = {
	[SMT_PUT_OFF_SIGNAL] = "signal",
	[SMT_PUT_OFF_RESCHED] = "resched",
	[SMT_PUT_OFF_IRQ] = "irq",
	[SMT_PUT_OFF_VPA] = "vpa",
	[SMT_PUT_OFF_MMU] = "mmu",
	[SMT_PUT_OFF_NOBODY] = "nobody",
};

static u64 us(u64 ticks)
{
	return ticks / tb_ticks_per_usec;
}

static void show_runs(struct seq_file *m, int id, const struct smt_vcore_stats *s)
{
	int i;

	seq_printf(m, "vcore %d: runs %llu packed %llu roll_call_failures %llu put off for", id, s->runs,
		   s->packed, s->roll_call_failures);
	for (i = 0; i < SMT_PUT_OFF_REASONS; i++)
		seq_printf(m, " %s %llu", put_off_names[i], s->put_off[i]);
	seq_putc(m, '\n');
	for (i = 1; i <= SMT_MAX_THREADS; i++)
		if (s->in_guest_tb[i])
			seq_printf(m, "vcore %d: threads_in_guest %d runs %llu us %llu\n", id, i,
				   s->in_guest[i], us(s->in_guest_tb[i]));
}

static void show_sched(struct seq_file *m, int id, const struct smt_vcore_stats *s)
{
	int i;

	seq_printf(m, "vcore %d: joins %llu from_nap %llu by_task %llu late_joins %llu late_naps %llu refused_joins %llu late_starts %llu\n",
		   id, s->joins_nap + s->joins_task, s->joins_nap, s->joins_task, s->late_joins,
		   s->late_naps, s->refused_joins, s->late_starts);
	seq_printf(m, "vcore %d: exits_host %llu exits_pulled %llu exit_ipis %llu slice_ends %llu slice_ipis %llu\n",
		   id, s->exits_host, s->exits_pulled, s->exit_ipis, s->slice_ends, s->slice_ipis);
	seq_printf(m, "vcore %d: wait_us %llu wait_max_us %llu polls_won %llu polls_lost %llu poll_us %llu waits",
		   id, us(s->wait_tb), us(s->wait_max_tb), s->polls_won, s->polls_lost, us(s->poll_tb));
	for (i = 0; i < SMT_WAIT_BUCKETS - 1; i++)
		seq_printf(m, " below_%dms %llu", 1 << i, s->waits[i]);
	seq_printf(m, " longer %llu over_two_slices %llu\n", s->waits[i], s->waits_long);
}

static void show_vcpu(struct seq_file *m, int id, const struct smt_vcpu *v, u64 now)
{
	const struct sched_clock *c = &v->clock;
	int x;

	seq_printf(m, "vcpu %d: entries %llu cedes %llu", id, v->stats.entries, v->stats.cedes);
	for (x = 0; x < ARRAY_SIZE(v->stats.exits); x++)
		if (v->stats.exits[x])
			seq_printf(m, " exit_%x %llu", x * 0x20, v->stats.exits[x]);
	seq_putc(m, '\n');
	seq_printf(m, "vcpu %d: run_us %llu stolen_us %llu idle_us %llu host_us %llu\n", id,
		   us(sched_clock_sum(c, SCHED_T_RUN, now)), us(sched_clock_sum(c, SCHED_T_STOLEN, now)),
		   us(sched_clock_sum(c, SCHED_T_IDLE, now)), us(sched_clock_sum(c, SCHED_T_HOST, now)));
}

/* A copy under the lock, so that the figures are of one moment; its pointers may be stale and are not followed. */
static void show_vcore(struct seq_file *m, struct smt_vcore *vc, struct smt_vcore *copy)
{
	unsigned long flags;
	u64 now;
	int i;

	spin_lock_irqsave(&vc->kvc.lock, flags);
	*copy = *vc;
	now = mftb();
	spin_unlock_irqrestore(&vc->kvc.lock, flags);
	show_runs(m, vc->kvc.first_vcpuid, &copy->stats);
	show_sched(m, vc->kvc.first_vcpuid, &copy->stats);
	for (i = 0; i < SMT_MAX_THREADS; i++)
		if (copy->thr[i].vcpu)
			show_vcpu(m, vc->kvc.first_vcpuid + i, &copy->thr[i], now);
}

static int smt_show(struct seq_file *m, void *unused)
{
	struct kvm *kvm = m->private;
	struct smt_vcore *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	int i;

	if (!copy)
		return -ENOMEM;
	mutex_lock(&kvm->lock);
	for (i = 0; i < KVM_MAX_VCORES; i++)
		if (kvm->arch.vcores[i])
			show_vcore(m, to_smt_vcore(kvm->arch.vcores[i]), copy);
	mutex_unlock(&kvm->lock);
	kfree(copy);
	return 0;
}

static int smt_open(struct inode *inode, struct file *file)
{
	struct kvm *kvm = inode->i_private;
	int r;

	if (!smt_get_kvm_safe(kvm))
		return -ENOENT;
	r = single_open(file, smt_show, kvm);
	if (r)
		kvm_put_kvm(kvm);
	return r;
}

static int smt_release(struct inode *inode, struct file *file)
{
	kvm_put_kvm(inode->i_private);
	return single_release(inode, file);
}

static const struct file_operations smt_fops = {
	.owner = THIS_MODULE,
	.open = smt_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = smt_release,
};

/**
 * smt_create_vm_debugfs() - the create_vm_debugfs operation: a VM's file
 * @kvm: the VM, which has a folder in debugfs by now
 *
 * Kernels that lack the operation get the file with the first vcpu.  kvm.ko removes it with the folder.
 *
 * Context: process; nobody else makes vcpus of the VM meanwhile.
 * Return: 0
 */
int smt_create_vm_debugfs(struct kvm *kvm)
{
	struct smt_vm *vm = smt_vm_of(kvm);

	if (!vm->debugfs && !IS_ERR_OR_NULL(kvm->debugfs_dentry))
		vm->debugfs = debugfs_create_file("smt", 0444, kvm->debugfs_dentry, kvm, &smt_fops);
	return 0;
}

/* The create_vcpu_debugfs operation: all of a vcpu stands in its VM's file. */
int smt_create_vcpu_debugfs(struct kvm_vcpu *vcpu, struct dentry *dir)
{
	return 0;
}

static struct dentry *module_dir;

static const char * const phases[SMT_STAMPS] = {
	[SMT_STAMP_REPORTED] = "roll call",
	[SMT_STAMP_LOADED] = "load partition",
	[SMT_STAMP_ENTERED] = "all enter",
	[SMT_STAMP_LEFT] = "primary in guest",
	[SMT_STAMP_SAVED] = "all leave",
	[SMT_STAMP_RESTORED] = "restore partition",
	[SMT_STAMP_GONE] = "siblings go",
	[SMT_STAMP_BACK] = "give back",
};

static void show_phases(struct seq_file *m, struct smt_core *core)
{
	int i;

	for (i = 1; i < SMT_STAMPS; i++)
		seq_printf(m, "core of cpu %d: %s us %llu\n", core->first_cpu, phases[i],
			   core->phase_tb[i] / tb_ticks_per_usec);
	seq_printf(m, "core of cpu %d: runs ended by", core->first_cpu);
	for (i = 0; i < ARRAY_SIZE(core->ended_by); i++)
		if (core->ended_by[i])
			seq_printf(m, " %x %llu", i * 0x20, core->ended_by[i]);
	seq_putc(m, '\n');
}

static int cores_show(struct seq_file *m, void *unused)
{
	struct smt_core *core;
	int cpu, t;

	for_each_present_cpu(cpu) {
		core = smt_core_of(cpu);
		if (!core || core->first_cpu != cpu)
			continue;
		seq_printf(m, "core of cpu %d: runs %llu roll_call_failures %llu strays %llu tested %d quarantined %d\n",
			   cpu, core->hdr->seq, core->roll_call_failures, smt_core_strays(core),
			   core->tested, !!core->quarantine_until);
		show_phases(m, core);
		for (t = 0; t < core->nthreads; t++) {
			struct smt_slot *s = smt_slot_of(core, t);

			seq_printf(m, "cpu %d: state %llu wakes %llu ipis %llu strays %llu last_srr1 %llx\n",
				   cpu + t, s->state, s->wakes, s->ipis, s->strays, s->wake_srr1);
		}
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cores);

/* /sys/kernel/debug/kvm-hv-smt/cores: the module's view of each core. */
void smt_debugfs_init(void)
{
	module_dir = debugfs_create_dir("kvm-hv-smt", NULL);
	debugfs_create_file("cores", 0444, module_dir, NULL, &cores_fops);
	smt_trace_debugfs(module_dir);
	kernel_param_lock(THIS_MODULE);
	timing_ready = true;
	if (static_key_enabled(&timing_key))
		smt_trace_start();
	kernel_param_unlock(THIS_MODULE);
}

void smt_debugfs_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	timing_ready = false;
	kernel_param_unlock(THIS_MODULE);
	debugfs_remove_recursive(module_dir);
}
