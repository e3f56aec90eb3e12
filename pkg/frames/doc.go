// Package frames holds ZeroMQ messages and every form in which they are written
// down: frames in memory, the wire form of RFC 37, and the text forms (JSON,
// hex, text, raw) that a shell can read and write.
//
// It does no input or output of its own, but for the readers that it is given,
// and knows nothing of sockets.
package frames
