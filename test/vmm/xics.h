/* SPDX-License-Identifier: GPL-2.0-only */
/* The in-kernel XICS device (Documentation/virt/kvm/devices/xics.rst).  All return 0 or -errno. */
#ifndef XICS_H
#define XICS_H

#include "vmm.h"

#define SOURCE(server, prio)	((u64)(server) | (u64)(prio) << KVM_XICS_PRIORITY_SHIFT)

/* A source's state: read it into, or write it from, *val */
long xics_source(int dev, u64 irq, u64 *val, bool get);
/* The vcpu's interrupts are presented by the device from now on, under this server number */
long xics_connect(struct vcpu *v, int dev, u64 server);
/* A device, every vcpu connected under its id; its fd */
long xics_for_all(struct vm *vm);

#endif
