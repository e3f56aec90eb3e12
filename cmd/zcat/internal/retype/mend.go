package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

// mended lists what can be run in place of r.typed: itself, else with what one of
// its flags needs, else without what stands in the way. Where two things exclude
// each other, there is a line with each.
func (r *retyping) mended() [][]typedWord {
	if r.runs(r.typed) {
		return [][]typedWord{r.typed}
	}
	if less := r.oneMechanism(); less != nil {
		if r.typed = less; r.runs(less) {
			return [][]typedWord{less}
		}
	}
	for _, w := range r.typed {
		if f, found := r.row(w); found {
			if with := r.accompanied(f); with != nil && r.runs(with) {
				return [][]typedWord{with}
			}
		}
	}
	if with := r.advised(); with != nil {
		return [][]typedWord{with}
	}
	if r.command.Name == "man" || r.command.Name == "completion" {
		return nil // where nothing but the one operand can be wrong
	}
	return r.withLess()
}

// withLess lists what can be run without what stands in the way.
func (r *retyping) withLess() [][]typedWord {
	var lines [][]typedWord
	less := r.lessened(r.typed)
	for _, typed := range less {
		if r.runs(typed) {
			lines = append(lines, typed)
		}
	}
	if len(lines) > 0 {
		return lines[:min(2, len(lines))]
	}
	if bare := r.bare(r.typed); bare != nil && r.runs(bare) {
		return [][]typedWord{bare}
	}
	for _, typed := range less {
		for _, one := range r.lessened(typed) {
			if r.runs(one) {
				return [][]typedWord{one}
			}
		}
	}
	return nil
}

// fewest returns the line without as many of its last flags as stand in the way; nil where
// it cannot be run without all that keep nobody out and are no endpoints.
func (r *retyping) fewest(typed []typedWord) []typedWord {
	for {
		if r.runs(typed) {
			return typed
		}
		last := len(typed) - 1
		for last >= 0 {
			f, _ := r.row(typed[last])
			if f.Group != line.GroupSecurity && (f.Group != line.GroupEndpoints || f.Name == "endpoint-file") {
				break
			}
			last--
		}
		if last < 0 {
			return nil
		}
		typed = slices.Delete(slices.Clone(typed), last, last+1)
	}
}

// rows returns the flags of the command.
func (r *retyping) rows() []line.Flag {
	if r.ofWord != r.command.Name {
		r.flagsOf, r.ofWord = line.FlagsOf(r.command), r.command.Name
	}
	return r.flagsOf
}

// flag returns the flag at i.
func (r *retyping) flag(i int) line.Flag { return r.rows()[i] }

// row returns the flag that stands in w.
func (r *retyping) row(w typedWord) (line.Flag, bool) {
	name, _, _ := strings.Cut(w.text, "=")
	for _, f := range r.rows() {
		if !w.operand && (name == f.Dashed() || f.Letter != "" && name == "-"+f.Letter) {
			return f, true
		}
	}
	return line.Flag{}, false
}

// has reports whether a flag is among typed, by one of its names.
func (r *retyping) has(typed []typedWord, name string) bool {
	return slices.ContainsFunc(typed, func(w typedWord) bool {
		f, found := r.row(w)
		return found && f.Name == name
	})
}

// accompanied returns the line with what f does not work without, nil where it
// needs nothing.
func (r *retyping) accompanied(f line.Flag) []typedWord {
	list := strings.Fields(f.Leader + " " + f.Company)
	if len(list) == 0 {
		return nil
	}
	with := slices.Clone(r.typed)
	for _, text := range list {
		w := typedWord{text: text, operand: !strings.HasPrefix(text, "-")}
		row, found := r.row(w)
		switch {
		case found && r.has(with, row.Name) || w.operand && r.operands() > 0:
		case w.operand && text == "id" && (!r.command.Traits().Addressed || !r.command.Traits().Enveloped):
		default:
			with = append(with, w)
		}
	}
	return with
}

// advised returns the line with the flags that the refusal itself offers, nil if
// that does not mend it.
func (r *retyping) advised() []typedWord {
	if r.runsAs != nil {
		return nil // what it would be refused with is about all of the line
	}
	_, err := Tried(r.command, r.words(r.typed)[1:], r.password)
	usage, ok := err.(*outcome.UsageError) //nolint:errorlint // what is wrapped is about something else
	if !ok {
		return nil
	}
	with := slices.Clone(r.typed)
	words := strings.Fields(usage.Hint)
	for i, text := range words {
		w := typedWord{text: text}
		f, found := r.row(w)
		if !found || f.Name == "help" || f.Group == line.GroupEndpoints {
			continue
		}
		if _, value, joined := strings.Cut(text, "="); joined {
			w = typedWord{text: f.Dashed(), value: strings.Trim(value, "'"), valued: true}
		} else if f.Kind == line.TakesValue && i+1 < len(words) {
			w.value, w.valued = strings.Trim(words[i+1], "'"), true
		}
		at := slices.IndexFunc(with, func(other typedWord) bool {
			row, found := r.row(other)
			return found && row.Name == f.Name
		})
		switch {
		case at < 0:
			with = append(with, w)
		case w.valued:
			with[at].text, _, _ = strings.Cut(with[at].text, "=")
			with[at].value, with[at].valued = w.value, true
		}
	}
	if r.runs(with) {
		return with
	}
	return nil
}

// bare returns the line without its operands, nil where it has none.
func (r *retyping) bare(typed []typedWord) []typedWord {
	without := slices.DeleteFunc(slices.Clone(typed), func(w typedWord) bool { return w.operand })
	if len(without) == len(typed) {
		return nil
	}
	return without
}

// lessened lists the line without each of its flags, the last first. In front of
// those it lists the line without its operands, where the command takes no input or
// a flag says how it answers. A flag that keeps others out is given up only for
// another of its kind, and an endpoint never.
func (r *retyping) lessened(typed []typedWord) [][]typedWord {
	var less [][]typedWord
	if bare := r.bare(typed); bare != nil && (!r.command.TakesInput() || r.has(typed, "exec") || r.has(typed, "filter") || r.has(typed, "echo")) {
		less = append(less, bare)
	}
	for i, w := range slices.Backward(typed) {
		f, found := r.row(w)
		if w.operand || !found || f.Group == line.GroupEndpoints && f.Name != "endpoint-file" {
			continue
		}
		without := slices.Delete(slices.Clone(typed), i, i+1)
		if f.Group == line.GroupSecurity && !slices.ContainsFunc(without, func(w typedWord) bool {
			other, found := r.row(w)
			return found && other.Group == line.GroupSecurity
		}) {
			continue
		}
		less = append(less, without)
	}
	return less
}
