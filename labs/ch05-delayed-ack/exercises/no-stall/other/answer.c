/* Asks three times, over one connection, each time in one segment. Run it by
 *
 *   cc -o /tmp/answer labs/ch05-delayed-ack/exercises/no-stall/other/answer.c
 *   ./run exercise check no-stall --exec /tmp/answer
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

int main(int argc, char **argv)
{
    char *colon = argc > 1 ? strrchr(argv[1], ':') : NULL;
    if (colon == NULL) {
        fputs("where is the server? 192.0.2.2:7000\n", stderr);
        return 1;
    }
    *colon = '\0';
    struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_port = htons((unsigned short)atoi(colon + 1)),
    };
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, argv[1], &at.sin_addr) != 1 ||
        connect(server, (struct sockaddr *)&at, sizeof at) != 0) {
        perror("connect");
        return 1;
    }
    struct iovec request[] = {{"header, ", 8}, {"body", 4}};
    char answer[6];
    for (int round = 0; round < 3; round++) {
        /* Two buffers, one system call, so one segment. */
        if (writev(server, request, 2) != 12 ||
            recv(server, answer, sizeof answer, MSG_WAITALL) != sizeof answer) {
            perror("no answer");
            return 1;
        }
    }
    return 0;
}
