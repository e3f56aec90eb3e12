package zmtp

import "github.com/zcat/zcat/pkg/sockets/zap"

// admit asks the handler, if there is one, whether a peer with these credentials is
// let in, and waits as long as the peer stays. It fills in the fields that all
// requests have in common. The peer gets the status codes of RFC 27 as from libzmq:
// none for a temporary failure, so that it tries again.
func (g *guard) admit(r *zap.Request) *HandshakeError {
	c := g.config
	if c.Authorize == nil {
		return nil
	}
	r.Domain, r.Address, r.Identity, r.Mechanism = c.Domain, c.Address, c.Identity, g.mechanism
	ctx, done := g.watch()
	reply := c.Authorize(ctx, r)
	if failed := done(); failed != nil {
		return failed
	}
	text := reply.Text
	if text == "" {
		text = "its credentials were refused"
	}
	failed := &HandshakeError{Kind: FailureAuth, Status: reply.Status, Err: &authError{text, reply.Status}}
	switch reply.Status {
	case zap.OK:
		g.peer.UserID = reply.UserID
		return nil
	case zap.Temporary:
	case zap.Denied:
		failed.reason = "400"
	default:
		failed.Status, failed.reason = zap.Broken, "500"
	}
	return failed
}
