package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The part of CycloneDX 1.5 that is used here.
type (
	sbom struct {
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Serial       string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		URL        string     `json:"purl,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn"`
	}
)

// bill lists what is linked into any of the binaries, as they report it themselves.
func bill(name, release string, binaries []binary) []byte {
	modules := linked(binaries)
	first := binaries[0]
	root := component{
		Type: "application", Ref: name, Name: name, Version: release,
		Properties: []property{{"vcs.revision", first.commit}},
	}
	goVersion := strings.TrimPrefix(first.info.GoVersion, "go")
	goURL := "pkg:golang/std@" + goVersion
	list := []component{{Type: "library", Ref: goURL, Name: "std", Version: goVersion, URL: goURL}}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		m := modules[path]
		url := "pkg:golang/" + m.Path + "@" + m.Version
		list = append(list, component{
			Type: "library", Ref: url, Name: m.Path, Version: m.Version, URL: url,
			Properties: []property{{"go.sum", m.Sum}},
		})
	}
	on := dependency{Ref: name, On: []string{}}
	for _, c := range list {
		on.On = append(on.On, c.Ref)
	}
	s := sbom{
		Format: "CycloneDX", Spec: "1.5", Version: 1,
		Metadata:   metadata{first.at.UTC().Format(time.RFC3339), root},
		Components: list, Dependencies: []dependency{on},
	}
	// A serial number is a UUID; this one follows from the content (version 8).
	sum := sha256.Sum256(encoded(s))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	s.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	return encoded(s)
}

func encoded(s sbom) []byte {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // it is made of strings
	}
	return append(text, '\n')
}
