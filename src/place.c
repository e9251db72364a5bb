// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a vcpu's task begins a run: on the primary of a guest core.
 *
 * Only the runner must be there, and only while the run lasts; the look costs one bit.  A runner that the
 * host has put elsewhere is moved, by taking from its affinity what is no guest core's primary.  That stays
 * so, or the host would move it away again at the next wake-up; it is undone when the VM goes, for tasks
 * that live on.  Whoever changes the affinity meanwhile (taskset, libvirt's vcpupin, cpusets) is obeyed:
 * the task runs where it was put, is narrowed again if that is needed, and nothing is undone.  With no
 * guest core in its affinity KVM_RUN fails.
 *
 * Somebody who sets the affinity between our look and our change loses; sched_setaffinity() callers have
 * the same race among themselves.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include "park.h"

/* A task that was narrowed for a VM. */
struct narrowed {
	struct list_head list;
	struct kvm *kvm;
	struct task_struct *task;	/* a reference */
	struct cpumask was, now;
};

static LIST_HEAD(narrowed_tasks);
static DEFINE_MUTEX(narrowed_lock);	/* inside kvm->lock and vcpu->mutex, outside the scheduler's */

static void drop(struct narrowed *n)
{
	list_del(&n->list);
	put_task_struct(n->task);
	kfree(n);
}

/* Keep @n in place of what is known of its task; tasks that are gone are forgotten. */
static void remember(struct narrowed *new)
{
	struct narrowed *n, *next;

	mutex_lock(&narrowed_lock);
	list_for_each_entry_safe(n, next, &narrowed_tasks, list)
		if (n->task == new->task || n->task->flags & PF_EXITING)
			drop(n);
	list_add(&new->list, &narrowed_tasks);
	mutex_unlock(&narrowed_lock);
}

static void say_refused(const struct cpumask *allowed)
{
	pr_notice_ratelimited("%s (pid %d), affinity %*pbl, cannot run its vcpu: none of these is an online primary of a guest core (guest_cores %*pbl); run: taskset -pc %*pbl %d\n",
			      current->comm, task_pid_nr(current), cpumask_pr_args(allowed),
			      cpumask_pr_args(&smt_guest_cores), cpumask_pr_args(&smt_guest_cores),
			      task_pid_nr(current));
}

/* Narrow the affinity of this task as @n will keep it. */
static int narrow(struct narrowed *n)
{
	struct park_host h;

	smt_park_host(&h);
	cpumask_copy(&n->was, &current->cpus_mask);
	if (park_place(&h, cpumask_bits(&n->was), raw_smp_processor_id()) != PARK_REFUSE) {
		cpumask_and(&n->now, &n->was, &smt_guest_cores);
		/* fails when the last of these cpus went offline since the look */
		if (!set_cpus_allowed_ptr(current, &n->now))
			return 0;
	}
	say_refused(&n->was);
	return -EBUSY;
}

static int move(struct kvm *kvm)
{
	struct narrowed *n = kzalloc(sizeof(*n), GFP_KERNEL);
	int r;

	if (!n)
		return -ENOMEM;
	r = narrow(n);
	if (r) {
		kfree(n);
		return r;
	}
	n->kvm = kvm;
	n->task = get_task_struct(current);
	remember(n);
	return 0;
}

/**
 * smt_place_get_cpu() - have this task on the primary of a guest core, preemption disabled
 * @kvm: the VM that a run is to begin for
 *
 * Context: the task of a vcpu, preemptible, no spinlocks.  Preemption is disabled on return, whatever it
 * is.
 * Return: 0; -EBUSY the task may not run on any such cpu, the log says so; -EAGAIN somebody moved it away
 * at once; -ENOMEM.
 */
int smt_place_get_cpu(struct kvm *kvm)
{
	int r;

	preempt_disable();
	if (likely(cpumask_test_cpu(smp_processor_id(), &smt_guest_cores)))
		return 0;
	preempt_enable();
	r = move(kvm);
	preempt_disable();
	if (!r && !cpumask_test_cpu(smp_processor_id(), &smt_guest_cores))
		r = -EAGAIN;
	return r;
}

/**
 * smt_place_forget() - a VM goes: tasks that live on get back the affinity that they had
 * @kvm: the VM
 *
 * Context: process, may sleep; kvm->lock may be held.
 */
void smt_place_forget(struct kvm *kvm)
{
	struct narrowed *n, *next;

	mutex_lock(&narrowed_lock);
	list_for_each_entry_safe(n, next, &narrowed_tasks, list) {
		if (n->kvm != kvm)
			continue;
		if (!(n->task->flags & PF_EXITING) && cpumask_equal(&n->task->cpus_mask, &n->now))
			set_cpus_allowed_ptr(n->task, &n->was);
		drop(n);
	}
	mutex_unlock(&narrowed_lock);
}
