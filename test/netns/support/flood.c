/*
 * Sends the same Ethernet frames from an interface over and over at a fixed rate, as a flood does. Bounded in time.
 * Usage: flood INTERFACE FRAMES_PER_SECOND SECONDS < FRAMES, where FRAMES are lines of hexadecimal.
 * Says at its end how many frames it sent and how long it took: "N frames in N.N s".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_FRAMES 1024
#define LONGEST 2048
/* Frames that go out in one system call, and so in one burst. */
#define BATCH 40

static unsigned char data[MOST_FRAMES][LONGEST];
static struct iovec vectors[MOST_FRAMES];
static struct mmsghdr messages[MOST_FRAMES + BATCH];

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int read_frames(void)
{
	static char line[2 * LONGEST + 2];
	int count = 0;
	while (count < MOST_FRAMES && fgets(line, sizeof line, stdin) != NULL) {
		int length = 0;
		unsigned int byte;
		while (length < LONGEST && sscanf(line + 2 * length, "%2x", &byte) == 1)
			data[count][length++] = byte;
		vectors[count].iov_base = data[count];
		vectors[count].iov_len = length;
		count++;
	}
	return count;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: flood INTERFACE FRAMES_PER_SECOND SECONDS < FRAMES\n");
		return 2;
	}
	double rate = atof(argv[2]), seconds = atof(argv[3]);
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[1]) };
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0) {
		perror("flood");
		return 1;
	}
	int count = read_frames();
	if (count == 0) {
		fprintf(stderr, "flood: no frames\n");
		return 2;
	}
	/* The frames in a ring that is one batch longer than they are, so that each batch is in one piece. */
	for (int i = 0; i < MOST_FRAMES + BATCH; i++) {
		messages[i].msg_hdr.msg_iov = &vectors[i % count];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	double start = now(), base = start;
	long sent = 0;
	while (now() - start < seconds) {
		double behind = (now() - base) * rate - sent;
		if (behind < BATCH) {
			usleep(500);
			continue;
		}
		/* A sender that was held up does not make up for more than a tenth of a second. */
		if (behind > rate / 10)
			base += (behind - rate / 10) / rate;
		int done = sendmmsg(fd, &messages[sent % count], BATCH, 0);
		if (done > 0)
			sent += done;
		else
			usleep(200);
	}
	printf("%ld frames in %.1f s\n", sent, now() - start);
	return 0;
}
