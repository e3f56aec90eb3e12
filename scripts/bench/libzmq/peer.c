/* What a program in C on libzmq does with the work that is compared.
 *
 * SOCKET is an endpoint behind @ to bind it or > to connect to it, behind !@ or !>
 * to do so through CURVE; who binds is the server. A peer that binds prints the
 * endpoint first, but for to-lines. One that waits for others ends with its stdin.
 *
 *   push|pub SOCKET SIZE SECONDS N    sends for that long; pub awaits N subscriptions
 *   pull|sub SOCKET SIZE              prints how many messages came in how many seconds
 *   req SOCKET SIZE SECONDS RATE N    N clients (1); prints requests, p50, p99 and p99.9 in
 *                                     us; RATE, of each, 0 is no pause
 *   rep SOCKET                        answers each request with itself
 *   client SOCKET SIZE SECONDS        a DEALER with many requests under way, prints as pull
 *   worker SOCKET                     a DEALER that sends back what it gets
 *   proxy queue|streamer|forwarder FRONT BACK
 *   hold SOCKET                       a PULL that never receives
 *   crowd SOCKET N                    a PUSH that connects N times, prints N once all are up
 *   once SOCKET TEXT                  one request, prints the reply
 *   from-lines SOCKET                 pushes lines of stdin, a TAB between two frames
 *   from-whole-lines SOCKET           pushes each line of stdin as one frame
 *   to-lines SOCKET N                 prints N messages as such lines
 *   ask SOCKET                        sends each line of stdin, prints the reply
 *   version
 *
 * A message carries its number in its first and its last eight bytes, the last
 * message with the top bit set: a receiver exits with 3 for what is lost or changed.
 */
#include <sched.h>

#include "common.h"

#define LAST (UINT64_C(1) << 63)

static void damaged(const char *what, uint64_t number)
{
    fprintf(stderr, "libzmq: message %llu was %s\n", (unsigned long long)number, what);
    exit(3);
}

/* limit holds a queue of large messages at 64 MiB, where 1000 would be gigabytes. */
static void limit(void *socket, size_t size)
{
    int messages = (64 << 20) / size;
    if (messages < 1000) {
        set(socket, ZMQ_SNDHWM, messages);
        set(socket, ZMQ_RCVHWM, messages);
    }
}

static void number(char *body, size_t size, uint64_t n)
{
    memcpy(body, &n, 8);
    memcpy(body + size - 8, &n, 8);
}

/* verify returns whether message n is the last. */
static int verify(const char *body, size_t got, size_t size, uint64_t n)
{
    uint64_t first, last;
    if (got != size)
        damaged("cut", n);
    memcpy(&first, body, 8);
    memcpy(&last, body + size - 8, 8);
    if (first != last)
        damaged("changed", n);
    if ((first & ~LAST) != n)
        damaged("lost", n);
    return (first & LAST) != 0;
}

static void produce(void *socket, size_t size, double seconds)
{
    char *body = malloc(size);
    memset(body, 'x', size);
    uint64_t pause = size < 65536 ? 65536 / size : 1; /* between two looks at the clock */
    double end = now() + seconds;
    uint64_t n = 0;
    for (; n % pause != 0 || now() < end; n++) {
        number(body, size, n);
        check(zmq_send(socket, body, size, 0) >= 0, "send");
    }
    number(body, size, n | LAST);
    check(zmq_send(socket, body, size, 0) >= 0, "send");
    await_end();
    free(body);
}

static void consume(void *socket, size_t size)
{
    zmq_msg_t m;
    zmq_msg_init(&m);
    double begin = 0;
    for (uint64_t n = 0;; n++) {
        check(zmq_msg_recv(&m, socket, 0) >= 0, "receive");
        int last = verify(zmq_msg_data(&m), zmq_msg_size(&m), size, n);
        if (n == 0)
            begin = now();
        if (last) {
            printf("%llu %.9f\n", (unsigned long long)n, now() - begin);
            break;
        }
    }
    zmq_msg_close(&m);
}

/* await_subscriptions makes a message that no subscriber can take wait for it. */
static void await_subscriptions(void *socket, int count)
{
    char subscription[8];
    while (count-- > 0)
        check(zmq_recv(socket, subscription, sizeof subscription, 0) >= 0, "subscription");
}

/* pause_until sleeps for all but what a sleep may take too long. */
static void pause_until(double due)
{
    double left = due - now() - 100e-6;
    if (left > 0) {
        struct timespec t = {(time_t)left, (long)((left - (time_t)left) * 1e9)};
        nanosleep(&t, NULL);
    }
    while (now() < due)
        sched_yield();
}

struct requester {
    pthread_t thread;
    void *socket;
    size_t size;
    double seconds, rate;
    int alone;
    double *took; /* of n requests */
    long n;
};

/* rest_until sleeps, and returns when a request that was due then is to begin. Who is
 * not alone keeps no processor busy for the sake of a start in time. */
static double rest_until(double due, int alone)
{
    if (alone) {
        pause_until(due);
        return due;
    }
    double left = due - now();
    if (left <= 0)
        return due;
    struct timespec t = {(time_t)left, (long)((left - (time_t)left) * 1e9)};
    nanosleep(&t, NULL);
    return now();
}

static void *request(void *arg)
{
    enum { MOST = 4 << 20 };
    struct requester *r = arg;
    double *took = malloc(MOST * sizeof *took);
    char *body = malloc(r->size);
    memset(body, 'x', r->size);
    double start = now();
    long n = 0;
    for (; n < MOST; n++) {
        double begin = now();
        if (begin - start > r->seconds)
            break;
        if (r->rate > 0) /* From when it was due: a late reply delays those behind it. */
            begin = rest_until(start + n / r->rate, r->alone);
        number(body, r->size, n);
        check(zmq_send(r->socket, body, r->size, 0) >= 0, "send");
        int got = zmq_recv(r->socket, body, r->size, 0);
        check(got >= 0, "receive");
        verify(body, got, r->size, n);
        took[n] = now() - begin;
    }
    /* The first requests wait for the connection and for warm caches. */
    r->took = took + n / 20;
    r->n = n - n / 20;
    free(body);
    return NULL;
}

static void requests(void *context, void *socket, const char *endpoint, struct requester like, int clients)
{
    struct requester *all = calloc(clients, sizeof *all);
    long n = 0;
    like.alone = clients == 1;
    for (int i = 0; i < clients; i++) {
        all[i] = like;
        all[i].socket = socket;
        if (i > 0) {
            all[i].socket = zmq_socket(context, ZMQ_REQ);
            attach(all[i].socket, endpoint, 0);
        }
    }
    for (int i = 0; i < clients; i++)
        check(pthread_create(&all[i].thread, NULL, request, &all[i]) == 0, "thread");
    for (int i = 0; i < clients; i++) {
        pthread_join(all[i].thread, NULL);
        n += all[i].n;
    }
    double *took = malloc((n + 1) * sizeof *took), *end = took;
    for (int i = 0; i < clients; i++) {
        memcpy(end, all[i].took, all[i].n * sizeof *took);
        end += all[i].n;
        if (i > 0)
            zmq_close(all[i].socket);
    }
    qsort(took, n, sizeof *took, ascending);
    printf("%ld %.3f %.3f %.3f\n", n, took[n / 2] * 1e6, took[n * 99 / 100] * 1e6, took[n * 999 / 1000] * 1e6);
}

static void reply(void *socket)
{
    enum { MOST = 8 };
    zmq_msg_t frames[MOST];
    for (;;) {
        int n = 0;
        do {
            check(n < MOST, "too many frames");
            zmq_msg_init(&frames[n]);
            check(zmq_msg_recv(&frames[n], socket, 0) >= 0, "receive");
        } while (zmq_msg_more(&frames[n++]));
        for (int i = 0; i < n; i++)
            check(zmq_msg_send(&frames[i], socket, i < n - 1 ? ZMQ_SNDMORE : 0) >= 0, "send");
    }
}

/* receive_reply returns whether reply n, behind an empty delimiter, is the last. */
static int receive_reply(void *socket, char *body, size_t size, uint64_t n)
{
    if (zmq_recv(socket, body, size, 0) != 0)
        damaged("without its delimiter", n);
    int got = zmq_recv(socket, body, size, 0);
    check(got >= 0, "receive");
    return verify(body, got, size, n);
}

static void client(void *socket, size_t size, double seconds)
{
    enum { BURST = 100, WINDOW = 400 }; /* half an HWM: libzmq learns late what was read */
    char *body = malloc(size), *back = malloc(size);
    memset(body, 'x', size);
    double begin = now();
    uint64_t sent = 0, received = 0;
    for (int last = 0, over = 0; !last;) {
        if (!over && sent - received <= WINDOW - BURST) {
            over = now() - begin > seconds;
            for (int i = 0; i < BURST; i++, sent++) {
                number(body, size, sent | (over && i == BURST - 1 ? LAST : 0));
                check(zmq_send(socket, "", 0, ZMQ_SNDMORE) >= 0, "send");
                check(zmq_send(socket, body, size, 0) >= 0, "send");
            }
        }
        last = receive_reply(socket, back, size, received++);
        if (received == 1)
            begin = now();
    }
    printf("%llu %.9f\n", (unsigned long long)received - 1, now() - begin);
    free(body);
    free(back);
}

static void forward(void *context, const char *kind, const char *front, const char *back)
{
    int types[2] = {ZMQ_ROUTER, ZMQ_DEALER};
    if (strcmp(kind, "streamer") == 0)
        types[0] = ZMQ_PULL, types[1] = ZMQ_PUSH;
    if (strcmp(kind, "forwarder") == 0)
        types[0] = ZMQ_XSUB, types[1] = ZMQ_XPUB;
    void *in = zmq_socket(context, types[0]), *out = zmq_socket(context, types[1]);
    if (types[1] == ZMQ_XPUB)
        set(out, ZMQ_XPUB_NODROP, 1);
    attach(in, front, 0);
    attach(out, back, 0);
    until_end();
    zmq_proxy(in, out, NULL);
}

static void crowd(void *context, void *socket, const char *endpoint, int links)
{
    check(zmq_socket_monitor(socket, "inproc://monitor", ZMQ_EVENT_HANDSHAKE_SUCCEEDED) == 0, "monitor");
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    check(zmq_connect(monitor, "inproc://monitor") == 0, "monitor");
    for (int i = 1; i < links; i++)
        attach(socket, endpoint, 0);
    char event[256];
    for (int up = 0; up < links; up++)
        for (int part = 0; part < 2; part++) /* what happened, and where */
            check(zmq_recv(monitor, event, sizeof event, 0) >= 0, "event");
    printf("%d\n", links);
    fflush(stdout);
    await_end();
    _exit(0);
}

static void once(void *socket, const char *text)
{
    char answer[256];
    check(zmq_send(socket, text, strlen(text), 0) >= 0, "send");
    int size = zmq_recv(socket, answer, sizeof answer, 0);
    check(size >= 0 && size <= (int)sizeof answer, "receive");
    printf("%.*s\n", size, answer);
}

static void print(void *socket, long n)
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

/* scan sends each line of stdin, whole or with a TAB between two frames, and prints the
 * reply to it where it asks. */
static void scan(void *socket, int asks, int whole)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    while ((len = getline(&line, &size, stdin)) > 0) {
        if (line[len - 1] == '\n')
            len--;
        char *tab = whole ? NULL : memchr(line, '\t', len);
        char *body = line;
        if (tab) {
            check(zmq_send(socket, line, tab - line, ZMQ_SNDMORE) >= 0, "send");
            body = tab + 1;
        }
        check(zmq_send(socket, body, line + len - body, 0) >= 0, "send");
        if (asks)
            print(socket, 1);
    }
    free(line);
}

static int type_of(const char *mode)
{
    static const struct {
        const char *mode;
        int type;
    } types[] = {
        {"push", ZMQ_PUSH}, {"pub", ZMQ_XPUB}, {"pull", ZMQ_PULL}, {"sub", ZMQ_SUB},
        {"req", ZMQ_REQ}, {"rep", ZMQ_REP}, {"client", ZMQ_DEALER}, {"worker", ZMQ_DEALER},
        {"hold", ZMQ_PULL}, {"crowd", ZMQ_PUSH}, {"once", ZMQ_REQ}, {"from-lines", ZMQ_PUSH}, {"to-lines", ZMQ_PULL},
        {"ask", ZMQ_REQ}, {"from-whole-lines", ZMQ_PUSH},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(mode, types[i].mode) == 0)
            return types[i].type;
    fprintf(stderr, "libzmq: unknown mode %s\n", mode);
    exit(2);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        int major, minor, patch;
        zmq_version(&major, &minor, &patch);
        printf("libzmq %d.%d.%d\n", major, minor, patch);
        return 0;
    }
    if (argc < 3) {
        fprintf(stderr, "usage: peer MODE SOCKET ...\n");
        return 2;
    }
    const char *mode = argv[1];
    const char *argument[4] = {"0", "0", "0", "0"};
    for (int i = 3; i < argc && i < 7; i++)
        argument[i - 3] = argv[i];
    void *context = zmq_ctx_new();
    if (strcmp(mode, "proxy") == 0) {
        forward(context, argv[2], argument[0], argument[1]);
        return 1;
    }
    int type = type_of(mode);
    size_t size = atol(argument[0]);
    double seconds = atof(argument[1]);
    void *socket = zmq_socket(context, type);
    if (size > 0 && strcmp(mode, "crowd") != 0)
        limit(socket, size);
    if (type == ZMQ_XPUB) {
        set(socket, ZMQ_XPUB_VERBOSE, 1);
        set(socket, ZMQ_XPUB_NODROP, 1);
    }
    if (type == ZMQ_SUB)
        check(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0, "subscribe");
    /* A libzmq that has stopped reading at its HWM loses what the kernel still
     * holds when the sender of an ipc connection exits. */
    if (strcmp(mode, "to-lines") == 0)
        set(socket, ZMQ_RCVHWM, 0);
    attach(socket, argv[2], strcmp(mode, "to-lines") == 0);

    if (strcmp(mode, "push") == 0)
        produce(socket, size, seconds);
    else if (strcmp(mode, "pub") == 0)
        await_subscriptions(socket, atoi(argument[2])), produce(socket, size, seconds);
    else if (strcmp(mode, "pull") == 0 || strcmp(mode, "sub") == 0)
        consume(socket, size);
    else if (strcmp(mode, "req") == 0)
        requests(context, socket, argv[2], (struct requester){.size = size, .seconds = seconds, .rate = atof(argument[2])},
                 argc > 6 ? atoi(argument[3]) : 1);
    else if (strcmp(mode, "rep") == 0 || strcmp(mode, "worker") == 0)
        until_end(), reply(socket);
    else if (strcmp(mode, "client") == 0)
        client(socket, size, seconds);
    else if (strcmp(mode, "hold") == 0)
        await_end();
    else if (strcmp(mode, "crowd") == 0)
        crowd(context, socket, argv[2], size);
    else if (strcmp(mode, "once") == 0)
        once(socket, argument[0]);
    else if (strcmp(mode, "from-lines") == 0)
        scan(socket, 0, 0);
    else if (strcmp(mode, "from-whole-lines") == 0)
        scan(socket, 0, 1);
    else if (strcmp(mode, "to-lines") == 0)
        print(socket, atol(argument[0]));
    else
        scan(socket, 1, 0);
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
