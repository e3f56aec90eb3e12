package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// fromNetcat listens with pull, sends with push, and probes where it is not clear
// that anything is to be sent.
func fromNetcat(all *line.Catalogue, args []string) []string {
	var (
		operands, flags               []string
		port                          string
		listens, unix, probes, pushes bool
		executes                      string
	)
	for _, one := range items(all, args, "IimMOPpqsTVWwXxecG") {
		switch one.flag {
		case "":
			operands = append(operands, one.value)
		case "-l", "--listen":
			listens = true
			if one.value != "" {
				operands = append(operands, one.value)
			}
		case "-p", "--port", "--source-port":
			port = one.value
		case "-U", "--unixsock":
			unix = true
		case "-z":
			probes = true
		case "-N":
			pushes = true
		case "-q":
			pushes = true
			flags = append(flags, "--linger", one.value)
		case "-w", "--wait":
			flags = append(flags, "--timeout", one.value)
		case "-e", "-c", "--exec", "--sh-exec":
			executes = one.value
		case "-v", "--verbose":
			flags = append(flags, "--verbose")
		}
	}
	command := "probe"
	switch {
	case executes != "":
		command, flags = "rep", append(flags, "--exec", executes)
	case listens:
		command = "pull"
	case probes:
		flags = slices.DeleteFunc(flags, func(f string) bool { return f == "--verbose" }) // which is for its answer
	case pushes:
		command = "push"
	}
	endpoint := netcatEndpoint(operands, port, unix)
	if endpoint == "" {
		return nil
	}
	switch {
	case listens:
		return append([]string{command, "--bind", endpoint}, flags...)
	case command == "probe":
		return append([]string{command, endpoint}, flags...)
	}
	return append([]string{command, "--connect", endpoint}, flags...)
}

// netcatEndpoint returns the endpoint in the operands of nc, "" where it is not
// clear.
func netcatEndpoint(operands []string, port string, unix bool) string {
	n := len(operands)
	switch {
	case unix && n == 1:
		return "ipc://" + operands[0]
	case n == 1 && looksLikeEndpoint(operands[0]):
		return operands[0]
	case n == 1 && port == "" && habits.IsPort(operands[0]):
		return ":" + operands[0]
	case n == 0 && port != "":
		return ":" + port
	case n == 1 && port != "":
		return "tcp://" + bracketed(operands[0]) + ":" + port
	case n == 2 && habits.IsPort(operands[1]):
		return "tcp://" + bracketed(operands[0]) + ":" + operands[1]
	}
	return ""
}

// bracketed returns a host as it stands before a port.
func bracketed(host string) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "[" + host + "]"
	}
	return host
}
