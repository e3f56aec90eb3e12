package main

import "strings"

// quoted is a word of a command line as a shell takes it.
func quoted(word string) string {
	const plain = "-_./:=,@%+*[]?^"
	special := strings.ContainsFunc(word, func(r rune) bool {
		return r > '~' || !isWordRune(r) && !strings.ContainsRune(plain, r)
	})
	switch {
	case word == "" || special || strings.ContainsAny(word, "*?[") && !isEndpoint(word):
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

func isWordRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
