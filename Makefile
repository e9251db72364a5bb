# SPDX-License-Identifier: GPL-2.0-only
#
# kvm-hv-smt: build, install, show and test the module. "make help" lists it all.
# What the module is made of stands in Kbuild.

KVER ?= $(shell uname -r)
KERNELDIR ?= /lib/modules/$(KVER)/build

.PHONY: modules probe install clean help demo check check-all bench bench-scale bench-sched soak check-debug check-trash check-packaging matrix

modules:
	@test -e $(KERNELDIR)/Makefile || { echo "no kernel headers in $(KERNELDIR); give KERNELDIR=" >&2; exit 1; }
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) modules

# What the probes of include/compat/probes.c found in this kernel
probe:
	@test -e $(KERNELDIR)/Makefile || { echo "no kernel headers in $(KERNELDIR); give KERNELDIR=" >&2; exit 1; }
	+@$(MAKE) -s -C $(KERNELDIR) M=$(CURDIR) SMT_PROBE=1 modules
	@sed -n -e 's:^#define SMT_HAVE_\([A-Z0-9_]*\) 1 /\* \(.*\) \*/$$:\1|yes|\2:p' \
		-e 's:^/\* no SMT_HAVE_\([A-Z0-9_]*\)\: \(.*\) \*/$$:\1|no|\2:p' smt-config.h | \
		awk -F'|' '{ printf "%-26s %-4s %s\n", $$1 ":", $$2, $$3 }'

install: modules
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) modules_install

clean:
	$(MAKE) -C $(KERNELDIR) M=$(CURDIR) clean

help:
	@echo 'make                the module, for the running kernel'
	@echo '  KVER=RELEASE        for another installed kernel'
	@echo '  KERNELDIR=DIR       for the kernel headers or build tree DIR'
	@echo '  ARCH=powerpc CROSS_COMPILE=powerpc64le-linux-gnu-   to cross-build'
	@echo '  W=1 C=1             more warnings, sparse'
	@echo 'make probe          what was found in the kernel'
	@echo '  DEBUG=1             with assertions (include/assert.h)'
	@echo 'make install        put it where modprobe finds it (INSTALL_MOD_PATH=ROOT)'
	@echo 'make clean          remove what was built'
	@echo 'make demo           boot an SMT4 guest on an emulated POWER8 host (Debian amd64)'
	@echo 'make check          the tests, in the same way; SUITES="a b" for some of them'
	@echo 'make check-all      those that take over an hour together, too'
	@echo 'make matrix         every host kernel there is: a table (hours the first time); KERNELS="a b" for some'
	@echo 'make check-trash    the host suites with every register of a napping thread destroyed (test_trash)'
	@echo 'make check-packaging   DKMS, Debian and RPM packages, also in an emulated ppc64el root; half an hour'
	@echo 'make bench-sched    figures of the scheduler, in a deterministic run; a quarter of an hour'
	@echo 'make bench          what exits and wake-ups cost beside the in-tree kvm-hv, in a deterministic run; five minutes'
	@echo 'make bench-scale    what a run costs as threads, VMs and memory grow, in the same way; five minutes'
	@echo 'make soak           VMs come and go under every disturbance; MINUTES=5 SEED=1'
	@echo 'make check-debug    the same on a kernel with lockdep and other checkers'

demo:
	@test/host/demo.sh

check:
	@test/check.sh $(SUITES)

check-all:
	@test/check.sh --all

matrix:
	@test/matrix.sh $(KERNELS)

check-packaging:
	@test/check.sh --packaging

check-debug:
	@test/check.sh --debug $(SUITES)

check-trash:
	@test/check.sh --trash $(SUITES)

bench-sched:
	@test/bench/sched.sh

bench:
	@test/bench/cost.sh

bench-scale:
	@test/bench/scale.sh

soak:
	@SOAK_MINUTES=$(or $(MINUTES),5) SOAK_SEED=$(or $(SEED),1) test/check.sh soak
