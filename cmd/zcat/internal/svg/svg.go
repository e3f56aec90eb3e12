// Package svg writes pictures in SVG: each is one file that needs no other, without a
// script, light, and dark where the reader's device is. All text in it is escaped.
package svg

import (
	"bytes"
	"fmt"
)

// Letter is the width of a letter of the pictures' font, in pixels.
const Letter = 7.3

// sheet is the style that all pictures have.
const sheet = `:root{color-scheme:light dark;--ink:#1b1f24;--dim:#656d76;--paper:#fff;--a:#0a6bcb;--b:#a65d00;--c:#1a7f37;--d:#8250df;--e:#b3265a}` +
	`@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--dim:#9199a3;--paper:#14171b;--a:#6cb6ff;--b:#e0a54a;--c:#6bc46d;--d:#c297ff;--e:#ff8fb1}}` +
	`text{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ink);white-space:pre}` +
	`.paper{fill:var(--paper)}.dim{fill:var(--dim)}.mid{text-anchor:middle}.end{text-anchor:end}.kind{font-weight:bold}`

// Open begins a picture of so many pixels, with a style of its own behind that of all.
func Open(b *bytes.Buffer, width, height int, title, style string) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n<title>", width, height, width, height)
	Escape(b, title)
	fmt.Fprintf(b, "</title>\n<style>%s%s</style>\n", sheet, style)
	fmt.Fprintf(b, `<rect class="paper" width="%d" height="%d"/>`+"\n", width, height)
}

// Close ends a picture.
func Close(b *bytes.Buffer) { b.WriteString("</svg>\n") }

// Text writes a text; none where it is empty.
func Text(b *bytes.Buffer, x, y int, class, content string) {
	if content == "" {
		return
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" class="%s">`, x, y, class)
	Escape(b, content)
	b.WriteString("</text>")
}

// Escape writes text that can be nothing but text. Characters that XML does not have are
// replaced.
func Escape(b *bytes.Buffer, content string) {
	for _, r := range content {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&#34;")
		case r == '\'':
			b.WriteString("&#39;")
		case r < ' ', r == 0xfffe, r == 0xffff:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
}
