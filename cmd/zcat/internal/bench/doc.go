// Package bench measures how fast messages travel between two sockets: a client,
// which sends, and a server, which counts or echoes. Both may be in one process,
// or on two machines, and either may be somebody else's.
//
// Their protocol is as follows. The body of a message is its last frame; whatever
// stands in front of it is the envelope.
//
//	body begins with E   the server sends the whole message back
//	body is empty        the server ends its count and, where its socket can,
//	                     answers with the envelope and, as the body, two decimal
//	                     numbers: "COUNT NANOSECONDS"
//	any other body       the server counts it; NANOSECONDS is the time from the
//	                     first to the last of those
//
// A REP, which has to answer, sends everything back. A client that wants a count
// sends an empty body before and after it; the first ends what another client
// may have left unfinished.
package bench
