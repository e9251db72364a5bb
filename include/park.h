/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parking: a guest needs all threads of its core, so the secondaries go offline for guests and come back.
 *
 *	park=auto	the first VM parks the secondaries of the guest cores, the last one brings back those that were
 *			online, two seconds after it is gone so that a restart does not do all of it twice
 *	park=manual	nothing is parked; no VM is made while such a secondary is online
 *	guest_cores=	the guest cores, each by its first thread; the other cores stay whole for the host
 *
 * A vcpu's task that is to begin a run elsewhere is moved (place.c).
 */
#ifndef SMT_PARK_H
#define SMT_PARK_H

#include <linux/cpumask.h>
#include "park_policy.h"

struct kvm;

extern struct cpumask smt_guest_cores;	/* primaries; changes only while no VM exists */

/* park.c */
int smt_park_init(void);
void smt_park_exit(void);
int smt_park_test(int (*test)(void));
int smt_park_get(void);
void smt_park_put(void);
void smt_park_host(struct park_host *h);

/* place.c */
int smt_place_get_cpu(struct kvm *kvm);
void smt_place_forget(struct kvm *kvm);

#endif /* SMT_PARK_H */
