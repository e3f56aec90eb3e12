package habits

import "strings"

// Nearest returns the candidate that is most like text, "" where none is near. Of
// two that are equally near, it prefers one that begins with text.
func Nearest(text string, candidates []string) string {
	best, least := "", 1+len(text)/2
	for _, c := range candidates {
		if d := Distance(text, c); d < least || d == least && strings.HasPrefix(c, text) && !strings.HasPrefix(best, text) {
			best, least = c, d
		}
	}
	return best
}

// Distance counts the bytes to insert, delete, change or swap with a neighbour
// that turn a into b (Damerau and Levenshtein): the slips of a typist.
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
