/* SPDX-License-Identifier: GPL-2.0-only */
/* A core of the host as a place to run a vcore: its image, what is known of its health. */
#ifndef SMT_CORE_H
#define SMT_CORE_H

#include <linux/types.h>
#include <asm/cputable.h>
#include <asm/cpu_has_feature.h>
#include "gate.h"
#include "image.h"

struct smt_trace;
struct smt_vcore;

#define SMT_CORE_THREADS	8	/* at most, POWER8 */

/**
 * struct smt_core - one core of the host
 * @first_cpu: its primary
 * @nthreads: hardware threads
 * @image: EA of its image, IMG_SIZE bytes in linear memory
 * @hdr: the image's shared data
 * @unready_since: jiffies since which a sibling that should nap does not; 0: all do
 * @quarantine_until: jiffies until which no run is tried on it; 0: it is fit
 * @deep_until: jiffies until which its primary is kept from sleeping between two tries; 0: it may
 * @deep_runs: runs in a row that a sibling in deep sleep has called off
 * @roll_call_failures: runs that a sibling did not report for
 * @shootdown: the siblings' real-mode translations are doubtful: a run failed, or one went through the host
 * @member: the vcores of the run, the first one is the runner's; all of one VM
 * @members: how many
 * @callable: threads that a vcpu can enter the run on, a bit each; the others have only reported
 * @taken: threads that have a vcpu in the run, a bit each; claimed by cmpxchg, as vcores have different locks
 * @lpcr: of the run's vcores
 * @waiting: vcores that wait for it
 * @turn_of: the vcore whose turn it is; compared, never followed: it may be gone
 * @turn_since: host time base
 * @trace: its last runs, NULL while nobody wants to know
 * @tested: the self-test passed on this core
 * @ended_by: runs by the interrupt that made the primary leave, vector / 0x20
 * @phase_tb: time base ticks spent in each phase of all runs, by the phase's SMT_STAMP_*
 *
 * Used only on its primary with preemption disabled, but for @taken, the counters, and turns, which are hints.
 */
struct smt_core {
	int first_cpu;
	int nthreads;
	void *image;
	struct smt_image_core *hdr;
	unsigned long unready_since;
	unsigned long quarantine_until;
	unsigned long deep_until;
	unsigned int deep_runs;
	u64 roll_call_failures;
	bool shootdown;
	struct smt_vcore *member[SMT_CORE_THREADS];
	unsigned int members;
	unsigned int callable;
	unsigned int taken;
	u64 lpcr;
	atomic_t waiting;
	const void *turn_of;
	u64 turn_since;
	struct smt_trace *trace;
	bool tested;
	u64 phase_tb[SMT_STAMPS];
	u64 ended_by[0x1000 / 0x20];
};


/* LPIDs of the processor (POWER7: 10 bits, POWER8: 12); the last one stands for nobody. */
static inline unsigned int smt_nr_lpids(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_207S) ? 4096 : 1024;
}

int smt_images_init(void);
void smt_images_exit(void);
struct smt_core *smt_core_of(int cpu);
static inline struct smt_slot *smt_slot_of(struct smt_core *core, int thread)
{
	return core->image + IMG_SLOTS + ((unsigned long)thread << IMG_SLOT_SHIFT);
}

int smt_core_check(struct smt_core *core, bool say);
void smt_core_parked(struct smt_core *core);
void smt_core_prepare(struct smt_core *core, u64 roll, u64 home);
u64 smt_core_run(struct smt_core *core);
void smt_core_ran(struct smt_core *core, u64 ret);
bool smt_send_ipi(struct smt_core *core, int thread);
bool smt_core_stay_awake(struct smt_core *core);
void smt_core_dump(struct smt_core *core, const char *why);
u64 smt_core_strays(struct smt_core *core);

#endif /* SMT_CORE_H */
