// Package frames holds ZeroMQ messages and the text forms in which they are written
// down: JSON, hex, text and raw, as a shell can read and write them.
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
// that also says when, from whom and by which way a message came.
//
// Sizes are bytes of frames, unless said otherwise. What is bad in a text is said by
// a *LineError, with its line and column. What has no frame is no message: it is not
// added, not written, and refused where it would be sent.
//
// The package does no input or output but through the readers and writers that it is
// given, and knows nothing of sockets.
package frames
