// Package topics finds who subscribed to a prefix of a topic (RFC 29). It knows
// neither sockets nor peers: whoever owns a Tree says what an owner of
// subscriptions is, guards the Tree, and gives it an Account that bears its
// memory. Strangers fill it, so it keeps no more than their subscriptions need,
// whatever they did before.
package topics
