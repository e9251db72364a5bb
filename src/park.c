// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parking the host's secondaries while VMs exist; see park.h for the rules, park_policy.c for the choice.
 *
 * Parked is what this module took offline, and nothing else comes back: a cpu that was offline before, or
 * that somebody else took offline at the same moment, stays so.  One that an administrator "takes offline"
 * while it is parked cannot be told from the others and does come back.
 *
 * While VMs exist the host refuses to bring a secondary online (kvm_hv_vm_activated), so a parked one stays
 * parked; that holds before the first cpu goes offline and ends before the first comes back.
 *
 * Locks: park_lock -> the device hotplug lock -> cpu_hotplug_lock.  park_lock is taken by KVM_CREATE_VM (no
 * locks held), by the parameters (the module's parameter lock held), by the work, and at load and unload;
 * never with kvm->lock held: destroying a VM only counts and queues the work.
 *
 * A thread that is taken offline by parking last executed the host's low vectors, and may keep a stale
 * real-mode translation of them into its first run: it would wake at the host's 0x100 instead of the
 * image's.  The cure would be an slbia late on the dying cpu, interrupts off.  Nothing that a module can
 * reach runs there: hotplug callbacks of the dying section have fixed numbers, all of which belong to
 * somebody, and between them and the nap the cpu still schedules with interrupts on; arch_cpu_idle_dead()
 * and below have no hook.  So it rests on the roll call, which no guest context is loaded before, and on
 * the run being tried again.  In the emulator tlbie drops such translations (run); on hardware this is only
 * reasoned.
 */
#define pr_fmt(fmt) "kvm-hv-smt: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>
#include <asm/cputhreads.h>
#include <asm/kvm_book3s_asm.h>
#include <asm/kvm_ppc.h>
#include <asm/paca.h>
#include "core.h"
#include "park.h"

#define LINGER_MS	2000	/* after the last VM */
#define NAP_MS		1000	/* from offline to nap */
#define RETRY_MS	1000	/* a cpu that does not come online is tried again */
#define RETRIES		10
#define EXIT_RETRY_MS	100	/* the same at unload */
#define EXIT_RETRIES	5

struct cpumask smt_guest_cores;

static DEFINE_MUTEX(park_lock);
static bool manual;		/* park_lock */
static struct cpumask parked;	/* park_lock */
static atomic_t vms;		/* grows under park_lock */
static int retries;		/* park_lock */

static void unpark_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(unpark_work, unpark_fn);

static void view(struct park_host *h, const struct cpumask *guest)
{
	h->nr_cpus = nr_cpu_ids;
	h->threads = threads_per_core;
	h->present = cpumask_bits(cpu_present_mask);
	h->online = cpumask_bits(cpu_online_mask);
	h->guest = cpumask_bits(guest);
}

/* The host's cpus as they are now, for the policy.  Context: any. */
void smt_park_host(struct park_host *h)
{
	view(h, &smt_guest_cores);
}

static void all_cores(struct cpumask *cores)
{
	int cpu;

	cpumask_clear(cores);
	for_each_present_cpu(cpu)
		if (!cpu_thread_in_core(cpu))
			cpumask_set_cpu(cpu, cores);
}

/* Offline is not yet asleep: the run would have to wait for it. */
static int wait_for_nap(int cpu)
{
	unsigned long end = jiffies + msecs_to_jiffies(NAP_MS);

	while (READ_ONCE(paca_ptrs[cpu]->kvm_hstate.hwthread_state) != KVM_HWTHREAD_IN_IDLE) {
		if (time_after(jiffies, end)) {
			pr_err("cpu %d is offline but does not nap: no VM can be made\n", cpu);
			return -EBUSY;
		}
		usleep_range(500, 1000);
	}
	return 0;
}

/* park_lock held.  -EBUSY, said, when the cpu refuses. */
static int park_cpu(int cpu)
{
	int r = remove_cpu(cpu);

	if (r > 0)
		return 0;	/* somebody else was faster: not ours to bring back */
	if (r) {
		pr_err("cpu %d cannot be taken offline (error %d): no VM can be made; keep guests off its core with guest_cores=, or find what holds it\n",
		       cpu, r);
		return -EBUSY;
	}
	cpumask_set_cpu(cpu, &parked);
	smt_core_parked(smt_core_of(cpu));
	return wait_for_nap(cpu);
}

/* Park the cpus from @first to before @end that guests need.  park_lock held, onlining refused by the host. */
static int park_range(unsigned int first, unsigned int end)
{
	struct park_host h;
	unsigned int cpu;
	int r;

	smt_park_host(&h);
	for (cpu = park_next(&h, first); cpu < end; cpu = park_next(&h, cpu + 1)) {
		r = fatal_signal_pending(current) ? -EINTR : park_cpu(cpu);
		if (r)
			return r;
	}
	return 0;
}

/* Bring back what is parked.  park_lock held, no VM.  True: nothing is left to bring back. */
static bool unpark(void)
{
	int cpu;

	for_each_cpu(cpu, &parked)
		if (!get_cpu_device(cpu) || cpu_online(cpu) || add_cpu(cpu) >= 0)
			cpumask_clear_cpu(cpu, &parked);
	return cpumask_empty(&parked);
}

/* The same, and later again what would not come.  park_lock held. */
static void unpark_or_retry(void)
{
	if (unpark())
		return;
	retries = 0;
	mod_delayed_work(system_unbound_wq, &unpark_work, msecs_to_jiffies(RETRY_MS));
}

static void give_up(void)
{
	pr_err("cpus %*pbl were parked and do not come online; run: chcpu -e %*pbl\n",
	       cpumask_pr_args(&parked), cpumask_pr_args(&parked));
	cpumask_clear(&parked);
}

static void unpark_fn(struct work_struct *work)
{
	static struct cpumask todo;

	mutex_lock(&park_lock);
	if (!atomic_read(&vms)) {
		cpumask_copy(&todo, &parked);
		if (!unpark()) {
			if (++retries < RETRIES)
				mod_delayed_work(system_unbound_wq, &unpark_work, msecs_to_jiffies(RETRY_MS));
			else
				give_up();
		}
		cpumask_andnot(&todo, &todo, &parked);
		if (!cpumask_empty(&todo))
			pr_info("no VM any more: cpus %*pbl are the host's again\n", cpumask_pr_args(&todo));
	}
	mutex_unlock(&park_lock);
}

/* park=manual: -EBUSY, with names and the cure, while a guest core has a secondary online.  park_lock held. */
static int check_parked(void)
{
	static struct cpumask todo;
	struct park_host h;
	unsigned int cpu;

	smt_park_host(&h);
	cpumask_clear(&todo);
	for (cpu = park_next(&h, 0); cpu < h.nr_cpus; cpu = park_next(&h, cpu + 1))
		cpumask_set_cpu(cpu, &todo);
	if (cpumask_empty(&todo))
		return 0;
	pr_err_ratelimited("no VM can be made: cpus %*pbl are online and park=manual; run: ppc64_cpu --smt=off, or: chcpu -d %*pbl\n",
			   cpumask_pr_args(&todo), cpumask_pr_args(&todo));
	return -EBUSY;
}

/* park=auto.  park_lock held. */
static int park_all(void)
{
	static struct cpumask before;
	int r;

	cpumask_copy(&before, &parked);
	r = park_range(0, nr_cpu_ids);
	if (!r && !cpumask_equal(&before, &parked))
		pr_info("cpus %*pbl are parked for guests, until the last VM is gone\n",
			cpumask_pr_args(&parked));
	return r;
}

/**
 * smt_park_get() - a VM is to be made: have the threads of the guest cores offline, and hold them there
 *
 * Undone by smt_park_put().  When it fails and no other VM exists, what it had parked is online again.
 *
 * Context: process, no locks, may sleep for as long as the host takes to offline the cpus.
 * Return: 0; -EBUSY a cpu is online, the log names it; -EINTR the task is being killed.
 */
int smt_park_get(void)
{
	int r;

	mutex_lock(&park_lock);
	atomic_inc(&vms);
	kvm_hv_vm_activated();		/* from here no secondary goes online */
	r = manual ? check_parked() : park_all();
	if (r) {
		kvm_hv_vm_deactivated();
		if (atomic_dec_and_test(&vms))
			unpark_or_retry();
	}
	mutex_unlock(&park_lock);
	return r;
}

/**
 * smt_park_put() - a VM is gone
 *
 * Context: process, kvm->lock may be held.
 */
void smt_park_put(void)
{
	kvm_hv_vm_deactivated();
	if (atomic_dec_and_test(&vms)) {
		WRITE_ONCE(retries, 0);
		mod_delayed_work(system_unbound_wq, &unpark_work, msecs_to_jiffies(LINGER_MS));
	}
}

/* A guest core that can be tested as it is? */
static bool some_core_ready(const struct park_host *h)
{
	int cpu;

	for_each_cpu(cpu, &smt_guest_cores)
		if (park_core_ready(h, cpu))
			return true;
	return false;
}

/**
 * smt_park_test() - run the self-test with at least one guest core's threads offline
 * @test: the self-test
 *
 * With park=auto the first guest core that has a primary online is parked for it when no other is ready.  A
 * cpu that refuses does not keep the module from loading; its core is tested at its first run.
 *
 * Context: process, may sleep, no VM exists.
 * Return: what @test returned.
 */
int smt_park_test(int (*test)(void))
{
	struct park_host h;
	unsigned int cpu;
	int r;

	mutex_lock(&park_lock);
	kvm_hv_vm_activated();
	smt_park_host(&h);
	if (!manual && !some_core_ready(&h)) {
		cpu = park_next(&h, 0);
		if (cpu < h.nr_cpus)
			park_range(cpu, cpu - cpu % h.threads + h.threads);
	}
	r = test();
	kvm_hv_vm_deactivated();
	unpark_or_retry();
	mutex_unlock(&park_lock);
	return r;
}

static int hotplug_state = -1;

/*
 * Somebody wants a cpu online while VMs exist: a secondary the host refuses without a word, so it is said here.  A primary
 * with a secondary online is no place for a guest, but one that the host would put vcpu tasks on.
 */
static int park_prepare(unsigned int cpu)
{
	unsigned int t;

	if (!atomic_read(&vms))
		return 0;
	if (cpu_thread_in_core(cpu)) {
		pr_notice("cpu %u stays offline: %d VMs exist, which may need the threads of all cores; end them first\n",
			  cpu, atomic_read(&vms));
		return -EBUSY;
	}
	if (!cpumask_test_cpu(cpu, &smt_guest_cores))
		return 0;
	for (t = cpu + 1; t < cpu + threads_per_core; t++) {
		if (!cpu_online(t))
			continue;
		pr_notice("cpu %u stays offline: VMs exist and its sibling cpu %u is online; take that offline first\n",
			  cpu, t);
		return -EBUSY;
	}
	return 0;
}

/* At load, after the parameters.  Context: process.  Return: 0 or -errno. */
int smt_park_init(void)
{
	if (cpumask_empty(&smt_guest_cores))
		all_cores(&smt_guest_cores);
	hotplug_state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "kvm-hv-smt:prepare", park_prepare, NULL);
	return hotplug_state < 0 ? hotplug_state : 0;
}

/**
 * smt_park_exit() - the module goes: bring back what is parked, without the delay
 *
 * Context: process, may sleep; no VM exists and none can be made.
 */
void smt_park_exit(void)
{
	int i;

	mutex_lock(&park_lock);
	for (i = 0; i < EXIT_RETRIES && !unpark(); i++)
		msleep(EXIT_RETRY_MS);
	if (!cpumask_empty(&parked))
		give_up();
	mutex_unlock(&park_lock);
	cancel_delayed_work_sync(&unpark_work);	/* nothing is parked: it queues itself no more */
	cpuhp_remove_state_nocalls(hotplug_state);
}

/* A parameter may change now?  Takes park_lock when it says 0; then nothing is parked that could be online. */
static int change_begin(const char *name)
{
	mutex_lock(&park_lock);
	if (atomic_read(&vms)) {
		pr_err("%s is not changed: %d VMs exist, end them first\n", name, atomic_read(&vms));
		mutex_unlock(&park_lock);
		return -EBUSY;
	}
	unpark_or_retry();
	return 0;
}

static int set_park(const char *val, const struct kernel_param *kp)
{
	bool to_manual = sysfs_streq(val, "manual");
	int r;

	if (!to_manual && !sysfs_streq(val, "auto")) {
		pr_err("park is not changed: it is auto or manual\n");
		return -EINVAL;
	}
	r = change_begin(kp->name);
	if (r)
		return r;
	manual = to_manual;
	mutex_unlock(&park_lock);
	return 0;
}

static int get_park(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%s\n", manual ? "manual" : "auto");
}

static const struct kernel_param_ops park_ops = {
	.set = set_park,
	.get = get_park,
};
module_param_cb(park, &park_ops, NULL, 0644);
__MODULE_PARM_TYPE(park, "charp");
MODULE_PARM_DESC(park, "auto (default): VMs take the threads that they need offline and bring them back; manual: they refuse to start while such a thread is online");

/* -EINVAL, said, when @val is no list of primaries. */
static int parse_cores(const char *val, struct cpumask *cores)
{
	unsigned int bad = 0;
	struct park_host h;
	int r;

	if (sysfs_streq(val, "") || sysfs_streq(val, "all")) {
		all_cores(cores);
		return 0;
	}
	r = cpulist_parse(val, cores);
	if (r == -ERANGE || r == -EOVERFLOW) {
		pr_err("guest_cores is not changed: the last cpu is %u\n", nr_cpu_ids - 1);
		return -EINVAL;
	}
	if (r) {
		pr_err("guest_cores is not changed: it is a list of cpus as 0,8 or 0-24:1/8, each the first thread of its core\n");
		return -EINVAL;
	}
	view(&h, cores);
	switch (park_check_cores(&h, &bad)) {
	case PARK_CORES_OK:
		return 0;
	case PARK_CORES_NONE:
		pr_err("guest_cores is not changed: the list names no cpu\n");
		break;
	case PARK_CORES_ABSENT:
		pr_err("guest_cores is not changed: there is no cpu %u\n", bad);
		break;
	case PARK_CORES_SECONDARY:
		pr_err("guest_cores is not changed: cpu %u is not the first thread of its core, cpu %u is\n",
		       bad, bad - bad % h.threads);
		break;
	}
	return -EINVAL;
}

static int set_guest_cores(const char *val, const struct kernel_param *kp)
{
	static struct cpumask cores;	/* the parameter lock is held */
	int r;

	r = parse_cores(val, &cores);
	if (!r)
		r = change_begin(kp->name);
	if (r)
		return r;
	cpumask_copy(&smt_guest_cores, &cores);
	mutex_unlock(&park_lock);
	return 0;
}

static int get_guest_cores(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%*pbl\n", cpumask_pr_args(&smt_guest_cores));
}

static const struct kernel_param_ops guest_cores_ops = {
	.set = set_guest_cores,
	.get = get_guest_cores,
};
module_param_cb(guest_cores, &guest_cores_ops, NULL, 0644);
__MODULE_PARM_TYPE(guest_cores, "charp");
MODULE_PARM_DESC(guest_cores, "the cores that guests may use, a list of their first threads (default all); the others keep all threads for the host");
