// Package templates holds the page templates; package view parses them and says which page is made of which files.
package templates

import "embed"

// Files are the templates. A file that no view declares is refused at start.
//
//go:embed *.html
var Files embed.FS
