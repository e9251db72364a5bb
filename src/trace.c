// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last runs of each core, as they went: which thread was in the guest when.  Kept while the parameter "timing" is on, read
 * through debugfs kvm-hv-smt/runs; test/bench/plot.py draws it.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "core.h"
#include "gate.h"
#include "smt.h"

#define TRACE_RUNS	16

struct run_trace {
	u64 seq;		/* 0: none yet */
	u64 stamp[SMT_STAMPS];	/* host time base */
	u64 first_trap;
	unsigned char n[SMT_MAX_THREADS];
	u64 log[SMT_MAX_THREADS][IMG_LOG];	/* in, out, in, out ...: host time base */
};

struct smt_trace {
	spinlock_t lock;
	unsigned int next;
	struct run_trace run[TRACE_RUNS];
};

/**
 * smt_trace_start() - have room for the runs of all cores
 *
 * Context: process.
 * Return: 0, -ENOMEM.
 */
int smt_trace_start(void)
{
	struct smt_core *core;
	struct smt_trace *tr;
	int cpu;

	for_each_present_cpu(cpu) {
		core = smt_core_of(cpu);
		if (!core || core->first_cpu != cpu || core->trace)
			continue;
		tr = kzalloc(sizeof(*tr), GFP_KERNEL);
		if (!tr)
			return -ENOMEM;
		spin_lock_init(&tr->lock);
		smp_store_release(&core->trace, tr);	/* made, before smt_trace_run() sees it */
	}
	return 0;
}

/**
 * smt_trace_free() - the module goes, or its cores
 * @core: a core on which no run is
 */
void smt_trace_free(struct smt_core *core)
{
	kfree(core->trace);
	core->trace = NULL;
}

/**
 * smt_trace_run() - keep the run that has just ended
 * @core: its core
 *
 * Context: on the core's primary, interrupts off; smt_trace_start() was called.
 */
void smt_trace_run(struct smt_core *core)
{
	struct smt_trace *tr = smp_load_acquire(&core->trace);	/* partner: smt_trace_start() */
	const struct smt_image_core *hdr = core->hdr;
	struct run_trace *r;
	unsigned int i;
	int t;

	if (!tr)
		return;
	spin_lock(&tr->lock);
	r = &tr->run[tr->next++ % TRACE_RUNS];
	r->seq = hdr->seq;
	r->first_trap = hdr->first_trap;
	for (i = 0; i < SMT_STAMPS; i++)
		r->stamp[i] = hdr->stamp[i] - (smt_stamp_in_guest_time(i) ? hdr->tb_offset : 0);
	for (t = 0; t < core->nthreads; t++) {
		struct smt_slot *s = smt_slot_of(core, t);

		r->n[t] = s->entered_seq == hdr->seq ? min_t(u64, s->log_n, IMG_LOG) : 0;
		for (i = 0; i < r->n[t]; i++)
			r->log[t][i] = s->log[i] - hdr->tb_offset;
	}
	spin_unlock(&tr->lock);
}

static void show_run(struct seq_file *m, struct smt_core *core, const struct run_trace *r)
{
	unsigned int i;
	int t;

	seq_printf(m, "run %d %llu first_trap %llx stamps", core->first_cpu, r->seq, r->first_trap);
	for (i = 0; i < SMT_STAMPS; i++)
		seq_printf(m, " %llu", r->stamp[i]);
	seq_putc(m, '\n');
	for (t = 0; t < core->nthreads; t++) {
		seq_printf(m, "thread %d", t);
		for (i = 0; i < r->n[t]; i++)
			seq_printf(m, " %llu", r->log[t][i]);
		seq_putc(m, '\n');
	}
}

static int runs_show(struct seq_file *m, void *unused)
{
	struct smt_trace *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	struct smt_core *core;
	unsigned int i;
	int cpu;

	if (!copy)
		return -ENOMEM;
	for_each_present_cpu(cpu) {
		core = smt_core_of(cpu);
		if (!core || core->first_cpu != cpu || !core->trace)
			continue;
		spin_lock_irq(&core->trace->lock);
		copy->next = core->trace->next;
		memcpy(copy->run, core->trace->run, sizeof(copy->run));
		spin_unlock_irq(&core->trace->lock);
		for (i = 0; i < TRACE_RUNS; i++)
			if (copy->run[(copy->next + i) % TRACE_RUNS].seq)
				show_run(m, core, &copy->run[(copy->next + i) % TRACE_RUNS]);
	}
	kfree(copy);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(runs);

/* The file, in the module's folder */
void smt_trace_debugfs(struct dentry *dir)
{
	debugfs_create_file("runs", 0444, dir, NULL, &runs_fops);
}
