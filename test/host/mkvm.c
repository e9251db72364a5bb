// SPDX-License-Identifier: GPL-2.0-only
/*
 * mkvm - in the emulated host: make VMs, say how that went, hold them.
 * usage: mkvm [-n N] [-h MS]
 *
 * N processes make one VM each at the same moment (default 1). Each prints "vm ok" or "vm ERRNO-TEXT", and
 * ends MS milliseconds later (default 0; -1: when it is killed). Status 0 when all were made.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int one(int start, int hold)
{
	int kvm, fd;
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		printf("vm no /dev/kvm: %s\n", strerror(errno));
		return 1;
	}
	if (read(start, &c, 1))		/* all at once, when the other end is closed */
		return 1;
	fd = ioctl(kvm, KVM_CREATE_VM, 0);
	printf("vm %s\n", fd < 0 ? strerror(errno) : "ok");
	fflush(stdout);
	if (fd >= 0 && hold < 0)
		pause();
	if (fd >= 0)
		usleep(hold * 1000);
	return fd < 0;
}

int main(int argc, char **argv)
{
	int n = 1, hold = 0, bad = 0, status, start[2], i, o;

	while ((o = getopt(argc, argv, "n:h:")) != -1) {
		if (o == 'n')
			n = atoi(optarg);
		else if (o == 'h')
			hold = atoi(optarg);
		else
			return 2;
	}
	if (pipe(start))
		return 2;
	for (i = 0; i < n; i++) {
		if (fork())
			continue;
		close(start[1]);
		exit(one(start[0], hold));
	}
	close(start[1]);
	while (wait(&status) > 0)
		bad |= status != 0;
	return bad;
}
