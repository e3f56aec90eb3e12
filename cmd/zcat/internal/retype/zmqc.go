package retype

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// fromZmqc takes zmqc -wb PUB EP..: the type and the endpoints are operands there, all of
// them bound or all connected, and each line is a message.
func fromZmqc(all *line.Catalogue, args []string) []string {
	var operands, flags []string
	attach := "--connect"
	for _, one := range items(all, args, "no") {
		switch one.flag {
		case "":
			operands = append(operands, one.value)
		case "-b", "--bind":
			attach = "--bind"
		case "-n", "--number":
			flags = append(flags, "--count", one.value)
		case "-0":
			flags = append(flags, "--null")
		case "-o", "--option":
			if prefix, found := strings.CutPrefix(one.value, "SUBSCRIBE="); found {
				flags = append(flags, "--subscribe="+prefix)
			} else {
				flags = append(flags, "--option", strings.ToLower(one.value))
			}
		}
	}
	if len(operands) < 2 {
		return nil
	}
	meant := []string{strings.ToLower(operands[0])}
	for _, endpoint := range operands[1:] {
		meant = append(meant, attach, endpoint)
	}
	return append(append(meant, flags...), "--text")
}
