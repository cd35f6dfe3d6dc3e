/* A tiny HTTP server: answers every request with the status it was built with. usage: web_server PORT
   [--daemon]. Prints "listening" when it is. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef STATUS
#define STATUS "200 OK"
#endif

int main(int argc, char **argv) {
    int one = 1;
    struct sockaddr_in address = {0};
    int server = socket(AF_INET, SOCK_STREAM, 0);

    signal(SIGPIPE, SIG_IGN);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 0));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 16) != 0) {
        perror("web_server");
        return 1;
    }
    printf("listening\n");
    fflush(stdout);
    if (argc > 2 && strcmp(argv[2], "--daemon") == 0 && daemon(0, 0) != 0)
        return 1;
    for (;;) {
        static const char answer[] =
            "HTTP/1.0 " STATUS "\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\npurpose\n";
        char request[4096];
        int client = accept(server, NULL, NULL);
        if (client < 0)
            continue;
        if (read(client, request, sizeof request) > 0 && write(client, answer, sizeof answer - 1) < 0)
            perror("write");
        close(client);
    }
}
