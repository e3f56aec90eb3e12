package flags

// elsewhere are the options of libzmq 4.3 that -o does not take: what they do has a flag
// here, or no meaning.
func elsewhere() map[string]string {
	const (
		multicast = "is for multicast (pgm, norm, udp), which there is none of here"
		virtual   = "is for virtual sockets (vmci), which there are none of here"
		kerberos  = "is for GSSAPI, which there is none of here: --curve-server and --plain-server"
		tls       = "is for WebSockets over TLS (wss), which there are none of here"
		asked     = "is something to ask a socket for, which a command does itself"
		credits   = "has no meaning: ipc sockets are guarded by the mode of their file, --ipc-mode"
	)
	return map[string]string{
		"affinity":                          "has no meaning: there is no I/O thread to choose",
		"rate":                              multicast,
		"recovery_ivl":                      multicast,
		"multicast_hops":                    multicast,
		"multicast_maxtpdu":                 multicast,
		"multicast_loop":                    multicast,
		"vmci_buffer_size":                  virtual,
		"vmci_buffer_min_size":              virtual,
		"vmci_buffer_max_size":              virtual,
		"vmci_connect_timeout":              virtual,
		"gssapi_server":                     kerberos,
		"gssapi_principal":                  kerberos,
		"gssapi_service_principal":          kerberos,
		"gssapi_plaintext":                  kerberos,
		"gssapi_principal_nametype":         kerberos,
		"gssapi_service_principal_nametype": kerberos,
		"blocky":                            "has no meaning: --linger says how long the end may take",
		"rcvmore":                           asked,
		"fd":                                asked,
		"events":                            asked,
		"type":                              asked,
		"last_endpoint":                     "is what --endpoint-file writes",
		"mechanism":                         "is what probe tells",
		"thread_safe":                       asked,
		"ipc_filter_pid":                    credits,
		"ipc_filter_uid":                    credits,
		"ipc_filter_gid":                    credits,
		"subscribe":                         "is --subscribe",
		"unsubscribe":                       "has no meaning: --subscribe says what to receive; xsub ends subscriptions by messages",
		"sndtimeo":                          "is --timeout",
		"rcvtimeo":                          "is --timeout",
		"curve_server":                      "is --curve-server",
		"curve_publickey":                   "is in the file of --curve-secret",
		"curve_secretkey":                   "is --curve-secret FILE",
		"curve_serverkey":                   "is --curve-server-key, or --curve-server-cert FILE",
		"plain_server":                      "is --plain-server FILE",
		"plain_username":                    "is --plain-user",
		"plain_password":                    "is --plain-password-file FILE",
		"zap_domain":                        "has no meaning: --curve-allow and --plain-server say who is let in",
		"zap_enforce_domain":                "has no meaning: --curve-allow and --plain-server say who is let in",
		"ipv6":                              "has no meaning: both families are always in use; the address says which",
		"ipv4only":                          "has no meaning: both families are always in use; the address says which",
		"router_raw":                        "is the command stream",
		"tcp_maxrt":                         "is --heartbeat-timeout, which tells on every system that a peer is gone",
		"use_fd":                            "is --bind fd://3, or fd://NAME of systemd's",
		"hello_msg":                         "is --hello LINE, of any number of frames",
		"delay_attach_on_connect":           "is --immediate",
		"fail_unroutable":                   "is on for a router: --drop-unroutable turns it off",
		"router_behavior":                   "is on for a router: --drop-unroutable turns it off",
		"xpub_manual_last_value":            "is not there: proxy --forwarder --last-value sends newcomers what they missed",
		"socks_username":                    "is not there: socks_proxy takes a proxy that asks for no password",
		"socks_password":                    "is not there: socks_proxy takes a proxy that asks for no password",
		"loopback_fastpath":                 "has no meaning: it is a setting of old Windows systems",
		"metadata":                          "is not there: nothing is added to what a handshake tells",
		"in_batch_size":                     "has no meaning: how much is read at a time follows from what there is",
		"out_batch_size":                    "has no meaning: how much is written at a time follows from what there is",
		"priority":                          "is for tcp sockets of Linux, where tos=N says the same to routers",
		"wss_key_pem":                       tls,
		"wss_cert_pem":                      tls,
		"wss_trust_pem":                     tls,
		"wss_hostname":                      tls,
		"wss_trust_system":                  tls,
	}
}
