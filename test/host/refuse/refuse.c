// SPDX-License-Identifier: GPL-2.0-only
/* For tests: chosen cpus refuse to go offline, or to come online, as a driver's hotplug callback may do. */
#include <linux/cpuhotplug.h>
#include <linux/module.h>

static int offline = -1;
module_param(offline, int, 0644);
MODULE_PARM_DESC(offline, "this cpu does not go offline (-1: none)");

static int online = -1;
module_param(online, int, 0644);
MODULE_PARM_DESC(online, "this cpu does not come online (-1: none)");

static int state;

static int going_up(unsigned int cpu)
{
	return cpu == READ_ONCE(online) ? -EBUSY : 0;
}

static int going_down(unsigned int cpu)
{
	return cpu == READ_ONCE(offline) ? -EBUSY : 0;
}

static int __init refuse_init(void)
{
	state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "test/refuse:online", going_up, going_down);
	return state < 0 ? state : 0;
}

static void __exit refuse_exit(void)
{
	cpuhp_remove_state_nocalls(state);
}

module_init(refuse_init);
module_exit(refuse_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test: cpus that refuse to be hot-plugged");
