/* A program in C on libzmq that measures as libzmq's own local_thr, remote_thr,
 * local_lat and remote_lat do, and is a peer of `zcat bench`.
 *
 * SOCKET is as peer.c has it. TYPE is of the own socket.
 *
 *   serve TYPE SOCKET              binds, prints the endpoint, then the messages and the
 *                                  seconds of each count; ends with its stdin
 *   send TYPE SOCKET SIZE SECONDS  sends that long to be counted, and prints how many in
 *                                  how many seconds, until libzmq had passed on the last
 *   ask TYPE SOCKET SIZE SECONDS   makes round trips that long, and prints how many were
 *                                  recorded, their p50 and p99 in us
 */
#include "common.h"

enum { MOST_FRAMES = 8 };

/* serve counts and echoes: the body is the last frame, the envelope all before. */
static void serve(void *socket, int type)
{
    int answers = type != ZMQ_PULL;
    zmq_msg_t frames[MOST_FRAMES];
    for (int i = 0; i < MOST_FRAMES; i++)
        zmq_msg_init(&frames[i]);
    uint64_t count = 0;
    double begin = 0, last = 0;
    for (;;) {
        int n = 0;
        do {
            check(n < MOST_FRAMES, "too many frames");
            check(zmq_msg_recv(&frames[n], socket, 0) >= 0, "receive");
        } while (zmq_msg_more(&frames[n++]));
        zmq_msg_t *body = &frames[n - 1];
        size_t size = zmq_msg_size(body);
        int echoes = type == ZMQ_REP || (answers && size > 0 && *(char *)zmq_msg_data(body) == 'E');
        if (size > 0 && !echoes) {
            if (count++ == 0)
                begin = now();
            continue;
        }
        if (size == 0 && count > 0) {
            last = now(); /* the empty one came right behind the last */
            printf("%llu %.9f\n", (unsigned long long)count, last - begin);
            fflush(stdout);
        }
        if (answers && !echoes) {
            char tally[64];
            snprintf(tally, sizeof tally, "%llu %.0f", (unsigned long long)count, (last - begin) * 1e9);
            zmq_msg_close(body);
            zmq_msg_init_size(body, strlen(tally));
            memcpy(zmq_msg_data(body), tally, strlen(tally));
        }
        if (size == 0)
            count = 0, begin = last = 0;
        for (int i = 0; answers && i < n; i++)
            check(zmq_msg_send(&frames[i], socket, i < n - 1 ? ZMQ_SNDMORE : 0) >= 0, "send");
    }
}

/* send_empty ends a count, and takes the answer of a peer that has one. */
static void send_empty(void *socket, int type)
{
    char tally[64];
    check(zmq_send(socket, "", 0, 0) >= 0, "send");
    if (type != ZMQ_PUSH)
        check(zmq_recv(socket, tally, sizeof tally, 0) >= 0, "receive");
}

/* stream returns when it began. */
static double stream(void *socket, int type, size_t size, double seconds, uint64_t *sent)
{
    char *body = malloc(size);
    memset(body, '.', size);
    uint64_t pause = size < 65536 ? 65536 / size : 1; /* between two looks at the clock */
    send_empty(socket, type);
    double begin = now();
    for (*sent = 0; *sent % pause != 0 || now() - begin < seconds; ++*sent)
        check(zmq_send(socket, body, size, 0) >= 0, "send");
    send_empty(socket, type);
    free(body);
    return begin;
}

/* ask leaves out the first twentieth, as `zcat bench` does. */
static void ask(void *socket, size_t size, double seconds)
{
    enum { MOST = 4 << 20 };
    double *took = malloc(MOST * sizeof *took);
    char *body = malloc(size), *back = malloc(size);
    memset(body, 'E', size);
    double start = now(), begin;
    long n = 0;
    for (int cold = 1; n < MOST && (begin = now()) - start < seconds; n++) {
        if (cold && begin - start >= seconds / 20)
            cold = n = 0;
        check(zmq_send(socket, body, size, 0) >= 0, "send");
        check(zmq_recv(socket, back, size, 0) == (int)size, "receive");
        took[n] = now() - begin;
    }
    qsort(took, n, sizeof *took, ascending);
    printf("%ld %.3f %.3f\n", n, took[n / 2] * 1e6, took[n * 99 / 100] * 1e6);
    free(took);
    free(body);
    free(back);
}

static int type_of(const char *name)
{
    static const struct {
        const char *name;
        int type;
    } types[] = {
        {"push", ZMQ_PUSH}, {"pull", ZMQ_PULL}, {"req", ZMQ_REQ}, {"rep", ZMQ_REP},
        {"dealer", ZMQ_DEALER}, {"router", ZMQ_ROUTER}, {"pair", ZMQ_PAIR},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(name, types[i].name) == 0)
            return types[i].type;
    fprintf(stderr, "libzmq: unknown type %s\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: agree serve|send|ask TYPE SOCKET [SIZE SECONDS]\n");
        return 2;
    }
    const char *mode = argv[1];
    int type = type_of(argv[2]), serves = strcmp(mode, "serve") == 0;
    if (!serves && argc < 6) {
        fprintf(stderr, "libzmq: %s takes SIZE SECONDS\n", mode);
        return 2;
    }
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, type);
    if (!serves)
        set(socket, ZMQ_IMMEDIATE, 1); /* the first send waits for the handshake */
    attach(socket, argv[3], 0);
    if (serves)
        until_end(), serve(socket, type);
    size_t size = atol(argv[4]);
    double seconds = atof(argv[5]), begin = 0;
    uint64_t sent = 0;
    if (strcmp(mode, "send") == 0)
        begin = stream(socket, type, size, seconds, &sent);
    else
        ask(socket, size, seconds);
    zmq_close(socket);
    zmq_ctx_term(context); /* waits for what is queued */
    if (sent > 0)
        printf("%llu %.9f\n", (unsigned long long)sent, now() - begin);
    return 0;
}
