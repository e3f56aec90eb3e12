package guide

import (
	"fmt"
	"strings"
)

// powershell works from 5.1 on.
func powershell(p Program) string {
	var b strings.Builder
	fmt.Fprintf(&b, powershellStart, p.Name, strings.Join(p.Schemes, "', '"))
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "        %s = @{ Help = %s; Takes = %s; Flags = @(\n", powershellQuoted(c.Name), powershellQuoted(c.Summary), powershellValue(c.Takes))
		for _, flag := range c.Flags {
			for _, spelling := range flag.spellings() {
				fmt.Fprintf(&b, "            , @(%s, %s, %s)\n", powershellQuoted(spelling), powershellQuoted(flag.brief()), powershellValue(flag.Takes))
			}
		}
		b.WriteString("        ) }\n")
	}
	b.WriteString("    }\n    $topics = [ordered]@{\n")
	for _, t := range p.Topics {
		fmt.Fprintf(&b, "        %s = %s\n", powershellQuoted(t.Name), powershellQuoted(t.Summary))
	}
	b.WriteString(powershellEnd)
	return b.String()
}

// powershellValue is $null for what takes nothing, @() for what nobody can
// guess, 'file', or the words.
func powershellValue(v Value) string {
	switch v.Kind {
	case Nothing:
		return "$null"
	case File, Dir, Settings:
		return "'file'"
	case Words:
		var list []string
		for _, w := range v.Words {
			list = append(list, powershellQuoted(w))
		}
		return "@(" + strings.Join(list, ", ") + ")"
	case Endpoint:
		return "$endpoints"
	case Free:
	}
	return "@()"
}

func powershellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

const powershellStart = `# PowerShell completion for %[1]s: %[1]s completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName '%[1]s' -ScriptBlock {
    param($word, $ast, $cursor)
    $endpoints = @('%[2]s')
    $commands = [ordered]@{
`

const powershellEnd = `    }
    # What ends at the cursor or behind it is the word itself.
    $typed = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.ToString() })
    # Letters differ in case, and a word may hold what -like takes for a pattern.
    function offer($text, $help, $kind) {
        if ($text.StartsWith($word, [System.StringComparison]::Ordinal)) {
            if (-not $help) { $help = $text }
            $safe = $text
            if ($text -notmatch '^[\w:/.=+-]+$') { $safe = "'" + $text.Replace("'", "''") + "'" }
            [System.Management.Automation.CompletionResult]::new($safe, $text, $kind, $help)
        }
    }
    if ($typed.Count -lt 2) {
        foreach ($name in $commands.Keys) { offer $name $commands[$name].Help 'ParameterValue' }
        offer 'help' 'explain a command or a topic' 'ParameterValue'
        return
    }
    if ($typed[1] -ceq 'help') {
        if ($typed.Count -gt 2) { return }
        foreach ($name in $commands.Keys) { offer $name $commands[$name].Help 'ParameterValue' }
        foreach ($name in $topics.Keys) { offer $name $topics[$name] 'ParameterValue' }
        return
    }
    $command = $commands[$typed[1]]
    if (-not $command) { return }
    $takes = $command.Takes
    foreach ($flag in $command.Flags) {
        if ($typed[-1] -ceq $flag[0] -and $null -ne $flag[2]) { $takes = $flag[2] }
    }
    if ($word -like '-*') {
        foreach ($flag in $command.Flags) { offer $flag[0] $flag[1] 'ParameterName' }
    } elseif ($takes -is [array]) {
        foreach ($value in $takes) { offer $value '' 'ParameterValue' }
    }
    # Nothing offered is a file name for the shell.
}
`
