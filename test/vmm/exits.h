/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITS_H
#define EXITS_H

#include "vmm.h"

/* One return of KVM_RUN; 0 to go on, 1 when the vcpu is done. In the vcpu's thread. */
int handle_exit(struct vcpu *v);

#endif
