// SPDX-License-Identifier: GPL-2.0-only
/* The policy of parking (src/park_policy.c), on the build machine. */
#include <stdio.h>
#include <string.h>

#include "park_policy.h"

#define CPUS	160		/* not a multiple of the bits of a word, some words long */
#define BITS	(8 * sizeof(unsigned long))
#define WORDS	((CPUS + BITS - 1) / BITS)

static int failed;
static unsigned long present[WORDS], online[WORDS], guest[WORDS], allowed[WORDS];
static struct park_host h = { .present = present, .online = online, .guest = guest };

static void check(const char *name, bool ok)
{
	if (ok) {
		printf("PASS park-%s\n", name);
	} else {
		printf("FAIL park-%s: see test/unit/t_park.c\n", name);
		failed = 1;
	}
}

static void set(unsigned long *s, unsigned int cpu, bool on)
{
	if (on)
		s[cpu / BITS] |= 1UL << cpu % BITS;
	else
		s[cpu / BITS] &= ~(1UL << cpu % BITS);
}

/* A host of @n cpus, all present and online, every core a guest core. */
static void host(unsigned int n, unsigned int threads)
{
	unsigned int i;

	memset(present, 0, sizeof(present));
	memset(online, 0, sizeof(online));
	memset(guest, 0, sizeof(guest));
	memset(allowed, 0, sizeof(allowed));
	h.nr_cpus = n;
	h.threads = threads;
	for (i = 0; i < n; i++) {
		set(present, i, true);
		set(online, i, true);
		set(allowed, i, true);
		set(guest, i, i % threads == 0);
	}
}

/* Park all there is to park, as park.c does; how many. */
static unsigned int park_all(void)
{
	unsigned int cpu, n = 0;

	for (cpu = park_next(&h, 0); cpu < h.nr_cpus; cpu = park_next(&h, cpu + 1)) {
		set(online, cpu, false);
		n++;
	}
	return n;
}

static void test_cores(void)
{
	unsigned int bad = 99;

	host(16, 8);
	check("all-cores", park_check_cores(&h, &bad) == PARK_CORES_OK);
	memset(guest, 0, sizeof(guest));
	check("no-cores", park_check_cores(&h, &bad) == PARK_CORES_NONE);
	set(guest, 8, true);
	set(online, 8, false);
	check("offline-primary", park_check_cores(&h, &bad) == PARK_CORES_OK);
	set(guest, 9, true);
	check("secondary", park_check_cores(&h, &bad) == PARK_CORES_SECONDARY && bad == 9);
	set(guest, 9, false);
	set(present, 8, false);
	check("absent", park_check_cores(&h, &bad) == PARK_CORES_ABSENT && bad == 8);
	host(CPUS, 4);
	set(present, CPUS - 4, false);
	check("absent-in-last-word", park_check_cores(&h, &bad) == PARK_CORES_ABSENT && bad == CPUS - 4);
}

static void test_park(void)
{
	host(8, 4);
	check("parks-all-secondaries", park_all() == 6 && online[0] == 0x11);
	check("nothing-left", park_next(&h, 0) == h.nr_cpus);

	host(8, 4);
	set(online, 2, false);
	check("offline-before-is-not-parked", park_all() == 5);

	host(8, 4);
	set(guest, 4, false);
	check("other-cores-stay-whole", park_all() == 3 && online[0] == 0xf1);

	host(8, 4);
	set(online, 0, false);
	check("core-without-primary-stays", park_all() == 3 && online[0] == 0x1e);

	host(4, 1);
	check("no-smt-nothing-to-park", park_all() == 0);

	host(CPUS, 8);
	check("many-cpus", park_all() == CPUS / 8 * 7);
}

static void test_ready(void)
{
	host(8, 4);
	check("threads-online-not-ready", !park_core_ready(&h, 0));
	park_all();
	check("parked-ready", park_core_ready(&h, 0) && park_core_ready(&h, 4));
	set(online, 7, true);
	check("last-thread-online-not-ready", park_core_ready(&h, 0) && !park_core_ready(&h, 4));
	set(online, 0, false);
	check("primary-offline-not-ready", !park_core_ready(&h, 0));
	host(8, 4);
	set(guest, 0, false);
	park_all();
	check("no-guest-core-not-ready", !park_core_ready(&h, 0));
}

static void test_place(void)
{
	host(8, 4);
	set(guest, 4, false);
	park_all();
	check("on-primary-stays", park_place(&h, allowed, 0) == PARK_STAY);
	check("other-core-moves", park_place(&h, allowed, 4) == PARK_MOVE);
	check("secondary-moves", park_place(&h, allowed, 6) == PARK_MOVE);
	set(allowed, 0, false);
	check("pinned-elsewhere-refused", park_place(&h, allowed, 5) == PARK_REFUSE);
	set(allowed, 0, true);
	set(online, 0, false);
	check("primary-offline-refused", park_place(&h, allowed, 5) == PARK_REFUSE);
	set(guest, 4, true);
	check("next-core-moves", park_place(&h, allowed, 5) == PARK_MOVE);
	memset(allowed, 0, sizeof(allowed));
	check("no-affinity-refused", park_place(&h, allowed, 5) == PARK_REFUSE);
}

/*
 * Every state of a host of two cores of two threads: a core that has its primary online and is a guest's is
 * ready once all is parked, and no other thread is touched.
 */
static void test_all_states(void)
{
	bool ok = true;
	unsigned int on, g, core;

	for (on = 0; on < 16; on++)
	for (g = 0; g < 4; g++) {
		host(4, 2);
		online[0] = on;
		guest[0] = (g & 1) | (g & 2) << 1;
		park_all();
		for (core = 0; core < 2; core++) {
			unsigned int was = on >> 2 * core & 3, is = online[0] >> 2 * core & 3;

			if ((g >> core & 1) && (was & 1))
				ok &= is == 1 && park_core_ready(&h, 2 * core);
			else
				ok &= is == was && !park_core_ready(&h, 2 * core);
		}
	}
	check("all-states", ok);
}

int main(void)
{
	test_cores();
	test_park();
	test_ready();
	test_place();
	test_all_states();
	return failed;
}
