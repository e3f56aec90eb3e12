// Package transport turns an endpoint's text into connections: it holds the
// grammar of endpoints and opens tcp, ipc, inproc and ws as a net.Conn. It knows
// nothing of ZMTP but that its frames are those of a WebSocket in another form.
//
// Its errors name the endpoint: an error of Parse, CheckBind and CheckConnect
// quotes it, tells what was expected and ends with a form that would have worked;
// an error of the network is the endpoint and the system's own words, as in
// "tcp://127.0.0.1:5555: address already in use".
package transport
