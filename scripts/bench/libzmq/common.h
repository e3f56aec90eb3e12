/* What the peers in C have in common: failing, time, keys, endpoints. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

static void check(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "libzmq: %s: %s\n", what, zmq_strerror(zmq_errno()));
        exit(1);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void await_end(void)
{
    char c;
    while (read(0, &c, 1) > 0)
        ;
}

static void *exit_at_end(void *unused)
{
    (void)unused;
    await_end();
    _exit(0);
}

/* until_end ends the process with its stdin, whatever libzmq waits for. */
static void until_end(void)
{
    pthread_t thread;
    check(pthread_create(&thread, NULL, exit_at_end, NULL) == 0, "thread");
}

static void set(void *socket, int option, int value)
{
    check(zmq_setsockopt(socket, option, &value, sizeof value) == 0, "option");
}

/* The keys of both sides of CURVE: what is measured is not who knows them. */
#define PUBLIC_KEY "WN=/hvUyTn!O#XIKqK8)gf7kod*3b5i*MAFKoqHs"
#define SECRET_KEY "j+>tD![&8M.)Un.sb.}6gj}bHVosfwFT=ca9>sC]"

static void secure(void *socket, int server)
{
    check(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, PUBLIC_KEY, 40) == 0, "public key");
    check(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, SECRET_KEY, 40) == 0, "secret key");
    if (server)
        set(socket, ZMQ_CURVE_SERVER, 1);
    else
        check(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, PUBLIC_KEY, 40) == 0, "server key");
}

/* attach prints a bound endpoint where stdout is not for messages. */
static void attach(void *socket, const char *endpoint, int quiet)
{
    if (endpoint[0] == '!') {
        endpoint++;
        secure(socket, endpoint[0] == '@');
    }
    if (endpoint[0] != '@') {
        check(zmq_connect(socket, endpoint + 1) == 0, endpoint);
        return;
    }
    char resolved[256];
    size_t size = sizeof resolved;
    check(zmq_bind(socket, endpoint + 1) == 0, endpoint);
    check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, resolved, &size) == 0, "endpoint");
    if (quiet)
        return;
    printf("%s\n", resolved);
    fflush(stdout);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
