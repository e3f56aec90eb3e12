package zmtp

// Code identifies the breach of the protocol in a handshake, by libzmq's number for
// its monitor's HANDSHAKE_FAILED_PROTOCOL: ZMQ_PROTOCOL_ERROR_ZMTP_* of zmq.h.
type Code int32

// The codes, by their names there.
const (
	CodeUnspecified         Code = 0x10000000
	CodeUnexpectedCommand   Code = 0x10000001
	CodeInvalidSequence     Code = 0x10000002
	CodeKeyExchange         Code = 0x10000003
	CodeMalformedCommand    Code = 0x10000011
	CodeMalformedHello      Code = 0x10000013
	CodeMalformedInitiate   Code = 0x10000014
	CodeMalformedError      Code = 0x10000015
	CodeMalformedReady      Code = 0x10000016
	CodeMalformedWelcome    Code = 0x10000017
	CodeInvalidMetadata     Code = 0x10000018
	CodeCryptographic       Code = 0x11000001
	CodeMechanismMismatched Code = 0x11000002
)

// as gives a failure a code of its own.
func (e *HandshakeError) as(code Code) *HandshakeError {
	e.Code = code
	return e
}

// cryptoFailure is the failure of a box that does not open, or the like.
func cryptoFailure(text string) *HandshakeError {
	return protocolFailure("%s", text).as(CodeCryptographic)
}
