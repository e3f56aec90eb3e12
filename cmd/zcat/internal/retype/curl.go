package retype

import (
	"fmt"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// fromCurl asks with req where data is to be posted, and who is there where it is not: a
// page that is fetched says nothing about the type of a socket.
func fromCurl(_ *line.Catalogue, args []string) []string {
	var endpoint string
	var flags, body []string
	for len(args) > 0 {
		name, value, attached := strings.Cut(args[0], "=")
		args = args[1:]
		if !strings.HasPrefix(name, "-") {
			host, _, _ := strings.Cut(name, "/")
			switch at, isURL := ofHTTP(name); {
			case isURL, !strings.Contains(name, "://") && (looksLikeEndpoint(host) || habits.IsHost(host)):
				endpoint = at
			case looksLikeEndpoint(name):
				endpoint = name
			}
			continue
		}
		if name[1] != '-' && len(name) > 2 { // -dhello
			name, value, attached = name[:2], name[2:], true
		}
		use := curlUse(name)
		if use == 0 {
			continue
		}
		if !attached && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		file, isFile := strings.CutPrefix(value, "@")
		switch {
		case use == 't':
			flags = append(flags, "--timeout", value)
		case use == 'f', use == 'd' && isFile:
			body = []string{"--raw", "--file", file}
		case use == 'd':
			if body = []string{value}; strings.HasPrefix(value, "-") {
				body = []string{"--", value}
			}
		}
	}
	switch {
	case endpoint == "":
		return nil
	case body != nil:
		return append(append([]string{"req", "--connect", endpoint}, flags...), body...)
	}
	return append([]string{"probe", endpoint}, flags...)
}

// curlUse tells what the value of an option is for: d data, f a file of data, t a time,
// x nothing here; 0 for what takes none.
func curlUse(name string) rune {
	switch name {
	case "-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json", "--post-data":
		return 'd'
	case "-T", "--upload-file", "--post-file":
		return 'f'
	case "-m", "--max-time", "--timeout":
		return 't'
	case "-X", "--request", "-H", "--header", "-o", "--output", "-u", "--user", "-A", "--user-agent", "-x", "--proxy", "--retry", "-b", "-F":
		return 'x'
	}
	return 0
}

// ofHTTP returns the endpoint of the server in a URL, and whether it is one of HTTP.
func ofHTTP(text string) (endpoint string, isURL bool) {
	port := "80"
	scheme, rest, found := strings.Cut(text, "://")
	switch strings.ToLower(scheme) {
	case "http":
	case "https":
		port = "443"
	default:
		found, rest = false, text
	}
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if host == "" || host[0] == ':' {
		host = "localhost" + host
	}
	if at := strings.LastIndexByte(host, ':'); at < strings.LastIndexByte(host, ']') || at < 0 {
		host += ":" + port
	}
	return "tcp://" + host, found
}

// notHTTP is what is wrong with a URL of HTTP.
func (r *retyping) notHTTP(url string) {
	r.meaning = fmt.Sprintf("%q is for HTTP, and %s speaks ZeroMQ", url, r.all.Program)
}
