package view

import (
	"fmt"
	"html/template"

	"github.com/boombuler/barcode/qr"
)

// QRSVG draws a QR code (ISO/IEC 18004, error correction M) with its quiet zone, one square a unit; the style sheet gives its size.
func QRSVG(text, name string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	const quiet = 4
	n := code.Bounds().Dx()
	var d drawing
	d.open("svg", "class", "qr", "viewBox", fmt.Sprintf("0 0 %d %d", n+2*quiet, n+2*quiet), "role", "img", "aria-label", name, "shape-rendering", "crispEdges")
	d.el("rect", "width", n+2*quiet, "height", n+2*quiet, "fill", "#ffffff")
	path := ""
	for y := range n {
		for x := 0; x < n; x++ {
			run := 0
			for x+run < n && dark(code.At(x+run, y)) {
				run++
			}
			if run > 0 {
				path += fmt.Sprintf("M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	d.el("path", "d", path, "fill", "#000000")
	d.close("svg")
	return d.html(), nil
}

func dark(c interface{ RGBA() (r, g, b, a uint32) }) bool {
	r, _, _, _ := c.RGBA()
	return r == 0
}
