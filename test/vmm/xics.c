// SPDX-License-Identifier: GPL-2.0-only
#include "xics.h"

long xics_source(int dev, u64 irq, u64 *val, bool get)
{
	struct kvm_device_attr a = { .group = KVM_DEV_XICS_GRP_SOURCES, .attr = irq, .addr = (unsigned long)val };

	return vm_ioctl(dev, get ? KVM_GET_DEVICE_ATTR : KVM_SET_DEVICE_ATTR, (unsigned long)&a);
}

long xics_connect(struct vcpu *v, int dev, u64 server)
{
	struct kvm_enable_cap c = { .cap = KVM_CAP_IRQ_XICS, .args = { dev, server } };

	return vm_ioctl(v->fd, KVM_ENABLE_CAP, (unsigned long)&c);
}

long xics_for_all(struct vm *vm)
{
	struct kvm_create_device cd = { .type = KVM_DEV_TYPE_XICS };
	long r = vm_ioctl(vm->fd, KVM_CREATE_DEVICE, (unsigned long)&cd);
	unsigned int i;

	for (i = 0; i < vm->ncpu && r >= 0; i++)
		r = xics_connect(&vm->v[i], cd.fd, vm->v[i].id);
	return r < 0 ? r : (int)cd.fd;
}
