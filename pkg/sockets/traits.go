package sockets

// Traits are what an application may expect of every socket of a type, beside what
// Sends, Receives, Peers and Raw say. They are part of the row of the type.
type Traits struct {
	Asks       bool // each message awaits a reply before the next is sent (RFC 28)
	Answers    bool // each message is the reply to the last one received (RFC 28)
	Replies    bool // a message may be a request, or the reply to one
	Addressed  bool // the first frame of each message is the routing id of a peer
	Numbered   bool // the socket makes up all routing ids itself, as numbers of four bytes (RFC 41)
	Enveloped  bool // what stands in front of a delimiter is left to the application
	Publishes  bool // messages go to whoever subscribed, and to nobody else (RFC 29)
	Subscribes bool // it receives what it has subscribed to, by Socket.Subscribe
	Grouped    bool // the first frame of each message is its group, to which peers join (RFC 48)
	Joins      bool // it receives the messages of the groups that it has joined, by Socket.Join
	Copies     bool // a message goes to every peer
	Exclusive  bool // it has one peer at a time, and refuses others (RFC 31)

	SendsSubscriptions    bool // a message may be a subscription, or the end of one
	ReceivesSubscriptions bool // the same, of those that are received

	Announces bool // it tells its peers Options.Identity
	Greets    bool // it has Options.Hello, and Options.Parting
	Conflates bool // it has Options.Conflate: no message of it depends on the one before

	LeastFrames int // of a message; 0 is 1
	MostFrames  int // of a message; 0 is no limit

	Draft bool // libzmq has it among its drafts, which may still change
}

// Traits returns what every socket of type t promises.
func (t Type) Traits() Traits { return t.row().Traits }
