// Package frames holds ZeroMQ messages and their text forms, which a shell can read
// and write: JSON, hex, text and raw.
//
// A Message is a list of frames, and a Batch holds many messages in one buffer. An
// Encoder writes both to an io.Writer, a Decoder reads them from an io.Reader:
//
//	JSON   ["frame","",{"hex":"00ff"}]   a line; every byte string has one form
//	Hex    6672616d65 - 00ff             a line; - is an empty frame
//	Text   frame TAB ... LF              as it is; cannot hold its separators
//	Raw    the bytes                     to read, all of the input is one frame
//
// What JSON and Hex write, they read back byte for byte. A record is a line of JSON
// that also holds when a message came, from which peer and through which endpoint.
//
// Sizes are bytes of frames, unless noted otherwise. An error in a text is a
// *LineError, with its line and column. A message has at least one frame; one
// without is not added, not written, and refused where it would be sent.
//
// The package does input and output only through the readers and writers that its
// caller passes, and knows nothing of sockets.
package frames
