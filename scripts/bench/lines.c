/* Lines through libzmq, the least that a program in C has to do: no JSON.
 *
 *   lines push ENDPOINT N <in     connects, sends N lines, TAB between two frames
 *   lines pull ENDPOINT N >out    binds, writes N messages as such lines
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void check(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "lines: %s: %s\n", what, zmq_strerror(zmq_errno()));
        exit(1);
    }
}

static void push(void *socket, long n)
{
    char *line = NULL;
    size_t size = 0;
    while (n-- > 0) {
        ssize_t len = getline(&line, &size, stdin);
        check(len > 0, "read");
        if (line[len - 1] == '\n')
            len--;
        char *tab = memchr(line, '\t', len);
        char *body = line;
        if (tab) {
            check(zmq_send(socket, line, tab - line, ZMQ_SNDMORE) >= 0, "send");
            body = tab + 1;
        }
        check(zmq_send(socket, body, line + len - body, 0) >= 0, "send");
    }
    free(line);
}

static void pull(void *socket, long n)
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    while (n > 0) {
        check(zmq_msg_recv(&frame, socket, 0) >= 0, "receive");
        fwrite(zmq_msg_data(&frame), 1, zmq_msg_size(&frame), stdout);
        int more = zmq_msg_more(&frame);
        putchar(more ? '\t' : '\n');
        n -= !more;
    }
    zmq_msg_close(&frame);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: lines push|pull ENDPOINT N\n");
        return 2;
    }
    int pushes = strcmp(argv[1], "push") == 0;
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, pushes ? ZMQ_PUSH : ZMQ_PULL);
    if (pushes) {
        check(zmq_connect(socket, argv[2]) == 0, "connect");
    } else {
        /* A libzmq that has stopped reading at its HWM loses what the kernel
         * still holds when the sender of an ipc connection exits. */
        int no_limit = 0;
        zmq_setsockopt(socket, ZMQ_RCVHWM, &no_limit, sizeof no_limit);
        check(zmq_bind(socket, argv[2]) == 0, "bind");
    }
    if (pushes)
        push(socket, atol(argv[3]));
    else
        pull(socket, atol(argv[3]));
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
