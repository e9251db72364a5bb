// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packing: vcores of one VM that share a run.
 *
 * A VM whose vcores have fewer vcpus than a core has threads (QEMU's -smp 4 makes four vcores of one) would leave
 * threads idle while its other vcores wait.  On POWER7, where nothing that a guest can see names a hardware thread,
 * the runner takes them into its run, as long as all their vcpus find a thread.  On POWER8 TIR, msgsndp, DPDES and
 * VTB belong to the whole core: there a run has one vcore.  Never vcores of two VMs: the core has one LPID.
 *
 * Which vcores: those that wait for this core, then those that idle and ran here last, so that what wakes them
 * is served in the run.  Those whose task has another core to run on are left alone.
 *
 * Locks: the runner holds its own vcore's lock.  Others are only tried: two runners may look at each other.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include "core.h"
#include "sched.h"
#include "smt.h"

#define PACK_LOOKS	64	/* vcores looked at for one run, as that is done with interrupts off */

/*
 * Can this vcpu have a place in a run on @core?  Its task may be kept from there (taskset, vcpupin), be on its way to
 * userspace, or awake on a core of its own.
 */
static bool fits(struct smt_vcpu *v, const struct smt_core *core)
{
	struct task_struct *task;

	if (!v->vcpu || (v->state != SCHED_RUNNABLE && v->state != SCHED_BLOCKED))
		return true;		/* it has none; its task may be gone */
	task = v->vcpu->arch.run_task;
	if (!cpumask_test_cpu(core->first_cpu, &task->cpus_mask) || signal_pending(task))
		return false;
	return v->state == SCHED_RUNNABLE || !smt_vcpu_wakeable(v);
}

/* Would the vcore's own run be on @core? */
static bool belongs_here(struct smt_vcore *vc, const struct smt_core *core)
{
	int i;

	if ((vc->waits_at ?: vc->home) != core)
		return false;
	for (i = 0; i < vc->end; i++)
		if (!fits(&vc->thr[i], core))
			return false;
	return true;
}

/* Take @vc in if that is possible; its lock is then held.  Return: the threads that it needs. */
static unsigned int take_in(struct smt_core *core, struct smt_vcore *vc, unsigned int free, bool ready)
{
	const struct sched_view *v;

	if (READ_ONCE(vc->state) != SCHED_INACTIVE || !spin_trylock(&vc->kvc.lock))
		return 0;
	v = smt_vcore_view(vc);
	if (sched_may_pack(v, free, ready) && smt_settings_hold(vc, core) && belongs_here(vc, core) &&
	    smt_vpas_current(vc)) {
		core->member[core->members++] = vc;
		__release(&vc->kvc.lock);	/* for sparse: it stays locked until smt_unpack() */
		return sched_need(v);
	}
	spin_unlock(&vc->kvc.lock);
	return 0;
}

/* One round over the VM's vcores, beginning after the runner's, so that each gets its turn.  Return: threads still free. */
static unsigned int look_around(struct smt_core *core, unsigned int free, bool ready)
{
	struct smt_vcore *lead = core->member[0];
	struct kvm *kvm = lead->kvc.kvm;
	unsigned int end = READ_ONCE(lead->vm->vcores_end);
	unsigned int first = lead->kvc.first_vcpuid / kvm->arch.smt_mode, i;

	for (i = 1; i < min(end, PACK_LOOKS + 1U) && free; i++) {
		/* partner: vcore_get()'s store */
		struct kvmppc_vcore *kvc = smp_load_acquire(&kvm->arch.vcores[(first + i) % end]);

		if (kvc && kvc != &lead->kvc)
			free -= take_in(core, to_smt_vcore(kvc), free, ready);
	}
	return free;
}

/**
 * smt_pack() - other vcores for the run that is about to begin
 * @core: the core; member[0] is the runner's vcore, STARTING, and the only one yet
 *
 * Context: irqs off, the runner's vcore lock held, on the core's primary.  The locks of those that it adds to member[] are
 * held on return; smt_unpack() releases them.
 */
void smt_pack(struct smt_core *core)
{
	unsigned int need;

	if (smt_fixed_threads())
		return;
	need = sched_need(smt_vcore_view(core->member[0]));
	if (need < core->nthreads)
		look_around(core, look_around(core, core->nthreads - need, true), false);
}

/**
 * smt_unpack() - release the locks that smt_pack() took
 * @core: the core
 *
 * Context: as smt_pack().
 */
void smt_unpack(struct smt_core *core)
{
	unsigned int i;

	for (i = 1; i < core->members; i++) {
		__acquire(&core->member[i]->kvc.lock);
		spin_unlock(&core->member[i]->kvc.lock);
	}
}
