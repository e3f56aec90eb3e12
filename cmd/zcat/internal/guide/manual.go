package guide

import (
	"slices"
	"strings"
	"time"
)

// Manual returns the page of the program in mdoc, which man shows.
func Manual(p Program) string {
	b := newPage(p, p.Name, p.Title)
	b.macro("Nm", p.Name)
	b.macro("Ar", "COMMAND")
	b.macro("Op", "Ar flags")
	b.macro("Op", "Ar FRAME ...")
	for _, s := range p.Sections {
		b.section(s.Title)
		b.paragraphs(s.Text)
		if len(s.Terms) > 0 {
			b.macro("Bl", "-tag -width 10n")
			for _, t := range s.Terms {
				b.macro("It", "Cm "+escaped(t.Name))
				b.paragraphs(t.Text)
			}
			b.macro("El")
		}
		b.display(s.Lines)
	}
	var pages []string
	for _, c := range p.Commands {
		pages = append(pages, p.Name+"-"+c.Name)
	}
	for _, t := range p.Topics {
		pages = append(pages, p.Name+"-"+t.Name)
	}
	slices.Sort(pages)
	b.see(pages...)
	return b.String()
}

// CommandManual is the page of one command.
func CommandManual(p Program, c Command) string {
	b := newPage(p, p.Name+"-"+c.Name, c.Summary)
	b.macro("Nm", p.Name+" "+c.Name)
	b.macro("Op", "Ar flags")
	for _, operand := range strings.Fields(c.Operands) {
		inner, optional := strings.CutPrefix(operand, "[")
		inner = escaped(strings.TrimSuffix(inner, "]"))
		if optional {
			b.macro("Op", "Ar "+inner)
		} else {
			b.macro("Ar", inner)
		}
	}
	b.section("DESCRIPTION")
	b.paragraphs(c.Text)
	group := ""
	for _, f := range c.Flags {
		if f.Group != group {
			if group != "" {
				b.macro("El")
			}
			group = f.Group
			b.macro("Ss", escaped(group))
			b.macro("Bl", "-tag -width Ds")
		}
		b.macro("It", flagItem(f))
		b.paragraphs(f.Help)
	}
	if group != "" {
		b.macro("El")
	}
	b.section("EXAMPLES")
	b.display([]string{p.Name + " " + c.Example})
	b.see(p.Name)
	return b.String()
}

// TopicManual is the page of a topic, whose text is laid out already.
func TopicManual(p Program, t Topic) string {
	name := p.Name + "-" + t.Name
	var b strings.Builder
	b.WriteString(`.\" Made by ` + p.Name + " man.\n")
	b.WriteString(".TH " + strings.ToUpper(escaped(name)) + " 1 " + p.Date + "\n")
	b.WriteString(".SH NAME\n" + escaped(name) + " \\-\n" + strings.Join(sourceLines(t.Summary), "\n") + "\n")
	b.WriteString(".SH DESCRIPTION\n.in 0\n.nf\n")
	for line := range strings.Lines(t.Text) {
		if line = escaped(line); strings.HasPrefix(line, ".") || strings.HasPrefix(line, `\(aq`) {
			line = `\&` + line
		}
		b.WriteString(line)
	}
	b.WriteString(".fi\n")
	return b.String()
}

// flagItem is a flag with its value at the head of its paragraph.
func flagItem(f Flag) string {
	var item strings.Builder
	value := ""
	switch {
	case f.Meta != "" && f.Optional:
		value = " Op Ar " + escaped(f.Meta)
	case f.Meta != "":
		value = " Ar " + escaped(f.Meta)
	}
	if f.Letter != "" {
		item.WriteString("Fl " + f.Letter + " , ")
	}
	item.WriteString(`Fl \-` + escaped(f.Name) + value)
	return item.String()
}

// page is a manual page under way.
type page struct{ strings.Builder }

// newPage begins a page up to its synopsis.
func newPage(p Program, name, what string) *page {
	b := &page{}
	date := p.Date
	if t, err := time.Parse(time.DateOnly, p.Date); err == nil {
		date = t.Format("January 2, 2006")
	}
	b.WriteString(`.\" Made by ` + p.Name + " man.\n")
	b.macro("Dd", date)
	b.macro("Dt", strings.ToUpper(name)+" 1")
	b.macro("Os")
	b.section("NAME")
	b.macro("Nm", name)
	b.macro("Nd", escaped(what))
	b.section("SYNOPSIS")
	return b
}

func (b *page) macro(name string, args ...string) {
	b.WriteString("." + strings.Join(append([]string{name}, args...), " ") + "\n")
}

func (b *page) section(title string) { b.macro("Sh", title) }

// paragraphs writes text, a sentence a line, as mdoc wants it.
func (b *page) paragraphs(text string) {
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			b.macro("Pp")
		}
		for _, line := range sentences(paragraph) {
			b.WriteString(strings.Join(sourceLines(line), "\n") + "\n")
		}
	}
}

// display writes lines as they are.
func (b *page) display(lines []string) {
	if len(lines) == 0 {
		return
	}
	b.macro("Bd", "-literal -offset indent")
	for _, line := range lines {
		// \c goes on in the same line of what is shown.
		b.WriteString(strings.Join(sourceLines(line), " \\c\n") + "\n")
	}
	b.macro("Ed")
}

// see refers to other pages. It does without the macro for that, which makes mandoc
// look for the pages and, before they are installed, find none.
func (b *page) see(pages ...string) {
	b.section("SEE ALSO")
	b.macro("Nm", strings.Join(pages, " Ns (1) ,\n.Nm ")+" Ns (1)")
}

// widest is the length of a line of source in bytes.
const widest = 80

// sentences splits a paragraph behind each full stop, as mdoc wants it.
func sentences(text string) []string {
	var lines []string
	var line []string
	for _, word := range strings.Fields(text) {
		line = append(line, word)
		if end := strings.TrimRight(word, `)"`); strings.HasSuffix(end, ".") && !strings.HasSuffix(end, "..") && len(end) > 2 {
			lines = append(lines, strings.Join(line, " "))
			line = nil
		}
	}
	if line != nil {
		lines = append(lines, strings.Join(line, " "))
	}
	return lines
}

// sourceLines is a line of text as lines of source, none of which looks like a
// macro.
func sourceLines(text string) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(escaped(text), " ") {
		switch {
		case line == "":
			line = word
		case len(line)+len(" ")+len(word)+len(` \c`) > widest:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
		if line == word && (strings.HasPrefix(word, ".") || strings.HasPrefix(word, `\(aq`)) {
			line = `\&` + line
		}
	}
	return append(lines, line)
}

// escaped returns text with what roff would take as markup escaped: a backslash
// begins an escape, and some ASCII characters are printed as typographic ones.
func escaped(text string) string {
	return strings.NewReplacer(
		`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`,
	).Replace(text)
}
