/*
 * A load generator for the proxy bench: one thread, epoll, a closed loop on each connection. It is in C so that it is not
 * what the bench measures. Prints one line of JSON.
 *
 *   proxy-load PORT MODE SECONDS CONNECTIONS VALUE_BYTES [RATE]
 *
 * With RATE, so many requests a second in all instead of the closed loop, evenly; one that is late because the answer
 * before it is late counts from when it was due.
 *
 * MODE: get1 (9 gets : 1 set), mget10 (9 gets of ten keys : 1 set), pipe8 (eight requests of get1 at once),
 * conn (a connection for each get).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KEYS 1000
#define MAX_BUFFER (4 * 1024 * 1024)
#define MAX_SAMPLES 4000000

struct connection {
  int fd;
  int waiting;      /* answers that are still to come */
  size_t have;      /* bytes of an answer that is not whole */
  double started;
  double due;       /* when it asks next; 0: at once */
  char *buffer;
};

static int epoll_fd, port, value_bytes, failures;
static char mode[16], *value;
static float *samples;
static long sample_count, requests;
static double interval; /* between two requests of one connection, in seconds */
static unsigned random_state = 12345;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static unsigned next_random(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return random_state >> 8;
}

static void open_connection(struct connection *c) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int one = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) {
    perror("connect");
    exit(1);
  }
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static int add_get(char *out, int keys) {
  int length = sprintf(out, "get");
  for (int i = 0; i < keys; i++) length += sprintf(out + length, " key-%06u", next_random() % KEYS);
  return length + sprintf(out + length, "\r\n");
}

static int add_set(char *out, unsigned key) {
  int length = sprintf(out, "set key-%06u 0 0 %d\r\n", key, value_bytes);
  memcpy(out + length, value, value_bytes);
  memcpy(out + length + value_bytes, "\r\n", 2);
  return length + value_bytes + 2;
}

static void send_all(int fd, const char *bytes, int length) {
  while (length > 0) {
    ssize_t sent = write(fd, bytes, length);
    if (sent < 0) {
      if (errno == EAGAIN) continue;
      perror("write");
      exit(1);
    }
    bytes += sent;
    length -= sent;
  }
}

static void ask(struct connection *c) {
  static char out[MAX_BUFFER];
  int length = 0, count = strcmp(mode, "pipe8") == 0 ? 8 : 1;
  int keys = strcmp(mode, "mget10") == 0 ? 10 : 1;
  int is_conn = strcmp(mode, "conn") == 0;
  for (int i = 0; i < count; i++) {
    if (!is_conn && next_random() % 10 == 0) length += add_set(out + length, next_random() % KEYS);
    else length += add_get(out + length, keys);
  }
  c->waiting = count;
  c->started = interval > 0 ? c->due : now();
  c->due += interval;
  send_all(c->fd, out, length);
}

/* Bytes of the whole answer at `p`, 0: not whole. */
static size_t answer_length(const char *p, size_t length) {
  size_t at = 0;
  for (;;) {
    const char *end = memchr(p + at, '\n', length - at);
    if (!end) return 0;
    size_t line = end - p + 1;
    if (p[at] != 'V') {
      if (p[at] != 'E' && p[at] != 'S') failures++;
      if (p[at] == 'E' && p[at + 1] != 'N') failures++;
      if (p[at] == 'S' && p[at + 1] != 'T') failures++;
      return line;
    }
    const char *last = end;
    while (*last != ' ') last--;
    at = line + atoi(last) + 2;
    if (at > length) return 0;
  }
}

static void read_answers(struct connection *c) {
  ssize_t got = read(c->fd, c->buffer + c->have, MAX_BUFFER - c->have);
  if (got <= 0) {
    if (got < 0 && errno == EAGAIN) return;
    fprintf(stderr, "the connection was closed\n");
    exit(1);
  }
  c->have += got;
  size_t at = 0, length;
  while (c->waiting > 0 && at < c->have && (length = answer_length(c->buffer + at, c->have - at)) > 0) {
    at += length;
    c->waiting--;
    requests++;
  }
  memmove(c->buffer, c->buffer + at, c->have - at);
  c->have -= at;
  if (c->waiting > 0) return;
  if (sample_count < MAX_SAMPLES) samples[sample_count++] = now() - c->started;
  if (strcmp(mode, "conn") == 0) {
    close(c->fd);
    c->started = now();
    open_connection(c);
  }
  if (interval == 0 || c->due <= now()) ask(c);
}

/* Asks where it is time; answers how long until the next one is due, in seconds. */
static double ask_due(struct connection *all, int connections) {
  double next = 0.1;
  if (interval == 0) return next;
  double time = now();
  for (int i = 0; i < connections; i++) {
    if (all[i].waiting > 0) continue;
    if (all[i].due <= time) ask(&all[i]);
    else if (all[i].due - time < next) next = all[i].due - time;
  }
  return next;
}

static int by_size(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc != 6 && argc != 7) return 2;
  port = atoi(argv[1]);
  snprintf(mode, sizeof mode, "%s", argv[2]);
  double seconds = atof(argv[3]);
  int connections = atoi(argv[4]);
  value_bytes = atoi(argv[5]);
  if (argc == 7) interval = connections / atof(argv[6]);
  value = malloc(value_bytes + 1);
  memset(value, 'v', value_bytes);
  samples = malloc(MAX_SAMPLES * sizeof *samples);
  epoll_fd = epoll_create1(0);
  struct connection *all = calloc(connections, sizeof *all);
  for (int i = 0; i < connections; i++) {
    all[i].buffer = malloc(MAX_BUFFER);
    open_connection(&all[i]);
  }
  static char out[MAX_BUFFER];
  for (unsigned key = 0; key < KEYS; key++) {
    send_all(all[0].fd, out, add_set(out, key));
    char reply[64];
    while (read(all[0].fd, reply, sizeof reply) < 0 && errno == EAGAIN) usleep(20);
  }
  double start = now(), end = start + seconds;
  for (int i = 0; i < connections; i++) {
    all[i].due = start + interval * i / connections;
    if (interval == 0) ask(&all[i]);
  }
  struct epoll_event events[256];
  while (now() < end) {
    double wait = ask_due(all, connections);
    struct timespec timeout = {.tv_nsec = (long)(wait * 1e9)};
    int ready = epoll_pwait2(epoll_fd, events, 256, &timeout, NULL);
    for (int i = 0; i < ready; i++) read_answers(events[i].data.ptr);
  }
  double took = now() - start;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  qsort(samples, sample_count, sizeof *samples, by_size);
  printf("{\"perSecond\":%.0f,\"p50Us\":%.0f,\"p99Us\":%.0f,\"maxUs\":%.0f,\"failures\":%d,\"ownCpu\":%.2f,\"requests\":%ld}\n", requests / took,
         samples[sample_count / 2] * 1e6, samples[sample_count * 99 / 100] * 1e6, samples[sample_count - 1] * 1e6, failures, cpu / took, requests);
  return failures > 0;
}
