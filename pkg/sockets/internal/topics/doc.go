// Package topics finds who subscribed to a prefix of a topic (RFC 29), and, in a
// Table, the topics that begin with a prefix. It knows neither sockets nor peers: the
// user of a Tree chooses the type of the owners of subscriptions, guards the Tree, and
// gives it an Account to charge its memory to.
// Strangers fill it, so it keeps no more than their subscriptions need, whatever
// they did before.
package topics
