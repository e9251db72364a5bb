// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_ONE_REG and KVM_SET_ONE_REG: include/onereg.def is the list, this file the interpreter, and
 * the functions for those registers that are more than a field.
 *
 * Both the id and the value come from userspace and may be anything.  A value that is refused has
 * changed nothing.  -EINVAL hands the id on to kvm.ko, which serves some more and says -EINVAL itself
 * to the rest; -ENOENT ends it here.
 */
#include <linux/nospec.h>
#include <linux/stddef.h>
#include <asm/cputable.h>
#include <asm/dtl.h>
#include <asm/lppaca.h>
#include <asm/reg.h>
#include <asm/time.h>

#include "smt.h"

#define PPR_PRI		(7ULL << 50)	/* priority field, bits 11:13 */
#define PPR_PRI_HV	(7ULL << 50)	/* "very high": hypervisor state only */
#define PPR_PRI_LOW_BIT	(1ULL << 50)	/* less that: "extra high", the operating system's */

#define TB_OFFSET_UNIT	(1ULL << 24)	/* what a write to TBU40 can set (Power ISA) */

static int get_debug_inst(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->wval = KVMPPC_INST_SW_BREAKPOINT;
	return 0;
}

static int get_ciabr(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->dval = vcpu->arch.ciabr;
	return 0;
}

/* A breakpoint in the hypervisor is stored switched off. */
static int set_ciabr(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	u64 ciabr = val->dval;

	if ((ciabr & CIABR_PRIV) == CIABR_PRIV_HYPER)
		ciabr &= ~(u64)CIABR_PRIV;
	vcpu->arch.ciabr = ciabr;
	return 0;
}

static int get_ppr(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->dval = vcpu->arch.ppr;
	return 0;
}

/*
 * The guest's PPR is loaded in hypervisor state, which accepts what the guest itself could not set: a priority that is the
 * hypervisor's becomes the highest that the guest may have.
 */
static int set_ppr(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	vcpu->arch.ppr = val->dval;
	if ((val->dval & PPR_PRI) == PPR_PRI_HV)
		vcpu->arch.ppr ^= PPR_PRI_LOW_BIT;
	return 0;
}

static int get_lpcr(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->dval = vcpu->arch.vcore->lpcr;
	return 0;
}

static int get_lpcr_32(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->wval = vcpu->arch.vcore->lpcr;
	return 0;
}

static int set_lpcr(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	smt_set_lpcr(vcpu, val->dval, false);
	return 0;
}

static int set_lpcr_32(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	smt_set_lpcr(vcpu, val->wval, true);
	return 0;
}

static int get_arch_compat(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->wval = vcpu->arch.vcore->arch_compat;
	return 0;
}

static int set_arch_compat(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	return smt_set_arch_compat(vcpu, val->wval);
}

/*
 * When the decrementer expires, in guest time base ticks.  In-tree HV code of some kernels keeps the host's
 * time base in dec_expires; kvm.ko itself never reads it, so here it is the guest's on all of them.
 */
static int get_dec_expiry(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->dval = vcpu->arch.dec_expires;
	return 0;
}

static int set_dec_expiry(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	vcpu->arch.dec_expires = val->dval;
	return 0;
}

static int get_tb_offset(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->dval = vcpu->arch.vcore->tb_offset;
	return 0;
}

/*
 * Rounded up.  A guest that arrives without an expiry of its decrementer gets one that is over:
 * an interrupt too many is harmless, a decrementer that expires years later is not.
 */
static int set_tb_offset(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	struct kvmppc_vcore *vc = vcpu->arch.vcore;
	union kvmppc_one_reg expired;
	unsigned long flags;

	spin_lock_irqsave(&vc->lock, flags);
	vc->tb_offset = ALIGN(val->dval, TB_OFFSET_UNIT);
	spin_unlock_irqrestore(&vc->lock, flags);

	if (vc->tb_offset && !vcpu->arch.dec_expires) {
		expired.dval = get_tb() + vc->tb_offset;
		set_dec_expiry(vcpu, &expired);
	}
	return 0;
}

/* The hypervisor's interrupt offset exists for KVM-PR only; 0 is accepted because userspace sets it. */
static int get_hior(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->dval = 0;
	return 0;
}

static int set_hior(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	return val->dval ? -EINVAL : 0;
}

static int get_online(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	val->wval = vcpu->arch.online;
	return 0;
}

static int set_online(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	atomic_add(!!val->wval - !!vcpu->arch.online, &vcpu->arch.vcore->online_count);
	vcpu->arch.online = val->wval;
	return 0;
}

static int get_vpa_addr(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	spin_lock(&vcpu->arch.vpa_update_lock);
	val->dval = vcpu->arch.vpa.next_gpa;
	spin_unlock(&vcpu->arch.vpa_update_lock);
	return 0;
}

static int get_area(struct kvm_vcpu *vcpu, struct kvmppc_vpa *v, union kvmppc_one_reg *val)
{
	spin_lock(&vcpu->arch.vpa_update_lock);
	val->vpaval.addr = v->next_gpa;
	val->vpaval.length = v->len;
	spin_unlock(&vcpu->arch.vpa_update_lock);
	return 0;
}

static int get_vpa_slb(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	return get_area(vcpu, &vcpu->arch.slb_shadow, val);
}

static int get_vpa_dtl(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val)
{
	return get_area(vcpu, &vcpu->arch.dtl, val);
}

/* Like H_REGISTER_VPA: the VPA comes first and goes last. */
static int set_vpa_addr(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	if (!val->dval && (vcpu->arch.slb_shadow.next_gpa || vcpu->arch.dtl.next_gpa))
		return -EINVAL;
	return smt_vpa_set(vcpu, &vcpu->arch.vpa, val->dval, sizeof(struct lppaca));
}

static int set_area(struct kvm_vcpu *vcpu, struct kvmppc_vpa *v, const union kvmppc_one_reg *val,
		    unsigned int min_len, unsigned int unit)
{
	u64 len = val->vpaval.length;

	if (val->vpaval.addr && (len < min_len || !vcpu->arch.vpa.next_gpa))
		return -EINVAL;
	return smt_vpa_set(vcpu, v, val->vpaval.addr, len - len % unit);
}

static int set_vpa_slb(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	return set_area(vcpu, &vcpu->arch.slb_shadow, val, offsetof(struct slb_shadow, reserved), 1);
}

static int set_vpa_dtl(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val)
{
	return set_area(vcpu, &vcpu->arch.dtl, val, sizeof(struct dtl_entry),
			sizeof(struct dtl_entry));
}

enum onereg_cpu { CPU_ANY, CPU_V207, CPU_TM };

struct onereg {
	u64 id;			/* of the first of count */
	u8 count;
	u8 cpu;
	u8 width;		/* bytes of the field; 0: functions */
	bool vcore;		/* the field is in struct kvmppc_vcore */
	u32 offset;
	u64 writable;
	int (*get)(struct kvm_vcpu *vcpu, union kvmppc_one_reg *val);
	int (*set)(struct kvm_vcpu *vcpu, const union kvmppc_one_reg *val);
};

#define ALL	(~0ULL)

static const struct onereg oneregs[] = {
#define ONEREG(id_, cpu_, field_, writable_) {						\
	.id = KVM_REG_PPC_##id_, .count = 1, .cpu = CPU_##cpu_, .writable = (writable_),	\
	.width = sizeof_field(struct kvm_vcpu, arch.field_),					\
	.offset = offsetof(struct kvm_vcpu, arch.field_) },
#define ONEREG_ARRAY(id_, n_, cpu_, field_) {						\
	.id = KVM_REG_PPC_##id_, .count = (n_), .cpu = CPU_##cpu_, .writable = ALL,		\
	.width = sizeof_field(struct kvm_vcpu, arch.field_[0]),					\
	.offset = offsetof(struct kvm_vcpu, arch.field_) },
#define ONEREG_VCORE(id_, cpu_, field_, writable_) {					\
	.id = KVM_REG_PPC_##id_, .count = 1, .cpu = CPU_##cpu_, .writable = (writable_),	\
	.width = sizeof_field(struct kvmppc_vcore, field_), .vcore = true,			\
	.offset = offsetof(struct kvmppc_vcore, field_) },
#define ONEREG_FN(id_, cpu_, get_, set_) {						\
	.id = KVM_REG_PPC_##id_, .count = 1, .cpu = CPU_##cpu_, .get = (get_), .set = (set_) },
#include "onereg.def"
};

/* A field never has more bytes than its id, an array no fewer elements than ids. */
#define ONEREG(id_, cpu_, field_, writable_)						\
static_assert(sizeof_field(struct kvm_vcpu, arch.field_) <= one_reg_size(KVM_REG_PPC_##id_));
#define ONEREG_ARRAY(id_, n_, cpu_, field_)						\
static_assert(sizeof_field(struct kvm_vcpu, arch.field_[0]) <= one_reg_size(KVM_REG_PPC_##id_));	\
static_assert(sizeof_field(struct kvm_vcpu, arch.field_) >=					\
	      (n_) * sizeof_field(struct kvm_vcpu, arch.field_[0]));
#define ONEREG_VCORE(id_, cpu_, field_, writable_)					\
static_assert(sizeof_field(struct kvmppc_vcore, field_) <= one_reg_size(KVM_REG_PPC_##id_));
#define ONEREG_FN(id_, cpu_, get_, set_)
#include "onereg.def"

static bool cpu_has(enum onereg_cpu cpu)
{
	switch (cpu) {
	case CPU_V207:	return cpu_has_feature(CPU_FTR_ARCH_207S);
	case CPU_TM:	return cpu_has_feature(CPU_FTR_TM);
	default:	return true;
	}
}

/* About 70 entries, used by ioctls only: searched in order. */
static const struct onereg *find_onereg(u64 id)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(oneregs); i++)
		if (id >= oneregs[i].id && id - oneregs[i].id < oneregs[i].count)
			return &oneregs[i];
	return NULL;
}

static void *field_of(struct kvm_vcpu *vcpu, const struct onereg *r, u64 id)
{
	unsigned long i = array_index_nospec(id - r->id, r->count);
	void *base = r->vcore ? (void *)vcpu->arch.vcore : (void *)vcpu;

	return base + r->offset + i * r->width;
}

static void store_field(void *field, unsigned int width, u64 v)
{
	if (width == sizeof(u32))
		*(u32 *)field = v;
	else
		*(u64 *)field = v;
}

/**
 * smt_get_one_reg - kvmppc_ops.get_one_reg
 * @vcpu: the vcpu
 * @id: KVM_REG_PPC_*, from userspace, any value
 * @val: set to the register's value
 *
 * Context: vcpu ioctl, vcpu->mutex held.
 *
 * Return: 0; -EINVAL for an id that is not ours; -ENOENT for a register that this host's cpu does
 * not have.
 */
int smt_get_one_reg(struct kvm_vcpu *vcpu, u64 id, union kvmppc_one_reg *val)
{
	const struct onereg *r = find_onereg(id);
	void *field;
	u64 v;

	if (!r)
		return -EINVAL;
	if (!cpu_has(r->cpu))
		return -ENOENT;
	if (!r->width)
		return r->get(vcpu, val);

	field = field_of(vcpu, r, id);
	if (r->width == sizeof(val->vval)) {
		memcpy(&val->vval, field, sizeof(val->vval));
		return 0;
	}
	v = r->width == sizeof(u32) ? *(u32 *)field : *(u64 *)field;
	if (one_reg_size(id) == sizeof(u32))
		val->wval = v;
	else
		val->dval = v;
	return 0;
}

/**
 * smt_set_one_reg - kvmppc_ops.set_one_reg
 * @vcpu: the vcpu
 * @id: KVM_REG_PPC_*, from userspace, any value
 * @val: the new value, from userspace, any value
 *
 * Context: vcpu ioctl, vcpu->mutex held; takes the vcore's lock or vpa_update_lock.
 *
 * Return: 0; -EINVAL for an id that is not ours or a value that the register cannot have; -ENOENT
 * for a register that this host's cpu does not have.
 */
int smt_set_one_reg(struct kvm_vcpu *vcpu, u64 id, union kvmppc_one_reg *val)
{
	const struct onereg *r = find_onereg(id);
	unsigned long flags;
	void *field;
	u64 v;

	if (!r)
		return -EINVAL;
	if (!cpu_has(r->cpu))
		return -ENOENT;
	if (!r->width)
		return r->set ? r->set(vcpu, val) : -EINVAL;

	field = field_of(vcpu, r, id);
	if (r->width == sizeof(val->vval)) {
		memcpy(field, &val->vval, sizeof(val->vval));
		return 0;
	}
	v = one_reg_size(id) == sizeof(u32) ? val->wval : val->dval;
	if (r->width == sizeof(u32) && v > U32_MAX)
		return -EINVAL;
	v &= r->writable;

	if (!r->vcore) {
		store_field(field, r->width, v);
		return 0;
	}
	/* a vcore's fields are also written at the end of a run */
	spin_lock_irqsave(&vcpu->arch.vcore->lock, flags);
	store_field(field, r->width, v);
	spin_unlock_irqrestore(&vcpu->arch.vcore->lock, flags);
	return 0;
}
