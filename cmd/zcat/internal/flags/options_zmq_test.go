package flags

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// zmqNames are the options of sockets and contexts in libzmq's zmq.h: of 4.3.5 with its
// drafts, under their older names, and of 2.2.
const zmqNames = `
affinity routing_id subscribe unsubscribe rate recovery_ivl sndbuf rcvbuf rcvmore fd events type linger
reconnect_ivl backlog reconnect_ivl_max maxmsgsize sndhwm rcvhwm multicast_hops rcvtimeo sndtimeo
last_endpoint router_mandatory tcp_keepalive tcp_keepalive_cnt tcp_keepalive_idle tcp_keepalive_intvl
immediate xpub_verbose router_raw ipv6 mechanism plain_server plain_username plain_password curve_server
curve_publickey curve_secretkey curve_serverkey probe_router req_correlate req_relaxed conflate zap_domain
router_handover tos connect_routing_id gssapi_server gssapi_principal gssapi_service_principal
gssapi_plaintext handshake_ivl socks_proxy xpub_nodrop blocky xpub_manual xpub_welcome_msg stream_notify
invert_matching heartbeat_ivl heartbeat_ttl heartbeat_timeout xpub_verboser connect_timeout tcp_maxrt
thread_safe multicast_maxtpdu vmci_buffer_size vmci_buffer_min_size vmci_buffer_max_size
vmci_connect_timeout use_fd gssapi_principal_nametype gssapi_service_principal_nametype bindtodevice

zap_enforce_domain loopback_fastpath metadata multicast_loop router_notify xpub_manual_last_value
socks_username socks_password in_batch_size out_batch_size wss_key_pem wss_cert_pem wss_trust_pem
wss_hostname wss_trust_system only_first_subscribe reconnect_stop hello_msg disconnect_msg priority
busy_poll hiccup_msg xsub_verbose_unsubscribe topics_count norm_mode norm_unicast_nack norm_buffer_size
norm_segment_size norm_block_size norm_num_parity norm_num_autoparity norm_push

io_threads max_sockets socket_limit thread_priority thread_sched_policy max_msgsz msg_t_size
thread_affinity_cpu_add thread_affinity_cpu_remove thread_name_prefix zero_copy_recv

identity connect_rid ipv4only tcp_accept_filter ipc_filter_pid ipc_filter_uid ipc_filter_gid
delay_attach_on_connect fail_unroutable router_behavior hwm swap mcast_loop recovery_ivl_msec
`

// headerNames are the options that the installed zmq.h defines with a number, apart from
// their older names and those of messages.
func headerNames(t *testing.T) (names []string) {
	t.Helper()
	header, err := os.ReadFile("/usr/include/zmq.h")
	if err != nil {
		t.Skip(err)
	}
	for _, part := range [][2]string{
		{"/*  Context options ", "/*  Default for new contexts"},
		{"/*  Socket options.", "/*  Message options"},
		{"/*  DRAFT Socket options.", "/*  DRAFT ZMQ_RECONNECT_STOP"},
		{"/*  DRAFT Context options", "/*  DRAFT Context methods"},
	} {
		_, text, begins := strings.Cut(string(header), part[0])
		text, _, ends := strings.Cut(text, part[1])
		if !begins || !ends {
			t.Fatalf("the header has no part from %q to %q", part[0], part[1])
		}
		for _, m := range regexp.MustCompile(`(?m)^#define ZMQ_([A-Z0-9_]+) \d+$`).FindAllStringSubmatch(text, -1) {
			names = append(names, strings.ToLower(m[1]))
		}
	}
	return names
}

// Each option of libzmq is named in -o list of every type of socket: by what it does, its
// flag, or why it means nothing; and -o says the same of it.
func TestEveryOptionHasAVerdict(t *testing.T) {
	for _, kind := range sockets.Types() {
		w := line.Command{Name: strings.ToLower(kind.String()), Kind: kind}
		list := OptionList(w)
		for _, name := range strings.Fields(zmqNames) {
			listed := regexp.MustCompile(`(?m)^` + name + `(=?)\S* +(.*)$`).FindStringSubmatch(list)
			if listed == nil {
				t.Errorf("%s: %s has no verdict", kind, name)
				continue
			}
			err := SetOption(line.NewConfig(w), name+"=1")
			if taken := listed[1] == "="; !taken && (err == nil || err.Error() != name+" "+listed[2]) {
				t.Errorf("%s -o %s=1: %v; -o list says %s", kind, name, err, listed[2])
			} else if taken && err != nil && !strings.HasPrefix(err.Error(), name+": ") {
				t.Errorf("%s -o %s=1: %v; -o list has it", kind, name, err)
			}
		}
	}
}

// The list of names holds all that the installed header has.
func TestNamesOfHeader(t *testing.T) {
	known := strings.Fields(zmqNames)
	names := headerNames(t)
	if len(names) < 100 {
		t.Errorf("%d options are found", len(names))
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			t.Errorf("%s of the header is not tried", name)
		}
	}
}
