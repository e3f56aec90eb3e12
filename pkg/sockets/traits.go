package sockets

// Traits are what an application may expect of every socket of a type, beside what
// Sends, Receives, Peers and Raw say. They are part of the row of the type.
type Traits struct {
	Asks       bool // each message awaits a reply before the next is sent (RFC 28)
	Answers    bool // each message is the reply to the last one received (RFC 28)
	Addressed  bool // the first frame of each message is the routing id of a peer
	Enveloped  bool // what stands in front of a delimiter is left to the application
	Publishes  bool // messages go to whoever subscribed, and to nobody else (RFC 29)
	Subscribes bool // it receives what it has subscribed to, by Socket.Subscribe
	Copies     bool // a message goes to every peer
	Exclusive  bool // it has one peer at a time, and refuses others (RFC 31)

	SendsSubscriptions    bool // a message may be a subscription, or the end of one
	ReceivesSubscriptions bool // the same, of those that are received

	Announces bool // it tells its peers Options.Identity
	Greets    bool // it has Options.Hello, and Options.Parting
	Conflates bool // it has Options.Conflate: no message of it depends on the one before

	MostFrames int // of a message; 0 is no limit
}

// Traits returns what every socket of type t promises.
func (t Type) Traits() Traits { return t.row().Traits }
