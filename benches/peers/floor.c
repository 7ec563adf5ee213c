/* The floor: what a run costs a program that does nothing but that. Two network
 * namespaces and a veth pair by netlink, libpcap, two forked processes and one
 * TCP exchange, a verdict. Each run is a process of its own that answers by a
 * pipe and leaves the closing of its sockets to its end, which nobody awaits.
 *
 *   floor exchange RUNS JOBS     prints a line for each run: "pass 9 packets"
 *   floor flood DATAGRAMS        prints "pass sent=N kept=N lost=N"
 *   floor fork RUNS              prints a line for each forked and reaped child
 *   floor serve, ask, send N     the programs alone, in the network where they are started:
 *                                the other peers have networks of their own
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENT_LINK = 11, SERVER_LINK = 12, PORT = 7000 };
static const char *CLIENT = "192.0.2.1", *SERVER = "192.0.2.2";

static void die(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  _exit(2);
}

/* ---- netlink: all that one namespace needs goes out in one datagram ------- */

struct batch {
  char bytes[4096];
  size_t length;
  int messages;
};

static void *room(struct batch *b, size_t size) {
  void *at = b->bytes + b->length;
  memset(at, 0, NLMSG_ALIGN(size));
  b->length += NLMSG_ALIGN(size);
  return at;
}

static struct nlmsghdr *message(struct batch *b, int type, int flags) {
  struct nlmsghdr *head = room(b, sizeof *head);
  head->nlmsg_type = type;
  head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  head->nlmsg_seq = ++b->messages;
  return head;
}

static void done(struct batch *b, struct nlmsghdr *head) {
  head->nlmsg_len = b->bytes + b->length - (char *)head;
}

static struct rtattr *attribute(struct batch *b, int type, const void *data, size_t size) {
  struct rtattr *a = room(b, RTA_LENGTH(size));
  a->rta_type = type;
  a->rta_len = RTA_LENGTH(size);
  if (size) memcpy(RTA_DATA(a), data, size);
  return a;
}

static void nested(struct batch *b, struct rtattr *a) {
  a->rta_len = b->bytes + b->length - (char *)a;
}

static struct ifinfomsg *link_message(struct batch *b, int index) {
  struct ifinfomsg *link = room(b, sizeof *link);
  link->ifi_index = index;
  return link;
}

static void up(struct batch *b, int index) {
  struct nlmsghdr *head = message(b, RTM_SETLINK, 0);
  struct ifinfomsg *link = link_message(b, index);
  link->ifi_flags = link->ifi_change = IFF_UP;
  done(b, head);
}

static void veth(struct batch *b, int there) {
  struct nlmsghdr *head = message(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  link_message(b, CLIENT_LINK);
  attribute(b, IFLA_IFNAME, "eth0", 5);
  struct rtattr *info = attribute(b, IFLA_LINKINFO, NULL, 0);
  attribute(b, IFLA_INFO_KIND, "veth", 4);
  struct rtattr *data = attribute(b, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *peer = attribute(b, VETH_INFO_PEER, NULL, 0);
  link_message(b, SERVER_LINK);
  attribute(b, IFLA_IFNAME, "eth0", 5);
  attribute(b, IFLA_NET_NS_FD, &there, sizeof there);
  nested(b, peer);
  nested(b, data);
  nested(b, info);
  done(b, head);
}

static void address(struct batch *b, int index, const char *text) {
  struct nlmsghdr *head = message(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  struct ifaddrmsg *at = room(b, sizeof *at);
  struct in_addr ip;
  inet_pton(AF_INET, text, &ip);
  at->ifa_family = AF_INET;
  at->ifa_prefixlen = 24;
  at->ifa_index = index;
  attribute(b, IFA_LOCAL, &ip, sizeof ip);
  attribute(b, IFA_ADDRESS, &ip, sizeof ip);
  done(b, head);
}

/* Without the question the end that came up first may drop its first packets. */
static void ask_for(struct batch *b, int index) {
  struct nlmsghdr *head = message(b, RTM_GETLINK, 0);
  link_message(b, index);
  done(b, head);
}

static void talk(int netlink, struct batch *b) {
  char answer[65536];
  int left = b->messages;
  if (send(netlink, b->bytes, b->length, 0) < 0) die("netlink send");
  while (left > 0) {
    ssize_t n = recv(netlink, answer, sizeof answer, 0);
    if (n < 0) die("netlink recv");
    struct nlmsghdr *head = (void *)answer;
    for (; NLMSG_OK(head, n); head = NLMSG_NEXT(head, n)) {
      if (head->nlmsg_type != NLMSG_ERROR) continue;
      errno = -((struct nlmsgerr *)NLMSG_DATA(head))->error;
      if (errno) die("netlink answer");
      left--;
    }
  }
}

/* ---- the network ---------------------------------------------------------- */

static int fresh_namespace(int *netlink) {
  if (unshare(CLONE_NEWNET)) die("unshare");
  *netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (*netlink < 0 || fd < 0) die("namespace");
  return fd;
}

static void enter(int namespace) {
  if (setns(namespace, CLONE_NEWNET)) die("setns");
}

struct network {
  int client, server;
};

static struct network build(void) {
  static struct batch left, right, look;
  int at_client, at_server;
  struct network n = {.client = fresh_namespace(&at_client)};
  n.server = fresh_namespace(&at_server);
  left.length = left.messages = right.length = right.messages = 0;
  veth(&left, n.server);
  address(&left, CLIENT_LINK, CLIENT);
  up(&left, CLIENT_LINK);
  talk(at_client, &left);
  address(&right, SERVER_LINK, SERVER);
  up(&right, SERVER_LINK);
  ask_for(&right, SERVER_LINK);
  talk(at_server, &right);
  look.length = look.messages = 0;
  ask_for(&look, CLIENT_LINK);
  talk(at_client, &look);
  return n;
}

/* ---- the capture ---------------------------------------------------------- */

static pcap_t *capture(int namespace, int buffer) {
  char why[PCAP_ERRBUF_SIZE];
  enter(namespace);
  pcap_t *p = pcap_create("eth0", why);
  if (!p) die(why);
  pcap_set_snaplen(p, 1600);
  pcap_set_immediate_mode(p, 1);
  pcap_set_buffer_size(p, buffer);
  if (pcap_activate(p) < 0) die(pcap_geterr(p));
  pcap_setnonblock(p, 1, why);
  return p;
}

struct seen {
  long packets, datagrams, fences, fins;
};

static void look_at(unsigned char *to, const struct pcap_pkthdr *head, const unsigned char *frame) {
  struct seen *seen = (void *)to;
  if (head->caplen < 34) return;
  if (frame[12] == 0x88 && frame[13] == 0xb5) seen->fences++;
  if (frame[12] != 0x08 || frame[13] != 0) return;
  const unsigned char *ip = frame + 14, *transport = ip + (ip[0] & 15) * 4;
  seen->packets++;
  if (ip[9] == IPPROTO_UDP) seen->datagrams++;
  if (ip[9] == IPPROTO_TCP && transport[13] & 1) seen->fins++;
}

static int fence_socket(int namespace, int index) {
  enter(namespace);
  int s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = index};
  if (s < 0 || bind(s, (void *)&at, sizeof at)) die("fence socket");
  return s;
}

static void send_fence(int socket) {
  unsigned char frame[60] = {3, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
  if (send(socket, frame, sizeof frame, 0) < 0) die("fence");
}

/* Reads until both fences have come by: what was sent before them is in. */
static void drain(pcap_t *p, struct seen *seen) {
  struct pollfd fd = {pcap_get_selectable_fd(p), POLLIN, 0};
  while (seen->fences < 2) {
    if (pcap_dispatch(p, -1, look_at, (void *)seen) > 0) continue;
    if (poll(&fd, 1, 5000) == 0) return;
  }
}

/* ---- the programs --------------------------------------------------------- */

static struct sockaddr_in where(const char *host) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  inet_pton(AF_INET, host, &at.sin_addr);
  return at;
}

static pid_t program(int namespace, void (*main)(int), int channel) {
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  enter(namespace);
  main(channel);
  _exit(0);
}

static void server(int channel) {
  struct sockaddr_in at = where(SERVER);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  char byte;
  if (bind(listener, (void *)&at, sizeof at) || listen(listener, 5)) die("listen");
  if (write(channel, "l", 1) != 1) die("say listening");
  int client = accept(listener, NULL, NULL);
  if (read(client, &byte, 1) != 1 || write(client, "!", 1) != 1) die("serve");
  while (read(client, &byte, 1) > 0) {}
}

static void client(int channel) {
  struct sockaddr_in at = where(SERVER);
  int s = socket(AF_INET, SOCK_STREAM, 0);
  char byte;
  if (read(channel, &byte, 1) != 1) die("wait for listening");
  if (connect(s, (void *)&at, sizeof at)) die("connect");
  if (write(s, "?", 1) != 1 || read(s, &byte, 1) != 1) die("ask");
}

static long datagrams;

static void sender(int channel) {
  struct sockaddr_in at = where(SERVER);
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  static char bytes[64];
  (void)channel;
  if (connect(s, (void *)&at, sizeof at)) die("connect");
  /* Nobody listens: every other send hears of that, and is made again. */
  for (long sent = 0; sent < datagrams;)
    if (send(s, bytes, sizeof bytes, 0) == sizeof bytes) sent++;
}

/* ---- runs ------------------------------------------------------------------ */

static int ended_well(pid_t pid) {
  int status;
  return waitpid(pid, &status, 0) == pid && status == 0;
}

static void exchange(int answer) {
  struct network n = build();
  pcap_t *p = capture(n.client, 2 << 20);
  int fences[2] = {fence_socket(n.client, CLIENT_LINK), fence_socket(n.server, SERVER_LINK)};
  int channel[2];
  struct seen seen = {0};
  if (pipe(channel)) die("pipe");
  pid_t serves = program(n.server, server, channel[1]);
  pid_t asks = program(n.client, client, channel[0]);
  int well = ended_well(asks) & ended_well(serves);
  send_fence(fences[0]);
  send_fence(fences[1]);
  drain(p, &seen);
  struct pcap_stat stat = {0};
  pcap_stats(p, &stat);
  well &= seen.fences == 2 && seen.fins == 2 && stat.ps_drop == 0;
  dprintf(answer, "%s %ld packets\n", well ? "pass" : "wrong", seen.packets);
}

static void flood(int answer) {
  struct network n = build();
  pcap_t *p = capture(n.client, 8 << 20);
  int fences[2] = {fence_socket(n.client, CLIENT_LINK), fence_socket(n.server, SERVER_LINK)};
  struct seen seen = {0};
  int status;
  pid_t sends = program(n.client, sender, -1);
  struct pollfd fd = {pcap_get_selectable_fd(p), POLLIN, 0};
  while (waitpid(sends, &status, WNOHANG) == 0) {
    poll(&fd, 1, 100);
    pcap_dispatch(p, -1, look_at, (void *)&seen);
  }
  send_fence(fences[0]);
  send_fence(fences[1]);
  drain(p, &seen);
  struct pcap_stat stat = {0};
  pcap_stats(p, &stat);
  int well = status == 0 && seen.datagrams == datagrams && stat.ps_drop == 0;
  dprintf(answer, "%s sent=%ld kept=%ld lost=%ld\n", well ? "pass" : "wrong", datagrams,
          seen.datagrams, datagrams - seen.datagrams);
}

/* A run in a process of its own; its end is the kernel's business. */
static void start(void (*run)(int), int answer, int shown) {
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid) return;
  close(shown); /* who reads our output does not wait for the closing */
  signal(SIGCHLD, SIG_DFL);
  run(answer);
  _exit(0);
}

static void runs(void (*run)(int), int count, int jobs) {
  int answer[2], started = 0, ended = 0;
  if (pipe2(answer, O_CLOEXEC)) die("pipe");
  signal(SIGCHLD, SIG_IGN);
  int shown = fcntl(1, F_DUPFD_CLOEXEC, 3), quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(quiet, 1);
  for (; started < count && started < jobs; started++) start(run, answer[1], shown);
  FILE *lines = fdopen(answer[0], "r");
  char line[256];
  for (; ended < count && fgets(line, sizeof line, lines); ended++) {
    if (started < count) {
      started++;
      start(run, answer[1], shown);
    }
    if (write(shown, line, strlen(line)) < 0) die("write");
  }
}

static void forks(int count) {
  for (int n = 0; n < count; n++) {
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (!pid) _exit(0);
    if (!ended_well(pid)) die("wait");
    if (write(1, "pass\n", 5) < 0) die("write");
  }
}

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "";
  long number = count > 2 ? atol(words[2]) : 1;
  if (!strcmp(what, "exchange")) {
    runs(exchange, number, count > 3 ? atoi(words[3]) : 1);
  } else if (!strcmp(what, "flood")) {
    datagrams = number;
    runs(flood, 1, 1);
  } else if (!strcmp(what, "fork")) {
    forks(number);
  } else if (!strcmp(what, "serve")) {
    server(1);
  } else if (!strcmp(what, "ask")) {
    client(0);
  } else if (!strcmp(what, "send")) {
    datagrams = number;
    sender(-1);
  } else {
    fprintf(stderr, "floor exchange RUNS JOBS | floor flood DATAGRAMS | floor fork RUNS\n");
    return 2;
  }
  return 0;
}
